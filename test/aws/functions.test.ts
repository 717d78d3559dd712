import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, SQSEvent } from 'aws-lambda';
import type { LambdaContext, LambdaEvent } from 'hono/aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createArbiterFunction } from '../../lib/aws/arbiter.ts';
import { SWITCH_METRIC } from '../../lib/aws/names.ts';
import { once as onceOnly } from '../../lib/aws/once.ts';
import { createProberFunction } from '../../lib/aws/prober.ts';
import { type Started, start } from '../../lib/aws/start.ts';
import { createWebFunction } from '../../lib/aws/web.ts';
import type { Cell } from '../../lib/core/cell.ts';
import { cellOf } from '../config/cell.ts';
import { batchOf, type DeployedCell, deploy, LINK_BASE } from './account.ts';

const VANTAGES = ['eu-west-1', 'us-east-2', 'ap-northeast-1'];

let node: Server;
let isBroken: boolean;
let cell: Cell;
let deployed: DeployedCell;
let logged: Record<string, unknown>[];

beforeEach(async () => {
  isBroken = false;
  dialled = [];
  node = createServer(({ url }, response) => void response.writeHead(isBroken && url === '/eu1' ? 500 : 200).end()).listen(
    0,
    '127.0.0.1',
  );
  await once(node, 'listening');
  cell = cellWith((node.address() as AddressInfo).port);
  deployed = await deploy(cell);
  logged = [];
  const write = (chunk: string | Uint8Array) => {
    for (const line of String(chunk).split('\n').filter(Boolean)) logged.push(JSON.parse(line));
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(write as typeof process.stdout.write);
  vi.spyOn(process.stderr, 'write').mockImplementation(write as typeof process.stderr.write);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  node.closeAllConnections();
  node.close();
  await deployed.close();
});

const cellWith = (port: number): Cell =>
  cellOf(`
name: example
vantages: [${VANTAGES.join(', ')}]
table: { replicas: [us-east-1, us-east-2, us-west-2] }
interval: 10s
defaults: { timeout: 1s, attempts: 1, downFor: 0s }
nodes:
  eu1: { url: "http://127.0.0.1:${port}", checks: { api: { type: http, path: /eu1 } } }
  us1: { url: "http://127.0.0.1:${port}", checks: { api: { type: http, path: /us1 } } }
records:
  api:
    name: api.example.org
    zone: example.org
    members:
      - { node: eu1, value: 203.0.113.10, role: primary }
      - { node: us1, value: 198.51.100.7, role: secondary }
paging: { regions: [eu-west-1, us-east-2], tiers: [{ email: [ops@example.org] }] }
`);

function started(role: Started['environment']['role'], region: string): Started {
  const env = deployed.environmentOf(role, region);
  for (const [name, value] of Object.entries(env)) if (name.startsWith('AWS_')) vi.stubEnv(name, value);
  return start(role, env);
}
const openProber = (region: string) => createProberFunction(started('prober', region));
/** Hosts that an arbiter dials: nobody on the Internet. */
let dialled: string[];
const openArbiter = (region: string) =>
  createArbiterFunction(started('arbiter', region), async ({ host }) => {
    dialled.push(host);
    throw new Error('not from here');
  });
const batch = (...bodies: (object | string)[]) => batchOf(...bodies) as SQSEvent;
const probeAll = () => Promise.all(VANTAGES.map((region) => openProber(region)(batch({ kind: 'round', due: Date.now() }))));
const tick = batch({ kind: 'tick', from: 'scheduler' });

describe('a prober', () => {
  it('plans, looks, casts its ballot and wakes every arbiter', async () => {
    isBroken = true;
    const scheduledTime = new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString();
    const answer = await openProber('eu-west-1')(batch({ kind: 'plan', scheduledTime }, { kind: 'round', due: Date.now() }));
    expect(answer).toEqual({ batchItemFailures: [] });
    const { ballot } = await deployed.store.readBallot('eu-west-1');
    expect(ballot).toMatchObject({ version: 1, votes: { 'eu1/api': { vote: 'down', reason: 'status' } } });
    const kindsAt = (url: string) => deployed.aws.sqs.messages(url).map(({ body }) => JSON.parse(body).kind);
    for (const region of cell.arbiters) expect(kindsAt(deployed.wakeQueue(region))).toEqual(['wake']);
    expect(kindsAt(deployed.vantageQueue('eu-west-1'))).toEqual(expect.arrayContaining(Array(6).fill('round')));
    expect(logged).toContainEqual(
      expect.objectContaining({ service: 'quorumwatch-prober', region: 'eu-west-1', message: 'ballot' }),
    );
  });

  it('gives back only the messages that failed, and says why', async () => {
    const answer = await openProber('eu-west-1')(batch({ kind: 'round', due: Date.now() }, 'nonsense'));
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(logged).toContainEqual(expect.objectContaining({ level: 'ERROR', message: 'a message failed: nonsense' }));
  });

  it('goes on when the region of an arbiter is gone', async () => {
    isBroken = true;
    deployed.aws.fail('refused', { region: 'us-east-1' });
    expect(await openProber('eu-west-1')(batch({ kind: 'round', due: Date.now() }))).toEqual({ batchItemFailures: [] });
    expect(deployed.aws.sqs.messages(deployed.wakeQueue('us-west-2'))).toHaveLength(1);
    expect(deployed.aws.sqs.messages(deployed.vantageQueue('us-east-2'))).toHaveLength(2);
  });

  it('that lacks something fails every invocation, not only the first', () => {
    const prober = onceOnly(() => createProberFunction(start('prober', { AWS_REGION: 'eu-west-1' })));
    for (const _ of [1, 2]) expect(() => prober()).toThrow(/^QUORUMWATCH_CELL: is not set/);
  });
});

describe('an arbiter', () => {
  it('takes a node out by both ways, pages with a link that is signed, and writes it down', async () => {
    await deployed.settle();
    isBroken = true;
    await probeAll();
    expect(await openArbiter('us-east-2')(tick)).toEqual({ batchItemFailures: [] });
    const { aws, switches } = deployed;
    expect(switches.get('api/eu1')).toMatchObject({ disabled: true, inverted: true, version: 2 });
    expect(switches.get('api/us1')).toMatchObject({ disabled: false, version: 1 });
    expect(aws.cloudWatch.latest('us-east-2', SWITCH_METRIC, { record: 'api', node: 'eu1' })).toBe(1);
    expect(aws.sns.published).toMatchObject([{ region: 'eu-west-1', subject: expect.stringContaining('eu1 DOWN') }]);
    expect(aws.sns.published[0]?.texts.sms).toMatch(/https:\/\/q\.example\.org\/i\/born1-2-eu1\/[\w-]{16}$/);
    expect(await deployed.store.listIncidents(5)).toMatchObject([{ id: 'born1-2-eu1', state: 'down' }]);
    expect(logged).toContainEqual(
      expect.objectContaining({ message: 'flip', record: 'api', node: 'eu1', inService: false, epoch: 2 }),
    );
    expect(JSON.stringify(logged)).toContain('/i/born1-2-eu1/hidden');
  });

  it('takes it out by the metric alone, and pages, while the control plane and us-east-1 are gone', async () => {
    await deployed.settle();
    isBroken = true;
    await probeAll();
    deployed.aws.fail('refused', { region: 'us-east-1' });
    await openArbiter('us-east-2')(tick);
    expect(deployed.switches.get('api/eu1')).toMatchObject({ disabled: false, version: 1 });
    expect(deployed.aws.cloudWatch.latest('us-east-2', SWITCH_METRIC, { record: 'api', node: 'eu1' })).toBe(1);
    expect(deployed.aws.sns.published).toHaveLength(1);
    expect(await deployed.store.readLedger()).toMatchObject({ intents: [{ kind: 'flip', node: 'eu1', tries: 1 }] });
  });

  it('asks for nothing that its role need not be allowed', async () => {
    await deployed.settle();
    isBroken = true;
    await probeAll();
    deployed.aws.calls.length = 0;
    await openArbiter('us-east-2')(tick);
    const [eu1, us1] = ['api/eu1', 'api/us1'].map(
      (member) => `arn:aws:route53:::healthcheck/${deployed.switches.get(member)?.id}`,
    );
    const needs = deployed.aws.calls.map(({ action, resources, context }) => [
      action,
      ...resources,
      ...Object.values(context ?? {}),
    ]);
    const topics = ['eu-west-1', 'us-east-2'].map((each) => `arn:aws:sns:${each}:123456789012:quorumwatch-example-tier-1`);
    expect(needs.toSorted()).toEqual([
      ['cloudwatch:DescribeAlarms', '*'],
      ['cloudwatch:DescribeAlarms', '*'],
      ['cloudwatch:PutMetricData', '*', 'Quorumwatch/example'],
      ['cloudwatch:PutMetricData', '*', 'Quorumwatch/example'],
      ['route53:GetHealthCheck', eu1],
      ['route53:ListHealthChecks', '*'],
      ['route53:ListTagsForResources', eu1, us1],
      ['route53:UpdateHealthCheck', eu1],
      ['secretsmanager:GetSecretValue', 'arn:aws:secretsmanager:us-east-2:123456789012:secret:quorumwatch/example/link-AbCdEf'],
      ...topics.map((topic) => ['sns:ListSubscriptionsByTopic', topic]),
      ['sns:Publish', topics[0]],
    ]);
    expect(dialled).toEqual(['q.example.org']);
  });

  it('answers many wakes by one look', async () => {
    await openArbiter('us-east-2')(batch(...VANTAGES.map((from) => ({ kind: 'wake', from }))));
    expect(logged.filter((line) => 'Tick' in line)).toHaveLength(1);
    expect(deployed.aws.cloudWatch.latest('eu-west-1', 'Tick', { region: 'us-east-2' })).toBe(1);
  });

  it('that cannot reach the table fails its batch, and has said so to the alarms', async () => {
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
    const arbiter = openArbiter('us-east-2');
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', 'http://127.0.0.1:9');
    await expect(arbiter(tick)).rejects.toThrow(/ECONNREFUSED/);
    expect(deployed.aws.cloudWatch.latest('eu-west-1', 'Heard', {})).toBe(0);
  });

  it('pages without a token where the key cannot be read', async () => {
    await deployed.settle();
    deployed.aws.secretsManager.secrets.clear();
    isBroken = true;
    await probeAll();
    await openArbiter('us-east-2')(tick);
    expect(deployed.aws.sns.published[0]?.texts.sms).toMatch(/\/i\/born1-2-eu1$/);
    expect(logged).toContainEqual(
      expect.objectContaining({ level: 'WARN', text: expect.stringMatching(/^links go out unsigned/) }),
    );
  });
});

describe('the web', () => {
  const ask = async (method: string, path: string, body?: object): Promise<APIGatewayProxyStructuredResultV2> => {
    const url = new URL(path, LINK_BASE);
    const event: Partial<APIGatewayProxyEventV2> = {
      version: '2.0',
      rawPath: url.pathname,
      rawQueryString: url.search.slice(1),
      headers: { host: url.host, 'content-type': 'application/json' },
      requestContext: { domainName: url.host, http: { method, path: url.pathname } } as APIGatewayProxyEventV2['requestContext'],
      body: body && JSON.stringify(body),
      isBase64Encoded: false,
    };
    return (await createWebFunction(started('web', 'us-east-2'))(event as unknown as LambdaEvent, {} as LambdaContext)) as never;
  };

  it('says what is so, by a function URL', async () => {
    await deployed.settle();
    await probeAll();
    const { statusCode, body = '' } = await ask('GET', '/api/v1/status');
    expect(statusCode).toBe(200);
    expect(JSON.parse(body).nodes.map(({ id, verdict }: { id: string; verdict: string }) => [id, verdict])).toEqual([
      ['eu1', 'up'],
      ['us1', 'up'],
    ]);
  });

  it('lets who has the link acknowledge, nobody else, and wakes the arbiters', async () => {
    await deployed.settle();
    isBroken = true;
    await probeAll();
    await openArbiter('us-east-2')(tick);
    const sent = /https:\S+$/.exec(deployed.aws.sns.published[0]?.texts.sms ?? '')?.[0] ?? '';
    const { statusCode, headers } = await ask('GET', sent);
    expect(statusCode).toBe(302);
    const link = new URL(String(headers?.location), LINK_BASE);
    expect(await ask('GET', link.href)).toMatchObject({ statusCode: 200, body: expect.stringContaining('Acknowledge') });
    expect(await deployed.store.readActs()).toBe('missing');
    const path = `/api/v1${link.pathname}/ack`;
    expect(await ask('POST', `${path}?token=${'a'.repeat(16)}`, { by: 'eve' })).toMatchObject({ statusCode: 403 });
    expect(await ask('POST', path, { by: 'eve' })).toMatchObject({ statusCode: 403 });
    deployed.aws.fail('refused', { region: 'us-east-1' });
    expect(await ask('POST', path + link.search, { by: 'ana' })).toMatchObject({ statusCode: 200 });
    const woken = deployed.aws.sqs.messages(deployed.wakeQueue('us-west-2')).map(({ body }) => JSON.parse(body));
    expect(woken).toContainEqual({ kind: 'wake', from: 'web' });
    expect(await deployed.store.readActs()).toMatchObject({ acts: [{ kind: 'acknowledge', by: 'ana' }] });
  });

  it.each([
    ['PUT', '/api/v1/faults'],
    ['GET', '/events'],
  ])('has nothing of a local run: %s %s', async (method, path) => {
    expect(await ask(method, path, method === 'PUT' ? [] : undefined)).toMatchObject({ statusCode: 404 });
  });
});
