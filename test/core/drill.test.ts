import { describe, expect, it } from 'vitest';
import type { Act, Acts } from '../../lib/core/acts.ts';
import type { Cell } from '../../lib/core/cell.ts';
import { decide } from '../../lib/core/decide.ts';
import { noteDrillHop, withDrill } from '../../lib/core/drill.ts';
import type { Inputs } from '../../lib/core/inputs.ts';
import type { Drill, Intent, Ledger } from '../../lib/core/ledger.ts';
import { cellOf, ledgerOf, memberOf, START_MS } from './invariants/world.ts';
import { type Sight, type Story, storyOf } from './story.ts';

const cell = cellOf();
const three = cellOf({ nodes: { eu: ['api'], us: ['api'], ap: ['api'] } });
const withHook = (events: string[]): Cell => ({
  ...cell,
  hooks: [{ id: 'chat', events, nodes: [], url: 'https://chat.example' }],
});
const tiers = (of: Cell, count: number): Cell => {
  const tier = { sms: [], email: [], https: [], hooks: [] };
  return {
    ...of,
    paging: { ...of.paging, tiers: Array.from({ length: count }, (_, at) => ({ ...tier, afterMs: at * 60_000 })) },
  };
};

interface Order {
  node?: string;
  tier?: number;
  flip?: boolean;
  hooks?: boolean;
}
const drilled = (story: Story, order: Order = {}) => story.order({ kind: 'drill', tier: 1, flip: false, hooks: false, ...order });
/** What is told, without its times. */
const told = (story: Story) => story.told().map((line) => line.replace(/^\S+ /, ''));
const hops = (story: Story) => Object.keys(story.ledger().drill?.hops ?? {}).sort();

const DRILL = ['DRILL up → down', 'page DRILL down, tier 1', 'page DRILL recovered, tier 1'];

describe('a drill', () => {
  it('is over when it is over, also soon after a deployment', () => {
    const story = drilled(storyOf(cell).deploy({ ...cell, configHash: 'config-2' })).rounds(8);
    expect(told(story)).toEqual(expect.arrayContaining(DRILL));
    expect([Object.keys(story.ledger().nodes), Object.keys(story.ledger().checks)]).toEqual([[], []]);
  });

  it('goes from a quorum of failed looks to a page that is marked, and ends; nothing is flipped', () => {
    const story = drilled(storyOf(cell)).rounds(8);
    expect(told(story)).toEqual(DRILL);
    expect(hops(story)).toEqual(['asked', 'begun', 'down', 'over', 'paged']);
    expect(story.ledger().drill).toMatchObject({ ended: 'through' });
    expect(Object.keys(story.ledger().drill?.seen ?? {})).toEqual(['v0', 'v1', 'v2']);
    const without = drilled(storyOf(cell)).rounds(8, { eu: 'uu-' });
    expect(Object.keys(without.ledger().drill?.seen ?? {})).toEqual(['v0', 'v1']);
    expect(story.ledger().incidents).toEqual({});
  });

  it('is about a node in its name alone', () => {
    expect(told(drilled(storyOf(cell), { node: 'eu' }).rounds(8))).toEqual(
      DRILL.map((line) => line.replace('DRILL', 'DRILL-eu')),
    );
  });

  it('pages the tier that was named, once, and no other', () => {
    const story = drilled(storyOf(tiers(cell, 3)), { tier: 2 }).rounds(30);
    expect(told(story)).toEqual(['DRILL up → down', 'page DRILL down, tier 2', 'page DRILL recovered, tier 2']);
  });

  it('calls hooks only when they are asked for', () => {
    const hooked = (order: Order) =>
      told(drilled(storyOf(withHook(['page', 'recovered']), { hooks: true }), order).rounds(8)).filter((line) =>
        line.startsWith('hook'),
      );
    expect(hooked({})).toEqual([]);
    expect(hooked({ hooks: true })).toEqual([
      expect.stringMatching(/^hook chat: DRILL DOWN/),
      'hook chat: UP: the fire drill DRILL is over',
    ]);
  });

  it.each([
    [false, []],
    [true, ['hook chat: DRILL: acknowledged by ann']],
  ])('tells hooks that somebody took it only when they are asked for: %s', (hooks, calls) => {
    const of = withHook(['acknowledged']);
    const story = drilled(storyOf(of, { hooks: true }).failing({ pages: true }), { hooks }).rounds(4);
    story.order({ kind: 'acknowledge', incident: story.incident('DRILL') }).rounds(1);
    expect(told(story).filter((line) => line.includes('acknowledged by'))).toEqual(calls);
  });

  it('that nobody looks at is given up, said, and forgotten after an hour', () => {
    const story = drilled(storyOf(cell, { texts: true }).failing({ drills: true })).rounds(30);
    expect(told(story)).toEqual(['DRILL up → unknown']);
    expect(told(story.rounds(1))).toEqual(['tier 1: DRILL FAILED: the drill did not get through: no down, no paged']);
    expect(story.ledger().drill).toMatchObject({ ended: 'without down, paged' });
    expect(story.rounds(359).ledger().drill).toBeDefined();
    expect(story.rounds(1).ledger().drill).toBeUndefined();
  });

  it('is over for people, too, when nothing was heard of the vantages until it was forgotten', () => {
    const story = drilled(storyOf(withHook(['page', 'recovered']), { hooks: true })).rounds(4);
    expect(told(story)).toEqual(DRILL.slice(0, 2));
    story.after(30, { eu: '--u' }).after(3_600, { eu: '--u' }).after(10);
    expect(told(story)).toEqual(DRILL.slice(2));
  });

  it('whose page cannot be sent says that it did not get through', () => {
    const story = drilled(storyOf(cell).failing({ pages: true })).rounds(35);
    expect(story.ledger().drill).toMatchObject({ ended: 'without paged' });
  });

  it('is refused while another one is under way, and when the order is an old one', () => {
    const story = storyOf(cell).failing({ drills: true });
    drilled(drilled(story)).rounds(2);
    expect(told(story)).toEqual(['note: no drill: another one is under way']);
  });

  it('can follow another one at once: votes of the last one, fresh as they are, count for nothing', () => {
    const story = drilled(drilled(storyOf(cell)).rounds(4)).rounds(8);
    expect(
      told(story)
        .filter((line) => DRILL.includes(line))
        .sort(),
    ).toEqual([...DRILL, ...DRILL].sort());
    const { startedAt, hops } = story.ledger().drill ?? expect.fail('it is forgotten');
    // Its first looks come a round after it began, and its votes must span a time of their own.
    expect((hops.down ?? 0) - startedAt).toBe(2 * cell.intervalMs);
    expect(story.ledger().outages ?? {}).toEqual({});
  });
});

describe('beside a drill', () => {
  const BESIDE: Sight = { us: 'ddd' };

  it('a real outage is decided, paged and flipped as ever, in an incident of its own', () => {
    const story = drilled(storyOf(cell)).rounds(8, BESIDE);
    const real = storyOf(cell).rounds(8, BESIDE);
    expect(told(story).filter((line) => !line.includes('DRILL'))).toEqual(told(real));
  });

  it.each([0, 1, 2, 3])(
    'a real outage that begins %i rounds later is told the same at the same time, and not together with it',
    (later) => {
      const tale = (story: Story) => story.rounds(later).rounds(6, BESIDE).told();
      expect(tale(drilled(storyOf(cell))).filter((line) => !line.includes('DRILL'))).toEqual(tale(storyOf(cell)));
    },
  );
});

describe('a drill that flips', () => {
  const FLIP = { node: 'eu', flip: true };

  it('takes its member out, and puts it back as soon as it is through, whatever the hold', () => {
    const story = drilled(storyOf(cell), FLIP).rounds(12);
    expect(told(story).filter((line) => line.startsWith('api:'))).toEqual(['api: eu out', 'api: eu in']);
    expect(hops(story)).toEqual(['asked', 'begun', 'down', 'in', 'out', 'over', 'paged']);
    expect(story.ledger().members['api/eu']?.flaps ?? []).toEqual([]);
    expect(story.ledger().nodes).toEqual({});
  });

  it('is held by the guard like any other take-out', () => {
    const story = drilled(storyOf(cell), FLIP).rounds(35, { us: 'ddd' });
    expect(told(story).filter((line) => line === 'api: eu out')).toEqual([]);
  });

  it('ends at once when another member goes down, and that one is taken out as soon as it is back', () => {
    const story = drilled(storyOf(three).failing({ pages: true }), FLIP).rounds(3);
    expect(told(story)).toContain('api: eu out');
    story.failing({}).rounds(6, { us: 'ddd' });
    expect(told(story).filter((line) => /^api: \w+ (in|out)$/.test(line))).toEqual(['api: eu in', 'api: us out']);
    expect(story.ledger().drill).toMatchObject({ ended: 'another member is down' });
  });

  it.each([
    ['that is drained', (story: Story) => story.order({ kind: 'drain', node: 'eu' }).rounds(2)],
    ['that is out already', (story: Story) => story.rounds(3, { eu: 'ddd' })],
    ['while everything is paused', (story: Story) => story.order({ kind: 'pause', until: Number.MAX_SAFE_INTEGER }).rounds(1)],
  ])('does not touch a member %s', (_, before) => {
    const story = before(storyOf(cell));
    told(story);
    expect(told(drilled(story, FLIP).rounds(1))).toContain(
      "note: no drill: eu is not in service everywhere, or is in somebody's hand",
    );
  });

  it('never happens without being asked for, whatever else the vantages see', () => {
    for (const order of [{}, { node: 'eu' }, { node: 'eu', hooks: true }]) {
      for (const sight of [{}, { us: 'ddd' }, { eu: 'dua' }, { eu: 'ddd', us: 'ddd' }] as Sight[]) {
        const flips = (story: Story) => told(story.rounds(12, sight)).filter((line) => line.startsWith('api:'));
        expect(flips(drilled(storyOf(cell), order))).toEqual(flips(storyOf(cell)));
      }
    }
  });
});

describe('an order for a drill', () => {
  const NOW = START_MS + 3_600_000;
  const LATE = 'no drill: it was asked for too long ago';
  const begun = (
    of: Cell,
    order: Partial<Extract<Act, { kind: 'drill' }>>,
    inputs: Partial<Inputs> = {},
    before = ledgerOf(of),
  ) => {
    const act: Act = { kind: 'drill', seq: 1, at: NOW, by: 'ann', tier: 1, flip: false, hooks: false, ...order };
    const acts: Acts = {
      schema: 1,
      incarnation: 'acts',
      version: 1,
      acts: order.at === undefined && inputs.drillDueAt ? [] : [act],
    };
    const { ledger, events } = decide(of, { ballots: {}, acts, ...inputs }, before, NOW, { arbiter: 'a0', nonce: 'n' });
    return { ledger, drill: ledger?.drill, notes: events.map((event) => (event.event === 'note' ? event.text : event.event)) };
  };

  it('asks every vantage to look, for the node that was named if one was', () => {
    const { ledger, drill } = begun(cell, { node: 'eu' });
    expect(drill).toMatchObject({ id: 'life-42', node: 'eu', startedAt: NOW, until: NOW + 300_000, hops: { begun: NOW } });
    expect(ledger?.intents).toMatchObject([{ kind: 'drill', lane: 'drill', drill: 'life-42', node: 'eu' }]);
    const nobody = begun(cell, {});
    expect(nobody.drill).not.toHaveProperty('node');
    expect(nobody.ledger?.intents[0]).not.toHaveProperty('node');
  });

  it('counts for a quarter of an hour', () => {
    expect(begun(cell, { at: NOW - 900_000 }).drill).toBeDefined();
    expect(begun(cell, { at: NOW - 900_001 })).toMatchObject({ drill: undefined, notes: [LATE] });
  });

  it('by the configuration counts as long, once, and is by nobody', () => {
    const due = (drillDueAt: number, before = ledgerOf(cell)) => begun(cell, {}, { drillDueAt }, before);
    const { drill, ledger } = due(NOW - 900_000);
    expect(drill).toMatchObject({ by: 'schedule', tier: 1, flip: false, hooks: false, askedAt: NOW - 900_000 });
    expect(due(NOW - 900_001)).toMatchObject({ drill: undefined, notes: [] });
    const ended = { ...(drill ?? expect.fail('there is none')), endedAt: NOW, startedAt: NOW - 60_000 };
    const again = (drillDueAt: number) => due(drillDueAt, { ...(ledger ?? ledgerOf(cell)), drill: ended }).drill?.startedAt;
    expect([NOW - 60_001, NOW - 60_000, NOW - 59_999].map(again)).toEqual([undefined, undefined, NOW]);
  });

  it('that flips is about a member that is in service everywhere', () => {
    const nodes = { eu: ['api'], us: ['api'], xx: ['api'] };
    const both = cellOf({ nodes, records: { a: { members: ['eu', 'us'] }, b: { members: ['eu', 'us'] } } });
    const flips = (node: string | undefined, members: Ledger['members']) =>
      begun(both, { flip: true, ...(node && { node }) }, {}, { ...ledgerOf(both), members }).drill !== undefined;
    const out = memberOf({ inService: false });
    expect(flips('eu', {})).toBe(true);
    expect(flips('eu', { 'b/us': out })).toBe(true);
    expect(flips('eu', { 'b/eu': out })).toBe(false);
    expect([flips('xx', {}), flips(undefined, {})]).toEqual([false, false]);
  });
});

it('the check of a drill looks where nobody listens, and in no cadence of a round', () => {
  const { checks, nodes } = withDrill(cell, { id: 'd', node: 'eu' });
  expect(checks.at(-1)).toMatchObject({
    key: 'DRILL-eu/drill',
    intervalMs: cell.intervalMs + 1,
    severity: 'critical',
    probe: { kind: 'tcp', host: '127.0.0.1', port: 1, allowPrivate: true, expect: { time: {} } },
  });
  expect(nodes.at(-1)).toMatchObject({ id: 'DRILL-eu', checks: ['DRILL-eu/drill'] });
});

describe('a hop', () => {
  const base = { id: 'i', lane: 'l', epoch: 1, tries: 0, notBefore: 0 };
  const START = 100;
  const hopOf = (intent: object, change: Partial<Drill> = {}): string => {
    const drill = { id: 'd1', node: 'eu', flip: true, hooks: true, startedAt: START, hops: {}, ...change } as Drill;
    const ledger = { drill } as Ledger;
    noteDrillHop(ledger, { ...base, at: START + 1, ...intent } as Intent, 200);
    return Object.keys(drill.hops).join(' ');
  };
  const page = (subject: string, state: string) => ({ kind: 'page', page: { subject, state } });
  const hook = (node: string, event: string) => ({ kind: 'hook', node, event });
  const flip = (node: string, inService: boolean, at = START + 1) => ({ kind: 'flip', node, inService, at });

  it.each([
    ['asked', { kind: 'drill', drill: 'd1' }],
    ['', { kind: 'drill', drill: 'd0' }],
    ['', { kind: 'record', incident: 'd1' }],
    ['paged', page('DRILL-eu', 'down')],
    ['over', page('DRILL-eu', 'recovered')],
    ['', page('DRILL-eu', 'drill-failed')],
    ['', page('eu', 'down')],
    ['', page('DRILL', 'recovered')],
    ['hooked', hook('DRILL-eu', 'page')],
    ['', hook('DRILL-eu', 'recovered')],
    ['', hook('eu', 'page')],
    ['out', flip('eu', false)],
    ['in', flip('eu', true)],
    ['', flip('us', false)],
    ['', flip('eu', false, START)],
  ])('"%s" is made by %j', (hop, intent) => {
    expect(hopOf(intent)).toBe(hop);
  });

  it('is no flip that a drill without flips did not ask for, and is counted once', () => {
    expect(hopOf(flip('eu', false), { flip: false })).toBe('');
    expect(hopOf(flip('eu', false), { hops: { out: 150 } })).toBe('out');
  });
});

describe('the end of a drill', () => {
  const FLIP = { node: 'eu', flip: true };
  const entry = (story: Story) => story.ledger().members['api/eu'];

  it('puts its member back in the same decision', () => {
    const story = drilled(storyOf(cell), FLIP).rounds(12);
    expect(entry(story)).toMatchObject({ inService: true, at: story.ledger().drill?.endedAt });
  });

  it('comes before its flip: with another member down in the same decision, nobody leaves for it', () => {
    const story = drilled(storyOf(three), FLIP).rounds(2).rounds(1, { us: 'ddd' });
    expect(story.ledger().drill).toMatchObject({ ended: 'another member is down', endedAt: story.ledger().drill?.hops.down });
    expect(told(story.rounds(6, { us: 'ddd' })).filter((line) => line.startsWith('api:'))).toEqual(['api: us out']);
  });

  it('comes without any vote, too', () => {
    const story = drilled(storyOf(three).failing({ pages: true }), FLIP).rounds(3);
    expect(entry(story)).toMatchObject({ inService: false });
    story.rounds(35, { eu: '---' });
    expect(story.ledger().drill).toMatchObject({ ended: 'without paged' });
    expect(entry(story)).toMatchObject({ inService: false, restored: true });
  });

  it('forgets its own flip and no earlier one', () => {
    const story = storyOf(cell).rounds(1).rounds(2, { eu: 'ddd' }).rounds(12);
    const { flaps } = entry(story) ?? expect.fail('it is at rest');
    expect(flaps).toHaveLength(1);
    expect(entry(drilled(story, FLIP).rounds(8))?.flaps).toEqual(flaps);
    expect(told(story).filter((line) => /^api: eu (in|out)$/.test(line))).toEqual(
      Array(2).fill(['api: eu out', 'api: eu in']).flat(),
    );
  });

  it('lets nobody return who was taken out by the votes when it began', () => {
    const story = drilled(storyOf(cell).rounds(1).rounds(1, { eu: 'ddd' }), FLIP).rounds(32, { eu: 'ddd' });
    expect(story.ledger().drill).toMatchObject({ ended: 'without out' });
    expect(entry(story)).toMatchObject({ inService: false, flaps: [expect.any(Number)] });
    expect(entry(story)?.restored).toBeUndefined();
  });

  it('that flips nothing touches no member, although it is about one', () => {
    const story = drilled(storyOf(cell).rounds(1), { node: 'eu' }).rounds(8, { eu: 'ddd' });
    expect(entry(story)).toMatchObject({ inService: false, flaps: [expect.any(Number)] });
    expect(entry(story)?.restored).toBeUndefined();
  });

  it('finds nothing to do where its member never left', () => {
    const story = drilled(storyOf(cell).failing({ drills: true }).rounds(2), FLIP).rounds(33);
    expect(story.ledger().drill).toMatchObject({ ended: 'without down, paged, out' });
    expect(story.ledger().members).toEqual({});
  });

  it('comes with any check that another member of its records needs, and with nothing else', () => {
    const nodes = { eu: ['api', 'p2p'], us: ['api', 'p2p'], xx: ['api', 'p2p'] };
    const members = ['eu', 'us'];
    const beside = cellOf({
      nodes,
      records: { a: { members }, b: { members: ['xx', 'us'], requires: [] }, c: { members: ['xx'] } },
    });
    const ended = (sight: Sight) =>
      drilled(storyOf(beside).failing({ pages: true }), FLIP)
        .rounds(6, sight)
        .ledger().drill?.ended;
    expect(ended({ 'us/p2p': 'ddd' })).toBe('another member is down');
    expect(ended({ xx: 'ddd' })).toBeUndefined();
    expect(ended({ 'eu/p2p': 'ddd' })).toBeUndefined();
  });
});
