import { type Alarm, type AlarmNotice, type AlarmStatus, alarmsOf, evaluationRange, judge, statisticOf } from '../core/alarms.ts';
import type { Cell } from '../core/cell.ts';
import { errorText } from '../core/error-text.ts';
import type { Page } from '../core/ledger.ts';
import { messageOf } from '../core/messages.ts';
import type { Clock, Emit, Metric, Metrics, Pager } from '../ports.ts';

export interface LocalMetrics extends Metrics {
  /** Ends the evaluations; resolves when the last one is done. */
  close(): Promise<void>;
}

export interface MetricsOptions {
  alarms: readonly Alarm[];
  clock: Clock;
  /** Of all alarms alike. */
  periodMs: number;
  onAlarm: (notice: AlarmNotice) => Promise<void>;
}

/** Keeps what is published and evaluates the alarms at the end of every period, as CloudWatch would. */
export function createMetrics({ alarms, clock, periodMs, onAlarm }: MetricsOptions): LocalMetrics {
  /** By metric with dimensions, then by number of the period. */
  const published = new Map<string, Map<number, number[]>>();
  const stop = new AbortController();
  let statuses: Record<string, AlarmStatus> = {};

  const period = () => Math.floor(clock.now() / periodMs);

  /** The last complete periods, oldest first. */
  function datapointsOf(alarm: Alarm) {
    const values = published.get(keyOf(alarm.metric, alarm.dimensions));
    const first = period() - evaluationRange(alarm);
    return Array.from({ length: evaluationRange(alarm) }, (_, i) => statisticOf(alarm, values?.get(first + i) ?? []));
  }

  /** A timer may fire a little early: it is the clock that says when a period is over. */
  async function evaluateForever(): Promise<void> {
    for (let next = period() + 1; ; next = period() + 1) {
      try {
        while (period() < next) await clock.sleep(next * periodMs - clock.now(), stop.signal);
      } catch {
        return; // closed
      }
      const judged = judge(alarms, statuses, datapointsOf);
      statuses = judged.statuses;
      for (const notice of judged.notices) await onAlarm(notice);
    }
  }
  const done = evaluateForever();
  const keptPeriods = Math.max(...alarms.map(evaluationRange));

  function keep({ name, value, dimensions }: Metric, now: number): void {
    const key = keyOf(name, dimensions);
    const values = published.get(key) ?? new Map<number, number[]>();
    published.set(key, values);
    values.set(now, [...(values.get(now) ?? []), value]);
    for (const old of values.keys()) if (old < now - keptPeriods) values.delete(old);
  }

  return {
    async put(metrics) {
      for (const metric of metrics) keep(metric, period());
    },
    async close() {
      stop.abort();
      await done;
    },
  };
}

const keyOf = (name: string, dimensions: Record<string, string>): string =>
  JSON.stringify([name, Object.entries(dimensions).sort(([one], [other]) => (one < other ? -1 : 1))]);

export interface WatchOptions {
  cell: Cell;
  clock: Clock;
  /** Names under which the arbiters publish. */
  arbiters: string[];
  inbox: Pager;
  emit: Emit;
}

/** The alarms of a local run, one period a round, paged straight into the inbox: no arbiter, quorum or table is needed for it. */
export function watchMetrics({ cell, clock, arbiters, inbox, emit }: WatchOptions): LocalMetrics {
  const periodMs = cell.intervalMs;
  // All share one web part: whoever is first knocks on it.
  const alarms = alarmsOf({ ...cell, arbiters }, { periodMs, webs: arbiters.slice(0, 1) });

  async function onAlarm({ alarm, state, reason, also }: AlarmNotice): Promise<void> {
    const over = state === 'OK';
    const text = over ? alarm.recovered : `${alarm.title}${also.length > 0 ? ` (also ${also.join(', ')})` : ''}. ${alarm.todo}`;
    const page: Page = {
      incident: alarm.id,
      state: over ? 'recovered' : alarm.id === 'blind' ? 'blind' : 'silent',
      tier: 1,
      attempt: 1,
      at: clock.now(),
      subject: alarm.id,
      failing: [],
      records: [],
      text,
    };
    const message = messageOf(page, '');
    emit({ event: 'note', text: `alarm ${alarm.id}: ${state}, ${reason}` });
    try {
      await inbox.publish(page, message);
    } catch (error) {
      // CloudWatch does not try again either (user guide, "Using Amazon CloudWatch alarms").
      emit({
        event: 'note',
        text: `alarm ${alarm.id} reached nobody: ${errorText(error)}`,
      });
      return;
    }
    emit({ event: 'page', incident: page.incident, state: page.state, tier: page.tier, attempt: page.attempt, ...message });
  }
  return createMetrics({ alarms, clock, periodMs, onAlarm });
}
