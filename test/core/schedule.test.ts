import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cell, Check } from '../../lib/core/cell.ts';
import {
  cadences,
  checksDueAt,
  deadlineMs,
  duesOf,
  freshMs,
  heardMs,
  isLate,
  planWindow,
  roundOf,
  staggerMs,
} from '../../lib/core/schedule.ts';

const MINUTE = 60_000;

/** As much of a cell as time needs. */
function cellOf(intervalMs: number, vantages: string[], checks: Partial<Check>[] = [{}]): Cell {
  const whole = checks.map((check, n) => ({
    key: `n/${n}`,
    intervalMs,
    timeoutMs: 4_000,
    attempts: 2,
    vantages,
    ...check,
  }));
  return { intervalMs, vantages, checks: whole } as Cell;
}

const named = (n: number) => Array.from({ length: n }, (_, i) => `v${i}`);
const keys = (checks: Check[]) => checks.map((check) => check.key);

describe('due times', () => {
  it('are k × interval + i × interval / N, counted from 1970, the start of the span in and its end out', () => {
    const cell = cellOf(30_000, ['a', 'b', 'c', 'd', 'e']);
    expect(duesOf(cell, 'a', 0, MINUTE)).toEqual([0, 30_000]);
    expect(duesOf(cell, 'c', 0, MINUTE)).toEqual([12_000, 42_000]);
    expect(duesOf(cell, 'c', 12_000, 42_000)).toEqual([12_000]);
    expect(duesOf(cell, 'c', 12_001, 42_001)).toEqual([42_000]);
  });

  it('have a stagger in whole ms', () => {
    expect(named(3).map((vantage) => staggerMs(cellOf(10_000, named(3)), vantage))).toEqual([0, 3_333, 6_667]);
  });

  it('do not exist for a vantage that is not configured', () => {
    expect(duesOf(cellOf(10_000, ['a']), 'x', 0, MINUTE)).toEqual([]);
    expect(checksDueAt(cellOf(10_000, ['a']), 'x', 0)).toEqual([]);
  });
});

describe('checks of a round', () => {
  it('are those of the vantage whose own interval is over', () => {
    const cell = cellOf(30_000, ['a', 'b'], [{}, { intervalMs: 60_000 }, { vantages: ['b'] }]);
    expect(keys(checksDueAt(cell, 'a', 0))).toEqual(['n/0', 'n/1']);
    expect(keys(checksDueAt(cell, 'a', 30_000))).toEqual(['n/0']);
    expect(keys(checksDueAt(cell, 'a', 60_000))).toEqual(['n/0', 'n/1']);
  });

  it('spread a slow check over the rounds: each vantage takes another one', () => {
    const cell = cellOf(30_000, ['a', 'b', 'c'], [{ intervalMs: 90_000 }]);
    const looks = cell.vantages.flatMap((vantage) =>
      duesOf(cell, vantage, 0, 90_000).filter((due) => checksDueAt(cell, vantage, due).length > 0),
    );
    expect(looks).toEqual([0, 40_000, 80_000]);
  });

  it('take a due time planned under another configuration as the round it lies in', () => {
    const cell = cellOf(30_000, ['a', 'b'], [{ intervalMs: 60_000 }]);
    expect(roundOf(cell, 'b', 15_000)).toBe(0);
    expect(roundOf(cell, 'b', 44_999)).toBe(0);
    expect(roundOf(cell, 'b', 45_000)).toBe(1);
    expect(keys(checksDueAt(cell, 'a', 10_000))).toEqual(['n/0']);
  });
});

describe('limits of a round', () => {
  it('is late more than half an interval after its due time', () => {
    expect(isLate(1_000, 6_000, 10_000)).toBe(false);
    expect(isLate(1_000, 6_001, 10_000)).toBe(true);
  });

  it('has the deadline of its slowest check, by cadence, and votes are fresh for two intervals and that', () => {
    const cell = cellOf(30_000, ['a'], [{}, { attempts: 1, timeoutMs: 9_000 }, { intervalMs: 60_000, timeoutMs: 1_000 }]);
    expect(deadlineMs(cell, 30_000)).toBe(11_000);
    expect(deadlineMs(cell, 60_000)).toBe(4_000);
    expect(cell.checks.map((check) => freshMs(cell, check))).toEqual([71_000, 71_000, 124_000]);
  });

  it('lets a vantage count as heard for two rounds of the top cadence and the slowest check of any', () => {
    expect(heardMs(cellOf(30_000, ['a'], [{ attempts: 1, timeoutMs: 1_000 }]))).toBe(63_000);
    expect(heardMs(cellOf(30_000, ['a'], [{}, { intervalMs: 60_000, attempts: 2, timeoutMs: 9_000 }]))).toBe(80_000);
    expect(heardMs(cellOf(30_000, ['a'], []))).toBe(62_000);
  });

  it('asks each vantage for its own checks only', () => {
    const cell = cellOf(30_000, ['a', 'b'], [{}, { vantages: ['b'] }, { intervalMs: 60_000, vantages: ['b'] }]);
    expect([...cadences(cell, 'a')]).toEqual([[30_000, 1]]);
    expect([...cadences(cell, 'b')]).toEqual([
      [30_000, 2],
      [60_000, 1],
    ]);
    expect([...cadences(cell, 'x')]).toEqual([]);
  });
});

describe('properties', () => {
  const cadence = fc.integer({ min: 1, max: 300 }).map((seconds) => seconds * 1_000);
  const vantageCount = fc.integer({ min: 1, max: 9 });
  const minute = fc.integer({ min: 0, max: 40_000_000 }).map((n) => n * MINUTE);

  it('windows of consecutive minutes plan every due time exactly once', () => {
    fc.assert(
      fc.property(cadence, vantageCount, minute, fc.integer({ min: 2, max: 12 }), (intervalMs, n, start, minutes) => {
        const cell = cellOf(intervalMs, named(n));
        const plans = Array.from({ length: minutes }, (_, i) => planWindow(start + i * MINUTE));
        for (const vantage of cell.vantages) {
          const planned = plans.flatMap(([from, to]) => duesOf(cell, vantage, from, to));
          expect(planned).toEqual(duesOf(cell, vantage, start + MINUTE, start + (minutes + 1) * MINUTE));
          for (const due of planned) expect((due - staggerMs(cell, vantage)) % intervalMs).toBe(0);
        }
      }),
    );
  });

  it('a plan that is carried out anywhere in its minute is in time for all that it plans', () => {
    fc.assert(
      fc.property(minute, fc.integer({ min: 0, max: MINUTE - 1 }), (scheduledAt, lateness) => {
        const [from, to] = planWindow(scheduledAt);
        expect(from).toBeGreaterThan(scheduledAt + lateness);
        expect(to - scheduledAt).toBeLessThanOrEqual(900_000);
      }),
    );
  });

  it('somebody looks every interval / N', () => {
    fc.assert(
      fc.property(cadence, vantageCount, minute, (intervalMs, n, start) => {
        const cell = cellOf(intervalMs, named(n));
        const looks = cell.vantages.flatMap((vantage) => duesOf(cell, vantage, start, start + 4 * intervalMs));
        looks.sort((a, b) => a - b);
        const gaps = looks.slice(1).map((at, i) => at - (looks[i] ?? 0));
        expect(Math.max(...gaps)).toBeLessThanOrEqual(Math.ceil(intervalMs / n) + 1);
      }),
    );
  });

  it('a slow check is looked at exactly once in each of its intervals by each vantage, and about every interval / N by somebody', () => {
    fc.assert(
      fc.property(cadence, vantageCount, fc.integer({ min: 1, max: 20 }), minute, (intervalMs, n, rounds, start) => {
        const slow = intervalMs * rounds;
        const cell = cellOf(intervalMs, named(n), [{ intervalMs: slow }]);
        const looksOf = (vantage: string) =>
          duesOf(cell, vantage, start, start + 3 * slow).filter((due) => checksDueAt(cell, vantage, due).length > 0);
        for (const vantage of cell.vantages) {
          const looks = looksOf(vantage);
          expect(looks).toHaveLength(3);
          expect(looks.slice(1).map((at, i) => at - (looks[i] ?? 0))).toEqual([slow, slow]);
        }
        const all = cell.vantages.flatMap(looksOf).sort((a, b) => a - b);
        const gaps = all.slice(1).map((at, i) => at - (all[i] ?? 0));
        expect(Math.max(...gaps)).toBeLessThanOrEqual(Math.ceil(slow / n) + intervalMs + 1);
      }),
    );
  });
});
