import { randomUUID } from 'node:crypto';
import { DeleteAlarmsCommand, GetMetricStatisticsCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { ChangeTagsForResourceCommand, CreateHealthCheckCommand, DeleteHealthCheckCommand } from '@aws-sdk/client-route-53';
import {
  metricNamespace,
  SWITCH_METRIC,
  SWITCH_TAGS,
  switchAlarmName,
  switchAlarmRegion,
  switchDimensions,
} from '../aws/names.ts';
import { createSwitches } from '../aws/route53.ts';
import type { Cell } from '../core/cell.ts';
import type { Switches } from '../ports.ts';
import { type Assumption, hasRecords } from './assumption.ts';
import type { Bench, Finding } from './bench.ts';

const RECORD = 'doctor';
const NODE = 'doctor';
const SUBJECT = 'throwaway switch';
const REPORT = 'set guard.mode: report, and report it';

/** Route 53 publishes what it thinks of a health check every minute, in us-east-1 alone (Route 53 developer guide, "Monitoring health checks using CloudWatch"). */
const STATUS_REGION = 'us-east-1';
const STATUS_WITHIN_MS = 10 * 60_000;
const ASK_EVERY_MS = 15_000;
/** The second path: an alarm sees a datapoint of its own minute only, so it is said again until it is believed. */
const SAY_EVERY_MS = 30_000;

/** A switch as the stacks make one, of a cell that is nobody's; it is gone when the bench is cleaned. */
async function makeSwitch(bench: Bench): Promise<{ id: string; switches: Switches; notes: string[] }> {
  const { cell, id, route53, cloudWatchOf, undo } = bench;
  const own: Cell = { ...cell, name: `doctor-${id}`, records: throwawayRecord(cell) };
  const region = switchAlarmRegion(cell);
  const cloudWatch = cloudWatchOf(region);
  const AlarmName = switchAlarmName(own.name, RECORD, NODE);
  undo(`alarm ${AlarmName} in ${region}`, () => cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [AlarmName] })));
  await cloudWatch.send(
    new PutMetricAlarmCommand({
      AlarmName,
      AlarmDescription: 'Made by quorumwatch doctor, which takes it away again.',
      Namespace: metricNamespace(own.name),
      MetricName: SWITCH_METRIC,
      Dimensions: Object.entries(switchDimensions(RECORD, NODE)).map(([Name, Value]) => ({ Name, Value })),
      Statistic: 'Maximum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'missing',
    }),
  );
  const { HealthCheck } = await route53.send(
    new CreateHealthCheckCommand({
      CallerReference: randomUUID(),
      HealthCheckConfig: {
        Type: 'CLOUDWATCH_METRIC',
        AlarmIdentifier: { Name: AlarmName, Region: region as 'us-east-2' },
        InsufficientDataHealthStatus: 'LastKnownStatus',
      },
    }),
  );
  const HealthCheckId = HealthCheck?.Id ?? '';
  undo(`health check ${HealthCheckId}`, () => route53.send(new DeleteHealthCheckCommand({ HealthCheckId })));
  const tags = { [SWITCH_TAGS.cell]: own.name, [SWITCH_TAGS.record]: RECORD, [SWITCH_TAGS.node]: NODE };
  const AddTags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  await route53.send(new ChangeTagsForResourceCommand({ ResourceType: 'healthcheck', ResourceId: HealthCheckId, AddTags }));
  const notes: string[] = [];
  const emit = (event: { event: string; text?: string }) => void notes.push(event.text ?? event.event);
  const switches = createSwitches({ cell: own, route53, cloudWatch, emit });
  return { id: HealthCheckId, switches, notes };
}

/** As little of a record as a switch needs. */
const throwawayRecord = ({ records }: Cell): Cell['records'] =>
  records.slice(0, 1).map((record) => ({ ...record, id: RECORD, members: [{ node: NODE, value: '' }] }));

/** What Route 53 published of a health check: does it become this within minutes? `again` is done meanwhile. Rejects when it published nothing. */
async function becomes(bench: Bench, id: string, healthy: boolean, again?: () => Promise<void>): Promise<boolean> {
  const { clock, cloudWatchOf, progress } = bench;
  const from = clock.now();
  let saidAt = Number.NEGATIVE_INFINITY;
  let isHeard = false;
  progress(`waiting for Route 53 to call the throwaway switch ${healthy ? 'healthy' : 'unhealthy'}: some minutes`);
  while (clock.now() - from < STATUS_WITHIN_MS) {
    if (again && clock.now() - saidAt >= SAY_EVERY_MS) {
      saidAt = clock.now();
      await again();
    }
    const statistics = new GetMetricStatisticsCommand({
      Namespace: 'AWS/Route53',
      MetricName: 'HealthCheckStatus',
      Dimensions: [{ Name: 'HealthCheckId', Value: id }],
      StartTime: new Date(from),
      EndTime: new Date(clock.now() + 60_000),
      Period: 60,
      Statistics: ['Minimum', 'Maximum'],
    });
    const { Datapoints = [] } = await cloudWatchOf(STATUS_REGION).send(statistics);
    const latest = Datapoints.toSorted((a, b) => Number(b.Timestamp) - Number(a.Timestamp))[0];
    isHeard ||= latest !== undefined;
    if (latest && (healthy ? latest.Minimum === 1 : latest.Maximum === 0)) return true;
    await clock.sleep(ASK_EVERY_MS);
  }
  // Nothing at all says nothing of the flags.
  if (!isHeard) throw new Error(`Route 53 published nothing of health check ${id} within ${STATUS_WITHIN_MS / 60_000} min`);
  return false;
}

async function checkSwitch(bench: Bench): Promise<Finding[]> {
  const { id, switches, notes } = await makeSwitch(bench);
  const findings: Finding[] = [];
  const expected = (is: boolean, what: string, todo = REPORT) => void (is || findings.push({ subject: SUBJECT, what, todo }));

  const [found] = await switches.list();
  expected(found !== undefined, `is not found by its tags (${notes.join('; ')})`);
  if (!found) return findings;
  const out = { record: RECORD, node: NODE, inService: false, version: found.version };
  const updated = await switches.update(out);
  expected(updated.result === 'updated', 'did not take Disabled and Inverted');
  const stale = await switches.update({ ...out, inService: true });
  expected(
    stale.result === 'version-mismatch',
    'took an update whose version was outdated: two arbiters could overrule each other',
  );
  const read = await switches.read(RECORD, NODE);
  expected(!read.inService, 'does not say that it is out of service after it was flipped');
  expected(await becomes(bench, id, false), 'was not called unhealthy by its flags alone');

  const back = await switches.update({ ...out, inService: true, version: read.version });
  expected(back.result === 'updated', 'did not come back');
  expected(await becomes(bench, id, true), 'was not called healthy again without its flags');
  const signal = async () => switches.signal?.([out], bench.clock.now());
  expected(await becomes(bench, id, false, signal), 'was not called unhealthy by its metric alone');
  return findings;
}

export const SWITCH_ASSUMPTIONS: Assumption[] = [
  {
    id: 'switch',
    claim: 'A switch takes a member out by either path, its flags or its metric, comes back, and refuses outdated updates.',
    source: 'Route 53 API reference, UpdateHealthCheck: Disabled, Inverted, HealthCheckVersion; AlarmIdentifier',
    proof:
      'makes a throwaway alarm and health check, flips it by each path, and waits until Route 53 itself says so (ten minutes, rarely half an hour)',
    concerns: hasRecords,
    check: checkSwitch,
  },
];
