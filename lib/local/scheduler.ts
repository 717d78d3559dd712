import type { Clock } from '../ports.ts';

const MINUTE_MS = 60_000;

/** Calls `plan` now, so that the running minute is planned too, and at the start of every minute; until the signal aborts. */
export async function everyMinute(
  clock: Clock,
  signal: AbortSignal,
  plan: (scheduledAt: number) => Promise<void>,
): Promise<void> {
  const first = Math.floor(clock.now() / MINUTE_MS) * MINUTE_MS;
  await plan(first - MINUTE_MS);
  await plan(first);
  await every(clock, signal, MINUTE_MS, 0, plan);
}

/** Calls `work` at every multiple of `intervalMs` plus `offsetMs`, with that time; until the signal aborts. */
export async function every(
  clock: Clock,
  signal: AbortSignal,
  intervalMs: number,
  offsetMs: number,
  work: (at: number) => Promise<void>,
): Promise<void> {
  while (!signal.aborted) {
    const at = (Math.floor((clock.now() - offsetMs) / intervalMs) + 1) * intervalMs + offsetMs;
    try {
      await clock.sleep(at - clock.now(), signal);
    } catch {
      return; // aborted
    }
    await work(at);
  }
}
