import type { Clock } from '../../lib/ports.ts';

/** 2026-01-01T00:00:00Z */
export const START = 1_767_225_600_000;

/** A clock on which sleeping takes no time but moves it forward: for what paces itself. */
export function createSteppingClock(): Clock & { step(ms: number): void } {
  let now = START;
  const step = (ms: number): void => {
    now += Math.max(0, ms);
  };
  return { now: () => now, step, sleep: async (ms) => step(ms) };
}
