import type { Check } from '../core/cell.ts';
import type { Clock } from '../ports.ts';

const WINDOW_MS = 60_000;
const SMALLEST_BUDGET = 60;

/**
 * How many second opinions a vantage gives in a minute: at most two for each of its checks. Whoever asks more, by mistake or as an
 * amplifier, is not answered; the vantage's own rounds are never limited.
 */
export function createOpinionBudget(clock: Clock, checks: number): { take(wanted: readonly Check[]): readonly Check[] } {
  const limit = Math.max(SMALLEST_BUDGET, 2 * checks);
  let given: { at: number; count: number }[] = [];
  return {
    take(wanted) {
      const now = clock.now();
      given = given.filter(({ at }) => now - at < WINDOW_MS);
      const left = limit - given.reduce((sum, { count }) => sum + count, 0);
      const taken = wanted.slice(0, Math.max(0, left));
      if (taken.length > 0) given.push({ at: now, count: taken.length });
      return taken;
    },
  };
}
