/** Members leave and return by what Route 53 makes of the templates' alarms and health checks, also when nobody can reach its API. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { synthesiseCell } from '../cdk/synthesis.ts';
import { cellAt, type Rollout, startRollout } from './rollout.ts';
import { deploySwitches } from './switches.ts';

const VANTAGES = ['eu-west-1', 'us-east-2', 'ap-northeast-1'];
const cell = cellAt(VANTAGES, ['eu-west-1'], { guard: '{ hold: 1m }' });

let rollout: Rollout;
beforeEach(async () => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  rollout = await startRollout(cell);
  deploySwitches(rollout.aws, synthesiseCell(rollout.first.cell));
  await rollout.deployAll();
  await rollout.pass(3);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rollout.close();
});

/** What Route 53 answers with. */
const healthy = () =>
  ['api/eu1', 'api/us1'].map((member) => rollout.aws.route53.isHealthy(rollout.first.switches.get(member)?.id ?? ''));

it('a member leaves and returns', async () => {
  expect(healthy()).toEqual([true, true]);
  rollout.breakNode(true);
  await rollout.pass(3);
  expect([healthy(), rollout.flips()]).toEqual([[false, true], 1]);
  rollout.breakNode(false);
  await rollout.pass(4);
  expect([healthy(), rollout.flips()]).toEqual([[true, true], 2]);
});

describe('while Route 53’s API is gone, by the metric alone', () => {
  beforeEach(async () => {
    rollout.aws.fail('refused', { service: 'route53' });
    rollout.breakNode(true);
    await rollout.pass(3);
  });

  it('a member leaves and returns, and nothing else happens when the API is back', async () => {
    expect([healthy(), rollout.flips()]).toEqual([[false, true], 0]);
    rollout.breakNode(false);
    await rollout.pass(4);
    expect([healthy(), rollout.flips()]).toEqual([[true, true], 0]);
    rollout.aws.heal();
    await rollout.pass(3);
    expect(healthy()).toEqual([true, true]);
    expect(rollout.first.switches.get('api/eu1')).toMatchObject({ disabled: false, inverted: false });
  });

  it('a member stays out when all that would say so is gone too', async () => {
    rollout.destroyAll();
    await rollout.pass(60);
    expect(healthy()).toEqual([false, true]);
  });
});
