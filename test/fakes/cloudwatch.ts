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

/** CloudWatch API reference, PutMetricData: up to 1,000 metrics a request, up to 30 dimensions each. */
const MAX_DATA = 1_000;
const MAX_DIMENSIONS = 30;
/** "Time stamps can be up to two weeks before the current time and up to two hours after" (ibid.). */
const OLDEST_MS = 14 * 86_400_000;
const NEWEST_MS = 2 * 3_600_000;
const PERIOD_MS = 60_000;

/** CloudWatch's metrics (AWS JSON 1.0). */
export function createCloudWatch(now: () => number) {
  const { ok, error } = json('1.0');
  const datapoints: Datapoint[] = [];
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

  return {
    datapoints,
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
      context: { 'cloudwatch:namespace': JSON.parse(body).Namespace },
    }),
    answer: ({ target, body, region }: AwsRequest) =>
      target === 'PutMetricData' ? put(region, JSON.parse(body)) : error('InvalidAction', `${target}`),
  } satisfies FakeService & Record<string, unknown>;
}

const periodOf = ({ at }: Datapoint): number => Math.floor(at / PERIOD_MS);
const keyOf = (dimensions: Record<string, string>): string => JSON.stringify(Object.entries(dimensions).sort());
