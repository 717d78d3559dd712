import { expect, it } from 'vitest';
import { drillsDue } from '../../lib/heartbeats/drills.ts';

const NOW = Date.UTC(2026, 10, 21, 2, 1);

it.each([
  ['UTC', '2026-11-20T09:00:00.000Z'],
  ['Europe/Berlin', '2026-11-20T08:00:00.000Z'],
])('a drill is due by the clock of %s', (timezone, dueAt) => {
  const due = drillsDue({ drills: { cron: '0 9 * * 1-5', timezone } }).drillDueAt?.(NOW) ?? 0;
  expect(new Date(due).toISOString()).toBe(dueAt);
});

it('none is where none is configured', () => {
  expect(drillsDue({})).toEqual({});
});
