import type { HeartbeatSpec } from '../core/cell.ts';
import { lastRun } from '../cron/last-run.ts';

/**
 * Since when a success must have come by now, ms since 1970: with `every` that long ago and the grace, with `cron` its last time
 * whose grace is over; -Infinity if there was none.
 */
export function dueAt({ everyMs, cron = '', timezone = 'UTC', graceMs }: HeartbeatSpec, now: number): number {
  return everyMs === undefined ? lastRun(cron, timezone, now - graceMs) : now - everyMs - graceMs;
}
