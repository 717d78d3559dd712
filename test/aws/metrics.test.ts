import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../lib/aws/limits.ts';
import { createMetrics } from '../../lib/aws/metrics.ts';
import type { QuorumEvent } from '../../lib/core/events.ts';
import { type FakeAws, startAws } from '../fakes/aws.ts';
import { createSteppingClock, START } from './clock.ts';

let aws: FakeAws;
let lines: string[];
let events: QuorumEvent[];
const clock = createSteppingClock();

beforeEach(async () => {
  aws = await startAws(clock.now);
  lines = [];
  events = [];
});
afterEach(() => aws.close());

const open = (region: string) =>
  createMetrics({
    namespace: 'Quorumwatch/example',
    region,
    alarmRegions: ['eu-west-1', 'us-east-2'],
    clientOf: (each) => new CloudWatchClient({ region: each, ...aws.client, ...limits(300, 1) }),
    clock,
    write: (line) => lines.push(line),
    emit: (event) => events.push(event),
  });

/** What CloudWatch takes from a line (user guide, "Specification: Embedded metric format"), or nothing where a rule is broken. */
function extract(line: string) {
  const root = JSON.parse(line);
  const { Timestamp, CloudWatchMetrics } = root._aws;
  if (!Number.isInteger(Timestamp)) return [];
  return CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }: EmfDirective) =>
    Dimensions.flatMap((names) =>
      Metrics.flatMap(({ Name }) => {
        const dimensions = Object.fromEntries(names.map((name) => [name, root[name]]));
        const isSound =
          names.length <= 30 && Object.values(dimensions).every((value) => typeof value === 'string' && value !== '');
        return isSound && typeof root[Name] === 'number'
          ? [{ Namespace, Name, dimensions, value: root[Name], at: Timestamp }]
          : [];
      }),
    ),
  );
}
interface EmfDirective {
  Namespace: string;
  Dimensions: string[][];
  Metrics: { Name: string }[];
}

describe('a metric', () => {
  it('is a line that CloudWatch understands, with and without dimensions', async () => {
    const metrics = open('us-east-2');
    await metrics.put([{ name: 'BallotAge', value: 12.5, dimensions: { vantage: 'eu-west-1' } }]);
    await metrics.put([{ name: 'Heard', value: 3, dimensions: {} }]);
    expect(lines.flatMap(extract)).toEqual([
      { Namespace: 'Quorumwatch/example', Name: 'BallotAge', dimensions: { vantage: 'eu-west-1' }, value: 12.5, at: START },
      { Namespace: 'Quorumwatch/example', Name: 'Heard', dimensions: {}, value: 3, at: START },
    ]);
    expect(lines.join('')).not.toContain('\n');
  });

  it('reaches the other regions that have alarms, all of a run in one request', async () => {
    const metrics = open('us-east-1');
    await metrics.put([{ name: 'Tick', value: 1, dimensions: { region: 'us-east-1' } }]);
    await metrics.put([{ name: 'Heard', value: 3, dimensions: {} }]);
    await metrics.flush();
    await metrics.flush();
    expect(aws.calls.map(({ region, operation }) => [region, operation]).sort()).toEqual([
      ['eu-west-1', 'PutMetricData'],
      ['us-east-2', 'PutMetricData'],
    ]);
    expect(aws.cloudWatch.latest('eu-west-1', 'Tick', { region: 'us-east-1' })).toBe(1);
    expect(aws.cloudWatch.datapoints[0]).toMatchObject({ namespace: 'Quorumwatch/example', at: START });
  });

  it('is not published twice where the log is read', async () => {
    const metrics = open('us-east-2');
    await metrics.put([{ name: 'Tick', value: 1, dimensions: { region: 'us-east-2' } }]);
    await metrics.flush();
    expect(aws.calls.map(({ region }) => region)).toEqual(['eu-west-1']);
  });

  it('that one region does not take reaches the other, and fails nothing', async () => {
    aws.fail('hanging', { service: 'monitoring', region: 'eu-west-1' });
    const metrics = open('us-west-2');
    await metrics.put([{ name: 'Tick', value: 1, dimensions: { region: 'us-west-2' } }]);
    await metrics.flush();
    expect(aws.cloudWatch.latest('us-east-2', 'Tick', { region: 'us-west-2' })).toBe(1);
    expect(events).toEqual([{ event: 'note', text: expect.stringMatching(/^metrics were not published in eu-west-1: /) }]);
  });
});
