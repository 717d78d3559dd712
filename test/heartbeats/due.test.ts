import { expect, it } from 'vitest';
import { dueAt } from '../../lib/heartbeats/due.ts';

const HOUR_MS = 3_600_000;
const at = (time: string) => Date.parse(time);
const nightly = { kind: 'heartbeat', cron: '0 3 * * 1-5', timezone: 'Europe/Berlin', graceMs: HOUR_MS / 2 } as const;
const due = (spec: Parameters<typeof dueAt>[0], now: string) => {
  const ms = dueAt(spec, at(now));
  return Number.isFinite(ms) ? new Date(ms).toISOString() : ms;
};

it('with every: that long ago, and the grace', () => {
  expect(dueAt({ kind: 'heartbeat', everyMs: HOUR_MS, graceMs: 1_000 }, at('2026-03-02T12:00Z'))).toBe(
    at('2026-03-02T10:59:59Z'),
  );
});

it.each([
  ['the minute before its grace is over', '2026-03-03T02:29:59.999Z', '2026-03-02T02:00:00.000Z'],
  ['the moment when its grace is over', '2026-03-03T02:30:00.000Z', '2026-03-03T02:00:00.000Z'],
  ['over the weekend', '2026-03-08T12:00:00Z', '2026-03-06T02:00:00.000Z'],
  ['in summer time an hour earlier', '2026-03-30T01:30:00Z', '2026-03-30T01:00:00.000Z'],
])('with cron: its last time, %s', (_, now, expected) => {
  expect(due(nightly, now)).toBe(expected);
});

it('with cron: an hour that summer time skips still comes that day', () => {
  expect(due({ ...nightly, cron: '30 2 * * *' }, '2026-03-29T12:00:00Z')).toMatch(/^2026-03-29T0[01]:/);
});

it('with cron: a day that never comes is never due', () => {
  expect(due({ ...nightly, cron: '0 0 30 2 *' }, '2026-03-03T02:30:00Z')).toBe(Number.NEGATIVE_INFINITY);
});
