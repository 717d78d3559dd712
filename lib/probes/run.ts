import type { Check } from '../core/cell.ts';
import type { Clock, Probe, ProbeResult } from '../ports.ts';

/** What one run saw of one check; `observedAt` is when the look ended, ms since 1970. */
export interface Observation extends ProbeResult {
  observedAt: number;
  tookMs?: number;
}

/**
 * Looks of one process at once. A function on Lambda has 1,024 files (Lambda developer guide, "Lambda quotas"), and a look at a chain
 * opens up to four connections at the same time: beside 240 looks there is room for the function's own. `bench/blackholes.ts` measures it.
 */
export const CONCURRENCY = 240;

export interface RunOptions {
  clock: Clock;
  /** When the run must have its results, ms since 1970. */
  deadline: number;
  /** How many looks are open at once. @default CONCURRENCY */
  concurrency?: number;
  /** Ends the run early, as the deadline does. */
  signal?: AbortSignal;
}

/** Looks at all checks concurrently; by key. What is not finished at the deadline is `abstain: unfinished`. */
export async function runChecks(checks: readonly Check[], probe: Probe, options: RunOptions): Promise<Map<string, Observation>> {
  const { clock, deadline, concurrency = CONCURRENCY, signal } = options;
  const observations = new Map<string, Observation>();
  const startedAt = clock.now();
  const run = new AbortController();
  const stop = () => run.abort();
  const stopped = new Promise<void>((resolve) => run.signal.addEventListener('abort', () => resolve(), { once: true }));
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
  clock.sleep(Math.max(0, deadline - startedAt), run.signal).then(stop, () => undefined);

  const looks = eachConcurrently(checks, concurrency, run.signal, async (check) => {
    const result = await probe(check, run.signal);
    if (!run.signal.aborted)
      observations.set(check.key, { ...result, tookMs: Math.round(result.timings.totalMs), observedAt: clock.now() });
  });
  await Promise.race([looks, stopped]);
  stop();
  signal?.removeEventListener('abort', stop);

  const now = clock.now();
  for (const { key } of checks) {
    if (observations.has(key)) continue;
    observations.set(key, { vote: 'abstain', reason: 'unfinished', timings: { totalMs: now - startedAt }, observedAt: now });
  }
  return observations;
}

/** Calls `work` for every item, at most `concurrency` at a time, and for no further one once the signal aborts. */
export async function eachConcurrently<T>(
  items: readonly T[],
  concurrency: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) {
      if (signal.aborted) return;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
}
