import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { type Alarm, alarmsOf, isQuiet } from '../core/alarms.ts';
import { systemClock } from '../local/clock.ts';
import type { Clock, Emit } from '../ports.ts';
import { periodAt, readDatapoints } from './alarm-query.ts';
import { readCell, readEnvironment, readRegion } from './environment.ts';
import { limits, lineOf } from './limits.ts';
import { createLog } from './logger.ts';
import { alarmPeriodMs, metricAlarmName } from './names.ts';
import { gateMs } from './sizes.ts';

/** What CloudFormation asks of a custom resource, as far as it is used (CloudFormation user guide, "Custom resource request objects"). */
export interface ResourceRequest {
  RequestType: 'Create' | 'Update' | 'Delete';
  /** Where the answer is put, for an hour. */
  ResponseURL: string;
  StackId: string;
  RequestId: string;
  LogicalResourceId: string;
}

export interface GateOptions {
  cell: string;
  alarms: readonly Alarm[];
  /** Of the region of the alarms. */
  cloudWatch: CloudWatchClient;
  clock: Clock;
  /** For how long it is waited at most. */
  waitMs: number;
  emit: Emit;
}

const POLL_MS = 10_000;
const ANSWER_MS = 10_000;
/** Less than alarms look back: what was heard must still be there when they are made. */
const LOOK_BACK_PERIODS = 3;
/** CloudWatch API reference, DescribeAlarms: AlarmNames, 100 at most; GetMetricData: MetricDataQueries, 500 at most. */
const NAMES_AT_ONCE = 100;

/**
 * Stands before the alarms of a region while they are deployed: to an alarm that is new, missing data is silence, and nobody has had
 * the time to speak. It waits until each alarm that is not there yet would find what it looks at and find it good, and then lets the
 * deployment go on. So it does after `waitMs`, whatever is missing: from then on silence is what the alarms say. It never fails.
 */
export function createGate({ cell, alarms, cloudWatch, clock, waitMs, emit }: GateOptions) {
  /** Alarms that are there already lose nothing by being deployed again. */
  async function missing(): Promise<Alarm[]> {
    const names = alarms.map((alarm) => metricAlarmName(cell, alarm));
    const there = new Set<string | undefined>();
    for (let at = 0; at < names.length; at += NAMES_AT_ONCE) {
      const AlarmNames = names.slice(at, at + NAMES_AT_ONCE);
      const { MetricAlarms = [] } = await cloudWatch.send(
        new DescribeAlarmsCommand({ AlarmNames, AlarmTypes: ['MetricAlarm'], MaxRecords: NAMES_AT_ONCE }),
      );
      for (const { AlarmName } of MetricAlarms) there.add(AlarmName);
    }
    return alarms.filter((alarm) => !there.has(metricAlarmName(cell, alarm)));
  }

  /** Those of them that would not be quiet now. */
  async function loud(asked: readonly Alarm[], since: number): Promise<Alarm[]> {
    // Whole periods that are over, as alarms see them.
    const until = periodAt(clock.now());
    if (until <= since) return [...asked];
    const from = Math.max(since, until - LOOK_BACK_PERIODS * alarmPeriodMs);
    const datapoints = await readDatapoints(cloudWatch, cell, asked, [from, until]);
    return asked.filter((alarm, at) => !isQuiet(alarm, datapoints[at] ?? []));
  }

  return async function opened(): Promise<void> {
    // What was said before is of a deployment that may be gone.
    const since = periodAt(clock.now());
    const until = clock.now() + waitMs;
    let waitFor: Alarm[] = [...alarms];
    let isCompared = false;
    for (;;) {
      try {
        if (!isCompared) waitFor = await missing();
        isCompared = true;
        if (waitFor.length === 0 || (await loud(waitFor, since)).length === 0) return;
      } catch (error) {
        emit({ event: 'note', text: `CloudWatch cannot be asked: ${lineOf(error)}` });
      }
      if (clock.now() >= until) break;
      await clock.sleep(POLL_MS);
    }
    const silent = await loud(waitFor, since).catch(() => waitFor);
    emit({ event: 'note', text: `deployed all the same, people will be told: ${silent.map(({ title }) => title).join('; ')}` });
  };
}

/** The function behind the custom resource. CloudFormation waits for its answer whatever is asked; nothing is to do for a deletion. */
export function createGateFunction(env: Readonly<Record<string, string | undefined>> = process.env, clock: Clock = systemClock) {
  readEnvironment('gate', env);
  const region = readRegion(env);
  const cell = readCell(env);
  const log = createLog({ role: 'gate', cell: cell.name, region });
  const opened = createGate({
    cell: cell.name,
    alarms: alarmsOf(cell, { periodMs: alarmPeriodMs }),
    cloudWatch: new CloudWatchClient({ region, ...limits(5_000, 3) }),
    clock,
    waitMs: gateMs(cell),
    emit: log.emit,
  });
  return async (request: ResourceRequest): Promise<void> => {
    if (request.RequestType !== 'Delete') await opened();
    await answer(request);
  };
}

/** A signed URL of S3: a type of content that it was not signed for is refused (CloudFormation user guide, "cfn-response module"). */
async function answer({ ResponseURL, StackId, RequestId, LogicalResourceId }: ResourceRequest): Promise<void> {
  const said = { Status: 'SUCCESS', PhysicalResourceId: 'gate', StackId, RequestId, LogicalResourceId };
  const { ok, status } = await fetch(ResponseURL, {
    method: 'PUT',
    headers: { 'content-type': '' },
    body: new TextEncoder().encode(JSON.stringify(said)),
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  // Lambda tries again.
  if (!ok) throw new Error(`CloudFormation did not take the answer: ${status}`);
}
