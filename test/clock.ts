import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../lib/ports.ts';

export interface ManualClock extends Clock {
  /**
   * Moves time forward by `ms`, waking each sleeper at its own due time, earliest first, equal ones in the order in which
   * they went to sleep. What a sleeper does before its next sleep (promises, no real I/O) is done before time moves on.
   */
  advance(ms: number): Promise<void>;
  /** How many are asleep: 0 after a clean close. */
  sleepers(): number;
}

/** 2026-01-01T00:00:00Z: a round time, so that expected times are easy to read. */
const START_MS = 1_767_225_600_000;

/** A clock that stands still until a test moves it. An aborted sleep rejects with an `AbortError`, as the system clock's does. */
export function createManualClock(startMs = START_MS): ManualClock {
  let now = startMs;
  const sleeping = new Set<{ due: number; wake: () => void }>();

  const earliest = (until: number) => {
    let first: { due: number; wake: () => void } | undefined;
    for (const sleeper of sleeping) if (sleeper.due <= until && (!first || sleeper.due < first.due)) first = sleeper;
    return first;
  };

  return {
    now: () => now,
    sleepers: () => sleeping.size,

    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        const aborted = () => {
          sleeping.delete(sleeper);
          reject(
            Object.assign(new Error('The sleep was aborted', { cause: signal?.reason }), {
              name: 'AbortError',
              code: 'ABORT_ERR',
            }),
          );
        };
        const sleeper = {
          due: now + Math.max(0, ms),
          wake: () => {
            sleeping.delete(sleeper);
            signal?.removeEventListener('abort', aborted);
            resolve();
          },
        };
        if (signal?.aborted) return aborted();
        sleeping.add(sleeper);
        signal?.addEventListener('abort', aborted, { once: true });
      });
    },

    async advance(ms) {
      const until = now + ms;
      await nextTurn();
      for (let sleeper = earliest(until); sleeper; sleeper = earliest(until)) {
        now = Math.max(now, sleeper.due);
        sleeper.wake();
        await nextTurn();
      }
      now = until;
    },
  };
}
