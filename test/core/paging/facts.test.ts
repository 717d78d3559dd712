/** What a page says beside who and when: failing checks, what each vantage says of them, and what became of records. */
import { describe, expect, it } from 'vitest';
import type { CastVote } from '../../../lib/core/ballot.ts';
import type { Cell } from '../../../lib/core/cell.ts';
import { decide } from '../../../lib/core/decide.ts';
import { HOLD_RULES } from '../../../lib/core/guard.ts';
import type { Ledger, Page } from '../../../lib/core/ledger.ts';
import { ballotOf, castOf, cellOf, checkOf, ledgerOf, memberOf, START_MS } from '../invariants/world.ts';
import { type Story, storyOf } from '../story.ts';

const NOW = START_MS + 3_600_000;
type Said = Partial<CastVote>;
const DOWN: Said = { vote: 'down', reason: 'status', detail: 'HTTP 500' };
const UP: Said = {};

/** The pages that are owed once vantages, in their order, have said this of checks for a while; who says nothing says `up`. */
function pagesOf(cell: Cell, said: Record<string, readonly Said[]>, change: Partial<Ledger> = {}): Page[] {
  const ballots = cell.vantages.map((vantage, index) => {
    const votes = Object.entries(said).flatMap(([key, all]) => {
      const { vote, ...rest } = all[index] ?? UP;
      return vote ? [[key, { ...castOf(checkOf(cell, key), vote, NOW, NOW - 20_000), ...rest }] as const] : [];
    });
    return [vantage, ballotOf(cell, vantage, NOW, Object.fromEntries(votes))] as const;
  });
  const inputs = { ballots: Object.fromEntries(ballots), acts: 'missing' as const };
  const { ledger } = decide(cell, inputs, ledgerOf(cell, change), NOW, { arbiter: 'a0', nonce: 'n' });
  return (ledger?.intents ?? []).flatMap((intent) => (intent.kind === 'page' ? [intent.page] : []));
}
const pageOf = (...given: Parameters<typeof pagesOf>): Page => {
  const [page, ...others] = pagesOf(...given);
  if (!page || others.length > 0) throw new Error(`${others.length + (page ? 1 : 0)} pages are owed, not one`);
  return page;
};
const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${String(index).padStart(2, '0')}`);

describe('of a node a page says', () => {
  it('what most vantages that see it down say, and each in its own words', () => {
    const slow: Said = { vote: 'degraded', reason: 'slow', detail: 'took 3 s' };
    const wordless: Said = { vote: 'down', reason: 'status' };
    const cell = cellOf({ vantages: 5, records: {} });
    const { failing, seenBy } = pageOf(cell, {
      'eu/api': [{ ...DOWN, tookMs: 12 }, wordless, { ...DOWN, detail: 'HTTP 502' }, slow, slow],
    });
    expect(seenBy).toEqual({ down: 3, of: 5 });
    expect(failing).toStrictEqual([
      {
        check: 'api',
        detail: 'HTTP 500',
        votes: [
          { vantage: 'v0', vote: 'down', reason: 'status', detail: 'HTTP 500', tookMs: 12 },
          { vantage: 'v1', vote: 'down', reason: 'status' },
          { vantage: 'v2', vote: 'down', reason: 'status', detail: 'HTTP 502' },
          { vantage: 'v3', vote: 'degraded', reason: 'slow', detail: 'took 3 s' },
          { vantage: 'v4', vote: 'degraded', reason: 'slow', detail: 'took 3 s' },
        ],
      },
    ]);
    const agreed = [DOWN, { ...DOWN, detail: 'HTTP 502' }, { ...DOWN, detail: 'HTTP 502' }, slow, slow];
    expect(pageOf(cell, { 'eu/api': agreed }).failing[0]?.detail).toBe('HTTP 502');
    expect(pageOf(cell, { 'eu/api': [DOWN, wordless, wordless] }).failing[0]?.detail).toBe('status');
  });

  it('how many see the check that most of them see down', () => {
    const cell = cellOf({ nodes: { eu: ['a', 'b', 'c'] }, records: {} });
    const some = [DOWN, DOWN];
    const all = [DOWN, DOWN, DOWN];
    expect(pageOf(cell, { 'eu/a': some, 'eu/b': all, 'eu/c': some }).seenBy).toEqual({ down: 3, of: 3 });
  });

  it('ten checks at most, and 200 characters of what each vantage says', () => {
    const checks = ids(12);
    const long = { ...DOWN, detail: 'x'.repeat(201) };
    const cell = cellOf({ nodes: { eu: checks }, records: {} });
    const { failing } = pageOf(cell, Object.fromEntries(checks.map((id) => [`eu/${id}`, [long, long, long]])));
    expect(failing.map(({ check }) => check)).toEqual(checks.slice(0, 10));
    expect(failing[0]?.detail).toBe('x'.repeat(200));
    expect(failing[0]?.votes?.[0]?.detail).toBe('x'.repeat(200));
  });

  it('that a check never passed since it is configured', () => {
    const cell = cellOf({ nodes: { eu: ['a', 'b'] }, records: {} });
    const proving = { probeHash: cell.probeHash, at: NOW, checks: ['eu/a'] };
    const { failing } = pageOf(cell, { 'eu/a': [DOWN, DOWN], 'eu/b': [DOWN, DOWN] }, { proving });
    expect(failing.map(({ detail }) => detail)).toEqual(['never passed yet: HTTP 500', 'HTTP 500']);
  });

  it('what its records answer meanwhile, and of no other record', () => {
    const nodes = Object.fromEntries(['ap', 'eu', 'us', 'xx'].map((id) => [id, ['api']]));
    const records = { api: { members: ['ap', 'eu', 'us'] }, db: { members: ['eu'] }, other: { members: ['us', 'xx'] } };
    expect(pageOf(cellOf({ nodes, records }), { 'eu/api': [DOWN, DOWN] }).records).toStrictEqual([
      { name: 'api.example.org', out: true, serves: ['ap', 'us'], why: 'api down' },
      { name: 'db.example.org', out: false, serves: [], held: 'minInService', why: HOLD_RULES.minInService },
    ]);
  });
});

describe('of a record a page says', () => {
  it('the names of twenty that serve', () => {
    const members = ids(25);
    const nodes = Object.fromEntries(members.map((id) => [id, ['api']]));
    const { records } = pageOf(cellOf({ nodes, records: { api: { members } } }), { 'n00/api': [DOWN, DOWN] });
    expect(records[0]?.serves).toEqual(members.slice(1, 21));
  });

  it('why a member is out, also while a rule keeps it from returning', () => {
    const nodes = { eu: ['api', 'p2p'], us: ['api', 'p2p'] };
    const cell = cellOf({ nodes, records: { api: { members: ['eu', 'us'], requires: ['api'] } } });
    const out = memberOf({ inService: false, why: 'api down', held: 'hold', holdUntil: NOW + 60_000 });
    const { records } = pageOf(cell, { 'eu/p2p': [DOWN, DOWN] }, { members: { 'api/eu': out } });
    expect(records).toStrictEqual([{ name: 'api.example.org', out: true, serves: ['us'], held: 'hold', why: 'api down' }]);
  });
});

describe('a page of a ledger that lacks', () => {
  it('outages, since an older arbiter began it, is of what it has', () => {
    const cell = cellOf({ records: {} });
    const begun: Partial<Ledger> = {
      checks: { 'eu/api': { state: 'down', at: NOW - 60_000 } },
      nodes: { eu: { state: 'down', at: NOW - 60_000, incident: 'one' } },
      incidents: {
        one: {
          id: 'one',
          node: 'eu',
          state: 'down',
          openedAt: NOW - 60_000,
          timeline: [],
          paging: { tier: 0, attempt: 0, nextAt: NOW },
          flapping: true,
        },
      },
    };
    const page = pageOf(cell, { 'eu/api': [DOWN, DOWN] }, begun);
    expect(page).toMatchObject({ incident: 'one', subject: 'eu', failing: [{ check: 'api' }] });
    expect(page.flapping).toBeUndefined();
  });

  it('proofs of its checks, in the middle of a roll-out, doubts none of them', () => {
    const cell = cellOf({ records: {} });
    const story = storyOf(cell, { texts: true })
      .deploy({ ...cell, probeHash: 'probe-2' }, 'probers')
      .rounds(2, { eu: 'ddd' });
    expect(story.told().at(-1)).toBe('0:10 tier 1: eu DOWN 01:00Z, 3/3 regions: api HTTP 500');
  });
});

describe('of several nodes a page says', () => {
  const cell = cellOf({ nodes: Object.fromEntries(ids(25).map((id) => [id, ids(12)])), records: {} });
  const failing = (fails: (node: string, check: string) => Said | undefined) =>
    Object.fromEntries(
      cell.checks.flatMap(({ key, node, id }) => {
        const said = fails(node, id);
        return said ? [[key, [said, said, said]]] : [];
      }),
    );

  it('what fails on most of them first, each once with on how many, ten at most', () => {
    const { failing: told, ...page } = pageOf(
      cell,
      failing((node, check) =>
        node < 'n02' || (node === 'n02' && check > 'n09') ? { ...DOWN, detail: `${check} is down` } : undefined,
      ),
    );
    expect(page).toMatchObject({ subject: '3 nodes', together: { count: 3, nodes: ['n00', 'n01', 'n02'] } });
    expect(page.seenBy).toBeUndefined();
    expect(told.map(({ check, detail }) => `${check} ${detail}`)).toEqual([
      'n10 n10 is down (3 nodes)',
      'n11 n11 is down (3 nodes)',
      ...ids(8).map((id) => `${id} ${id} is down (2 nodes)`),
    ]);
    expect(told.every(({ votes }) => votes === undefined)).toBe(true);
  });

  it('no number where something fails on one of them', () => {
    const alone = failing((node, check) =>
      (node === 'n00' && check === 'n00') || (node === 'n01' && check === 'n01') ? DOWN : undefined,
    );
    expect(pageOf(cell, alone).failing).toEqual([
      { check: 'n00', detail: 'HTTP 500' },
      { check: 'n01', detail: 'HTTP 500' },
    ]);
  });

  it('how many they are, and the names of twenty', () => {
    const { together } = pageOf(
      cell,
      failing((_, check) => (check === 'n00' ? DOWN : undefined)),
    );
    expect(together).toEqual({ count: 25, nodes: ids(20) });
  });

  it('that a record holds them if it holds any: it is out only of what all are out of', () => {
    const members = ['ap', 'eu', 'sa', 'us'];
    const nodes = Object.fromEntries(members.map((id) => [id, ['api']]));
    const both = { 'eu/api': [DOWN, DOWN], 'us/api': [DOWN, DOWN] };
    const one = cellOf({ nodes, records: { api: { members, guard: { maxOut: 1 } } } });
    expect(pageOf(one, both).records).toStrictEqual([
      { name: 'api.example.org', out: false, serves: ['ap', 'sa'], held: 'maxOut', why: HOLD_RULES.maxOut },
    ]);
    const two = cellOf({ nodes, records: { api: { members, guard: { maxOut: 2 } } } });
    expect(pageOf(two, both).records).toStrictEqual([
      { name: 'api.example.org', out: true, serves: ['ap', 'sa'], why: 'api down' },
    ]);
  });
});

describe('at the end a page says', () => {
  const texts = (story: Story) => story.told().flatMap((line) => (line.includes('tier') ? [line.replace(/^\S+ /, '')] : []));

  it('that a node is no longer configured', () => {
    const cell = cellOf({ records: {} });
    const story = storyOf(cell, { texts: true }).rounds(1).rounds(2, { eu: 'ddd' });
    story.told();
    story.deploy({ ...cellOf({ nodes: { us: ['api'] }, records: {} }), probeHash: 'probe-2' }).rounds(2);
    expect(texts(story)).toEqual(['tier 1: UP: eu is no longer configured, its incident is closed']);
    const owed = storyOf(cell).failing({ pages: true }).rounds(1).rounds(2, { eu: 'ddd' });
    owed.deploy({ ...cellOf({ nodes: { us: ['api'] }, records: {} }), probeHash: 'probe-2' }).rounds(2);
    const pages = owed.ledger().intents.flatMap((intent) => (intent.kind === 'page' ? [intent.page] : []));
    expect(pages.at(-1)).toMatchObject({ state: 'recovered', failing: [], records: [] });
  });

  it('that a fire drill is over', () => {
    const story = storyOf(cellOf({ records: {} }), { texts: true });
    story.order({ kind: 'drill', tier: 1, flip: false, hooks: false, node: 'eu' }).rounds(8);
    expect(texts(story).at(-1)).toBe('tier 1: UP: the fire drill DRILL-eu is over');
  });
});
