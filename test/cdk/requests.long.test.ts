/** Every request that the functions make is one that their roles in the templates allow. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SQSEvent } from 'aws-lambda';
import type { LambdaContext, LambdaEvent } from 'hono/aws-lambda';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createArbiterFunction } from '../../lib/aws/arbiter.ts';
import type { FunctionRole } from '../../lib/aws/names.ts';
import { createProberFunction } from '../../lib/aws/prober.ts';
import { type Started, start } from '../../lib/aws/start.ts';
import { createWebFunction } from '../../lib/aws/web.ts';
import type { Cell } from '../../lib/core/cell.ts';
import { type LocalDynamo, startDynamo } from '../../lib/local/dynamo.ts';
import { batchOf, type DeployedCell, deploy } from '../aws/account.ts';
import { cellOf } from '../config/cell.ts';
import { type Recorder, startRecorder } from './dynamodb-recorder.ts';
import { allows, type Request, roleOf, statementsOf } from './policies.ts';
import { only, type Resource, type Synthesis, synthesiseCell, templateOf } from './synthesis.ts';

const REGION = 'us-east-2';

let node: Server;
let dynamo: LocalDynamo;
let recorder: Recorder;
let deployed: DeployedCell;
let synthesis: Synthesis;

beforeAll(async () => {
  node = createServer(({ url }, response) => void response.writeHead(url === '/well' ? 200 : 500).end()).listen(0, '127.0.0.1');
  await once(node, 'listening');
  const cell = cellWith((node.address() as AddressInfo).port);
  dynamo = await startDynamo();
  recorder = await startRecorder(dynamo.endpoint);
  deployed = await deploy(cell, recorder.endpoint);
  deployed.aws.ssm.parameters.set('/quorumwatch/key', 'secret');
  deployed.aws.ssm.parameters.set('/quorumwatch/ping', 'https://ping.example.org/id');
  await deployed.settle();
  synthesis = synthesiseCell(cell);
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
}, 60_000);
afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  node.closeAllConnections();
  node.close();
  await deployed.close();
  await recorder.close();
  await dynamo.close();
});

const cellWith = (port: number): Cell =>
  cellOf(`
name: example
vantages: [eu-west-1, us-east-2, ap-northeast-1]
table: { replicas: [us-east-1, us-east-2, us-west-2] }
interval: 10s
defaults: { timeout: 1s, attempts: 1, downFor: 0s }
nodes:
  eu1: { url: "http://127.0.0.1:${port}", checks: { api: { type: http, headers: { authorization: { ssm: /quorumwatch/key } } } } }
  us1: { url: "http://127.0.0.1:${port}", checks: { api: { type: http, path: /well } } }
records:
  api:
    name: api.example.org
    zone: example.org
    policy: multivalue
    members: [{ node: eu1, value: 203.0.113.10 }, { node: us1, value: 198.51.100.7 }]
paging: { regions: [eu-west-1, us-east-2], tiers: [{ email: [ops@example.org], sms: ['+4915112345678'] }] }
ping: { ssm: /quorumwatch/ping }
`);

function started(role: FunctionRole, region: string): Started {
  const env = deployed.environmentOf(role, region);
  for (const [name, value] of Object.entries(env)) if (name.startsWith('AWS_')) vi.stubEnv(name, value);
  return start(role, env);
}

/** What was asked for while something was done. */
async function requestsOf(work: () => Promise<unknown>): Promise<Request[]> {
  recorder.requests.length = 0;
  deployed.aws.calls.length = 0;
  await work();
  const others = deployed.aws.calls.flatMap(({ action, resources, context }) => {
    const keys = Object.entries(context ?? {}).map(([key, value]) => [key, [value]]);
    return resources.map((resource) => ({ action, resource: named(resource), context: Object.fromEntries(keys) }));
  });
  return [...recorder.requests, ...others];
}

/** The fakes' key of links has a name; the template's has none before it is deployed. */
const named = (resource: string): string =>
  resource.includes(':secret:quorumwatch/example/link-')
    ? only(templateOf(synthesis, `Arbiter-${REGION}`), 'AWS::SecretsManager::Secret')[0]
    : resource;

const refused = (role: Resource, requests: Request[]): Request[] => requests.filter((request) => !allows(role, request));
const actionsOf = (requests: Request[]): string[] => [...new Set(requests.map(({ action }) => action))].toSorted();

/** Statements without which none of these requests would be refused. */
function unused(role: Resource, requests: Request[]): string[] {
  return statementsOf(role).flatMap(({ Sid }) => {
    const without = structuredClone(role);
    const [{ PolicyDocument }] = without.Properties.Policies;
    PolicyDocument.Statement = PolicyDocument.Statement.filter((each: { Sid: string }) => each.Sid !== Sid);
    return refused(without, requests).length === 0 ? [Sid] : [];
  });
}

/** Who is not AWS is not asked. */
const nobody = () => Promise.reject(new Error('not from here'));

it('a prober plans, looks, votes and asks with its role’s rights, and uses all of them', async () => {
  const event = batchOf(
    { kind: 'plan', scheduledTime: new Date().toISOString() },
    { kind: 'round', due: Date.now() },
  ) as SQSEvent;
  const requests = await requestsOf(() => createProberFunction(started('prober', REGION))(event));
  const role = roleOf(templateOf(synthesis, `Vantage-${REGION}`), 'prober');
  expect(refused(role, requests)).toEqual([]);
  expect(actionsOf(requests)).toEqual(['dynamodb:GetItem', 'dynamodb:PutItem', 'sqs:SendMessage', 'ssm:GetParameter']);
  // Lambda itself writes the log and receives.
  expect(unused(role, requests)).toEqual(['Log', 'Receive']);
});

it('an arbiter decides, pages, flips and measures with its role’s rights, and uses all of them', async () => {
  for (const region of ['eu-west-1', 'ap-northeast-1'])
    await createProberFunction(started('prober', region))(batchOf({ kind: 'round', due: Date.now() }) as SQSEvent);
  const tick = batchOf({ kind: 'tick', from: 'scheduler' }) as SQSEvent;
  const requests = await requestsOf(() => createArbiterFunction(started('arbiter', REGION), nobody)(tick));
  const role = roleOf(templateOf(synthesis, `Arbiter-${REGION}`), 'arbiter');
  expect(refused(role, requests)).toEqual([]);
  expect(actionsOf(requests)).toEqual([
    ...['DescribeAlarms', 'GetMetricStatistics', 'PutMetricData'].map((call) => `cloudwatch:${call}`),
    ...['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'].map((call) => `dynamodb:${call}`),
    ...['GetHealthCheck', 'ListHealthChecks', 'ListTagsForResources', 'UpdateHealthCheck'].map((call) => `route53:${call}`),
    'secretsmanager:GetSecretValue',
    ...['GetSMSAttributes', 'ListSubscriptionsByTopic', 'Publish'].map((call) => `sns:${call}`),
    'ssm:GetParameter',
  ]);
  expect(unused(role, requests)).toEqual(['Log', 'Receive']);
});

it('the web part shows and takes acknowledgements with its role’s rights, and uses all of them', async () => {
  const web = createWebFunction(started('web', REGION));
  const ask = (method: string, path: string, headers: Record<string, string> = {}, body?: object) =>
    web(
      {
        version: '2.0',
        rawPath: path,
        rawQueryString: '',
        headers: { host: 'q.example.org', 'content-type': 'application/json', ...headers },
        requestContext: { domainName: 'q.example.org', http: { method, path } },
        body: body && JSON.stringify(body),
        isBase64Encoded: false,
      } as unknown as LambdaEvent,
      {} as LambdaContext,
    );
  const [page] = deployed.aws.sns.published;
  const [, incident, token] = /\/i\/([^/]+)\/([\w-]{16})$/.exec(page?.texts.sms ?? '') ?? [];
  const requests = await requestsOf(async () => {
    await ask('GET', '/');
    const acknowledged = await ask(
      'POST',
      `/api/v1/incidents/${incident}/ack`,
      { authorization: `Bearer ${token}` },
      { by: 'ana' },
    );
    expect(acknowledged).toMatchObject({ statusCode: 200 });
  });
  const role = roleOf(templateOf(synthesis, `Arbiter-${REGION}`), 'web');
  expect(refused(role, requests)).toEqual([]);
  expect(unused(role, requests)).toEqual(['Log']);
});
