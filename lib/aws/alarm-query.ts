import { type CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Alarm, Datapoint } from '../core/alarms.ts';
import { alarmPeriodMs, metricNamespace } from './names.ts';

/** The start of the period of an alarm that a time is in, in ms since 1970. */
export const periodAt = (at: number): number => Math.floor(at / alarmPeriodMs) * alarmPeriodMs;

/** What each alarm looks at, in this span of ms since 1970: datapoints, oldest first, in the order of the alarms. */
export async function readDatapoints(
  cloudWatch: CloudWatchClient,
  cell: string,
  alarms: readonly Alarm[],
  [from, to]: readonly [number, number],
): Promise<Datapoint[][]> {
  const request = new GetMetricDataCommand({
    MetricDataQueries: alarms.map((alarm, at) => alarmQuery(cell, alarm, `a${at}`)),
    StartTime: new Date(from),
    EndTime: new Date(to),
    ScanBy: 'TimestampAscending',
  });
  const { MetricDataResults = [] } = await cloudWatch.send(request);
  const found = new Map<string | undefined, Datapoint[]>(MetricDataResults.map(({ Id, Values = [] }) => [Id, Values]));
  return alarms.map((_, at) => found.get(`a${at}`) ?? []);
}

/** What an alarm looks at, as a query under that id. */
const alarmQuery = (cell: string, { metric, dimensions, statistic, periodMs }: Alarm, Id: string): MetricDataQuery => ({
  Id,
  MetricStat: {
    Metric: {
      Namespace: metricNamespace(cell),
      MetricName: metric,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    },
    Period: periodMs / 1_000,
    Stat: statistic,
  },
});
