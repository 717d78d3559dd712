import { Cron } from 'croner';

const SECOND_MS = 1_000;
const parsed = new Map<string, Cron>();

/** When a cron expression of five fields last came true in that time zone, at this very second at the latest; -Infinity: never. */
export function lastRun(expression: string, timezone: string, at: number): number {
  // Runs before the reference, to the second: with one more second a run at this very second counts.
  const reference = new Date(Math.floor(at / SECOND_MS) * SECOND_MS + SECOND_MS);
  return cronOf(expression, timezone).previousRuns(1, reference)[0]?.getTime() ?? Number.NEGATIVE_INFINITY;
}

/** Parsing takes longer than asking, and every round asks. */
function cronOf(expression: string, timezone: string): Cron {
  const key = `${timezone} ${expression}`;
  const cron = parsed.get(key) ?? new Cron(expression, { timezone, paused: true, mode: '5-part' });
  parsed.set(key, cron);
  return cron;
}
