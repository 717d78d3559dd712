import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SWITCH_METRIC } from '../../lib/aws/names.ts';
import { cellOf } from '../config/cell.ts';
import { type Rollout, startRollout } from './rollout.ts';

/** The monitor is changed while a node is down and out of service: nobody is told anything that is not so, and nothing is flipped. */

const THREE = ['eu-west-1', 'us-east-2', 'ap-northeast-1'];
const FOUR = [...THREE, 'sa-east-1'];
const FIVE = [...FOUR, 'ca-central-1'];
const ONE_REPLICA = ['eu-west-1'];
const THREE_REPLICAS = ['eu-west-1', 'eu-central-1', 'eu-west-3'];

const cellAt = (vantages: string[], replicas: string[]) => (port: number) =>
  cellOf(`
name: example
vantages: [${vantages.join(', ')}]
table: { replicas: [${replicas.join(', ')}] }
interval: 30s
defaults: { timeout: 1s, attempts: 1 }
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
paging: { regions: [eu-west-1, us-east-2], tiers: [{ email: [ops@example.org] }], repeat: 4h }
`);

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

describe.each([
  ['from 1 to 3', ONE_REPLICA, THREE_REPLICAS],
  ['from 3 to 1', THREE_REPLICAS, ONE_REPLICA],
])('replicas %s while a node is down', (_, before, after) => {
  it('flips nothing and tells nobody that it is over: the new table finds what is down again, and ends with the node', async () => {
    await withIncident(FIVE, before);
    const next = await rollout.change(cellAt(FIVE, after));
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
    const said = rollout.aws.cloudWatch.datapoints.filter(({ name }) => name === SWITCH_METRIC).at(-1);
    expect(said).toMatchObject({ region: 'eu-west-1', dimensions: { node: 'eu1' }, value: 1 });
    rollout.breakNode(false);
    await rollout.pass(6);
    expect(rollout.pages().slice(2)).toEqual([expect.stringMatching(/^eu1 UP/)]);
    expect(rollout.flips()).toBe(2);
    expect(rollout.notices).toEqual([]);
  });
});

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
