/**
 * AWS on loopback: one server that speaks each service's wire protocol to the real SDK clients. Service and region are those that a
 * request was signed for (IAM user guide, "Elements of an AWS API request signature": the credential scope).
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import './models.ts';
import { createCloudWatch } from './cloudwatch.ts';
import { createLambda } from './lambda.ts';
import { createRoute53 } from './route53.ts';
import { createSecretsManager } from './secrets-manager.ts';
import { createSns } from './sns.ts';
import { createSqs } from './sqs.ts';
import { createSsm } from './ssm.ts';
import { json, xml } from './wire.ts';
import { checkOnWire } from './wire-models.ts';

/** A request as a service sees it. */
export interface AwsRequest {
  region: string;
  method: string;
  url: URL;
  /** `X-Amz-Target` without its prefix; absent in the older protocols. */
  target?: string;
  body: string;
}

export interface AwsAnswer {
  status: number;
  type: 'application/x-amz-json-1.0' | 'application/x-amz-json-1.1' | 'text/xml';
  body: string;
}

/** What a request asks for, and what a role must be allowed for it (Service authorization reference). */
export interface Need {
  operation: string;
  action: string;
  /** `*` where the action knows no resource. */
  resources: string[];
  /** Condition keys that a policy may limit it by. */
  context?: Record<string, string>;
}

/** What was asked, for tests that count or compare. */
export interface AwsCall extends Need {
  service: Service;
  region: string;
  /** The access key that signed it. */
  caller: string;
  at: number;
  status: number;
}

/** How a service or a region fails: no connection, no answer, or HTTP 503. */
export type Failure = 'refused' | 'hanging' | 'failing';

export interface FakeService {
  needOf(request: AwsRequest): Need;
  answer(request: AwsRequest): AwsAnswer;
}

export type Service = 'sns' | 'sqs' | 'route53' | 'monitoring' | 'ssm' | 'secretsmanager' | 'lambda';

export type FakeAws = Awaited<ReturnType<typeof startAws>>;

/** Starts it with nothing in it. `now` is the time by which messages come and requests are throttled. */
export async function startAws(now: () => number = Date.now) {
  const sns = createSns();
  const sqs = createSqs(now);
  // Health checks follow alarms, and their health is a metric.
  const cloudWatch = createCloudWatch(now, (id) => route53.isHealthy(id));
  const route53 = createRoute53(now, cloudWatch);
  const ssm = createSsm();
  const secretsManager = createSecretsManager();
  const lambda = createLambda();
  const services: Record<Service, FakeService> = {
    sns,
    sqs,
    route53,
    monitoring: cloudWatch,
    ssm,
    secretsmanager: secretsManager,
    lambda,
  };
  const calls: AwsCall[] = [];
  let failures: { service?: Service; region?: string; how: Failure }[] = [];
  let isAllowed: (caller: string, need: Need) => boolean = () => true;

  const server = createServer(async (incoming, outgoing) => {
    const scope = scopeOf(incoming);
    const service = scope && services[scope.service];
    if (!service) return void reply(outgoing, { status: 403, type: 'text/xml', body: 'not signed for any service that is here' });
    const body = await bodyOf(incoming);
    const failure = failures.find(
      (each) => (each.service ?? scope.service) === scope.service && (each.region ?? scope.region) === scope.region,
    );
    const request = requestOf(incoming, scope.region, body);
    const call: AwsCall = { ...scope, ...service.needOf(request), at: now(), status: 0 };
    calls.push(call);
    checkOnWire({ service: scope.service, operation: call.operation, url: request.url, body });
    if (failure?.how === 'hanging') return;
    if (failure?.how === 'refused') return void incoming.socket.destroy();
    const answer = failure
      ? { status: 503, type: 'text/xml' as const, body: '' }
      : isAllowed(scope.caller, call)
        ? service.answer(request)
        : denied(request);
    call.status = answer.status;
    reply(outgoing, answer);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    endpoint,
    /** What every SDK client is to be given. */
    client: { endpoint, credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' } },
    sns,
    sqs,
    route53,
    cloudWatch,
    ssm,
    secretsManager,
    lambda,
    calls,
    /** Everything of this service, of this region, or of both fails from now on. */
    fail: (how: Failure, where: { service?: Service; region?: string }) => void failures.push({ ...where, how }),
    /** Asked of every request from now on, as IAM is; without it everybody may do everything. */
    authorise: (judge: (caller: string, need: Need) => boolean) => {
      isAllowed = judge;
    },
    heal: () => {
      failures = [];
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function scopeOf({ headers }: IncomingMessage): { caller: string; region: string; service: Service } | undefined {
  const [, caller = '', region = '', service = ''] =
    /Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(headers.authorization ?? '') ?? [];
  return region === '' ? undefined : { caller, region, service: service as Service };
}

/** What a service says to who may not (IAM user guide, "Troubleshoot access denied error messages"). */
const denied = ({ target }: AwsRequest): AwsAnswer =>
  target === undefined
    ? xml('').error('AccessDenied', 'not authorized to perform this', 403)
    : json('1.1').error('AccessDeniedException', 'not authorized to perform this');

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const raw = Buffer.concat(chunks);
  // The SDK compresses long bodies of some operations (Smithy specification, `requestCompression` trait).
  return (incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString();
}

function requestOf(incoming: IncomingMessage, region: string, body: string): AwsRequest {
  const target = incoming.headers['x-amz-target'];
  return {
    region,
    method: incoming.method ?? '',
    url: new URL(incoming.url ?? '/', 'http://fake'),
    ...(typeof target === 'string' && { target: target.slice(target.indexOf('.') + 1) }),
    body,
  };
}

function reply(outgoing: ServerResponse, { status, type, body }: AwsAnswer): void {
  outgoing.writeHead(status, { 'content-type': type, 'x-amzn-requestid': 'fake' }).end(body);
}
