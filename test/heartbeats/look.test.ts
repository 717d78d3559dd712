import { expect, it } from 'vitest';
import type { Check, HeartbeatSpec } from '../../lib/core/cell.ts';
import type { Beat } from '../../lib/core/heartbeats.ts';
import type { Read } from '../../lib/core/inputs.ts';
import { withHeartbeats } from '../../lib/heartbeats/look.ts';
import { createManualClock } from '../clock.ts';
import { cellOf } from '../core/invariants/world.ts';

const hourly: HeartbeatSpec = { kind: 'heartbeat', everyMs: 3_600_000, graceMs: 0 };
const { checks } = cellOf({
  nodes: { eu: ['api', 'beat', 'cron'] },
  checks: { 'eu/beat': { probe: hourly }, 'eu/cron': { probe: hourly } },
});

/** What a look at these checks gives, when the table answers like this. */
function looking(read: (keys: readonly string[]) => Promise<Record<string, Read<Beat>>>) {
  const clock = createManualClock();
  const reads: (readonly string[])[] = [];
  const probed: string[] = [];
  const look = withHeartbeats(
    async (asked) => {
      probed.push(...asked.map(({ key }) => key));
      return new Map(asked.map(({ key }) => [key, { vote: 'up', reason: 'ok', observedAt: clock.now() }]));
    },
    {
      clock,
      beats: {
        read(keys) {
          reads.push(keys);
          return read(keys);
        },
      },
    },
  );
  const reasons = async (of: readonly Check[]) => {
    const seen = look(of, clock.now() + 5_000);
    await clock.advance(10_000);
    return Object.fromEntries([...(await seen)].map(([key, { vote, reason }]) => [key, `${vote} ${reason}`]));
  };
  return { clock, reads, probed, reasons };
}

it('reads all heartbeats at once, and probes everything else', async () => {
  const { clock, reads, probed, reasons } = looking(async () => ({
    'eu/beat': { success: { at: clock.now() } },
    'eu/cron': 'missing',
  }));
  expect(await reasons(checks)).toEqual({ 'eu/api': 'up ok', 'eu/beat': 'up ok', 'eu/cron': 'up beat-awaited' });
  expect([reads, probed]).toEqual([[['eu/beat', 'eu/cron']], ['eu/api']]);
});

it('reads nothing where there is no heartbeat', async () => {
  const { reads, reasons } = looking(async () => ({}));
  expect(await reasons(checks.filter(({ id }) => id === 'api'))).toEqual({ 'eu/api': 'up ok' });
  expect(reads).toEqual([]);
});

it.each([
  ['cannot be read', async () => Promise.reject(new Error('no table'))],
  ['are unreadable', async () => ({ 'eu/beat': 'unreadable' as const })],
  ['do not come in time', () => new Promise<never>(() => {})],
])('abstains on heartbeats that %s, and votes on the others', async (_, read) => {
  const expected = { 'eu/api': 'up ok', 'eu/beat': 'abstain beat-unreadable', 'eu/cron': 'abstain beat-unreadable' };
  expect(await looking(read).reasons(checks)).toEqual(expected);
});
