import { periodAt, readDatapoints } from '../aws/alarm-query.ts';
import { alarmName, alarmPeriodMs } from '../aws/names.ts';
import { type Alarm, alarmsOf, isQuiet } from '../core/alarms.ts';
import { type Assumption, always } from './assumption.ts';
import type { Bench, Finding } from './bench.ts';

const ARRIVED_WITHIN_MS = 10 * 60_000;

/** A metric that is there was scheduled, voted, decided, logged and extracted, or published across regions: the whole chain works. */
async function checkMetrics({ cell, clock, cloudWatchOf }: Bench): Promise<Finding[]> {
  const alarms = alarmsOf(cell, { periodMs: alarmPeriodMs });
  // Whole periods that are over, as alarms see them.
  const until = periodAt(clock.now());
  const findings = await Promise.all(
    cell.paging.regions.map(async (region): Promise<Finding[]> => {
      const found = await readDatapoints(cloudWatchOf(region), cell.name, alarms, [until - ARRIVED_WITHIN_MS, until]);
      return alarms.flatMap((alarm, at) => {
        const datapoints = found[at] ?? [];
        return isQuiet(alarm, datapoints) ? [] : [findingOf(cell.name, region, alarm, datapoints.length > 0)];
      });
    }),
  );
  return findings.flat();
}

function findingOf(cell: string, region: string, { id, title, todo, metric }: Alarm, hasArrived: boolean): Finding {
  const arrived = hasArrived ? `says that ${title}` : `nothing of ${id} has come for ${ARRIVED_WITHIN_MS / 60_000} min`;
  // What forbids it stands before the function, which then has nothing in its log.
  const blocked = metric === 'Web' ? ' Where that is empty, the account or its organisation forbids public function URLs.' : '';
  return { subject: region, what: `${arrived}: ${alarmName(cell, id)} will fire`, todo: `${todo}${blocked}` };
}

export const METRIC_ASSUMPTIONS: Assumption[] = [
  {
    id: 'metrics',
    claim:
      'What arbiters measure reaches the alarms of every paging region: they look, every vantage votes, and the web parts answer the public.',
    source:
      'CloudWatch user guide, "Specification: Embedded metric format"; EventBridge Scheduler user guide, "Schedule types"; Lambda developer guide, "Control access to Lambda function URLs"',
    proof: 'asks each paging region for what each alarm looks at: something of the last minutes, the latest of it good',
    concerns: always,
    check: checkMetrics,
  },
];
