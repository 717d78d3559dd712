import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CastVote, Vote } from '../../lib/core/ballot.ts';
import { isDownProven, isHealthyQuorum, spanMs, type Tally, verdictOf, worst } from '../../lib/core/tally.ts';
import { castOf, cellOf, checkOf } from './invariants/world.ts';

const check = checkOf(cellOf({ vantages: 5 }), 'eu/api');
const count = (up: number, degraded: number, down: number): Tally => ({ up, degraded, down, abstain: 5 - up - degraded - down });

describe('the verdict of five vantages, quorum three', () => {
  it.each([
    [5, 0, 0, 'up'],
    [3, 0, 0, 'up'],
    [2, 0, 0, 'unknown'],
    [0, 0, 2, 'unknown'],
    [0, 0, 3, 'down'],
    [2, 0, 3, 'down'],
    [0, 2, 3, 'down'],
    [0, 3, 0, 'degraded'],
    [1, 1, 2, 'degraded'],
    [2, 1, 1, 'partial'],
    [3, 1, 1, 'partial'],
    [3, 2, 0, 'up'],
    [0, 0, 0, 'unknown'],
  ])('%d up, %d degraded, %d down: %s', (up, degraded, down, verdict) => {
    expect(verdictOf(count(up, degraded, down), 3)).toBe(verdict);
  });

  it('never becomes worse because somebody falls silent: silence only adds doubt (S4)', () => {
    const votes = fc.tuple(fc.nat(5), fc.nat(5), fc.nat(5)).filter(([up, degraded, down]) => up + degraded + down <= 5);
    fc.assert(
      fc.property(votes, ([up, degraded, down]) => {
        const before = verdictOf(count(up, degraded, down), 3);
        const fewer = [count(Math.max(0, up - 1), degraded, down), count(up, Math.max(0, degraded - 1), down)];
        for (const after of fewer) expect(before !== 'down' && verdictOf(after, 3) === 'down').toBe(false);
      }),
    );
  });

  it('counts up and degraded as healthy', () => {
    expect(isHealthyQuorum(count(2, 1, 2), 3)).toBe(true);
    expect(isHealthyQuorum(count(1, 1, 3), 3)).toBe(false);
  });
});

describe('the worst of several', () => {
  it('is down, then unknown, partial, degraded, up; and unknown of none', () => {
    expect(worst(['up', 'degraded', 'partial', 'unknown', 'down'])).toBe('down');
    expect(worst(['up', 'degraded', 'partial', 'unknown'])).toBe('unknown');
    expect(worst(['up', 'degraded', 'partial'])).toBe('partial');
    expect(worst(['up', 'degraded'])).toBe('degraded');
    expect(worst([])).toBe('unknown');
  });
});

describe('downFor', () => {
  /** Down votes as [since, observedAt]. */
  const downs = (...streaks: [number, number][]): CastVote[] => streaks.map(([since, at]) => castOf(check, 'down', at, since));

  it('counts from when the quorum was complete to the last look of any', () => {
    expect(spanMs(downs([0, 9_000], [1_000, 1_000], [4_000, 4_000]), 3, 0)).toBe(5_000);
    expect(spanMs(downs([0, 9_000], [1_000, 1_000]), 3, 0)).toBe(0);
  });

  it('does not depend on the order of the vantages', () => {
    expect(spanMs(downs([4_000, 4_000], [0, 9_000], [1_000, 1_000]), 3, 0)).toBe(5_000);
    expect(spanMs(downs([1_000, 1_000], [4_000, 4_000], [0, 9_000]), 3, 0)).toBe(5_000);
    expect(spanMs(downs([9_000, 9_000], [0, 9_000], [0, 9_000], [0, 9_000]), 3, 0)).toBe(9_000);
  });

  it('is not met by an old streak of one vantage and a blip of the others', () => {
    expect(spanMs(downs([0, 600_000], [600_000, 600_000], [600_100, 600_100]), 3, 0)).toBeLessThan(5_000);
  });

  it('needs no more than a quorum: whoever comes late does not begin it anew', () => {
    expect(spanMs(downs([0, 9_000], [0, 9_000], [0, 9_000], [9_000, 9_000]), 3, 0)).toBe(9_000);
  });

  it('begins anew with every transition, and ignores votes from before it', () => {
    const votes = Object.fromEntries(downs([0, 9_000], [0, 9_000], [0, 9_000]).map((vote, index) => [`v${index}`, vote]));
    expect(isDownProven(check, votes, 0)).toBe(true);
    expect(isDownProven(check, votes, 4_000)).toBe(true);
    expect(isDownProven(check, votes, 4_001)).toBe(false);
    expect(isDownProven(check, votes, 9_000)).toBe(false);
  });

  it('is not met with a vote that was cast before the transition, or with it', () => {
    const seenAt = (last: number) =>
      Object.fromEntries(downs([0, 9_000], [0, 9_000], [0, last]).map((vote, index) => [`v${index}`, vote]));
    expect(isDownProven(check, seenAt(4_001), 4_000)).toBe(true);
    expect(isDownProven(check, seenAt(4_000), 4_000)).toBe(false);
    expect(isDownProven(check, seenAt(3_000), 4_000)).toBe(false);
  });

  it.each<Vote>(['up', 'degraded', 'abstain'])('counts no vote that is %s', (vote) => {
    const votes = Object.fromEntries(
      check.vantages.map((each, index) => [each, castOf(check, index < 2 ? 'down' : vote, 9_000, 1)]),
    );
    expect(isDownProven(check, votes, 0)).toBe(false);
  });
});
