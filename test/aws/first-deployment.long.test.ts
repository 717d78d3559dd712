import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { cellOf } from '../config/cell.ts';
import { type Rollout, startRollout } from './rollout.ts';

/** A monitor is deployed for the first time, in whichever order and speed: nobody is told what is not so, and what is so is told. */

const VANTAGES = ['eu-west-1', 'us-east-2', 'ap-northeast-1'];
const REPLICAS = ['eu-west-1', 'eu-central-1', 'eu-west-3'];

const cellAt = (port: number) =>
  cellOf(`
name: example
vantages: [${VANTAGES.join(', ')}]
table: { replicas: [${REPLICAS.join(', ')}] }
interval: 30s
defaults: { timeout: 1s, attempts: 1 }
nodes: { us1: { url: "http://127.0.0.1:${port}", checks: { api: { type: http, path: /us1 } } } }
paging: { regions: [eu-west-1, us-east-2], tiers: [{ email: [ops@example.org] }] }
`);

/** Minutes after its stack is there until somebody first speaks: a first plan is made within a minute, for the minute after the next. */
type Minutes = Record<string, number>;
const ALL = (minutes: number): Minutes => Object.fromEntries([...VANTAGES, ...REPLICAS].map((region) => [region, minutes]));
/** How long a group of stacks takes. */
const STACKS_MINUTES = 1;

let rollout: Rollout;
beforeEach(async () => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  rollout = await startRollout(cellAt);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rollout.close();
});

/** Vantages, then arbiters, then the alarms; who has no minutes never speaks. */
async function deployed(vantages: Minutes, arbiters: Minutes, watch: { isOpen?: boolean } = {}): Promise<void> {
  const { first } = rollout;
  for (const region of VANTAGES) {
    const minutes = vantages[region];
    if (minutes !== undefined) rollout.later(minutes, () => first.vantage(region));
  }
  await rollout.pass(STACKS_MINUTES);
  for (const region of REPLICAS) {
    const minutes = arbiters[region];
    if (minutes !== undefined) rollout.later(minutes, () => first.arbiter(region));
  }
  await rollout.pass(STACKS_MINUTES);
  await first.watch(watch);
}

const told = (): string[] => [...rollout.notices, ...rollout.pages()];
const without = (minutes: Minutes, ...regions: string[]): Minutes =>
  Object.fromEntries(Object.entries(minutes).filter(([region]) => !regions.includes(region)));

const SPEEDS: [string, Minutes, Minutes][] = [
  ['as it should be', ALL(2), ALL(0.5)],
  ['vantages that were there long before', ALL(0), ALL(2)],
  ['arbiters that wait for vantages', ALL(7), ALL(0)],
  ['one slow vantage', { ...ALL(1), 'ap-northeast-1': 8 }, ALL(0.5)],
  ['a quorum that is slow', { ...ALL(6), 'eu-west-1': 1 }, ALL(0.5)],
  ['one slow arbiter', ALL(1), { ...ALL(0.5), 'eu-west-3': 8 }],
  ['each at its own speed', { 'eu-west-1': 5, 'us-east-2': 1, 'ap-northeast-1': 3 }, { ...ALL(2), 'eu-central-1': 6 }],
];

it.each(SPEEDS)('the first deployment, %s, tells nobody anything', async (_, vantages, arbiters) => {
  await deployed(vantages, arbiters);
  expect(rollout.notes).toEqual([]);
  await rollout.pass(8);
  expect(told()).toEqual([]);
});

it.each(SPEEDS.filter(([name]) => name.includes('slow')))(
  'and no more does one after everything but the state was destroyed, with %s',
  async (_, vantages, arbiters) => {
    await rollout.deployAll();
    await rollout.pass(6);
    rollout.destroyAll();
    await deployed(vantages, arbiters);
    // Longer than it takes until alarms that are missing are told of.
    await rollout.pass(22);
    expect(told()).toEqual([]);
  },
);

it('without the gate people would be told falsely', async () => {
  await deployed(ALL(2), ALL(2), { isOpen: true });
  await rollout.pass(6);
  expect(told()).toEqual(['blind ALARM', 'blind OK']);
});

it('vantages that never speak: the deployment ends within ten minutes and says so, and blindness is told at once', async () => {
  const startedAt = Date.now();
  await deployed({}, ALL(0.5));
  expect(Date.now() - startedAt).toBeLessThanOrEqual((10 + 2 * STACKS_MINUTES) * 60_000);
  expect(rollout.notes).toEqual([expect.stringContaining('fewer than 2 of 3 vantages are heard')]);
  await rollout.pass(1);
  expect(told()).toEqual(['blind ALARM']);
  await rollout.pass(10);
  expect(told()).toEqual(['blind ALARM']);
});

it('one vantage that never speaks: it alone is told', async () => {
  await deployed(without(ALL(1), 'us-east-2'), ALL(0.5));
  expect(rollout.notes).toEqual([
    'note {"text":"deployed all the same, people will be told: vantage us-east-2 has cast no ballot for 63 s"}',
  ]);
  await rollout.pass(4);
  expect(told()).toEqual(['silent/us-east-2 ALARM']);
});

it('one arbiter that never looks: it alone is told', async () => {
  await deployed(ALL(1), without(ALL(0.5), 'eu-west-3'));
  await rollout.pass(4);
  expect(told()).toEqual(['tick/eu-west-3 ALARM']);
});

it('an update does not wait, not even while somebody is silent', async () => {
  await rollout.deployAll();
  await rollout.pass(2);
  const before = Date.now();
  rollout.destroyVantage('us-east-2');
  await rollout.pass(8);
  expect(told()).toEqual(['silent/us-east-2 ALARM']);
  await rollout.first.watch();
  expect(Date.now()).toBe(before + 8 * 60_000);
});
