import { Cron } from 'croner';
import type { HeartbeatSpec } from '../core/cell.ts';

const SECOND_MS = 1_000;
const parsed = new Map<string, Cron>();

/**
 * Since when a success must have come by now, ms since 1970: with `every` that long ago and the grace, with `cron` its last time
 * whose grace is over; -Infinity if there was none.
 */
export function dueAt({ everyMs, cron = '', timezone = 'UTC', graceMs }: HeartbeatSpec, now: number): number {
  if (everyMs !== undefined) return now - everyMs - graceMs;
  // Runs before the reference, to the second: with one more second a run at this very second counts.
  const reference = new Date(Math.floor((now - graceMs) / SECOND_MS) * SECOND_MS + SECOND_MS);
  return cronOf(cron, timezone).previousRuns(1, reference)[0]?.getTime() ?? Number.NEGATIVE_INFINITY;
}

/** Parsing takes longer than asking, and every round asks. */
function cronOf(expression: string, timezone: string): Cron {
  const key = `${timezone} ${expression}`;
  const cron = parsed.get(key) ?? new Cron(expression, { timezone, paused: true, mode: '5-part' });
  parsed.set(key, cron);
  return cron;
}
