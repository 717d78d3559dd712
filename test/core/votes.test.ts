import { describe, expect, it } from 'vitest';
import type { Ballot } from '../../lib/core/ballot.ts';
import type { Read } from '../../lib/core/inputs.ts';
import { vantageState, voteOf, votesOf } from '../../lib/core/votes.ts';
import { ballotOf, castOf, cellOf, checkOf, FRESH_MS, START_MS } from './invariants/world.ts';

const cell = cellOf();
const check = checkOf(cell, 'eu/api');
const at = START_MS;
const read = (ballot: Read<Ballot>, now = at) => voteOf(cell, check, 'v0', ballot, now);
const down = { 'eu/api': castOf(check, 'down', at) };

describe('a vote, read from a ballot', () => {
  it('is what is listed', () => {
    expect(read(ballotOf(cell, 'v0', at, down))).toEqual(down['eu/api']);
  });

  it('is up as of the last round when it is not listed', () => {
    expect(read(ballotOf(cell, 'v0', at))).toMatchObject({ vote: 'up', reason: 'ok', observedAt: at, since: at });
  });

  it.each(['missing', 'unreadable'] as const)('abstains when the ballot is %s', (ballot) => {
    expect(read(ballot)).toMatchObject({ vote: 'abstain', reason: ballot });
  });

  it('abstains when its cadence never had a round', () => {
    expect(read({ ...ballotOf(cell, 'v0', at), rounds: {} })).toMatchObject({ vote: 'abstain', reason: 'missing' });
  });

  it('abstains when another configuration was asked, and nothing is listed', () => {
    const ballot = ballotOf(cell, 'v0', at);
    expect(read({ ...ballot, probeHash: 'probe-2' })).toMatchObject({ vote: 'abstain', reason: 'skew' });
    expect(read({ ...ballot, rounds: { 10000: { startedAt: at, asked: 3 } } })).toMatchObject({
      vote: 'abstain',
      reason: 'skew',
    });
  });

  it('counts when listed under another configuration, if the check asks the same (S14)', () => {
    const ballot = { ...ballotOf(cell, 'v0', at, down), probeHash: 'probe-2' };
    expect(read(ballot)).toMatchObject({ vote: 'down' });
    const other = { 'eu/api': { ...castOf(check, 'down', at), checkHash: 'another question' } };
    expect(read({ ...ballot, votes: other })).toMatchObject({ vote: 'abstain', reason: 'skew' });
  });

  it('is fresh for two intervals and a deadline', () => {
    expect(read(ballotOf(cell, 'v0', at, down), at + FRESH_MS)).toMatchObject({ vote: 'down' });
    expect(read(ballotOf(cell, 'v0', at, down), at + FRESH_MS + 1)).toMatchObject({ vote: 'abstain', reason: 'stale' });
    expect(read(ballotOf(cell, 'v0', at), at + FRESH_MS + 1)).toMatchObject({ vote: 'abstain', reason: 'stale' });
  });

  it('may come from 5 s ahead, and no further', () => {
    expect(read(ballotOf(cell, 'v0', at, down), at - 5_000)).toMatchObject({ vote: 'down' });
    expect(read(ballotOf(cell, 'v0', at, down), at - 5_001)).toMatchObject({ vote: 'abstain', reason: 'clock' });
  });

  it('is taken back by an abstention that is not older, and only then (S5)', () => {
    const ballot = ballotOf(cell, 'v0', at, down);
    expect(read({ ...ballot, abstention: { reason: 'canaries', at } })).toMatchObject({ vote: 'abstain', reason: 'canaries' });
    expect(read({ ...ballot, abstention: { reason: 'canaries', at: at - 1 } })).toMatchObject({ vote: 'down' });
  });
});

describe('the votes on a check', () => {
  it('are one of each vantage that it is asked of, whatever was read (S3, S4)', () => {
    const votes = votesOf(
      cell,
      check,
      { v0: ballotOf(cell, 'v0', at, down), v1: 'unreadable', stranger: ballotOf(cell, 'v0', at, down) },
      at,
    );
    expect(Object.entries(votes).map(([vantage, { vote, reason }]) => `${vantage} ${vote} ${reason}`)).toEqual([
      'v0 down connect-refused',
      'v1 abstain unreadable',
      'v2 abstain missing',
    ]);
  });
});

describe('a vantage', () => {
  const state = (change: Partial<Ballot> = {}, now = at) => vantageState(cell, { ...ballotOf(cell, 'v0', at), ...change }, now);

  it('is up, abstaining, in skew or stale by its ballot, and missing without one', () => {
    expect(state()).toBe('up');
    expect(state({ abstention: { reason: 'late', at } })).toBe('abstaining');
    expect(state({ probeHash: 'probe-2' })).toBe('skew');
    expect(state({}, at + FRESH_MS)).toBe('up');
    expect(state({}, at + FRESH_MS + 1)).toBe('stale');
    expect(vantageState(cell, 'missing', at)).toBe('missing');
    expect(vantageState(cell, 'unreadable', at)).toBe('missing');
  });

  it('is heard by whatever it did last: a round or a vote', () => {
    const votes = (seenAt: number) => ({ 'eu/api': castOf(check, 'down', seenAt) });
    expect(state({ votes: votes(at - 60_000) })).toBe('up');
    expect(state({ votes: votes(at + 10_000) }, at + 10_000 + FRESH_MS)).toBe('up');
    expect(state({ votes: votes(at + 10_000) }, at + 10_001 + FRESH_MS)).toBe('stale');
  });

  it('whose clock is wrong is given a minute more, for it plans no rounds and says so once a minute', () => {
    const abstaining = (reason: 'clock' | 'late') => ({ rounds: {}, abstention: { reason, at } });
    expect(state(abstaining('late'), at + FRESH_MS)).toBe('abstaining');
    expect(state(abstaining('late'), at + FRESH_MS + 1)).toBe('stale');
    expect(state(abstaining('clock'), at + FRESH_MS + 60_000)).toBe('abstaining');
    expect(state(abstaining('clock'), at + FRESH_MS + 60_001)).toBe('stale');
  });
});
