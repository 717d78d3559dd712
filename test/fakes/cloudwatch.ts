import {
  type AlarmRequest,
  type AlarmState,
  type Follows,
  followsOf,
  stateOf as stateOfAlarm,
  statisticOf,
} from './alarm-state.ts';
import type { AwsAnswer, AwsRequest, FakeService, Need } from './aws.ts';
import { json } from './wire.ts';

export interface Datapoint {
  region: string;
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
  value: number;
  /** ms since 1970. */
  at: number;
}

interface Datum {
  MetricName: string;
  Value: number;
  /** Seconds since 1970 (Smithy specification, AWS JSON: `epoch-seconds`). */
  Timestamp?: number;
  Dimensions?: { Name: string; Value: string }[];
}

interface DescribeRequest {
  AlarmNamePrefix?: string;
  AlarmNames?: string[];
  AlarmTypes?: string[];
  NextToken?: string;
  MaxRecords?: number;
}

interface MetricQuery {
  Id: string;
  MetricStat: {
    Metric: { Namespace: string; MetricName: string; Dimensions?: { Name: string; Value: string }[] };
    /** Seconds. */
    Period: number;
    Stat: Follows['statistic'];
  };
}

interface DataRequest {
  MetricDataQueries: MetricQuery[];
  /** Seconds since 1970. */
  StartTime: number;
  EndTime: number;
  ScanBy?: 'TimestampAscending' | 'TimestampDescending';
}

interface StatisticsRequest {
  /** Seconds since 1970. */
  StartTime: number;
  EndTime: number;
  /** Seconds. */
  Period: number;
  Dimensions?: { Name: string; Value: string }[];
}

/** CloudWatch API reference, PutMetricData: up to 1,000 metrics a request, up to 30 dimensions each. */
const MAX_DATA = 1_000;
const MAX_DIMENSIONS = 30;
/** "Time stamps can be up to two weeks before the current time and up to two hours after" (ibid.). */
const OLDEST_MS = 14 * 86_400_000;
const NEWEST_MS = 2 * 3_600_000;
const PERIOD_MS = 60_000;

export interface FakeAlarm {
  region: string;
  name: string;
  isComposite: boolean;
  actionsEnabled: boolean;
  actions: string[];
  follows?: Follows;
}

/** CloudWatch API reference, DescribeAlarms, MaxRecords: 50 unless told otherwise. */
const ALARMS_PAGE = 50;
/** Ibid., AlarmNames and MaxRecords. */
const MAX_NAMES = 100;
/** CloudWatch API reference, GetMetricData. */
const MAX_QUERIES = 500;

/** CloudWatch's metrics and alarms (AWS JSON 1.0). */
export function createCloudWatch(now: () => number, isHealthy: (healthCheck: string) => boolean | undefined = () => undefined) {
  const { ok, error } = json('1.0');
  const datapoints: Datapoint[] = [];
  const alarms: FakeAlarm[] = [];
  const invalid = (what: string): AwsAnswer => error('InvalidParameterValueException', what);

  function put(region: string, { Namespace, MetricData }: { Namespace: string; MetricData: Datum[] }): AwsAnswer {
    // "Avoid specifying a namespace that begins with AWS/" (ibid.), which the service refuses.
    if (Namespace.startsWith('AWS/')) return invalid('Namespace');
    if (MetricData.length > MAX_DATA) return invalid(`${MetricData.length} metrics`);
    if (MetricData.some(({ Dimensions = [] }) => Dimensions.length > MAX_DIMENSIONS)) return invalid('Dimensions');
    const added = MetricData.map(({ MetricName, Value, Timestamp, Dimensions = [] }): Datapoint => {
      const dimensions = Object.fromEntries(Dimensions.map((each) => [each.Name, each.Value]));
      const at = Timestamp === undefined ? now() : Timestamp * 1_000;
      return { region, namespace: Namespace, name: MetricName, dimensions, value: Value, at };
    });
    if (added.some(({ at }) => at < now() - OLDEST_MS || at > now() + NEWEST_MS)) return invalid('Timestamp');
    datapoints.push(...added);
    return ok({});
  }

  /** Composite alarms only if they are asked for (ibid., DescribeAlarms: AlarmTypes). */
  function describe(region: string, request: DescribeRequest): AwsAnswer {
    const { AlarmNamePrefix = '', AlarmNames, AlarmTypes = ['MetricAlarm'], NextToken = '0', MaxRecords = ALARMS_PAGE } = request;
    if ((AlarmNames?.length ?? 0) > MAX_NAMES || MaxRecords > MAX_NAMES) return invalid('AlarmNames, MaxRecords');
    const asked = alarms.filter(
      (each) =>
        each.region === region &&
        each.name.startsWith(AlarmNamePrefix) &&
        (AlarmNames?.includes(each.name) ?? true) &&
        AlarmTypes.includes(each.isComposite ? 'CompositeAlarm' : 'MetricAlarm'),
    );
    const from = Number(NextToken);
    const page = asked.slice(from, from + MaxRecords);
    const shown = (isComposite: boolean) =>
      page
        .filter((each) => each.isComposite === isComposite)
        .map(({ name, actionsEnabled, actions }) => ({
          AlarmName: name,
          ActionsEnabled: actionsEnabled,
          AlarmActions: actions,
        }));
    const next = from + MaxRecords < asked.length && { NextToken: String(from + MaxRecords) };
    return ok({ MetricAlarms: shown(false), CompositeAlarms: shown(true), ...next });
  }

  /** One datapoint for each period that has values (ibid., GetMetricStatistics). */
  function statistics(region: string, request: Record<'Namespace' | 'MetricName', string> & StatisticsRequest): AwsAnswer {
    const { Namespace, MetricName, StartTime, EndTime, Period, Dimensions = [] } = request;
    if (Namespace === 'AWS/Route53') return healthOf(region, Dimensions[0]?.Value ?? '');
    if (EndTime <= StartTime) return invalid('The parameter StartTime must be less than the parameter EndTime.');
    const periods = periodsOf(region, { Namespace, MetricName, Dimensions }, { StartTime, EndTime, Period });
    const Datapoints = [...periods].map(([Timestamp, all]) => ({
      Timestamp,
      Maximum: Math.max(...all.map(({ value }) => value)),
      Minimum: Math.min(...all.map(({ value }) => value)),
    }));
    return ok({ Label: MetricName, Datapoints });
  }

  /** The values of a metric in each period, by its start in seconds since 1970. */
  function periodsOf(
    region: string,
    { Namespace, MetricName, Dimensions = [] }: MetricQuery['MetricStat']['Metric'],
    { StartTime, EndTime, Period }: Pick<StatisticsRequest, 'StartTime' | 'EndTime' | 'Period'>,
  ): Map<number, Datapoint[]> {
    const key = keyOf(Object.fromEntries(Dimensions.map((each) => [each.Name, each.Value])));
    const mine = datapoints.filter(
      (each) =>
        each.region === region && each.namespace === Namespace && each.name === MetricName && keyOf(each.dimensions) === key,
    );
    return Map.groupBy(
      mine.filter(({ at }) => at >= StartTime * 1_000 && at < EndTime * 1_000),
      ({ at }) => Math.floor(at / 1_000 / Period) * Period,
    );
  }

  /** The newest datapoints first unless it is asked otherwise; an id begins with a small letter (ibid., GetMetricData, MetricDataQuery). */
  function data(region: string, { MetricDataQueries, StartTime, EndTime, ScanBy }: DataRequest): AwsAnswer {
    if (MetricDataQueries.length > MAX_QUERIES) return invalid('MetricDataQueries');
    if (EndTime <= StartTime) return invalid('StartTime');
    if (MetricDataQueries.some(({ Id }) => !/^[a-z]\w*$/.test(Id))) return invalid('Id');
    const MetricDataResults = MetricDataQueries.map(({ Id, MetricStat: { Metric, Period, Stat } }) => {
      const periods = [...periodsOf(region, Metric, { StartTime, EndTime, Period })].sort(([a], [b]) => a - b);
      if (ScanBy !== 'TimestampAscending') periods.reverse();
      const Values = periods.map(([, all]) =>
        statisticOf(
          Stat,
          all.map(({ value }) => value),
        ),
      );
      return { Id, Label: Metric.MetricName, Timestamps: periods.map(([at]) => at), Values, StatusCode: 'Complete' };
    });
    return ok({ MetricDataResults, Messages: [] });
  }

  /** In us-east-1 alone, 1 while it is healthy (Route 53 developer guide, "Monitoring health checks using CloudWatch"). */
  function healthOf(region: string, id: string): AwsAnswer {
    const healthy = isHealthy(id);
    if (region !== 'us-east-1' || healthy === undefined) return ok({ Label: 'HealthCheckStatus', Datapoints: [] });
    const value = healthy ? 1 : 0;
    const Timestamp = Math.floor(now() / PERIOD_MS) * (PERIOD_MS / 1_000);
    return ok({ Label: 'HealthCheckStatus', Datapoints: [{ Timestamp, Minimum: value, Maximum: value }] });
  }

  /** An alarm of that name is replaced (CloudWatch API reference, PutMetricAlarm). */
  function putAlarm(region: string, request: AlarmRequest): AwsAnswer {
    const { AlarmName: name, ActionsEnabled: actionsEnabled = true, AlarmActions: actions = [] } = request;
    removeAlarms(region, [name]);
    alarms.push({ region, name, isComposite: false, actionsEnabled, actions, follows: followsOf(request) });
    return ok({});
  }

  /** Names that are none are no error (ibid., DeleteAlarms). */
  function removeAlarms(region: string, names: readonly string[]): AwsAnswer {
    for (const name of names) {
      const at = alarms.findIndex((each) => each.region === region && each.name === name);
      if (at >= 0) alarms.splice(at, 1);
    }
    return ok({});
  }

  /** An alarm looks at the metrics of its own region. */
  function stateOf(region: string, name: string): AlarmState {
    const follows = alarms.find((each) => each.region === region && each.name === name)?.follows;
    return follows ? stateOfAlarm(follows, seenBy(region, follows), now()) : 'INSUFFICIENT_DATA';
  }

  /** Its state when it last had data, now or before; undefined where it never had any. */
  function lastStateOf(region: string, name: string): AlarmState | undefined {
    const follows = alarms.find((each) => each.region === region && each.name === name)?.follows;
    if (!follows) return undefined;
    const seen = seenBy(region, follows);
    const state = stateOfAlarm(follows, seen, now());
    const lastAt = seen.findLast(({ at }) => at <= now())?.at;
    return state !== 'INSUFFICIENT_DATA' ? state : lastAt === undefined ? undefined : stateOfAlarm(follows, seen, lastAt);
  }

  const seenBy = (region: string, { namespace, metric, dimensions }: Follows): Datapoint[] =>
    datapoints
      .filter((each) => each.region === region && each.namespace === namespace && each.name === metric)
      .filter((each) => keyOf(each.dimensions) === keyOf(dimensions))
      .sort((a, b) => a.at - b.at);

  return {
    datapoints,
    alarms,
    putAlarm,
    stateOf,
    lastStateOf,
    /** The Maximum of the latest minute that has datapoints: what an alarm with one period sees. */
    latest(region: string, name: string, dimensions: Record<string, string>): number | undefined {
      const key = keyOf(dimensions);
      const mine = datapoints.filter((each) => each.region === region && each.name === name && keyOf(each.dimensions) === key);
      const period = Math.max(...mine.map(periodOf));
      const values = mine.filter((each) => periodOf(each) === period).map(({ value }) => value);
      return values.length === 0 ? undefined : Math.max(...values);
    },
    needOf: ({ target = '', body }: AwsRequest): Need => ({
      operation: target,
      action: `cloudwatch:${target}`,
      resources: ['*'],
      ...(target === 'PutMetricData' && { context: { 'cloudwatch:namespace': JSON.parse(body).Namespace } }),
    }),
    answer({ target, body, region }: AwsRequest): AwsAnswer {
      if (target === 'PutMetricData') return put(region, JSON.parse(body));
      if (target === 'PutMetricAlarm') return putAlarm(region, JSON.parse(body));
      if (target === 'DeleteAlarms') return removeAlarms(region, JSON.parse(body).AlarmNames);
      if (target === 'GetMetricData') return data(region, JSON.parse(body));
      if (target === 'DescribeAlarms') return describe(region, JSON.parse(body));
      return target === 'GetMetricStatistics' ? statistics(region, JSON.parse(body)) : error('InvalidAction', `${target}`);
    },
  } satisfies FakeService & Record<string, unknown>;
}

const periodOf = ({ at }: Datapoint): number => Math.floor(at / PERIOD_MS);
const keyOf = (dimensions: Record<string, string>): string => JSON.stringify(Object.entries(dimensions).sort());
