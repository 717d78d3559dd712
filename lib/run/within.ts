import type { Clock } from '../ports.ts';

/** One for all: a reason of its own, with its stack, costs more than the rest. Nobody hears it. */
const ENDED = new Error('no longer waited for');

/** What the work gives, if it does so within `ms`; else it rejects, and whatever the work comes to later is ignored. */
export async function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const late = clock.sleep(ms, stop.signal).then(() => {
    throw new Error(`no answer within ${ms / 1_000} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    late.catch(() => {}); // it only rejects now because it is aborted
    stop.abort(ENDED);
  }
}
