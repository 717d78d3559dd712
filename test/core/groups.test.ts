import { describe, expect, it } from 'vitest';
import type { Ballot, Vote } from '../../lib/core/ballot.ts';
import type { Cell, GroupSpec } from '../../lib/core/cell.ts';
import { looksFor } from '../../lib/core/groups.ts';
import { mergeRun, type Observation, type Run } from '../../lib/core/merge.ts';
import { statusOf } from '../../lib/core/status.ts';
import { voteOf } from '../../lib/core/votes.ts';
import { cellOf, checkOf, INTERVAL_MS, START_MS } from './invariants/world.ts';
import { storyOf } from './story.ts';

const group = (kind: GroupSpec['kind'], ...of: string[]) => ({ probe: { kind, of: of.map((id) => `eu/${id}`) } });
const cell = cellOf({
  nodes: { eu: ['api', 'p2p', 'either', 'both', 'nested', 'slow'] },
  checks: {
    'eu/either': group('any', 'api', 'p2p'),
    'eu/both': group('all', 'api', 'p2p'),
    'eu/nested': group('all', 'either', 'slow'),
    'eu/slow': { intervalMs: 3 * INTERVAL_MS },
  },
});

const at = (seconds: number) => START_MS + seconds * 1_000;

const seenAs = (vote: Vote, observedAt: number): Observation => ({
  vote,
  reason: vote === 'up' ? 'ok' : vote === 'abstain' ? 'unfinished' : vote === 'degraded' ? 'slow' : 'status',
  ...(vote !== 'up' && { detail: `is ${vote}` }),
  observedAt,
});

const run = (kind: 'round' | 'opinion', seconds: number, seen: Record<string, Vote>, intervalsMs = [INTERVAL_MS]): Run => {
  const looks = Object.entries(seen).map(([id, vote], index) => [`eu/${id}`, seenAs(vote, at(seconds) + index)] as const);
  return kind === 'round' ? { kind, startedAt: at(seconds), intervalsMs, seen: new Map(looks) } : { kind, seen: new Map(looks) };
};

const ballotAfter = (...runs: Run[]): Ballot => {
  const last = runs.reduce<Ballot | undefined>((ballot, each) => mergeRun(cell, 'v0', ballot, each).ballot, undefined);
  if (!last) throw new Error('no run, no ballot');
  return last;
};

const said = (ballot: Ballot, id: string, of: Cell = cell) => voteOf(of, checkOf(of, `eu/${id}`), 'v0', ballot, at(12));

describe('a group', () => {
  it.each<[Vote, Vote, Vote, Vote]>([
    ['up', 'up', 'up', 'up'],
    ['up', 'degraded', 'up', 'degraded'],
    ['up', 'down', 'up', 'down'],
    ['up', 'abstain', 'up', 'abstain'],
    ['degraded', 'degraded', 'degraded', 'degraded'],
    ['degraded', 'abstain', 'degraded', 'abstain'],
    ['degraded', 'down', 'degraded', 'down'],
    ['abstain', 'abstain', 'abstain', 'abstain'],
    // Whoever cannot say may be up: that the best of them is down is not known; that one is, is.
    ['abstain', 'down', 'abstain', 'down'],
    ['down', 'down', 'down', 'down'],
  ])('of %s and %s: any is %s, all is %s', (api, p2p, any, all) => {
    for (const seen of [
      { api, p2p },
      { api: p2p, p2p: api },
    ]) {
      const ballot = ballotAfter(run('round', 0, seen));
      expect([said(ballot, 'either').vote, said(ballot, 'both').vote]).toEqual([any, all]);
    }
  });

  it('has the reason of the part that decides, and names each that is not up', () => {
    const ballot = ballotAfter(run('round', 0, { api: 'degraded', p2p: 'down' }));
    const detail = '0 of 2 up; p2p down: is down; api degraded: is degraded';
    expect(said(ballot, 'either')).toMatchObject({ vote: 'degraded', reason: 'slow', detail });
    expect(said(ballot, 'both')).toMatchObject({ vote: 'down', reason: 'status', detail });
    expect(said(ballotAfter(run('round', 0, { api: 'up', p2p: 'down' })), 'both').detail).toBe('1 of 2 up; p2p down: is down');
  });

  it('has the reason of the first of the parts that decide alike, and no detail when all of them are up', () => {
    const failing = { api: 'status', p2p: 'connect-refused' } as const;
    const seen = Object.entries(failing).map(([id, reason]) => [`eu/${id}`, { ...seenAs('down', at(0)), reason }] as const);
    const round = { kind: 'round', startedAt: at(0), intervalsMs: [INTERVAL_MS] } as const;
    const { ballot } = mergeRun(cell, 'v0', undefined, { ...round, seen: new Map(seen) });
    expect([said(ballot, 'either').reason, said(ballot, 'both').reason]).toEqual(['status', 'status']);
    const up = mergeRun(cell, 'v0', ballot, run('round', 10, { api: 'up', p2p: 'up' })).ballot;
    expect(up.votes['eu/both']).toMatchObject({ vote: 'up', observedAt: at(10) });
    expect(up.votes['eu/both']).not.toHaveProperty('detail');
  });

  it('is no newer than the oldest look at its parts', () => {
    expect(said(ballotAfter(run('round', 0, { p2p: 'down', api: 'down' })), 'either').observedAt).toBe(at(0));
  });

  it.each<[given: string, told: string]>([
    ['x'.repeat(179), `1 of 2 up; api down: ${'x'.repeat(179)}`],
    ['x'.repeat(180), `1 of 2 up; api down: ${'x'.repeat(178)}…`],
    [`😀${'x'.repeat(180)}`, `1 of 2 up; api down: 😀${'x'.repeat(176)}…`],
    [`${'x'.repeat(177)}😀😀`, `1 of 2 up; api down: ${'x'.repeat(177)}…`],
  ])('keeps its detail as short as that of a probe, and cuts no character in two: %s', (given, told) => {
    const seen = new Map([
      ['eu/api', { ...seenAs('down', at(0)), detail: given }],
      ['eu/p2p', seenAs('up', at(0))],
    ]);
    const { ballot } = mergeRun(cell, 'v0', undefined, { kind: 'round', startedAt: at(0), intervalsMs: [INTERVAL_MS], seen });
    expect(said(ballot, 'both').detail).toBe(told);
  });

  it('may be made of groups, and is judged once all parts were seen', () => {
    const seen = { api: 'up', p2p: 'down', slow: 'down' } as const;
    expect(said(ballotAfter(run('round', 0, seen)), 'nested')).toMatchObject({
      vote: 'down',
      detail: '1 of 2 up; slow down: is down',
    });
    // The round asked for it and it is not listed: nobody may take that for up.
    const { slow: _, ...fewer } = seen;
    const opinion = ballotAfter(run('round', 0, seen), run('opinion', 5, fewer));
    expect(said(opinion, 'nested').observedAt).toBe(at(0));
  });

  it('turns down with its part, and asks for a second opinion on both', () => {
    const { turnedDown } = mergeRun(cell, 'v0', undefined, run('round', 0, { api: 'down', p2p: 'up', slow: 'up' }));
    expect(turnedDown.sort()).toEqual(['eu/api', 'eu/both']);
  });

  it('looks at a part between the rounds of that part, which says nothing for itself then', () => {
    const all = { api: 'up', p2p: 'up' } as const;
    const first = run('round', 0, { ...all, slow: 'up' }, [INTERVAL_MS, 3 * INTERVAL_MS]);
    const ballot = ballotAfter(first, run('round', 10, { ...all, slow: 'down' }));
    expect(said(ballot, 'nested')).toMatchObject({ vote: 'down', observedAt: at(10) });
    expect(said(ballot, 'slow')).toMatchObject({ vote: 'up', observedAt: at(0) });
  });
});

describe('what is looked at for a group', () => {
  const looks = (...ids: string[]) =>
    looksFor(
      cell,
      ids.map((id) => checkOf(cell, `eu/${id}`)),
    ).map(({ id }) => id);

  it('is its parts, each once, beside what is due itself', () => {
    expect(looks('either')).toEqual(['api', 'p2p']);
    expect(looks('nested', 'both', 'p2p').sort()).toEqual(['api', 'p2p', 'slow']);
    expect(looks('slow')).toEqual(['slow']);
  });
});

describe('the node of a group', () => {
  const plain = cellOf({
    nodes: { eu: ['api', 'p2p', 'either'], us: ['either'] },
    checks: { 'eu/either': group('any', 'api', 'p2p') },
    records: { api: { members: ['eu', 'us'], requires: ['either'] } },
  });
  const nodes = plain.nodes.map((node) =>
    node.id === 'eu' ? { ...node, checks: ['eu/either'], parts: ['eu/api', 'eu/p2p'] } : node,
  );

  it('is up while the group is, whatever happens to a part', () => {
    const story = storyOf({ ...plain, nodes })
      .rounds(1)
      .rounds(5, { 'eu/p2p': 'ddd' });
    expect(story.told()).toEqual([]);
    expect(story.ledger().checks).toMatchObject({ 'eu/p2p': { state: 'down' } });
  });

  it('is told of in the words of the group, not in those of its parts again', () => {
    const hooks = [{ id: 'chat', events: ['page'], nodes: [], url: 'https://chat.example' }];
    const story = storyOf({ ...plain, nodes, hooks }, { hooks: true })
      .rounds(1)
      .rounds(3, { 'eu/api': 'ddd', 'eu/p2p': 'ddd' });
    const [told = ''] = story.told().filter((line) => line.includes('hook chat'));
    expect(told).toContain('either 0 of 2 up; api down: HTTP 500; p2p down: HTTP 500');
    expect(told.match(/HTTP 500/g)).toHaveLength(2);
  });

  it('is down with the group; its parts are shown behind it', () => {
    const story = storyOf({ ...plain, nodes })
      .rounds(1)
      .rounds(3, { 'eu/api': 'ddd', 'eu/p2p': 'ddd' });
    expect(story.told()).toEqual(['0:20 eu up → down', '0:20 api: eu out', '0:20 page eu down, tier 1']);
    const status = statusOf(
      { ...plain, nodes },
      { ballots: {}, acts: 'missing', ledger: story.ledger() },
      undefined,
      story.ledger().nodes.eu?.at ?? 0,
    );
    expect(status.nodes[0]?.checks.map(({ id }) => id)).toEqual(['either', 'api', 'p2p']);
  });
});
