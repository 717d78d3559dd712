/** Where people hear of something: SNS, and the alarms that watch the watcher. */
import { type AlarmStatus, alarmsOf, type Datapoint, evaluationRange, judge, statisticOf } from '../core/alarms.ts';
import type { Cell } from '../core/cell.ts';
import type { Hooks, Metric, Metrics, Pager } from '../ports.ts';
import type { Invocations, Served } from './invocations.ts';
import { atPeriodEnds, type Timeline } from './timeline.ts';
import type { Watch } from './watch.ts';
import type { Weather } from './weather.ts';

export interface OutletOptions {
  timeline: Timeline;
  weather: Weather;
  invocations: Invocations;
  watch: Watch;
}

/** SNS, as far as an arbiter sees it. */
export function createPager({ weather, invocations, watch }: OutletOptions): Pager {
  return {
    publish(page) {
      const table = watch.pageOffered(invocations.current());
      return invocations.call('sns', 'publish', (by): Served<void> => {
        if (weather.strikes('sns fails')) throw new Error('sns: internal error');
        watch.published(by, page, table);
        return { answer: undefined, lost: weather.strikes('sns timeout after publish') };
      });
    },
  };
}

/** Others' services that want to be told. */
export interface Outside extends Hooks {
  /** What they took, oldest first. */
  readonly taken: readonly Record<string, unknown>[];
}

export function createHooks({ weather, invocations, watch }: OutletOptions): Outside {
  const taken: Record<string, unknown>[] = [];
  return {
    taken,
    call: (hook, body, id) =>
      invocations.call('hooks', 'call', (by): Served<number> => {
        if (weather.strikes('hook refuses')) return { answer: 503 };
        watch.hooked(by, id, hook);
        taken.push(body);
        return { answer: 200, lost: weather.strikes('hook timeout after call') };
      }),
  };
}

/** CloudWatch: metrics, and every minute the alarms over them, told to people without any code of ours. */
export interface Monitor extends Metrics {
  /** The alarms that are in ALARM. */
  firing(): string[];
  /** What people were told, `<alarm> <state>`, oldest first. */
  notices(): readonly string[];
  /** The alarms of another configuration take the place of these. */
  configure(cell: Cell): void;
}

const PERIOD_MS = 60_000;
const KEPT_PERIODS = 10;

/** No metric here has more than one. */
const dimensionOf = ({ dimensions }: Pick<Metric, 'dimensions'>): string => Object.values(dimensions)[0] ?? '';

export function createMonitor(cell: Cell, { timeline, invocations, watch }: OutletOptions): Monitor {
  let alarms = alarmsOf(cell, { periodMs: PERIOD_MS });
  /** By name, then by dimension, then by period. */
  const published = new Map<string, Map<string, Map<number, number[]>>>();
  let statuses: Record<string, AlarmStatus> = {};
  const notices: string[] = [];

  atPeriodEnds(timeline, PERIOD_MS, (period) => {
    const judged = judge(alarms, statuses, (alarm): Datapoint[] => {
      const values = published.get(alarm.metric)?.get(dimensionOf(alarm));
      const range = evaluationRange(alarm);
      return Array.from({ length: range }, (_, index) => statisticOf(alarm, values?.get(period + 1 - range + index) ?? []));
    });
    statuses = judged.statuses;
    for (const { alarm, state } of judged.notices) notices.push(`${alarm.id} ${state}`);
  });

  function keep({ name, value, dimensions }: Metric, period: number): void {
    const dimension = dimensionOf({ dimensions });
    const series = published.get(name) ?? new Map<string, Map<number, number[]>>();
    const periods = series.get(dimension) ?? new Map<number, number[]>();
    const values = periods.get(period);
    if (values) {
      values.push(value);
      return;
    }
    periods.set(period, [value]).delete(period - KEPT_PERIODS);
    published.set(name, series.set(dimension, periods));
  }

  return {
    configure(next) {
      alarms = alarmsOf(next, { periodMs: PERIOD_MS });
    },
    notices: () => notices,
    firing: () => Object.keys(statuses).filter((id) => statuses[id]?.state === 'ALARM'),
    async put(metrics) {
      watch.measured(invocations.current());
      const period = Math.floor(timeline.now() / PERIOD_MS);
      for (const metric of metrics) keep(metric, period);
    },
  };
}
