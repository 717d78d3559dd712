import { type CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Clock, Emit, Metric, Metrics } from '../ports.ts';
import { lineOf, withinMs } from './limits.ts';

const PUT_TIMEOUT_MS = 1_500;

export interface MetricsOptions {
  namespace: string;
  /** Where this runs: its own CloudWatch takes metrics from the log. */
  region: string;
  /** Where alarms wait for the metrics; an alarm sees those of its own region only. */
  alarmRegions: readonly string[];
  clientOf: (region: string) => CloudWatchClient;
  clock: Pick<Clock, 'now'>;
  /** One line of standard output. */
  write: (line: string) => void;
  emit: Emit;
}

export interface AwsMetrics extends Metrics {
  /** Publishes to the other regions what was put since the last time; it never fails, since silence is what the alarms wait for. */
  flush(): Promise<void>;
}

interface Datum extends Metric {
  at: number;
}

/** Metrics for the alarms: a line in the embedded metric format for the own region, one request a run for each other one. */
export function createMetrics({ namespace, region, alarmRegions, clientOf, clock, write, emit }: MetricsOptions): AwsMetrics {
  const others = alarmRegions.filter((each) => each !== region);
  let pending: Datum[] = [];

  async function publish(to: string, data: readonly Datum[]): Promise<void> {
    const MetricData = data.map(({ name, value, dimensions, at }) => ({
      MetricName: name,
      Value: value,
      Timestamp: new Date(at),
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    }));
    try {
      await clientOf(to).send(new PutMetricDataCommand({ Namespace: namespace, MetricData }), withinMs(PUT_TIMEOUT_MS));
    } catch (error) {
      emit({ event: 'note', text: `metrics were not published in ${to}: ${lineOf(error)}` });
    }
  }

  return {
    async put(metrics) {
      const at = clock.now();
      for (const metric of metrics) {
        const datum = { ...metric, at };
        write(embeddedMetric(namespace, datum));
        pending.push(datum);
      }
    },
    async flush() {
      const data = pending;
      pending = [];
      if (data.length > 0) await Promise.all(others.map((to) => publish(to, data)));
    },
  };
}

/**
 * One line of log from which CloudWatch takes a metric (CloudWatch user guide, "Specification: Embedded metric format": the whole
 * line is one JSON object, dimensions are text members of its root, the metric is a number there, the time is in ms since 1970).
 */
function embeddedMetric(namespace: string, { name, value, dimensions, at }: Datum): string {
  const directive = { Namespace: namespace, Dimensions: [Object.keys(dimensions)], Metrics: [{ Name: name }] };
  return JSON.stringify({ _aws: { Timestamp: at, CloudWatchMetrics: [directive] }, ...dimensions, [name]: value });
}
