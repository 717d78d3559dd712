import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { Route53Client } from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../lib/aws/limits.ts';
import { SWITCH_METRIC, SWITCH_TAGS } from '../../lib/aws/names.ts';
import { createSwitches, paceRoute53 } from '../../lib/aws/route53.ts';
import type { QuorumEvent } from '../../lib/core/events.ts';
import { systemClock } from '../../lib/local/clock.ts';
import type { Switches } from '../../lib/ports.ts';
import { cellOf } from '../config/cell.ts';
import { type FakeAws, startAws } from '../fakes/aws.ts';
import type { FakeHealthCheck } from '../fakes/route53.ts';
import { createSteppingClock, START } from './clock.ts';

const cell = cellOf(`
name: example
vantages: [eu-west-1, us-east-2, ap-northeast-1]
table: { replicas: [us-east-1, us-east-2, us-west-2] }
nodes:
  eu1: { url: https://eu1.example.org, checks: { api: { type: http } } }
  us1: { url: https://us1.example.org, checks: { api: { type: http } } }
records:
  api:
    name: api.example.org
    zone: example.org
    members:
      - { node: eu1, value: 203.0.113.10, role: primary }
      - { node: us1, value: 198.51.100.7, role: secondary }
`);
const tagsOf = (record: string, node: string, of = 'example') => ({
  [SWITCH_TAGS.cell]: of,
  [SWITCH_TAGS.record]: record,
  [SWITCH_TAGS.node]: node,
});

let aws: FakeAws;
let clock: ReturnType<typeof createSteppingClock>;
let events: QuorumEvent[];
let switches: Switches;
let eu1: FakeHealthCheck;
let us1: FakeHealthCheck;

beforeEach(async () => {
  clock = createSteppingClock();
  aws = await startAws(clock.now);
  eu1 = aws.route53.create({ tags: tagsOf('api', 'eu1') });
  us1 = aws.route53.create({ tags: tagsOf('api', 'us1') });
  events = [];
  switches = open();
});
afterEach(() => aws.close());

/** As the arbiter has them; `limits` are shorter, so that tests of what hangs are. */
function open({ attempts = 2 } = {}): Switches {
  const route53 = paceRoute53(new Route53Client({ region: 'us-east-1', ...aws.client, ...limits(300, attempts) }), clock);
  const cloudWatch = new CloudWatchClient({ region: 'us-east-2', ...aws.client, ...limits(300, 1) });
  return createSwitches({ cell, route53, cloudWatch, emit: (event) => events.push(event) });
}
const operations = () => aws.calls.map(({ operation }) => operation);

describe('switches are found', () => {
  it('by their tags, among others, however many pages and batches it takes', async () => {
    for (let n = 0; n < 23; n++) aws.route53.create({ tags: tagsOf('api', 'eu1', 'another-cell') });
    for (let n = 0; n < 5; n++) aws.route53.create({ type: 'HTTPS' });
    aws.route53.setPageSize(10);
    expect(await switches.list()).toEqual([
      { record: 'api', node: 'eu1', inService: true, version: 1 },
      { record: 'api', node: 'us1', inService: true, version: 1 },
    ]);
    expect(operations()).toEqual([
      ...['ListHealthChecks', 'ListHealthChecks', 'ListHealthChecks'],
      ...['ListTagsForResources', 'ListTagsForResources', 'ListTagsForResources'],
    ]);
    expect(events).toEqual([]);
  });

  it('once: afterwards a list is one request', async () => {
    await switches.list();
    await switches.list();
    await switches.read('api', 'us1');
    expect(operations()).toEqual(['ListHealthChecks', 'ListTagsForResources', 'ListHealthChecks', 'GetHealthCheck']);
  });

  it('not without a tag: that one is refused, and the others are compared all the same', async () => {
    us1.tags = {};
    expect(await switches.list()).toEqual([{ record: 'api', node: 'eu1', inService: true, version: 1 }]);
    const problem =
      'switch of api/us1: no health check has the tags quorumwatch:cell=example, quorumwatch:record=api, quorumwatch:node=us1 (deploy the records again, or tag it)';
    expect(events).toEqual([{ event: 'note', text: problem }]);
    await expect(switches.read('api', 'us1')).rejects.toThrow(problem);
    us1.tags = tagsOf('api', 'us1');
    expect(await switches.read('api', 'us1')).toMatchObject({ inService: true });
  });

  it('not twice: nobody can say which of them is meant', async () => {
    const twin = aws.route53.create({ tags: tagsOf('api', 'eu1') });
    await expect(switches.read('api', 'eu1')).rejects.toThrow(
      `switch of api/eu1: 2 health checks have the tags quorumwatch:cell=example, quorumwatch:record=api, quorumwatch:node=eu1: ${eu1.id}, ${twin.id} (take the tags off all but one)`,
    );
    await expect(switches.update({ record: 'api', node: 'eu1', inService: false, version: 1 })).rejects.toThrow(
      /2 health checks/,
    );
    expect([eu1.version, twin.version]).toEqual([1, 1]);
    twin.tags = {};
    expect(await switches.read('api', 'eu1')).toMatchObject({ version: 1 });
  });

  it('again when one was made anew', async () => {
    await switches.list();
    aws.route53.checks.delete(eu1.id);
    aws.route53.create({ tags: tagsOf('api', 'eu1'), version: 7 });
    expect(await switches.read('api', 'eu1')).toMatchObject({ version: 7 });
  });

  it('without a request where there are no records', async () => {
    const route53 = new Route53Client({ region: 'us-east-1', ...aws.client });
    const cloudWatch = new CloudWatchClient({ region: 'us-east-2', ...aws.client });
    const none = createSwitches({ cell: { ...cell, records: [] }, route53, cloudWatch, emit: () => {} });
    expect(await none.list()).toEqual([]);
    expect(aws.calls).toEqual([]);
  });
});

describe('a switch', () => {
  it('goes out by both flags and back by neither, version by version', async () => {
    expect(await switches.update({ record: 'api', node: 'eu1', inService: false, version: 1 })).toEqual({
      result: 'updated',
      version: 2,
    });
    expect(eu1).toMatchObject({ disabled: true, inverted: true });
    expect(await switches.read('api', 'eu1')).toEqual({ record: 'api', node: 'eu1', inService: false, version: 2 });
    expect(await switches.update({ record: 'api', node: 'eu1', inService: true, version: 2 })).toEqual({
      result: 'updated',
      version: 3,
    });
    expect(eu1).toMatchObject({ disabled: false, inverted: false });
    expect(us1).toMatchObject({ version: 1, disabled: false });
  });

  it('that somebody changed meanwhile is left as it is', async () => {
    eu1.version = 2;
    expect(await switches.update({ record: 'api', node: 'eu1', inService: false, version: 1 })).toEqual({
      result: 'version-mismatch',
    });
    expect(eu1).toMatchObject({ version: 2, disabled: false, inverted: false });
  });

  it.each([
    [{ disabled: true, inverted: false }, true],
    [{ disabled: false, inverted: true }, true],
    [{ disabled: true, inverted: true }, false],
  ])('with %j is in service: %s', async (flags, inService) => {
    Object.assign(eu1, flags);
    expect(await switches.read('api', 'eu1')).toMatchObject({ inService });
  });
});

describe('five requests a second', () => {
  it('are not exceeded, whatever is asked at once', async () => {
    const real = await startAws();
    const check = real.route53.create({ tags: tagsOf('api', 'eu1') });
    const route53 = paceRoute53(new Route53Client({ region: 'us-east-1', ...real.client }), systemClock);
    const paced = createSwitches({ cell, route53, cloudWatch: new CloudWatchClient({}), emit: () => {} });
    const states = await Promise.all(Array.from({ length: 4 }, () => paced.read('api', 'eu1')));
    expect(states.every(({ version }) => version === check.version)).toBe(true);
    expect(real.calls.map(({ status }) => status)).toEqual(Array(6).fill(200));
    await real.close();
  });

  it('may be used up by others: it is tried again', async () => {
    await switches.list();
    aws.route53.exhaust();
    let attempts = 0;
    clock.sleep = async (ms) => clock.step(attempts++ === 0 ? ms : ms + 1_000); // by the second the others are done
    expect(await switches.read('api', 'eu1')).toMatchObject({ inService: true });
    expect(aws.calls.slice(-2)).toMatchObject([
      { operation: 'GetHealthCheck', status: 400 },
      { operation: 'GetHealthCheck', status: 200 },
    ]);
  });

  it('are an error where they stay used up', async () => {
    clock.sleep = async () => {}; // time stands still
    aws.route53.exhaust();
    await expect(open({ attempts: 1 }).list()).rejects.toMatchObject({ name: 'Throttling' });
  });
});

describe('when the control plane is gone', () => {
  it.each(['refused', 'hanging', 'failing'] as const)('(%s) every call fails in time', async (how) => {
    await switches.list();
    aws.fail(how, { service: 'route53' });
    const startedAt = performance.now();
    const calls = [
      switches.list(),
      switches.read('api', 'eu1'),
      switches.update({ record: 'api', node: 'eu1', inService: false, version: 1 }),
    ];
    const answers = await Promise.allSettled(calls);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(eu1.version).toBe(1);
  });

  it('the metric alone takes a member out and brings it back', async () => {
    aws.fail('hanging', { service: 'route53' });
    const latest = (node: string) => aws.cloudWatch.latest('us-east-2', SWITCH_METRIC, { record: 'api', node });
    await switches.signal?.([{ record: 'api', node: 'eu1', inService: false }], clock.now());
    expect(latest('eu1')).toBe(1);
    clock.step(60_000);
    await switches.signal?.([{ record: 'api', node: 'eu1', inService: true }], clock.now());
    expect(latest('eu1')).toBe(0);
    expect(latest('us1')).toBeUndefined();
  });
});

describe('the metric', () => {
  it('carries the time of the word, so that one that comes late changes no later minute', async () => {
    clock.step(120_000);
    await switches.signal?.([{ record: 'api', node: 'eu1', inService: true }], clock.now());
    await switches.signal?.([{ record: 'api', node: 'eu1', inService: false }], START);
    expect(aws.cloudWatch.datapoints).toMatchObject([
      { namespace: 'Quorumwatch/example', value: 0, at: START + 120_000 },
      { namespace: 'Quorumwatch/example', value: 1, at: START },
    ]);
    expect(aws.cloudWatch.latest('us-east-2', SWITCH_METRIC, { record: 'api', node: 'eu1' })).toBe(0);
  });

  it.each(['refused', 'hanging', 'failing'] as const)('that nobody takes (%s) is an error in time', async (how) => {
    aws.fail(how, { service: 'monitoring' });
    const startedAt = performance.now();
    await expect(switches.signal?.([{ record: 'api', node: 'eu1', inService: false }], clock.now())).rejects.toThrow();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
