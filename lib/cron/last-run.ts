import { Cron } from 'croner';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/** An expression as it was parsed, and its answer for the minute that was asked of last: parsing takes long, asking not much less. */
interface Known {
  cron: Cron;
  minute: number;
  last: number;
}

const known = new Map<string, Known>();

/** When a cron expression of five fields last came true in that time zone, at this very second at the latest; -Infinity: never. */
export function lastRun(expression: string, timezone: string, at: number): number {
  const key = `${timezone} ${expression}`;
  const minute = Math.floor(at / MINUTE_MS);
  const before = known.get(key);
  if (before?.minute === minute) return before.last;
  const cron = before?.cron ?? new Cron(expression, { timezone, paused: true, mode: '5-part' });
  // Five fields come true when a minute begins. Runs before the reference: with one more second that second counts.
  const reference = new Date(minute * MINUTE_MS + SECOND_MS);
  const last = cron.previousRuns(1, reference)[0]?.getTime() ?? Number.NEGATIVE_INFINITY;
  known.set(key, { cron, minute, last });
  return last;
}
