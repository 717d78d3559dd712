import { expect, it } from 'vitest';
import type { SilenceSpec } from '../../lib/core/telling.ts';
import { activeSilences } from '../../lib/silences/active.ts';

const on = (silence: Partial<SilenceSpec>, now: string) =>
  activeSilences([{ id: 'it', nodes: ['eu1'], ...silence }], Date.parse(now)).map(({ until }) => new Date(until).toISOString());

const sunday = { cron: '0 3 * * 0', forMs: 3_600_000, timezone: 'Europe/Berlin' };

it.each([
  ['a second before', '2026-03-01T01:59:59Z', []],
  ['when it begins', '2026-03-01T02:00:00Z', ['2026-03-01T03:00:00.000Z']],
  ['while it lasts', '2026-03-01T02:59:59.999Z', ['2026-03-01T03:00:00.000Z']],
  ['when it ends', '2026-03-01T03:00:00Z', []],
  ['in summer time an hour earlier', '2026-04-05T01:30:00Z', ['2026-04-05T02:00:00.000Z']],
  ['on another day', '2026-03-02T02:30:00Z', []],
])('by cron: %s', (_, now, ends) => {
  expect(on(sunday, now)).toEqual(ends);
});

it('by cron: one that begins again before it ends does not end', () => {
  expect(on({ cron: '*/30 * * * *', forMs: 3_600_000 }, '2026-03-01T02:45:00Z')).toEqual(['2026-03-01T03:30:00.000Z']);
});

it.each([
  ['before', '2026-01-01T00:59:59Z', []],
  ['from then', '2026-01-01T01:00:00Z', ['2026-01-01T02:00:00.000Z']],
  ['until then', '2026-01-01T02:00:00Z', []],
])('once: %s', (_, now, ends) => {
  expect(on({ from: Date.parse('2026-01-01T01:00:00Z'), until: Date.parse('2026-01-01T02:00:00Z') }, now)).toEqual(ends);
});

it('says which nodes it is about', () => {
  const [silence] = activeSilences([{ id: 'it', nodes: ['eu1'], from: 0, until: 2 }], 1);
  expect(silence).toEqual({ id: 'it', nodes: ['eu1'], until: 2 });
});
