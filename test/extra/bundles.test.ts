/** The bundles as they are deployed, in AWS's own runtime client, over AWS's own DynamoDB Local and the fakes. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundle, HANDLER } from '../../lib/aws/bundle.ts';
import { type FunctionRole, SWITCH_METRIC } from '../../lib/aws/names.ts';
import { writeCell } from '../../lib/cdk/code.ts';
import type { Cell } from '../../lib/core/cell.ts';
import { batchOf, type DeployedCell, deploy } from '../aws/account.ts';
import { cellOf } from '../config/cell.ts';
import { startDynamoDbLocal } from './dynamodb-local.ts';
import { type LambdaEnvironment, startLambda } from './lambda.ts';

const VANTAGES = ['eu-west-1', 'us-east-2', 'ap-northeast-1'];
const ROLES: FunctionRole[] = ['prober', 'arbiter', 'web'];
const folder = mkdtempSync(path.join(tmpdir(), 'quorumwatch-bundles-'));
const lambdas: LambdaEnvironment[] = [];

let node: Server;
let isBroken = false;
let dynamo: Awaited<ReturnType<typeof startDynamoDbLocal>>;
let deployed: DeployedCell;

beforeAll(async () => {
  node = createServer(({ url, headers }, response) => {
    const isAsked = headers.authorization === 'Bearer from-ssm';
    response.writeHead(!isAsked || (isBroken && url === '/eu1') ? 500 : 200).end('{"head":7}');
  }).listen(0, '127.0.0.1');
  await once(node, 'listening');
  const cell = cellWith((node.address() as AddressInfo).port);
  dynamo = await startDynamoDbLocal();
  deployed = await deploy(cell, dynamo.endpoint);
  deployed.aws.ssm.parameters.set('/quorumwatch/key', 'Bearer from-ssm');
  for (const role of ROLES) {
    await bundle(role, path.join(folder, role));
    writeCell(cell, path.join(folder, role));
  }
});
afterAll(async () => {
  await Promise.all(lambdas.map((lambda) => lambda.close()));
  node.close();
  node.closeAllConnections();
  await deployed.close();
  await dynamo.close();
  rmSync(folder, { recursive: true });
});

/** A check that uses what is large in the bundle: the HTTP parser, linear expressions, JMESPath, a secret. */
const CHECK = (path: string) =>
  `{ type: http, path: ${path}, headers: { authorization: { ssm: /quorumwatch/key } }, expect: { body: { matches: 'h[a-z]+' }, json: [{ path: head, greaterThan: 5 }] } }`;

const cellWith = (port: number): Cell =>
  cellOf(`
name: example
vantages: [${VANTAGES.join(', ')}]
table: { replicas: [us-east-1, us-east-2, us-west-2] }
interval: 10s
defaults: { timeout: 3s, attempts: 1, downFor: 0s }
nodes:
  eu1: { url: "http://127.0.0.1:${port}", checks: { api: ${CHECK('/eu1')} } }
  us1: { url: "http://127.0.0.1:${port}", checks: { api: ${CHECK('/us1')} } }
records:
  api:
    name: api.example.org
    zone: example.org
    members:
      - { node: eu1, value: 203.0.113.10, role: primary }
      - { node: us1, value: 198.51.100.7, role: secondary }
paging: { regions: [eu-west-1, us-east-2], tiers: [{ email: [ops@example.org] }] }
`);

async function startFunction(role: FunctionRole, region: string): Promise<LambdaEnvironment> {
  const { LAMBDA_TASK_ROOT: _, ...env } = deployed.environmentOf(role, region);
  const lambda = await startLambda(path.join(folder, role), HANDLER, env);
  lambdas.push(lambda);
  return lambda;
}
const round = () => batchOf({ kind: 'round', due: Date.now() });

it('finds a node down, takes it out by both ways, pages, lets it be acknowledged and shows it', async () => {
  const { aws, store, switches, settle } = deployed;
  await settle();
  const probers = await Promise.all(VANTAGES.map((region) => startFunction('prober', region)));
  const arbiter = await startFunction('arbiter', 'us-east-2');
  const web = await startFunction('web', 'us-east-2');
  const nothingFailed = { batchItemFailures: [] };

  for (const prober of probers) expect(await prober.invoke(round())).toEqual(nothingFailed);
  for (const vantage of VANTAGES) expect((await store.readBallot(vantage)).ballot).toMatchObject({ version: 1, votes: {} });

  isBroken = true;
  const [wakeQueue, ownQueue] = [deployed.wakeQueue('us-east-2'), deployed.vantageQueue('us-east-2')];
  for (const prober of probers) expect(await prober.invoke(round())).toEqual(nothingFailed);
  expect(aws.sqs.messages(ownQueue).map(({ body }) => JSON.parse(body).kind)).toContain('opinion');

  const wakes = aws.sqs.receive(wakeQueue, 10).map(({ body }) => body);
  expect(wakes).not.toEqual([]);
  expect(await arbiter.invoke(batchOf(...wakes))).toEqual(nothingFailed);
  expect(await store.readLedger()).toMatchObject({
    nodes: { eu1: { state: 'down' } },
    members: { 'api/eu1': { inService: false } },
  });
  expect(switches.get('api/eu1')).toMatchObject({ disabled: true, inverted: true, version: 2 });
  expect(switches.get('api/us1')).toMatchObject({ version: 1 });
  expect(aws.cloudWatch.latest('us-east-2', SWITCH_METRIC, { record: 'api', node: 'eu1' })).toBe(1);
  const [page] = aws.sns.published;
  expect(page).toMatchObject({ region: 'eu-west-1', subject: expect.stringMatching(/^eu1 DOWN/) });

  const [, incident, token] = /\/i\/([^/]+)\/([^/]+)$/.exec(page?.texts.sms ?? '') ?? [];
  const ack = await web.invoke(urlEvent('POST', `/api/v1/incidents/${incident}/ack`, `?token=${token}`, { by: 'ana' }));
  expect(ack).toMatchObject({ statusCode: 200 });
  expect(await store.readActs()).toMatchObject({ acts: [{ kind: 'acknowledge', by: 'ana' }] });
  expect(await web.invoke(urlEvent('GET', '/'))).toMatchObject({ statusCode: 200, body: expect.stringContaining('eu1') });
  expect(await web.invoke(urlEvent('GET', '/style.css'))).toMatchObject({ statusCode: 200, body: expect.stringContaining('{') });

  const lines = lambdas.flatMap((lambda) => lambda.log()).join('\n');
  expect(lines).toMatch(/"message":"flip"/);
  expect(lines).toContain(`/i/${incident}/hidden`);
  expect(lines).not.toContain('from-ssm');
});

it('fails every invocation, with its reason, when it is told too little', async () => {
  const { QUORUMWATCH_TABLE: _, ...env } = deployed.environmentOf('prober', 'eu-west-1');
  const lambda = await startLambda(path.join(folder, 'prober'), HANDLER, env);
  lambdas.push(lambda);
  for (const _ of [1, 2]) {
    await expect(lambda.invoke(round())).rejects.toThrow('QUORUMWATCH_TABLE: is not set (it is the name of the voting table)');
  }
});

/** An event of a function URL (Lambda developer guide, "Invoking Lambda function URLs": payload format 2.0). */
const urlEvent = (method: string, rawPath: string, search = '', body?: object) => ({
  version: '2.0',
  routeKey: '$default',
  rawPath,
  rawQueryString: search.replace('?', ''),
  headers: { host: 'abc.lambda-url.us-east-2.on.aws', 'content-type': 'application/json' },
  requestContext: { domainName: 'abc.lambda-url.us-east-2.on.aws', http: { method, path: rawPath, sourceIp: '192.0.2.1' } },
  body: body === undefined ? undefined : JSON.stringify(body),
  isBase64Encoded: false,
});
