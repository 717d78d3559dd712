/** The bundles as synthesis makes them, in AWS's own runtime client, over AWS's own DynamoDB Local and the fakes. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { isGenuine } from '../../examples/hooks/verify.ts';
import { SWITCH_METRIC } from '../../lib/aws/names.ts';
import { bundled } from '../../lib/cdk/bundled.ts';
import { writeCell } from '../../lib/cdk/code.ts';
import { alarmsOf } from '../../lib/core/alarms.ts';
import { urlEvent } from '../aws/account.ts';
import { HOOK_SECRET, openWorld, VANTAGES, type World } from '../aws/world.ts';
import { type Recorder, startRecorder } from '../cdk/dynamodb-recorder.ts';
import { functionOf } from '../cdk/policies.ts';
import { type Synthesis, synthesiseCell, templateOf } from '../cdk/synthesis.ts';
import { cellOf } from '../config/cell.ts';
import { startReceiver } from '../hooks/receiver.ts';
import { type Deployment, folderOf, startDeployment } from './deployment.ts';
import { startDynamoDbLocal } from './dynamodb-local.ts';

// Each is a synthesis with bundles, and up to five processes.
vi.setConfig({ testTimeout: 120_000 });

let dynamo: Awaited<ReturnType<typeof startDynamoDbLocal>>;
let table: Recorder;
let world: World;
let deployment: Deployment;

beforeAll(async () => {
  dynamo = await startDynamoDbLocal();
});
afterAll(() => dynamo.close());
afterEach(async () => {
  await deployment.close();
  await world.close();
  await table.close();
});

/** The cell of a world, deployed under that name; `change`: what is otherwise in what was synthesised. */
async function deployCell(name: string, change: (synthesis: Synthesis) => void = () => {}): Promise<void> {
  table = await startRecorder(dynamo.endpoint);
  world = await openWorld({ endpoint: table.endpoint, name });
  const synthesis = synthesiseCell(world.cell, { codeOf: await bundled(world.cell) });
  change(synthesis);
  deployment = startDeployment(synthesis, world, table);
}

/** These vantages look, one after the other as they are staggered, and answer what others ask of them. */
async function look(vantages: readonly string[] = VANTAGES): Promise<void> {
  for (const stack of vantages.map((region) => `Vantage-${region}`)) {
    world.deployed.aws.sqs.send(deployment.queueOf(stack), JSON.stringify({ kind: 'round', due: Date.now() }));
    await deployment.deliver(stack);
  }
}

/** What Route 53 makes of each member's switch, by its flags and by its alarm. */
const inService = (): Record<string, boolean | undefined> => {
  const { aws, switches } = world.deployed;
  return Object.fromEntries([...switches].map(([member, { id }]) => [member, aws.route53.isHealthy(id)]));
};

const sent = (queue: string) => world.deployed.aws.sqs.messages(queue).map(({ body }) => JSON.parse(body));

it('plans, looks, finds a node down, takes it out by both ways, pages, calls a hook, hears a heartbeat, and is acknowledged', async () => {
  await deployCell('whole');
  const { aws, store, switches, settle } = world.deployed;
  await settle();
  await look();
  const awaited = { 'cron/nightly': { vote: 'up', reason: 'beat-awaited' } };
  for (const vantage of VANTAGES) expect((await store.readBallot(vantage)).ballot).toMatchObject({ version: 1, votes: awaited });
  expect(await deployment.ask('us-east-2', urlEvent('POST', `/beat/${tokenByOpenssl()}`))).toMatchObject({ statusCode: 200 });

  world.breakNode();
  await look();
  for (const vantage of VANTAGES) {
    const { ballot } = await store.readBallot(vantage);
    expect(ballot).toMatchObject({ votes: { 'eu1/api': { vote: 'down', reason: 'status' } } });
    expect(ballot).not.toMatchObject({ votes: awaited });
  }
  deployment.minute('Arbiter-us-east-2', new Date());
  const [batch = 0, ...more] = await deployment.deliver('Arbiter-us-east-2');
  expect([batch > 1 && batch <= 10, more]).toEqual([true, []]);
  expect(await store.readLedger()).toMatchObject({
    nodes: { eu1: { state: 'down' } },
    members: { 'api/eu1': { inService: false } },
  });
  expect(switches.get('api/eu1')).toMatchObject({ disabled: true, inverted: true, version: 2 });
  expect(switches.get('api/us1')).toMatchObject({ version: 1 });
  expect(inService()).toEqual({ 'api/eu1': false, 'api/us1': true });
  expect(aws.cloudWatch.latest('us-east-2', SWITCH_METRIC, { record: 'api', node: 'eu1' })).toBe(1);
  const [page] = aws.sns.published;
  expect(page).toMatchObject({ region: 'eu-west-1', subject: expect.stringMatching(/^eu1 DOWN/) });
  const [call] = world.hooks();
  expect(JSON.parse(call?.body ?? '')).toMatchObject({ event: 'page', node: 'eu1' });
  expect(isGenuine(call?.headers ?? {}, call?.body ?? '', HOOK_SECRET)).toBe(true);

  const [, path = ''] = /(\/i\/[\w-]+)$/.exec(page?.texts.sms ?? '') ?? [];
  const { headers } = (await deployment.ask('us-east-2', urlEvent('GET', path))) as { headers: { location: string } };
  const [incident, token] = headers.location.split('?');
  const ack = urlEvent('POST', `/api/v1${incident}/ack?${token}`, { by: 'ana' });
  expect(await deployment.ask('us-east-2', ack)).toMatchObject({ statusCode: 200 });
  expect(await store.readActs()).toMatchObject({ acts: [{ kind: 'acknowledge', by: 'ana' }] });
  for (const vantage of VANTAGES) {
    const { rounds } = await world.deployed.history.read(vantage, 0, 1);
    // eu1 fails by now: of the first round it has a time, of the second none.
    expect(rounds.map(({ took }) => [...took].map((byte) => byte > 0))).toEqual([
      [false, true],
      [true, true],
    ]);
  }
  const overview = `/?token=${world.deployed.readToken}`;
  for (const [address, text] of Object.entries({ [overview]: '>p50 ', '/style.css': '{' })) {
    const shown = { statusCode: 200, body: expect.stringContaining(text) };
    expect(await deployment.ask('us-east-2', urlEvent('GET', address))).toMatchObject(shown);
  }
  // Last, for what is planned becomes due. A prober takes a plan that comes a little early.
  const minute = new Date(Math.floor((Date.now() + 4_000) / 60_000) * 60_000);
  deployment.minute('Vantage-eu-west-1', minute);
  await deployment.deliver('Vantage-eu-west-1');
  const planned = sent(deployment.queueOf('Vantage-eu-west-1')).filter(({ kind }) => kind === 'round');
  const seconds = planned.map(({ due }) => (due - minute.getTime()) / 1_000);
  // A round that became due while the bundle was loaded is missed: looking at another time would not make it on time.
  expect(seconds).toEqual([60, 70, 80, 90, 100, 110].slice(-seconds.length));
  expect(seconds.length).toBeGreaterThanOrEqual(4);

  expect(deployment.refused).toEqual([]);
  const log = await deployment.log();
  expect(log).toMatch(/"message":"flip"/);
  expect(log).toContain('/i/hidden');
  for (const secret of ['from-ssm', HOOK_SECRET, tokenByOpenssl()]) expect(log).not.toContain(secret);
});

/** The token of the heartbeat, as the documentation says to make one. */
function tokenByOpenssl(): string {
  const documentation = readFileSync(new URL('../../docs/heartbeats.md', import.meta.url), 'utf8');
  const [line = ''] = /^printf 'beat\/.*$/m.exec(documentation) ?? [];
  const command = line.replace('beat/example/', `beat/${world.cell.name}/`);
  const name = [...world.deployed.aws.secretsManager.secrets.keys()].find((each) => each.endsWith('/heartbeats')) ?? '';
  const SECRET = String(world.deployed.aws.secretsManager.secrets.get(name));
  return spawnSync('sh', ['-c', command], { env: { ...process.env, SECRET }, encoding: 'utf8' }).stdout.trim();
}

it('gives back a message that it does not understand, and no other', async () => {
  await deployCell('strange');
  const queue = deployment.queueOf('Vantage-eu-west-1');
  world.deployed.aws.sqs.send(queue, 'nonsense');
  await look(['eu-west-1']);
  expect(world.deployed.aws.sqs.messages(queue).filter(({ receives }) => receives > 0)).toMatchObject([{ body: 'nonsense' }]);
  expect(await deployment.log()).toContain('a message failed: nonsense');
});

it('fails every invocation, with its reason, when it is told too little', async () => {
  await deployCell('untold', (synthesis) => {
    const [, prober] = functionOf(templateOf(synthesis, 'Vantage-eu-west-1'), 'prober');
    delete prober.Properties.Environment.Variables.QUORUMWATCH_TABLE;
  });
  for (const _ of [1, 2])
    await expect(look(['eu-west-1'])).rejects.toThrow('QUORUMWATCH_TABLE: is not set (it is the name of the voting table)');
});

/** One check of each kind that is loaded when it is first needed, against a port where nobody listens. */
const KINDS = `
name: kinds
vantages: [${VANTAGES.join(', ')}]
interval: 10s
defaults: { timeout: 3s, attempts: 1, downFor: 0s }
nodes:
  none:
    url: http://127.0.0.1:9
    checks:
      http: { type: http }
      tcp: { type: tcp, port: 9, expect: { banner: '^SSH' } }
      tls: { type: tls, port: 9 }
      dns: { type: dns, name: example.org, server: 127.0.0.1, port: 9 }
      websocket: { type: websocket, path: /, expect: { grows: height } }
      jsonrpc: { type: jsonrpc, method: status, expect: { json: [{ path: id, matches: '^a' }] } }
      eosio: { type: eosio }
`;

it('has every kind of check, loaded with the first of it', async () => {
  const cell = { ...cellOf(KINDS), arbiters: ['us-east-1', 'us-east-2', 'us-west-2'] };
  await deployCell('kinds', (synthesis) =>
    writeCell('prober', cell, folderOf(synthesis, { stack: 'Vantage-eu-west-1', role: 'prober' })),
  );
  await look(['eu-west-1']);
  const { ballot } = await world.deployed.store.readBallot('eu-west-1');
  const votes = typeof ballot === 'object' ? ballot.votes : {};
  const reasons = Object.entries(votes).map(([key, { reason }]) => [key.split('/')[1], reason]);
  expect(Object.fromEntries(reasons)).toEqual({
    http: 'connect-refused',
    tcp: 'connect-refused',
    tls: 'connect-refused',
    dns: 'connect-refused',
    websocket: 'connect-refused',
    jsonrpc: 'connect-refused',
    eosio: 'connect-refused',
  });
});

/** Every region that anything is in, with what is in it. */
const REGIONS = {
  'us-east-1': 'a replica, an arbiter, and Route 53’s control plane',
  'us-east-2': 'a replica, an arbiter, a vantage, a paging region, and the alarms of the switches',
  'us-west-2': 'a replica and an arbiter',
  'eu-west-1': 'a vantage, and the region that pages come from',
  'ap-northeast-1': 'a vantage',
};

it('is in these regions', async () => {
  await deployCell('regions');
  const { vantages, arbiters, paging } = world.cell;
  expect(Object.keys(REGIONS).toSorted()).toEqual([...new Set([...vantages, ...arbiters, ...paging.regions])].toSorted());
});

it.each([
  ...Object.entries(REGIONS).map(([gone, what]) => [gone, what, 'refused'] as const),
  // No answer at all is what an outage looks like: whatever waits for one has to give up within its function's timeout.
  ...(['us-east-1', 'us-east-2'] as const).map((gone) => [gone, REGIONS[gone], 'hanging'] as const),
])('detects, pages and takes out without %s: %s (%s)', async (gone, _, how) => {
  await deployCell(`without-${gone}-${how}`);
  const { aws, store, switches, settle } = world.deployed;
  await settle();
  aws.fail(how, { region: gone });
  table.fail(how, gone);
  world.breakNode();
  await look(VANTAGES.filter((region) => region !== gone));
  for (const stack of world.cell.arbiters.filter((region) => region !== gone).map((region) => `Arbiter-${region}`)) {
    // What is looked at hourly is waited for as well.
    if (how === 'hanging') deployment.minute(stack, new Date());
    await deployment.deliver(stack);
  }
  expect(await store.readLedger()).toMatchObject({
    nodes: { eu1: { state: 'down' } },
    members: { 'api/eu1': { inService: false } },
  });
  const pagedFrom = gone === 'eu-west-1' ? 'us-east-2' : 'eu-west-1';
  expect(aws.sns.published).toMatchObject([{ region: pagedFrom, subject: expect.stringMatching(/^eu1 DOWN/) }]);
  // By either way at least: the flags are Route 53's, in us-east-1; the metric is that of the alarms' region.
  const flags = gone === 'us-east-1' ? { disabled: false, version: 1 } : { disabled: true, inverted: true, version: 2 };
  expect(switches.get('api/eu1')).toMatchObject(flags);
  const said = aws.cloudWatch.latest('us-east-2', SWITCH_METRIC, { record: 'api', node: 'eu1' });
  expect(said).toBe(gone === 'us-east-2' ? undefined : 1);
  expect(inService()).toEqual({ 'api/eu1': false, 'api/us1': true });
  expect(deployment.refused).toEqual([]);
});

it('opens the gate of a deployment when it hears everybody, and answers CloudFormation', async () => {
  await deployCell('gate');
  const { aws } = world.deployed;
  const service = await startReceiver(() => 200);
  for (const { metric: name, dimensions, comparison, threshold } of alarmsOf(world.cell, { periodMs: 60_000 }))
    aws.cloudWatch.datapoints.push({
      region: 'eu-west-1',
      namespace: `Quorumwatch/${world.cell.name}`,
      name,
      dimensions,
      value: comparison === 'LessThanThreshold' ? threshold : 0,
      at: Math.floor(Date.now() / 60_000) * 60_000,
    });
  const asked = { RequestType: 'Create', StackId: 'stack', RequestId: 'request', LogicalResourceId: 'gate' };
  await deployment.open('Watch-eu-west-1', { ...asked, ResponseURL: `${service.url}/answer` });
  expect(service.received).toMatchObject([{ method: 'PUT', path: '/answer' }]);
  expect(JSON.parse(service.received[0]?.body ?? '')).toMatchObject({ Status: 'SUCCESS', RequestId: 'request' });
  expect(deployment.refused).toEqual([]);
  expect(await deployment.log()).not.toContain('deployed all the same');
});
