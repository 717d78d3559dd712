import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Alarm } from '../core/alarms.ts';
import { alarmPeriodMs, metricNamespace } from './names.ts';

/** The start of the period of an alarm that a time is in, in ms since 1970. */
export const periodAt = (at: number): number => Math.floor(at / alarmPeriodMs) * alarmPeriodMs;

/** What an alarm looks at, as a query under that id. */
export const alarmQuery = (cell: string, { metric, dimensions, statistic, periodMs }: Alarm, Id: string): MetricDataQuery => ({
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
