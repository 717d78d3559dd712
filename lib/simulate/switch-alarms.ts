import { memberKey } from '../core/cell.ts';
import type { Switches } from '../ports.ts';
import type { Invocations, Served } from './invocations.ts';
import { atPeriodEnds, type Timeline } from './timeline.ts';
import type { Weather } from './weather.ts';

/** The second way out of service: the metric of each switch, the alarm over it, and what Route 53 makes of that. */
export interface SwitchAlarms {
  signal: NonNullable<Switches['signal']>;
  /** Does Route 53 leave this member out for its alarm's sake? */
  isOut(key: string): boolean;
}

export interface SwitchAlarmOptions {
  timeline: Timeline;
  weather: Weather;
  invocations: Invocations;
  /** From now on Route 53 leaves this member out for its alarm's sake, or no longer. */
  onChange: (key: string, isOut: boolean) => void;
}

const PERIOD_MS = 60_000;
/** With nothing in the newest period, CloudWatch looks at those before it (CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data"). */
const RANGE = 3;

export function createSwitchAlarms({ timeline, weather, invocations, onChange }: SwitchAlarmOptions): SwitchAlarms {
  /** By member, then by period: the largest value. */
  const values = new Map<string, Map<number, number>>();
  const out = new Set<string>();

  function keep(key: string, period: number, value: number): void {
    const periods = values.get(key) ?? new Map<number, number>();
    values.set(key, periods.set(period, Math.max(value, periods.get(period) ?? 0)));
  }

  /** Without data nothing changes: `LastKnownStatus`. */
  function evaluate(period: number): void {
    for (const [key, periods] of values) {
      const newest = [...periods.keys()].filter((each) => each <= period).sort((a, b) => b - a)[0];
      for (const each of periods.keys()) if (each <= period - RANGE) periods.delete(each);
      if (newest === undefined || newest <= period - RANGE) continue;
      const isOut = periods.get(newest) !== 0;
      if (isOut === out.has(key)) continue;
      if (isOut) out.add(key);
      else out.delete(key);
      onChange(key, isOut);
    }
  }

  atPeriodEnds(timeline, PERIOD_MS, (period) => {
    evaluate(period);
    return 'idle';
  });

  return {
    isOut: (key) => out.has(key),
    signal: (members, at) =>
      invocations.call('cloudwatch', 'signal', (): Served<void> => {
        if (weather.strikes('cloudwatch fails')) throw new Error('cloudwatch: internal error');
        const period = Math.floor(at / PERIOD_MS);
        for (const { record, node, inService } of members) keep(memberKey(record, node), period, inService ? 0 : 1);
        return { answer: undefined };
      }),
  };
}
