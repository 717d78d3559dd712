import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkOnWire } from '../fakes/wire-models.ts';
import type { Request } from './policies.ts';
import { ACCOUNT } from './synthesis.ts';

export interface Recorder {
  endpoint: string;
  /** What was asked of DynamoDB so far, as IAM sees it. */
  requests: Request[];
  /** Asked of every request, as IAM is; without it everybody may do everything. */
  authorise(judge: (caller: string, request: Request) => boolean): void;
  /** Replicas in these regions give no connection, or no answer, from now on. */
  fail(how: 'refused' | 'hanging', ...regions: string[]): void;
  close(): Promise<void>;
}

const JSON_TYPE = 'application/x-amz-json-1.0';
/** DynamoDB developer guide, "Error handling with DynamoDB": AccessDeniedException. */
const DENIED = JSON.stringify({
  __type: 'com.amazon.coral.service#AccessDeniedException',
  Message: 'not authorized to perform this',
});

/** A way to a DynamoDB that writes down what a role must be allowed for each request. */
export async function startRecorder(upstream: string): Promise<Recorder> {
  const requests: Request[] = [];
  let isAllowed: (caller: string, request: Request) => boolean = () => true;
  let gone: string[] = [];
  let isHanging = false;
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? '';
    const [, caller = '', region = ''] = /Credential=([^/]+)\/\d{8}\/([^/]+)\//.exec(incoming.headers.authorization ?? '') ?? [];
    if (gone.includes(region)) return isHanging ? undefined : void incoming.socket.destroy();
    const request = requestOf(operation, region, JSON.parse(body.toString()));
    requests.push(request);
    checkOnWire({ service: 'dynamodb', operation, body: body.toString() });
    if (!isAllowed(caller, request)) return void outgoing.writeHead(400, { 'content-type': JSON_TYPE }).end(DENIED);
    const { host: _, connection: __, 'transfer-encoding': ___, ...headers } = incoming.headers;
    const answer = await fetch(upstream, { method: 'POST', headers: headers as Record<string, string>, body });
    outgoing.writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? '',
      date: new Date().toUTCString(),
    });
    outgoing.end(Buffer.from(await answer.arrayBuffer()));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    authorise(judge) {
      isAllowed = judge;
    },
    fail(how, ...regions) {
      gone = regions;
      isHanging = how === 'hanging';
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Keyed {
  TableName?: string;
  Key?: { pk: { S: string } };
  Item?: { pk: { S: string } };
  ExpressionAttributeValues?: { ':pk'?: { S: string } };
  RequestItems?: Record<string, { Keys: { pk: { S: string } }[] }>;
}

/** The partition keys of a request are its `dynamodb:LeadingKeys` (Service authorization reference, "Amazon DynamoDB"). */
function requestOf(operation: string, region: string, body: Keyed): Request {
  const [table = body.TableName, batch] = Object.entries(body.RequestItems ?? {})[0] ?? [];
  const keys = batch?.Keys.map(({ pk }) => pk.S) ?? [(body.Key ?? body.Item)?.pk.S ?? body.ExpressionAttributeValues?.[':pk']?.S];
  return {
    action: `dynamodb:${operation}`,
    resource: `arn:aws:dynamodb:${region}:${ACCOUNT}:table/${table}`,
    context: { 'dynamodb:LeadingKeys': keys.filter((key) => key !== undefined) },
  };
}
