import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { beatKeyName, linkKeyName, SWITCH_METRIC, stateRegion } from '../../lib/aws/names.ts';
import { arbitersInOrder } from '../../lib/cdk/order.ts';
import type { Cell } from '../../lib/core/cell.ts';
import { beatToken } from '../../lib/web/beat-tokens.ts';
import { after as afterWords, commandsOf, operating, sectionOf } from '../docs/commands.ts';
import { BEAT_KEY } from './account.ts';
import { cellAt, type Rollout, startRollout } from './rollout.ts';

/** The monitor is changed while a node is down and out of service: nobody is told anything that is not so, and nothing is flipped. */

const THREE = ['eu-west-1', 'us-east-2', 'ap-northeast-1'];
const FOUR = [...THREE, 'sa-east-1'];
const FIVE = [...FOUR, 'ca-central-1'];
const ONE_REPLICA = ['eu-west-1'];
/** The state's stack stays where it is. */
const WEST = ['eu-west-1', 'eu-west-2', 'eu-west-3'];
const THREE_REPLICAS = ['eu-west-1', 'eu-central-1', 'eu-west-3'];

const HEARTBEAT = '  cron: { checks: { nightly: { type: heartbeat, every: 10m, grace: 1m } } }';

/** A deployment that stops in the middle for as long as people need: longer than anything here is patient. */
const STACK_MINUTES = 4;

let rollout: Rollout;
beforeEach(() => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rollout.close();
});

/** A node is down, paged and out of service before anything is changed. */
async function withIncident(vantages: string[], replicas: string[]): Promise<void> {
  rollout = await startRollout(cellAt(vantages, replicas));
  await rollout.deployAll();
  await rollout.pass(3);
  rollout.breakNode(true);
  await rollout.pass(3);
  expect(rollout.pages()).toEqual([expect.stringMatching(/^eu1 DOWN/)]);
  expect(rollout.flips()).toBe(1);
  expect(rollout.first.switches.get('api/eu1')).toMatchObject({ disabled: true, inverted: true });
}

const untouched = () => {
  expect(rollout.pages()).toHaveLength(1);
  expect(rollout.flips()).toBe(1);
  expect(rollout.notices).toEqual([]);
};

const recovered = async (): Promise<void> => {
  rollout.breakNode(false);
  await rollout.pass(6);
  expect(rollout.pages()).toEqual([expect.stringMatching(/^eu1 DOWN/), expect.stringMatching(/^eu1 UP/)]);
  expect(rollout.flips()).toBe(2);
  expect(rollout.first.switches.get('api/eu1')).toMatchObject({ disabled: false, inverted: false });
  expect(rollout.notices).toEqual([]);
};

describe.each([
  ['adding a vantage', THREE, FOUR],
  ['adding two', THREE, FIVE],
  ['removing a vantage', FOUR, THREE],
  ['removing two', FIVE, THREE],
  ['another vantage in place of one', THREE, [...THREE.slice(0, 2), 'sa-east-1']],
])('%s while a node is down', (_, before, after) => {
  it('tells nothing, flips nothing, and ends with the node', async () => {
    await withIncident(before, ONE_REPLICA);
    const next = await rollout.change(cellAt(after, ONE_REPLICA));
    for (const region of after) {
      next.vantage(region);
      await rollout.pass(STACK_MINUTES);
      untouched();
    }
    for (const region of ONE_REPLICA) next.arbiter(region);
    await rollout.pass(STACK_MINUTES);
    untouched();
    await next.watch();
    await rollout.pass(STACK_MINUTES);
    next.destroy();
    await rollout.pass(6);
    untouched();
    await recovered();
  });
});

describe('the stack of a vantage that is removed', () => {
  it('is destroyed when docs/operating.md says so: nobody is told anything', async () => {
    await withIncident(FOUR, ONE_REPLICA);
    const next = await rollout.change(cellAt(THREE, ONE_REPLICA));
    const doing: Record<string, () => unknown> = {
      async deploy() {
        for (const region of THREE) {
          next.vantage(region);
          await rollout.pass(STACK_MINUTES);
        }
        for (const region of ONE_REPLICA) next.arbiter(region);
        await rollout.pass(STACK_MINUTES);
        await next.watch();
      },
      destroy: next.destroy,
    };
    const verbs = afterWords(commandsOf(sectionOf(operating(), 'Regions')), 'npx', 'cdk').map(([verb = '']) => verb);
    expect(verbs).toEqual(expect.arrayContaining(Object.keys(doing)));
    for (const verb of verbs) {
      await doing[verb]?.();
      await rollout.pass(STACK_MINUTES);
    }
    untouched();
    await recovered();
  });

  it('and destroyed before that it is told as silent', async () => {
    await withIncident(FOUR, ONE_REPLICA);
    rollout.destroyVantage('sa-east-1');
    await rollout.pass(8);
    expect(rollout.notices).toEqual(['silent/sa-east-1 ALARM']);
  });
});

describe.each([
  ['from 1 to 3', ONE_REPLICA, THREE_REPLICAS],
  ['from 3 to 1', THREE_REPLICAS, ONE_REPLICA],
])('replicas %s while a node is down', (_, before, after) => {
  it('flips nothing and tells nobody that it is over: the new table finds what is down again, and ends with the node', async () => {
    await withIncident(FIVE, before);
    const next = await rollout.change(cellAt(FIVE, after), before);
    // Stacks of one group are deployed together: `cdk deploy --all --concurrency 10`.
    for (const region of FIVE) next.vantage(region);
    await rollout.pass(1);
    for (const region of after) next.arbiter(region);
    next.destroy();
    await rollout.pass(1);
    await next.watch();
    await rollout.pass(6);
    expect(rollout.pages()).toEqual([expect.stringMatching(/^eu1 DOWN/), expect.stringMatching(/^eu1 DOWN/)]);
    expect(rollout.flips()).toBe(1);
    expect(rollout.notices).toEqual([]);
    // Its alarm hears nothing of it from a table that only found it out of service, and never that it is back.
    const said = rollout.aws.cloudWatch.datapoints.filter(
      ({ name, dimensions }) => name === SWITCH_METRIC && dimensions.node === 'eu1',
    );
    expect(said.at(-1)).toMatchObject({ region: 'eu-west-1', value: 1 });
    rollout.breakNode(false);
    await rollout.pass(6);
    expect(rollout.pages().slice(2)).toEqual([expect.stringMatching(/^eu1 UP/)]);
    expect(rollout.flips()).toBe(2);
    expect(rollout.notices).toEqual([]);
  });
});

/** One stack after the other, as `cdk deploy --all` does by itself. */
const ONE_STACK_MINUTES = 1.5;

/** The order of the stacks where the app is told of the replicas of before. */
async function moveAll(
  next: Awaited<ReturnType<Rollout['change']>>,
  { before, after, half = () => {} }: { before: string[]; after: string[]; half?: () => void },
): Promise<void> {
  const { vantages } = next.cell;
  const { early, late } = arbitersInOrder(after, before);
  const steps = [...early.map((region) => () => next.arbiter(region)), ...vantages.map((region) => () => next.vantage(region))];
  for (const [at, step] of [...steps, ...late.map((region) => () => next.arbiter(region))].entries()) {
    step();
    await rollout.pass(ONE_STACK_MINUTES);
    if (at === early.length + Math.ceil(vantages.length * 0.75)) half();
  }
  await next.watch();
  await rollout.pass(3);
  next.destroy();
  await rollout.pass(3);
}

describe.each([
  ['from 1 to 3', 5, ONE_REPLICA, THREE_REPLICAS],
  ['from 3 to 1', 5, THREE_REPLICAS, ONE_REPLICA],
  ['from 1 to 3, of an even number of vantages', 4, ONE_REPLICA, THREE_REPLICAS],
])('replicas %s, one stack after the other, while a node is down', (_, count, before, after) => {
  const vantages = FIVE.slice(0, count);

  it('a quorum is heard in one table or the other: nobody is told that none is, and nothing is flipped', async () => {
    await withIncident(vantages, before);
    await moveAll(await rollout.change(cellAt(vantages, after), before), { before, after });
    expect(rollout.notices).toEqual([]);
    expect(rollout.pages()).toEqual([expect.stringMatching(/^eu1 DOWN/), expect.stringMatching(/^eu1 DOWN/)]);
    expect(rollout.flips()).toBe(1);
  });

  it('a node that recovers meanwhile returns, and no table takes the other’s flip for somebody’s hand', async () => {
    await withIncident(vantages, before);
    const half = () => rollout.breakNode(false);
    await moveAll(await rollout.change(cellAt(vantages, after), before), { before, after, half });
    await rollout.pass(4);
    expect(rollout.notices).toEqual([]);
    expect(rollout.pages().filter((page) => !/^eu1 (DOWN|UP)/.test(page))).toEqual([]);
    expect(rollout.flips()).toBe(2);
    expect(rollout.first.switches.get('api/eu1')).toMatchObject({ disabled: false, inverted: false });
    const said = rollout.aws.cloudWatch.datapoints.filter(({ name }) => name === SWITCH_METRIC).at(-1);
    expect(said).toMatchObject({ dimensions: { node: 'eu1' }, value: 0 });
  });
});

describe.each([
  ['from 1 to 3', ONE_REPLICA, WEST],
  ['from 3 to 1', WEST, ONE_REPLICA],
  ['from 1 to 3, with the state in another region and the texts copied there', ONE_REPLICA, THREE_REPLICAS],
])('secrets, replicas %s', (_, before, after) => {
  it('are those that were: web parts answer all the time, heartbeats are heard, and nobody is told anything', async () => {
    rollout = await startRollout(cellAt(THREE, before, { more: HEARTBEAT }));
    await rollout.deployAll();
    const { readToken } = rollout.first;
    const answers = [
      rollout.ask('eu-west-1', `/beat/${beatToken(BEAT_KEY, 'example', 'cron/nightly')}`),
      ...before.map((region) => rollout.ask(region, `/api/v1/status?token=${readToken}`)),
    ];
    await rollout.pass(3);
    const next = await rollout.change(cellAt(THREE, after, { more: HEARTBEAT }), before);
    if (stateRegion(after) !== stateRegion(before)) copySecrets(rollout.first.cell, next.cell);
    await moveAll(next, { before, after });
    await rollout.pass(10);
    expect(answers.map((statuses) => [...new Set(statuses)])).toEqual(answers.map(() => [200]));
    expect(rollout.pages()).toEqual([]);
    expect(rollout.notices).toEqual([]);
  });
});

/** As docs/deploying.md says: what the old secrets hold is put into the new ones. */
function copySecrets(from: Cell, to: Cell): void {
  const { secrets } = rollout.aws.secretsManager;
  for (const nameOf of [linkKeyName, beatKeyName]) secrets.set(nameOf(to), secrets.get(nameOf(from)) ?? '');
}

it('the records’ switches are made anew while a node is down: it leaves again, nobody is told twice, and it returns', async () => {
  await withIncident(THREE, ONE_REPLICA);
  rollout.aws.route53.checks.clear();
  const next = await rollout.change(cellAt(THREE, ONE_REPLICA));
  await rollout.pass(10);
  expect(next.switches.get('api/eu1')).toMatchObject({ disabled: true, inverted: true, version: 2 });
  expect(next.switches.get('api/us1')).toMatchObject({ disabled: false, version: 1 });
  expect([rollout.pages().length, rollout.flips(), rollout.notices]).toEqual([1, 2, []]);
  rollout.breakNode(false);
  await rollout.pass(8);
  expect(next.switches.get('api/eu1')).toMatchObject({ disabled: false, inverted: false, version: 3 });
});
