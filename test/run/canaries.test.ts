import { describe, expect, it } from 'vitest';
import type { Ballot, Vote } from '../../lib/core/ballot.ts';
import type { Cell, Check } from '../../lib/core/cell.ts';
import type { Observation } from '../../lib/core/merge.ts';
import { voteOf } from '../../lib/core/votes.ts';
import type { Look, VantageMessage } from '../../lib/ports.ts';
import { canaryFault } from '../../lib/run/canaries.ts';
import { createProber } from '../../lib/run/prober.ts';
import { createManualClock } from '../clock.ts';
import { cellOf, checkOf } from '../core/invariants/world.ts';
import { createMemoryStore } from '../store/memory.ts';

/** 2026-01-01T00:00:00Z, where the manual clock starts, and where v0 is due first. */
const START = 1_767_225_600_000;
const canary = (id: string) => ({ ...checkOf(cellOf(), 'eu/api'), key: `/https://${id}`, node: '', id });
const canaries: Check[] = ['a.test', 'b.test', 'c.test'].map(canary);
const cell: Cell = { ...cellOf(), canaries };

/** One vantage that sees what the test says; everything is up until then. */
function world(of = cell) {
  const clock = createManualClock();
  const store = createMemoryStore();
  const sees: Record<string, Vote> = {};
  const asked: VantageMessage[] = [];
  const deadlines: number[] = [];
  const look: Look = async (checks, deadline) => {
    deadlines.push(deadline - clock.now());
    const observed = checks.map(({ key }): [string, Observation] => {
      const vote = sees[key] ?? 'up';
      return [key, { vote, reason: vote === 'up' ? 'ok' : 'connect-timeout', observedAt: clock.now() }];
    });
    return new Map(observed);
  };
  const queue = {
    async send(messages: readonly { body: VantageMessage; delayMs: number }[]) {
      asked.push(...messages.map(({ body }) => body));
      return { failed: [] };
    },
  };
  const vantages = Object.fromEntries(of.vantages.map((id) => [id, queue]));
  const prober = createProber({ cell: of, vantage: 'v0', clock, store, look, vantages, arbiters: [], emit: () => {} });
  return {
    clock,
    sees,
    asked,
    deadlines,
    async round(at: number) {
      await Promise.all([prober.handle({ kind: 'round', due: START + at }), clock.advance(START + at - clock.now())]);
    },
    async opinion() {
      const message: VantageMessage = { kind: 'opinion', checks: ['eu/api'], askedBy: 'v1', lookAfter: clock.now() };
      await Promise.all([prober.handle(message), clock.advance(0)]);
    },
    ballot: () => store.items.ballots.v0 as Ballot,
    vote: () => voteOf(of, checkOf(of, 'eu/api'), 'v0', store.items.ballots.v0 ?? 'missing', clock.now()),
  };
}

const DETAIL = '2 of 3 canaries did not answer: a.test (connect-timeout), c.test (connect-timeout)';
const lose = (sees: Record<string, Vote>, ...ids: string[]) => {
  for (const id of ids) sees[`/https://${id}`] = 'down';
};

describe('a vantage with canaries', () => {
  it('votes while at most one of three is silent', async () => {
    const { round, sees, vote, ballot } = world();
    lose(sees, 'b.test');
    await round(0);
    expect(vote()).toMatchObject({ vote: 'up' });
    expect(ballot().abstention).toBeUndefined();
    expect(Object.keys(ballot().votes).filter((key) => key.startsWith('/'))).toEqual([]);
  });

  it('abstains on everything when two are silent, and asks nobody for a second opinion', async () => {
    const { round, sees, vote, ballot, asked } = world();
    await round(0);
    sees['eu/api'] = 'down';
    lose(sees, 'a.test', 'c.test');
    await round(10_000);
    expect(vote()).toMatchObject({ vote: 'abstain', reason: 'canaries' });
    expect(ballot().abstention).toMatchObject({ reason: 'canaries', detail: DETAIL });
    expect(asked).toEqual([]);
  });

  it('votes again in the first round in which they answer', async () => {
    const { round, sees, vote } = world();
    lose(sees, 'a.test', 'b.test', 'c.test');
    sees['eu/api'] = 'down';
    await round(0);
    expect(vote()).toMatchObject({ vote: 'abstain', reason: 'canaries' });
    for (const { key } of canaries) delete sees[key];
    await round(10_000);
    expect(vote()).toMatchObject({ vote: 'down', reason: 'connect-timeout' });
  });

  it('abstains in a second opinion too: what it says then is not counted', async () => {
    const { round, opinion, sees, vote, clock } = world();
    await round(0);
    await clock.advance(1_000);
    sees['eu/api'] = 'down';
    lose(sees, 'a.test', 'b.test');
    await opinion();
    expect(vote()).toMatchObject({ vote: 'abstain', reason: 'canaries' });
  });

  it('looks at them in every round, also in one in which no check is due, and gives them their time', async () => {
    const rare = { ...cell, checks: cell.checks.map((check) => ({ ...check, intervalMs: 60_000 })) };
    const { round, sees, ballot, deadlines } = world(rare);
    await round(0);
    lose(sees, 'a.test', 'b.test');
    await round(10_000);
    expect(ballot().abstention).toMatchObject({ reason: 'canaries' });
    const [{ attempts, timeoutMs }] = canaries as [Check];
    expect(deadlines[1]).toBeGreaterThanOrEqual(attempts * timeoutMs);
  });
});

describe('canaries', () => {
  const seen = (...votes: Vote[]) =>
    new Map(votes.map((vote, at): [string, Observation] => [`/https://${at}`, { vote, reason: 'ok', observedAt: 0 }]));
  const of = (count: number) => Array.from({ length: count }, (_, at) => canary(String(at)));

  it.each<[Vote[], boolean]>([
    [[], false],
    [['up', 'up', 'down'], false],
    [['up', 'down', 'down'], true],
    [['up', 'abstain', 'abstain'], true],
    [['up', 'up', 'down', 'down'], false],
    [['up', 'down', 'down', 'down'], true],
    [['up', 'up', 'down', 'down', 'down'], false],
    [['up', 'down', 'down', 'down', 'down'], true],
  ])('that vote %j: a fault of the vantage is %s', (votes, expected) => {
    expect(canaryFault(of(votes.length), seen(...votes)) !== undefined).toBe(expected);
  });

  it('that were not looked at in time count as silent', () => {
    expect(canaryFault(canaries, new Map())).toBe(
      '3 of 3 canaries did not answer: a.test (unfinished), b.test (unfinished), c.test (unfinished)',
    );
  });
});
