/** Every request that the functions make is one that their roles in the templates allow, and no statement is for none of them. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createGateFunction } from '../../lib/aws/gate.ts';
import { type LocalDynamo, startDynamo } from '../../lib/local/dynamo.ts';
import { beatToken } from '../../lib/web/beat-tokens.ts';
import { BEAT_KEY, urlEvent } from '../aws/account.ts';
import { createSteppingClock } from '../aws/clock.ts';
import { functionsOf, openWorld, TICK, type World } from '../aws/world.ts';
import { startReceiver } from '../hooks/receiver.ts';
import { type Recorder, startRecorder } from './dynamodb-recorder.ts';
import { allows, type Request, roleOf, statementsOf } from './policies.ts';
import { type Resource, type Synthesis, synthesiseCell, templateOf } from './synthesis.ts';

const REGION = 'us-east-2';

let dynamo: LocalDynamo;
let recorder: Recorder;
let world: World;
let run: ReturnType<typeof functionsOf>;
let synthesis: Synthesis;

beforeAll(async () => {
  dynamo = await startDynamo();
  recorder = await startRecorder(dynamo.endpoint);
  world = await openWorld({ endpoint: recorder.endpoint });
  run = functionsOf(world);
  await world.deployed.settle();
  synthesis = synthesiseCell(world.cell);
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
}, 60_000);
afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await world.close();
  await recorder.close();
  await dynamo.close();
});

/** What was asked for while something was done. */
async function requestsOf(work: () => Promise<unknown>): Promise<Request[]> {
  const { calls } = world.deployed.aws;
  recorder.requests.length = 0;
  calls.length = 0;
  await work();
  const others = calls.flatMap(({ action, resources, context }) => {
    const keys = Object.entries(context ?? {}).map(([key, value]) => [key, [value]]);
    return resources.map((resource) => ({ action, resource, context: Object.fromEntries(keys) }));
  });
  return [...recorder.requests, ...others];
}

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

it('a prober plans, looks, listens, votes and asks with its role’s rights, and uses all of them', async () => {
  world.breakNode();
  const plan = { kind: 'plan', scheduledTime: new Date().toISOString() };
  const requests = await requestsOf(() => run.prober(REGION)(plan, { kind: 'round', due: Date.now() }));
  const role = roleOf(templateOf(synthesis, `Vantage-${REGION}`), 'prober');
  expect(refused(role, requests)).toEqual([]);
  expect(actionsOf(requests)).toEqual([
    ...['BatchGetItem', 'GetItem', 'PutItem'].map((call) => `dynamodb:${call}`),
    'sqs:SendMessage',
    'ssm:GetParameter',
  ]);
  // Lambda itself writes the log and receives.
  expect(unused(role, requests)).toEqual(['Log', 'Receive']);
});

it('an arbiter decides, pages, flips, calls and measures with its role’s rights, and uses all of them', async () => {
  await run.probeAll();
  await world.deployed.store.appendAct({ kind: 'drill', at: Date.now(), by: 'ana', tier: 1, flip: false, hooks: false });
  const requests = await requestsOf(() => run.arbiter(REGION)(TICK));
  const role = roleOf(templateOf(synthesis, `Arbiter-${REGION}`), 'arbiter');
  expect(refused(role, requests)).toEqual([]);
  expect(actionsOf(requests)).toEqual([
    ...['DescribeAlarms', 'GetMetricStatistics', 'PutMetricData'].map((call) => `cloudwatch:${call}`),
    ...['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem'].map((call) => `dynamodb:${call}`),
    ...['GetHealthCheck', 'ListHealthChecks', 'ListTagsForResources', 'UpdateHealthCheck'].map((call) => `route53:${call}`),
    'secretsmanager:GetSecretValue',
    ...['GetSMSAttributes', 'ListSubscriptionsByTopic', 'Publish'].map((call) => `sns:${call}`),
    'sqs:SendMessage',
    'ssm:GetParameter',
  ]);
  expect(world.hooks()).toHaveLength(1);
  expect(unused(role, requests)).toEqual(['Log', 'Receive']);
});

it('the web part shows, and takes acknowledgements and heartbeats with its role’s rights, and uses all of them', async () => {
  const [page] = world.deployed.aws.sns.published;
  const [link] = /\/i\/[\w-]{16}$/.exec(page?.texts.sms ?? '') ?? [];
  const requests = await requestsOf(async () => {
    await run.web(urlEvent('GET', `/?token=${world.deployed.readToken}`));
    const { headers } = await run.web(urlEvent('GET', link ?? ''));
    const [path, token] = String(headers?.location).split('?token=');
    const authorization = `Bearer ${token}`;
    const acknowledged = await run.web(urlEvent('POST', `/api/v1${path}/ack`, { by: 'ana' }, { authorization }));
    expect(acknowledged).toMatchObject({ statusCode: 200 });
    const beat = await run.web(urlEvent('GET', `/beat/${beatToken(BEAT_KEY, 'example', 'cron/nightly')}`));
    expect(beat).toMatchObject({ statusCode: 200 });
  });
  const role = roleOf(templateOf(synthesis, `Arbiter-${REGION}`), 'web');
  expect(refused(role, requests)).toEqual([]);
  expect(unused(role, requests)).toEqual(['Log']);
});

it('a gate hears with its role’s rights, and uses all of them', async () => {
  const region = 'eu-west-1';
  const { port } = await startReceiver(() => 200);
  const env = world.deployed.environmentOf('gate', region);
  for (const [name, value] of Object.entries(env)) if (name.startsWith('AWS_')) vi.stubEnv(name, value);
  const gate = createGateFunction(env, createSteppingClock());
  const asked = { RequestType: 'Create', StackId: 's', RequestId: 'r', LogicalResourceId: 'l' } as const;
  const requests = await requestsOf(() => gate({ ...asked, ResponseURL: `http://127.0.0.1:${port}/` }));
  const role = roleOf(templateOf(synthesis, `Watch-${region}`), 'gate');
  expect(refused(role, requests)).toEqual([]);
  expect(actionsOf(requests)).toEqual(['cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricData']);
  // Lambda itself writes the log.
  expect(unused(role, requests)).toEqual(['Log']);
});
