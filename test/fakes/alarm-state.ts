/** What a metric alarm says of what was published (CloudWatch API reference, PutMetricAlarm). */

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** As the API and a template name it. */
export interface AlarmRequest {
  AlarmName: string;
  ActionsEnabled?: boolean;
  AlarmActions?: string[];
  Namespace: string;
  MetricName: string;
  Dimensions?: { Name: string; Value: string }[];
  Statistic: Follows['statistic'];
  /** Seconds. */
  Period: number;
  EvaluationPeriods: number;
  DatapointsToAlarm?: number;
  ComparisonOperator: Follows['comparison'];
  Threshold: number;
  TreatMissingData?: Follows['missing'];
}

export interface Follows {
  namespace: string;
  metric: string;
  dimensions: Record<string, string>;
  statistic: 'Minimum' | 'Maximum' | 'Sum';
  periodMs: number;
  evaluationPeriods: number;
  comparison: 'GreaterThanOrEqualToThreshold' | 'GreaterThanThreshold' | 'LessThanThreshold' | 'LessThanOrEqualToThreshold';
  threshold: number;
  missing: 'missing' | 'breaching' | 'notBreaching';
}

export function followsOf(request: AlarmRequest): Follows {
  const { DatapointsToAlarm = request.EvaluationPeriods, TreatMissingData = 'missing' } = request;
  if (DatapointsToAlarm !== request.EvaluationPeriods) throw new Error('some of many periods are not understood here');
  return {
    namespace: request.Namespace,
    metric: request.MetricName,
    dimensions: Object.fromEntries((request.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
    statistic: request.Statistic,
    periodMs: request.Period * 1_000,
    evaluationPeriods: request.EvaluationPeriods,
    comparison: request.ComparisonOperator,
    threshold: request.Threshold,
    missing: TreatMissingData,
  };
}

/** How many more periods than it evaluates an alarm looks back: the example retrieves 5 for 3 (see `stateOf`). */
const LOOK_BACK_PERIODS = 2;

/**
 * Of the periods of its evaluation range, the one that runs included, those count that have datapoints. Where there are fewer than it
 * evaluates, missing ones are what it takes them for; missing, it is in ALARM only if all that exist breach and the oldest of them
 * is as old as what it evaluates (CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data", and there
 * "Avoiding premature transitions to alarm state").
 */
export function stateOf(alarm: Follows, datapoints: readonly { at: number; value: number }[], at: number): AlarmState {
  const { periodMs, evaluationPeriods, missing } = alarm;
  const now = Math.floor(at / periodMs);
  const ages = Array.from({ length: evaluationPeriods + LOOK_BACK_PERIODS }, (_, age) => age).filter((age) =>
    datapoints.some((each) => each.at <= at && Math.floor(each.at / periodMs) === now - age),
  );
  const existing = ages.slice(0, evaluationPeriods);
  if (existing.length === 0) return missing === 'missing' ? 'INSUFFICIENT_DATA' : missing === 'breaching' ? 'ALARM' : 'OK';
  const breach = existing.every((age) => {
    const values = datapoints.filter((each) => each.at <= at && Math.floor(each.at / periodMs) === now - age);
    return breaches(
      alarm,
      statisticOf(
        alarm.statistic,
        values.map(({ value }) => value),
      ),
    );
  });
  const isLong = existing.length === evaluationPeriods || missing === 'breaching';
  const isOld = missing === 'missing' && (existing.at(-1) ?? 0) >= evaluationPeriods - 1;
  return breach && (isLong || isOld) ? 'ALARM' : 'OK';
}

export function statisticOf(name: Follows['statistic'], values: readonly number[]): number {
  if (name === 'Sum') return values.reduce((sum, value) => sum + value, 0);
  return name === 'Maximum' ? Math.max(...values) : Math.min(...values);
}

function breaches({ comparison, threshold }: Follows, value: number): boolean {
  switch (comparison) {
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
  }
}
