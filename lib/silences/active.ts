import type { ActiveSilence } from '../core/inputs.ts';
import type { SilenceSpec } from '../core/telling.ts';
import { lastRun } from '../cron/last-run.ts';

/** The configured silences that are on now, with when they end. */
export function activeSilences(silences: readonly SilenceSpec[], now: number): ActiveSilence[] {
  return silences.flatMap((silence) => {
    const { from, until } = spanOf(silence, now);
    return from <= now && now < until ? [{ id: silence.id, nodes: silence.nodes, until }] : [];
  });
}

/** The span that began last, or the only one. */
function spanOf({ cron, timezone = 'UTC', forMs = 0, from = 0, until = 0 }: SilenceSpec, now: number) {
  if (cron === undefined) return { from, until };
  const began = lastRun(cron, timezone, now);
  return { from: began, until: began + forMs };
}
