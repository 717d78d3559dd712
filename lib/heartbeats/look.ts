import { errorText } from '../core/error-text.ts';
import { type Heartbeat, isHeartbeat, judgeBeat, unreadableBeat } from '../core/heartbeats.ts';
import type { Observation } from '../core/merge.ts';
import type { Beats, Clock, Look } from '../ports.ts';
import { within } from '../run/within.ts';
import { dueAt } from './due.ts';

/** A look that reads heartbeats, all of them at once, and leaves every other check to `look`. Without heartbeats nothing is read. */
export function withHeartbeats(look: Look, { beats, clock }: { beats: Pick<Beats, 'read'>; clock: Clock }): Look {
  async function listen(checks: readonly Heartbeat[], deadline: number): Promise<[string, Observation][]> {
    try {
      const reading = beats.read(checks.map(({ key }) => key));
      const read = await within(clock, Math.max(0, deadline - clock.now()), reading);
      const now = clock.now();
      return checks.map(({ key, probe }) => {
        const beat = read[key] ?? 'unreadable';
        if (beat === 'unreadable') return [key, unreadableBeat('its item cannot be read', now)];
        return [key, judgeBeat(probe, beat, dueAt(probe, now), now)];
      });
    } catch (error) {
      const why = errorText(error);
      return checks.map(({ key }) => [key, unreadableBeat(why, clock.now())]);
    }
  }

  return async (checks, deadline) => {
    const heartbeats = checks.filter(isHeartbeat);
    if (heartbeats.length === 0) return look(checks, deadline);
    const others = checks.filter((check) => !isHeartbeat(check));
    const [seen, heard] = await Promise.all([look(others, deadline), listen(heartbeats, deadline)]);
    return new Map([...seen, ...heard]);
  };
}
