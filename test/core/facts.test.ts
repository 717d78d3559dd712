import { describe, expect, it } from 'vitest';
import type { Ballot, CastVote } from '../../lib/core/ballot.ts';
import type { Cell } from '../../lib/core/cell.ts';
import { mergeRun, type Run } from '../../lib/core/merge.ts';
import { at, chainCell, opinion, round } from './chain-world.ts';
import { cellOf } from './invariants/world.ts';

function ballotAfter(cell: Cell, ...runs: Run[]): Ballot {
  let ballot: Ballot | undefined;
  for (const run of runs) ballot = mergeRun(cell, 'v0', ballot, run).ballot;
  return ballot as Ballot;
}

const UP = { vote: 'up', reason: 'ok' };
/** What this vantage says of a node after these runs. */
function said(cell: Cell, node: string, ...runs: Run[]): Pick<CastVote, 'vote' | 'reason' | 'detail'> {
  const cast = ballotAfter(cell, ...runs).votes[`${node}/chain`];
  if (!cast) return UP as CastVote;
  return { vote: cast.vote, reason: cast.reason, ...(cast.detail && { detail: cast.detail }) };
}

describe('blocks behind', () => {
  const three = chainCell(['a', 'b', 'c']);
  const two = chainCell(['a', 'b']);

  it.each([
    [7, UP],
    [8, { vote: 'degraded', reason: 'behind', detail: '8 blocks behind b, expected fewer than 8' }],
    [16, { vote: 'down', reason: 'behind', detail: '16 blocks behind b, expected fewer than 16' }],
    [-500, UP],
  ])('by %i of two nodes', (lag, expected) => {
    expect(said(two, 'a', round(0, { a: { height: 1_000 - lag }, b: { height: 1_000 } }))).toEqual(expected);
  });

  it('counts from a head that two other nodes have reached, where there are two', () => {
    const heads = { a: { height: 900 }, b: { height: 1_000 }, c: { height: 990 } };
    expect(said(three, 'a', round(0, heads))).toMatchObject({
      vote: 'down',
      detail: '90 blocks behind c, expected fewer than 16',
    });
  });

  it('is said of nobody when one node invents a height', () => {
    const heads = { a: { height: 1_000 }, b: { height: 999 }, c: { height: 1_000_000 } };
    for (const node of ['a', 'b', 'c']) expect(said(three, node, round(0, heads))).toEqual(UP);
  });

  it('is said as well when another of three cannot be reached', () => {
    const heads = { a: { height: 900 }, b: { height: 1_000 }, c: { wrong: 'connect-refused' as const } };
    expect(said(three, 'a', round(0, heads))).toMatchObject({ vote: 'down', reason: 'behind' });
    expect(said(three, 'b', round(0, heads))).toEqual(UP);
  });

  it('takes no head into account that was seen later: the chain went on meanwhile', () => {
    expect(said(two, 'a', round(0, { a: { height: 1_000 }, b: { height: 1_020, at: 3 } }))).toEqual(UP);
    expect(said(two, 'a', round(0, { a: { height: 1_000 }, b: { height: 1_020, at: 1 } }))).toMatchObject({ reason: 'behind' });
  });

  it('falls back on the head of the round before, where another node always answers late', () => {
    const before = round(0, { a: { height: 900 }, b: { height: 1_000, at: 3 } });
    const now = round(10, { a: { height: 900 }, b: { height: 1_020, at: 13 } });
    expect(said(two, 'a', before, now)).toMatchObject({ detail: '100 blocks behind b, expected fewer than 16' });
  });

  it('counts from the highest head that another node ever had of those that are known', () => {
    const first = round(0, { a: { height: 1_000 }, b: { height: 1_000 } });
    const grown = round(10, { a: { height: 1_000 }, b: { height: 1_100 } });
    expect(said(two, 'a', first, grown)).toMatchObject({ detail: '100 blocks behind b, expected fewer than 16' });
    const fallen = round(10, { a: { height: 990 }, b: { height: 900 } });
    expect(said(two, 'a', first, fallen)).toMatchObject({ detail: '10 blocks behind b, expected fewer than 8' });
  });

  it('adds no detail where nothing is wrong', () => {
    for (const cell of [two, chainCell(['a'])]) {
      const runs = [round(0, { a: { misses: 3 }, b: {} }), round(10, { a: { misses: 3 }, b: {} })];
      expect(Object.keys(ballotAfter(cell, ...runs).votes['a/chain'] ?? {})).not.toContain('detail');
    }
  });

  it('is not judged across chains, nor with another kind', () => {
    expect(said(two, 'a', round(0, { a: { height: 1 }, b: { height: 1_000, chainId: 'beef' } }))).toEqual(UP);
    const mixed = chainCell(['a', 'b']);
    const b = mixed.checks[1];
    if (b?.probe.kind === 'eosio') b.probe = { ...b.probe, kind: 'steem' };
    expect(said(mixed, 'a', round(0, { a: { height: 1 }, b: { height: 1_000 } }))).toEqual(UP);
  });

  it('compares with references, which have no vote', () => {
    const [spec] = two.checks;
    const references = ['r1', 'r2'].map((node) => ({ ...spec, key: `${node}/chain`, node }) as NonNullable<typeof spec>);
    const cell = { ...chainCell(['a']), references };
    const run = round(0, { a: { height: 900 }, r1: { height: 1_000 }, r2: { height: 1_001 } });
    expect(ballotAfter(cell, run).votes).toMatchObject({
      'a/chain': { reason: 'behind', detail: '100 blocks behind r1, expected fewer than 16' },
    });
    expect(Object.keys(ballotAfter(cell, run).votes)).toEqual(['a/chain']);
  });

  it('makes a vote no better: what is down stays so, and says both', () => {
    const heads = { a: { height: 900, wrong: 'peers' as const }, b: { height: 1_000 } };
    expect(said(two, 'a', round(0, heads))).toEqual({
      vote: 'down',
      reason: 'peers',
      detail: '0 peers; 100 blocks behind b, expected fewer than 16',
    });
  });

  it('turns a vote down, so that others are asked, and keeps its streak', () => {
    const first = mergeRun(two, 'v0', undefined, round(0, { a: { height: 900 }, b: { height: 1_000 } }));
    expect(first).toMatchObject({ turnedDown: ['a/chain'], wake: true });
    const { ballot } = mergeRun(two, 'v0', first.ballot, opinion(5, 'a', { height: 905 }));
    expect(ballot.votes['a/chain']).toMatchObject({ vote: 'down', since: at(0), observedAt: at(5) });
  });
});

it('a head that is older than a vote counts says nothing, also at the first look after a gap', () => {
  const after = (seconds: number) =>
    said(chainCell(['a', 'b']), 'a', round(0, { b: { height: 2_000 } }), opinion(seconds, 'a', { height: 1_100 })).vote;
  expect([after(26), after(26.001)]).toEqual(['down', 'up']);
});

it('a head is as old as it is beside the newest look of a run, of whichever node', () => {
  const cell = chainCell(['a', 'b', 'c']);
  const run = (newest: number) => round(20, { a: { height: 1_100 }, c: { wrong: 'unfinished', at: newest } });
  const votes = [26, 26.001].map((newest) => said(cell, 'a', round(0, { b: { height: 2_000 } }), run(newest)).vote);
  expect(votes).toEqual(['down', 'up']);
});

describe('heads in the ballot', () => {
  it('are a few a chain, whatever the number of checks, and no vote is listed for them', () => {
    const nodes = Array.from({ length: 200 }, (_, index) => `n${index}`);
    const cell = chainCell(nodes);
    const rounds = [0, 1, 2, 3, 4, 5].map((k) =>
      round(k * 10, Object.fromEntries(nodes.map((node, index) => [node, { height: 1_000 + k * 20 - (index % 5) }]))),
    );
    const ballot = ballotAfter(cell, ...rounds);
    expect(ballot.votes).toEqual({});
    expect(Object.keys(ballot.heads ?? {})).toEqual(['eosio/aca3']);
    expect(ballot.heads?.['eosio/aca3']).toHaveLength(3);
    expect(JSON.stringify(ballot).length).toBeLessThan(600);
  });

  it('are the highest, whoever looked when', () => {
    const heights = { a: 101, b: 103, c: 102, d: 105, e: 104 };
    const looks = Object.entries(heights).map(([node, height], index) => opinion(index, node, { height }));
    const { heads } = ballotAfter(chainCell(Object.keys(heights)), ...looks);
    expect(heads?.['eosio/aca3']?.map(({ node }) => node)).toEqual(['d', 'e', 'b']);
  });

  it('are those of the newest looks, also when an older one comes late', () => {
    const cell = chainCell(['a', 'b']);
    const { heads } = ballotAfter(cell, opinion(10, 'b', { height: 1_000 }), opinion(5, 'b', { height: 1_010 }));
    expect(heads?.['eosio/aca3']).toMatchObject([{ node: 'b', height: 1_000, seenAt: at(10) }]);
  });

  it('are kept for as long as a vote on a chain counts, of any chain that was seen since', () => {
    const nodes = ['a', 'b'];
    const slow = cellOf({ nodes: { eu: ['api'] }, checks: { 'eu/api': { intervalMs: 600_000 } } }).checks;
    const plain = chainCell(nodes);
    const cell = { ...plain, checks: [...plain.checks, ...slow] };
    const kept = (seconds: number) => {
      const { heads = {} } = ballotAfter(cell, round(0, { a: {} }), opinion(seconds, 'b', { chainId: 'beef' }));
      return Object.keys(heads);
    };
    expect([kept(26), kept(26.001)]).toEqual([['eosio/aca3', 'eosio/beef'], ['eosio/beef']]);
  });

  it('are of the chain whose id nobody says, where nobody does; and need a height and a time', () => {
    const cell = chainCell(['a', 'b']);
    expect(Object.keys(ballotAfter(cell, round(0, { a: { chainId: '' } })).heads ?? {})).toEqual(['eosio/']);
    const halves: CastVote['facts'][] = [{ height: 5 }, { headAt: at(0) }];
    for (const facts of halves) {
      const seen = new Map([['a/chain', { vote: 'up', reason: 'ok', observedAt: at(0), ...(facts && { facts }) } as const]]);
      expect(ballotAfter(cell, { kind: 'opinion', seen }).heads).toBeUndefined();
    }
  });

  it('are forgotten when they are as old as a vote that no longer counts, and with the configuration', () => {
    const cell = chainCell(['a', 'b']);
    const before = round(0, { a: { height: 1_000 }, b: { height: 1_000 } });
    const late = round(60, { a: { height: 1_100 } });
    expect(ballotAfter(cell, before, late).heads).toEqual({
      'eosio/aca3': [{ node: 'a', height: 1_100, headAt: at(59), seenAt: at(60) }],
    });
    const edited = mergeRun(
      { ...cell, probeHash: 'probe-2' },
      'v0',
      ballotAfter(cell, before),
      opinion(5, 'b', { height: 1_010 }),
    );
    expect(edited.ballot.heads?.['eosio/aca3']?.map(({ node }) => node)).toEqual(['b']);
  });

  it('stay while the vantage abstains', () => {
    const cell = chainCell(['a', 'b']);
    const before = ballotAfter(cell, round(0, { a: {}, b: {} }));
    expect(mergeRun(cell, 'v0', before, { kind: 'abstention', reason: 'late', at: at(5) }).ballot.heads).toEqual(before.heads);
  });
});

describe('a chain that stands still', () => {
  const cell = chainCell(['a', 'b', 'c']);
  const HALTED = {
    vote: 'degraded',
    reason: 'chain-halted',
    detail: 'chain halted: the newest block is old; no other node has a newer one',
  };

  it('degrades its nodes: no other serves better', () => {
    const run = round(0, { a: { age: 70 }, b: { age: 75 }, c: { age: 70 } });
    for (const node of ['a', 'b', 'c']) expect(said(cell, node, run)).toEqual(HALTED);
  });

  it('is not what one node is told by that is old while another is not', () => {
    const run = round(0, { a: { age: 70 }, b: { age: 70 }, c: { age: 2 } });
    expect(said(cell, 'a', run)).toMatchObject({ vote: 'down', reason: 'head-age' });
  });

  it('excuses no node that had stopped before', () => {
    const run = round(0, { a: { age: 7_000 }, b: { age: 70 }, c: { age: 71 } });
    expect(said(cell, 'a', run)).toMatchObject({ vote: 'down', reason: 'head-age' });
    expect(said(cell, 'b', run)).toEqual(HALTED);
  });

  it.each([
    ['as long as the others, to the limit', { a: { age: 119 }, b: { age: 60 }, c: { age: 60 } }, HALTED],
    ['for the limit longer', { a: { age: 130 }, b: { age: 70 }, c: { age: 70 } }, { vote: 'down', reason: 'head-age' }],
    [
      'while the others are young enough',
      { a: { age: 70 }, b: { age: 59 }, c: { age: 59 } },
      { vote: 'down', reason: 'head-age' },
    ],
  ])('excuses a node or not: it had stopped %s', (_, sights, expected) => {
    expect(said(cell, 'a', round(0, sights))).toMatchObject(expected);
  });

  it('makes nothing worse: a head that is old enough to degrade a node is told as such', () => {
    const slow = { vote: 'degraded', reason: 'head-age', detail: 'getting old' } as const;
    const { seen, ...run } = round(0, { b: { age: 70 }, c: { age: 70 } }) as Run & { kind: 'round' };
    const facts = { height: 100, headAt: at(-50), chainId: 'aca3' };
    const all = new Map([...seen, ['a/chain', { ...slow, observedAt: at(0), facts }] as const]);
    expect(said(cell, 'a', { ...run, seen: all })).toEqual(slow);
  });

  it('excuses no node that is behind, or has another fault', () => {
    const behind = round(0, { a: { age: 70, height: 50 }, b: { age: 65 }, c: { age: 65 } });
    expect(said(cell, 'a', behind)).toMatchObject({ vote: 'down', reason: 'behind' });
    const lonely = round(0, { a: { age: 70, wrong: 'peers' }, b: { age: 70 }, c: { age: 70 } });
    expect(said(cell, 'a', lonely)).toMatchObject({ vote: 'down', reason: 'peers' });
  });

  it('cannot be told of a node alone', () => {
    const run = round(0, { a: { age: 70 }, b: { wrong: 'connect-refused' }, c: { wrong: 'connect-refused' } });
    expect(said(cell, 'a', run)).toMatchObject({ vote: 'down', reason: 'head-age' });
  });

  it('is judged by how old other heads were when they were seen, not by how long ago that was', () => {
    const slow = chainCell(['a', 'b'], { headAge: { downMs: 5_000 } });
    const run = round(20, { a: { age: 70 } });
    expect(said(slow, 'a', round(0, { a: { age: 1 }, b: { age: 1 } }), run)).toMatchObject({ vote: 'down', reason: 'head-age' });
  });

  it('is over with the first new block', () => {
    const halted = round(0, { a: { age: 70 }, b: { age: 70 }, c: { age: 70 } });
    const resumed = round(10, { a: { age: 1, height: 101 }, b: { age: 80 }, c: { age: 80 } });
    expect(said(cell, 'a', halted, resumed)).toEqual(UP);
    expect(said(cell, 'b', halted, resumed)).toMatchObject({ vote: 'down', reason: 'head-age' });
  });
});

describe('misses', () => {
  const cell = chainCell(['a', 'b'], { missed: { degraded: 1, down: 3 } }, 'alice', 'steem');
  const misses = (seconds: number, count: number) => round(seconds, { a: { misses: count }, b: {} });
  const missed = (count: number) => ({
    vote: 'degraded',
    reason: 'missed',
    detail: `alice missed ${count} more block${count > 1 ? 's' : ''}, expected fewer than 1`,
  });

  it('count when they grow, from the round before, and no longer than a round and downFor', () => {
    const runs = [misses(0, 731), misses(10, 731), misses(20, 733), misses(30, 733), misses(40, 733)];
    const story = runs.map((_, index) => said(cell, 'a', ...runs.slice(0, index + 1)));
    expect(story).toEqual([UP, UP, missed(2), missed(2), UP]);
  });

  it('are down from the limit on, and page again when they grow again', () => {
    const runs = [misses(0, 1), misses(10, 4), misses(20, 5), misses(40, 5), misses(50, 9)];
    const story = runs.map((_, index) => said(cell, 'a', ...runs.slice(0, index + 1)).vote);
    expect(story).toEqual(['up', 'down', 'degraded', 'up', 'down']);
  });

  it('still count when somebody looks again at once: the second look finds nothing new', () => {
    const second = opinion(13, 'a', { misses: 732 });
    expect(said(cell, 'a', misses(0, 731), misses(10, 732), second)).toEqual(missed(1));
    const early = opinion(9, 'a', { misses: 732 });
    expect(said(cell, 'a', misses(0, 731), early, misses(10, 732))).toEqual(missed(1));
  });

  it('are over when a round and downFor are, to the moment', () => {
    const grown = [misses(0, 731), misses(10, 732)];
    expect(said(cell, 'a', ...grown, opinion(24.999, 'a', { misses: 732 }))).toEqual(missed(1));
    expect(said(cell, 'a', ...grown, opinion(25, 'a', { misses: 732 }))).toEqual(UP);
  });

  it('say nothing of a look that found nothing, and leave no facts where there never were any', () => {
    const refused = round(12, { a: { wrong: 'connect-refused' } });
    expect(said(cell, 'a', misses(0, 731), misses(10, 732), refused)).toMatchObject({ detail: 'connection refused' });
    expect(ballotAfter(cell, refused).votes['a/chain']).not.toHaveProperty('facts');
  });

  it('are not what a first look finds, nor what a new cycle or epoch begins with', () => {
    expect(said(cell, 'a', misses(0, 5_000))).toEqual(UP);
    expect(said(cell, 'a', misses(0, 12), misses(10, 0))).toEqual(UP);
  });

  it.each(['connect-refused', 'unfinished'] as const)('are remembered while a look is %s', (wrong) => {
    expect(said(cell, 'a', misses(0, 731), round(10, { a: { wrong } }), misses(20, 732))).toEqual(missed(1));
  });

  it('keep their vote listed although it is up, and only theirs', () => {
    const runs = Array.from({ length: 8 }, (_, index) => misses(index * 10, 731));
    expect(Object.keys(ballotAfter(cell, ...runs).votes)).toEqual(['a/chain']);
  });

  it('of EOSIO are turns in which nothing was produced: one for each schedule after the first', () => {
    const eos = chainCell(['a', 'b'], { missed: { down: 12 } }, 'eosdac');
    const looks = (idle: number) => round(idle, { a: { produced: 480, height: 1_000 + idle * 2 }, b: { height: 1_000 } });
    const runs = Array.from({ length: 30 }, (_, index) => looks(index * 10));
    const votes = runs.map((_, index) => said(eos, 'a', ...runs.slice(0, index + 1)));
    // 504 blocks are 252 s.
    expect(votes.findIndex(({ vote }) => vote === 'down')).toBe(26);
    expect(votes[26]).toEqual({ vote: 'down', reason: 'missed', detail: 'eosdac missed 12 more blocks, expected fewer than 12' });
    expect(said(eos, 'a', looks(0), opinion(251, 'a', { produced: 480, height: 1_503 }))).toEqual(UP);
    expect(said(eos, 'a', looks(0), opinion(252, 'a', { produced: 480, height: 1_504 })).vote).toBe('down');
    const misses = [25, 26, 37, 38].map((last) =>
      ballotAfter(eos, ...Array.from({ length: last + 1 }, (_, each) => looks(each * 10))),
    );
    expect(misses.map(({ votes }) => votes['a/chain']?.facts?.misses)).toEqual([0, 12, 12, 24]);
    const produced = round(250, { a: { produced: 492, height: 1_500 }, b: {} });
    expect(said(eos, 'a', ...runs.slice(0, 25), produced, looks(260))).toEqual(UP);
  });
});
