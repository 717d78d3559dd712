import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ballot, Vote } from '../../lib/core/ballot.ts';
import type { Cell } from '../../lib/core/cell.ts';
import { drillKey, withDrill } from '../../lib/core/drill.ts';
import { mergeRun, type Observation, type Run } from '../../lib/core/merge.ts';
import { voteOf } from '../../lib/core/votes.ts';
import { cellOf, checkOf, FRESH_MS, INTERVAL_MS, START_MS } from './invariants/world.ts';

const cell = cellOf();
const FIVE_MINUTES = 300_000;
/** Seconds after the start, in ms since 1970. */
const at = (seconds: number) => START_MS + seconds * 1_000;

const seenAs = (vote: Vote, observedAt: number): Observation => ({
  vote,
  reason: vote === 'up' ? 'ok' : vote === 'abstain' ? 'unfinished' : 'status',
  observedAt,
});

/** A full round that began then; what it is not told of was up a moment later. */
function round(seconds: number, seen: Record<string, [Vote, number]> = {}, of: Cell = cell): Run {
  const all = of.checks.map(({ key }) => {
    const [vote, observed] = seen[key] ?? ['up', seconds];
    return [key, seenAs(vote, at(observed))] as const;
  });
  const intervalsMs = [...new Set(of.checks.map(({ intervalMs }) => intervalMs))];
  return { kind: 'round', startedAt: at(seconds), intervalsMs, seen: new Map(all) };
}

const opinion = (vote: Vote, seconds: number, key = 'eu/api'): Run => ({
  kind: 'opinion',
  seen: new Map([[key, seenAs(vote, at(seconds))]]),
});

/** Runs merged one after the other, in the order in which they were written. */
function ballotAfter(...runs: Run[]): Ballot {
  let ballot: Ballot | undefined;
  for (const run of runs) ballot = mergeRun(cell, 'v0', ballot, run).ballot;
  if (!ballot) throw new Error('no run, no ballot');
  return ballot;
}

/** What an arbiter reads of a check. */
const said = (ballot: Ballot, seconds: number, key = 'eu/api', of: Cell = cell) => {
  const { vote, reason, observedAt } = voteOf(of, checkOf(of, key), 'v0', ballot, at(seconds));
  return { vote, reason, seconds: (observedAt - START_MS) / 1_000 };
};

describe('what is listed', () => {
  it('lists nothing after a healthy round', () => {
    expect(ballotAfter(round(0))).toEqual({
      schema: 1,
      vantage: 'v0',
      version: 1,
      probeHash: cell.probeHash,
      rounds: { [INTERVAL_MS]: { startedAt: at(0), asked: 2 } },
      votes: {},
    });
  });

  it.each<Vote>(['down', 'degraded', 'abstain'])('lists what is %s, with its reason and when it was seen', (vote) => {
    const { votes } = ballotAfter(round(0, { 'eu/api': [vote, 2] }));
    expect(votes).toEqual({ 'eu/api': { ...seenAs(vote, at(2)), since: at(2), checkHash: 'hash of eu/api' } });
  });

  it('keeps detail, facts and how long it took, and nothing else, of what was seen', () => {
    const timed = { ...seenAs('down', at(1)), detail: 'HTTP 500', tookMs: 12, facts: { head: 7 }, timings: { totalMs: 3 } };
    const { votes } = ballotAfter({ kind: 'opinion', seen: new Map([['eu/api', timed]]) });
    expect(votes['eu/api']).toEqual({
      ...seenAs('down', at(1)),
      detail: 'HTTP 500',
      tookMs: 12,
      facts: { head: 7 },
      since: at(1),
      checkHash: 'hash of eu/api',
    });
  });

  it('has no field for what was not said, and keeps the token of what it was read from', () => {
    const { votes } = ballotAfter(opinion('down', 1));
    expect(Object.keys(votes['eu/api'] ?? {}).sort()).toEqual(['checkHash', 'observedAt', 'reason', 'since', 'vote']);
    const first = ballotAfter({ kind: 'abstention', reason: 'late', at: at(0) });
    expect(Object.keys(first)).not.toContain('token');
    expect(Object.keys(first.abstention ?? {})).toEqual(['reason', 'at']);
    expect(mergeRun(cell, 'v0', { ...first, token: 'read' }, round(10)).ballot.token).toBe('read');
  });

  it('ignores what nobody asked of this vantage', () => {
    expect(ballotAfter(round(0), opinion('down', 1, 'eu/gone')).votes).toEqual({});
    const others = cellOf({ checks: { 'eu/api': { vantages: ['v1', 'v2'] } } });
    expect(mergeRun(others, 'v0', undefined, opinion('down', 1)).ballot.votes).toEqual({});
  });

  it('drops at once what is no longer asked of it at all', () => {
    const { ballot } = mergeRun(
      cellOf({ nodes: { us: ['api'] } }),
      'v0',
      ballotAfter(opinion('down', 1)),
      opinion('up', 2, 'us/api'),
    );
    expect(Object.keys(ballot.votes)).toEqual(['us/api']);
  });

  it('keeps what was seen of a drill for a minute, whatever runs: nothing asks for it', () => {
    const drill = { id: 'life-7' };
    const key = drillKey(drill);
    const drilled = mergeRun(withDrill(cell, drill), 'v0', undefined, opinion('down', 0, key)).ballot;
    const isKept = (run: Run) => key in mergeRun(cell, 'v0', drilled, run).ballot.votes;
    const late = (seconds: number): Run => ({ kind: 'abstention', reason: 'late', at: at(seconds) });
    for (const run of [round, (seconds: number) => opinion('up', seconds), late])
      expect([isKept(run(60)), isKept(run(60.001))]).toEqual([true, false]);
    expect(isKept(round(60, { 'eu/api': ['up', 61] }))).toBe(true);
  });

  it('lets a look for one drill that comes late take nothing from the next', () => {
    const key = drillKey({ id: 'any' });
    const looked = (id: string, seconds: number, prior?: Ballot) =>
      mergeRun(withDrill(cell, { id }), 'v0', prior, opinion('down', seconds, key)).ballot;
    const next = looked('life-8', 20);
    expect(looked('life-7', 19.999, next).votes).toEqual(next.votes);
    for (const seconds of [20, 21])
      expect(looked('life-9', seconds, next).votes[key]).toMatchObject({ checkHash: 'drill life-9', since: at(seconds) });
  });

  it('drops votes on checks that ask something else now, and rounds of another configuration', () => {
    const edited = cellOf({ checks: { 'eu/api': { hash: 'edited' } } });
    const before = ballotAfter(round(0, { 'eu/api': ['down', 1], 'us/api': ['down', 1] }));
    const { ballot } = mergeRun({ ...edited, probeHash: 'probe-2' }, 'v0', before, opinion('down', 3, 'us/api'));
    expect(Object.keys(ballot.votes)).toEqual(['us/api']);
    expect(ballot.rounds).toEqual({});
  });
});

describe('the later observation wins', () => {
  it('whichever was written last', () => {
    expect(said(ballotAfter(opinion('down', 2), opinion('degraded', 3)), 4)).toMatchObject({ vote: 'degraded', seconds: 3 });
    expect(said(ballotAfter(opinion('degraded', 3), opinion('down', 2)), 4)).toMatchObject({ vote: 'degraded', seconds: 3 });
  });

  it('also when the later one is an `up` that nobody listed: a slow writer brings no older `down` back', () => {
    expect(said(ballotAfter(round(0), round(10), opinion('down', 9.9)), 11)).toMatchObject({ vote: 'up', seconds: 10 });
    expect(said(ballotAfter(round(10), round(0, { 'eu/api': ['down', 4] })), 11)).toMatchObject({ vote: 'up', seconds: 10 });
  });

  it('counts one look once, however often it is written', () => {
    const once = ballotAfter(round(0), round(10, { 'eu/api': ['down', 11] }));
    const twice = ballotAfter(round(0), round(10, { 'eu/api': ['down', 11] }), round(10, { 'eu/api': ['down', 11] }));
    expect(twice).toEqual({ ...once, version: 3 });
  });

  it('or what was written first, of two that ended in the same millisecond', () => {
    expect(said(ballotAfter(opinion('down', 2), opinion('degraded', 2)), 3)).toMatchObject({ vote: 'down' });
  });

  it('may be from the moment in which the last round began', () => {
    expect(said(ballotAfter(round(10), opinion('down', 10)), 11)).toMatchObject({ vote: 'down', seconds: 10 });
  });

  it('never lets an older round take the place of a newer one', () => {
    expect(ballotAfter(round(10), round(0)).rounds).toEqual({ [INTERVAL_MS]: { startedAt: at(10), asked: 2 } });
  });
});

describe('a second opinion', () => {
  it('that says `up` stays listed until a round that started later', () => {
    const opined = ballotAfter(round(0, { 'eu/api': ['down', 1] }), opinion('up', 3));
    expect(said(opined, 4)).toMatchObject({ vote: 'up', seconds: 3 });
    const long = ballotAfter(round(0), opinion('up', 3));
    expect(Object.keys(long.votes)).toEqual(['eu/api']);
    expect(mergeRun(cell, 'v0', long, round(10)).ballot.votes).toEqual({});
    expect(Object.keys(mergeRun(cell, 'v0', long, round(3, { 'eu/api': ['up', 4] })).ballot.votes)).toEqual(['eu/api']);
  });

  it('loses nothing to a round that overlaps with it: the opinion is written first', () => {
    const newer = ballotAfter(opinion('down', 4), round(2, { 'eu/api': ['up', 3] }));
    expect(said(newer, 5)).toMatchObject({ vote: 'down', seconds: 4 });
    const older = ballotAfter(opinion('down', 3), round(2, { 'eu/api': ['up', 4] }));
    expect(said(older, 5)).toMatchObject({ vote: 'up', seconds: 4 });
  });

  it('is not taken back to the beginning of a round that overlaps with it', () => {
    expect(said(ballotAfter(round(0), opinion('up', 3), round(2, { 'eu/api': ['up', 4] })), 5)).toMatchObject({ seconds: 4 });
  });

  it('loses nothing to a round that overlaps with it: the round is written first', () => {
    const newer = ballotAfter(round(2, { 'eu/api': ['degraded', 3] }), opinion('down', 4));
    expect(said(newer, 5)).toMatchObject({ vote: 'down', seconds: 4 });
    const older = ballotAfter(round(2, { 'eu/api': ['degraded', 4] }), opinion('down', 3));
    expect(said(older, 5)).toMatchObject({ vote: 'degraded', seconds: 4 });
  });

  it('says nothing of other checks', () => {
    expect(ballotAfter(round(0), opinion('down', 3)).rounds).toEqual(ballotAfter(round(0)).rounds);
    expect(said(ballotAfter(opinion('down', 3)), 4, 'us/api')).toMatchObject({ vote: 'abstain', reason: 'missing' });
  });
});

describe('a streak', () => {
  const sinceOf = (...runs: Run[]) => {
    const vote = ballotAfter(...runs).votes['eu/api'];
    return vote && (vote.since - START_MS) / 1_000;
  };
  const down = (seconds: number) => round(seconds, { 'eu/api': ['down', seconds] });

  it('lasts as long as the same is seen', () => {
    expect(sinceOf(down(0), opinion('down', 5), down(10))).toBe(0);
  });

  it('begins anew with every change', () => {
    expect(sinceOf(down(0), opinion('up', 5), down(10))).toBe(10);
    expect(sinceOf(down(0), round(5, { 'eu/api': ['degraded', 5] }), down(10))).toBe(10);
    expect(sinceOf(down(0), round(10), down(20))).toBe(20);
  });

  it('is cut by an older look that arrives late and saw something else', () => {
    expect(sinceOf(down(0), down(10), opinion('up', 5))).toBe(10);
    expect(sinceOf(down(0), down(10), opinion('down', 5))).toBe(0);
    expect(sinceOf(down(4), down(10), opinion('up', 4))).toBe(10);
    expect(sinceOf(down(4), down(10), opinion('up', 2))).toBe(4);
  });

  it('does not reach over a time in which the vantage was not heard', () => {
    expect(sinceOf(down(0), down(FRESH_MS / 1_000))).toBe(0);
    expect(sinceOf(down(0), down(FRESH_MS / 1_000 + 1))).toBe(FRESH_MS / 1_000 + 1);
  });
});

describe('cadences', () => {
  const mixed = cellOf({ nodes: { eu: ['api', 'p2p'] }, checks: { 'eu/p2p': { intervalMs: FIVE_MINUTES } } });
  const runOf = (seconds: number, key: string, intervalMs: number, vote: Vote): Run => ({
    kind: 'round',
    startedAt: at(seconds),
    intervalsMs: [intervalMs],
    seen: new Map([[key, seenAs(vote, at(seconds))]]),
  });

  it('each keep their own last round: a fast round says nothing of slow checks', () => {
    const first = mergeRun(mixed, 'v0', undefined, round(0, { 'eu/p2p': ['down', 0] }, mixed)).ballot;
    const second = mergeRun(mixed, 'v0', first, runOf(10, 'eu/api', INTERVAL_MS, 'up')).ballot;
    expect(second.rounds).toEqual({
      [INTERVAL_MS]: { startedAt: at(10), asked: 1 },
      [FIVE_MINUTES]: { startedAt: at(0), asked: 1 },
    });
    expect(said(second, 11, 'eu/p2p', mixed)).toMatchObject({ vote: 'down', seconds: 0 });
    expect(said(second, 11, 'eu/api', mixed)).toMatchObject({ vote: 'up', seconds: 10 });
  });

  it('are silent until their first round', () => {
    const { ballot } = mergeRun(mixed, 'v0', undefined, runOf(0, 'eu/api', INTERVAL_MS, 'up'));
    expect(said(ballot, 1, 'eu/p2p', mixed)).toMatchObject({ vote: 'abstain', reason: 'missing' });
  });
});

describe('an abstention', () => {
  const late = (seconds: number): Run => ({ kind: 'abstention', reason: 'late', detail: '6000 ms', at: at(seconds) });

  it('takes back everything seen up to then, and touches no vote', () => {
    const ballot = ballotAfter(round(0, { 'eu/api': ['down', 1] }), late(10));
    expect(ballot.abstention).toEqual({ reason: 'late', detail: '6000 ms', at: at(10) });
    expect(said(ballot, 11)).toMatchObject({ vote: 'abstain', reason: 'late' });
    expect(said(ballot, 11, 'us/api')).toMatchObject({ vote: 'abstain', reason: 'late' });
    expect(ballot.votes['eu/api']?.vote).toBe('down');
  });

  it('ends with a round that started later, and not with a second opinion', () => {
    expect(ballotAfter(late(10), opinion('up', 12)).abstention).toBeDefined();
    expect(ballotAfter(late(10), round(5)).abstention).toBeDefined();
    expect(ballotAfter(late(10), round(10)).abstention).toBeDefined();
    expect(ballotAfter(late(10), round(20)).abstention).toBeUndefined();
  });

  it('that is older than the last round says nothing any more', () => {
    const { ballot, turnedDown, wake } = mergeRun(cell, 'v0', ballotAfter(round(20)), late(10));
    expect(ballot.abstention).toBeUndefined();
    expect(said(ballot, 21)).toMatchObject({ vote: 'up', seconds: 20 });
    expect({ turnedDown, wake }).toEqual({ turnedDown: [], wake: false });
    expect(ballotAfter(round(20), late(20)).abstention?.at).toBe(at(20));
  });

  it('does not replace a later one', () => {
    expect(ballotAfter(late(20), late(10)).abstention?.at).toBe(at(20));
  });
});

describe('what wakes the arbiters', () => {
  const wakes = (prior: Run[], run: Run) => mergeRun(cell, 'v0', prior.length > 0 ? ballotAfter(...prior) : undefined, run).wake;
  const down = (seconds: number) => round(seconds, { 'eu/api': ['down', seconds] });

  it('a change, in either direction', () => {
    expect(wakes([round(0)], down(10))).toBe(true);
    expect(wakes([round(0), down(10)], round(20))).toBe(true);
  });

  it('the same again while it is young: a quorum may need it for downFor or recover', () => {
    expect(wakes([round(0), down(10)], down(20))).toBe(true);
    expect(wakes([round(0), down(10), round(20)], round(30))).toBe(true);
  });

  it('nothing in steady state, well or down', () => {
    expect(wakes([round(0)], round(10))).toBe(false);
    const old = [0, 10, 20, 30].map(down);
    expect(wakes(old, down(40))).toBe(false);
  });

  it('nothing that was written already', () => {
    expect(wakes([round(0), down(10)], down(10))).toBe(false);
  });

  it('the same again until the arbiters can have counted `recover` quorums, with a round to spare', () => {
    const downs = [round(0), ...[10, 20, 30].map(down)];
    expect(wakes(downs, down(40))).toBe(true);
    expect(wakes(downs, down(40.001))).toBe(false);
  });

  it('the first abstention, and its end', () => {
    const late = (seconds: number): Run => ({ kind: 'abstention', reason: 'late', at: at(seconds) });
    expect(wakes([round(0)], late(10))).toBe(true);
    expect(wakes([round(0), late(10)], late(20))).toBe(false);
    expect(wakes([round(0), late(10)], round(20))).toBe(true);
    expect(wakes([round(0), late(10)], opinion('up', 12))).toBe(false);
  });
});

describe('what turns down', () => {
  const turned = (prior: Run[], run: Run) =>
    mergeRun(cell, 'v0', prior.length > 0 ? ballotAfter(...prior) : undefined, run).turnedDown;
  const all = (vote: Vote, seconds: number) => round(seconds, { 'eu/api': [vote, seconds] });

  it.each<Vote>(['up', 'degraded', 'abstain'])('a check that was %s', (vote) => {
    expect(turned([all(vote, 0)], all('down', 10))).toEqual(['eu/api']);
  });

  it('nothing, where a vantage abstains', () => {
    expect(turned([round(0)], { kind: 'abstention', reason: 'late', at: at(10) })).toEqual([]);
  });

  it('not a check that was down already, nor one seen before something newer', () => {
    expect(turned([all('down', 0)], all('down', 10))).toEqual([]);
    expect(turned([opinion('up', 12)], round(10, { 'eu/api': ['down', 11] }))).toEqual([]);
  });

  it('a check that was never looked at before', () => {
    expect(turned([], all('down', 0))).toEqual(['eu/api']);
  });
});

describe('runs of one vantage, however they are interleaved', () => {
  /** Looks at one check: some as part of a round, most times as a second opinion. */
  const looks = fc.array(
    fc.record({ seconds: fc.integer({ min: 1, max: 20 }), vote: fc.constantFrom<Vote>('up', 'degraded', 'down', 'abstain') }),
    { minLength: 1, maxLength: 8 },
  );
  /** Each second seen once: two looks of one vantage that end in the same millisecond have no order. */
  const runsOf = (seen: readonly { seconds: number; vote: Vote }[], rounds: boolean): Run[] =>
    [...new Map(seen.map((look) => [look.seconds, look])).values()].map(({ seconds, vote }) =>
      rounds && seconds % 2 === 0 ? round(seconds, { 'eu/api': [vote, seconds] }) : opinion(vote, seconds),
    );
  const order = fc.array(fc.nat(), { minLength: 1, maxLength: 24 });
  /** Every run at least once, some again, in any order. */
  const written = (runs: readonly Run[], picks: readonly number[]): Run[] => {
    const drawn = picks.map((pick) => runs[pick % runs.length] as Run);
    return [...drawn, ...runs.filter((run) => !drawn.includes(run))];
  };
  const latestOf = (runs: readonly Run[]) =>
    runs
      .flatMap((run) => (run.kind === 'abstention' ? [] : [run.seen.get('eu/api') as Observation]))
      .sort((a, b) => b.observedAt - a.observedAt)[0];

  it('the ballot says what was seen last (S3)', () => {
    fc.assert(
      fc.property(looks, fc.boolean(), order, (seen, rounds, picks) => {
        const runs = runsOf(seen, rounds);
        const latest = latestOf(runs);
        const { vote, observedAt } = voteOf(cell, checkOf(cell, 'eu/api'), 'v0', ballotAfter(...written(runs, picks)), at(21));
        expect({ vote, observedAt }).toEqual({ vote: latest?.vote, observedAt: latest?.observedAt });
      }),
    );
  });

  it('merging again what was merged changes nothing that is counted but the version', () => {
    // Since when a check is up justifies nothing. What is not listed is up since ever, so an older look may cut that later.
    const counted = (ballot: Ballot, version: number) => ({
      ...ballot,
      version,
      votes: Object.entries(ballot.votes).map(([key, { since, ...said }]) => [key, said, said.vote === 'up' ? 0 : since]),
    });
    fc.assert(
      fc.property(looks, fc.boolean(), order, (seen, rounds, picks) => {
        const runs = written(runsOf(seen, rounds), picks);
        const ballot = ballotAfter(...runs);
        for (const run of runs) expect(counted(mergeRun(cell, 'v0', ballot, run).ballot, 0)).toEqual(counted(ballot, 0));
      }),
    );
  });

  it('a late look lengthens no streak: whoever was up in between is never said to have been down all along', () => {
    fc.assert(
      fc.property(looks, order, (seen, picks) => {
        const runs = runsOf(seen, false);
        const vote = ballotAfter(...written(runs, picks)).votes['eu/api'];
        const others = runs.flatMap((run) => (run.kind === 'abstention' ? [] : [...run.seen.values()]));
        const inside = others.filter((each) => vote && each.observedAt >= vote.since && each.observedAt <= vote.observedAt);
        expect(vote?.vote === 'up' || inside.every((each) => each.vote === vote?.vote)).toBe(true);
      }),
    );
  });

  it('compare-and-set loses nothing: writers that read the same ballot both end up in it', () => {
    fc.assert(
      fc.property(looks, order, (seen, picks) => {
        const runs = runsOf(seen, true);
        const queue = runs.map((run) => ({ run, read: undefined as Ballot | undefined, hasRead: false }));
        let stored: Ballot | undefined;
        for (let step = 0; queue.length > 0; step++) {
          const writer = queue[(picks[step % picks.length] ?? 0) % queue.length];
          if (!writer) break;
          if (!writer.hasRead || (picks[step % picks.length] ?? 0) % 3 === 0) {
            Object.assign(writer, { read: stored, hasRead: true });
            if (step < 100) continue;
          }
          const { ballot } = mergeRun(cell, 'v0', writer.read, writer.run);
          if (ballot.version === (stored?.version ?? 0) + 1) {
            stored = ballot;
            queue.splice(queue.indexOf(writer), 1);
          } else writer.hasRead = false;
        }
        const vote = stored && voteOf(cell, checkOf(cell, 'eu/api'), 'v0', stored, at(21));
        expect(vote?.vote).toBe(latestOf(runs)?.vote);
      }),
    );
  });
});
