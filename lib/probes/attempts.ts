import type { Clock, Probe, ProbeResult } from '../ports.ts';

/** A node that drops one packet is not down; a pause this long outlives a socket backlog, not an outage. */
const PAUSE_MS = 250;
/** All pauses together. */
const MAX_PAUSES_MS = 1_000;

/**
 * Looks again, up to `check.attempts` times, while the check is down: the first attempt that is not down counts, else the
 * last. Takes at most attempts × timeout + 1 s. Attempts that came out differently are named in the detail.
 */
export function withAttempts(probe: Probe, clock: Clock): Probe {
  return async (check, signal) => {
    const before: ProbeResult[] = [];
    const pauseMs = Math.min(PAUSE_MS, MAX_PAUSES_MS / Math.max(1, check.attempts - 1));
    for (;;) {
      const result = await probe(check, signal);
      if (result.vote !== 'down' || before.length + 1 >= check.attempts) return told(result, before);
      before.push(result);
      const slept = await clock.sleep(pauseMs, signal).then(
        () => true,
        () => false,
      );
      if (!slept) return { vote: 'abstain', reason: 'unfinished', timings: result.timings };
    }
  };
}

function told(result: ProbeResult, before: readonly ProbeResult[]): ProbeResult {
  const reasons = [...before, result].map(({ reason }) => reason);
  if (new Set(reasons).size === 1 || result.vote === 'abstain') return result;
  const attempts = `attempts: ${reasons.join(', ')}`;
  return { ...result, detail: result.detail ? `${result.detail} (${attempts})` : attempts };
}
