import { describe, expect, it } from 'vitest';
import type { Cell } from '../../lib/core/cell.ts';
import { cellOf } from './invariants/world.ts';
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
  it('goes from a quorum of failed looks to a page that is marked, and ends; nothing is flipped', () => {
    const story = drilled(storyOf(cell)).rounds(8);
    expect(told(story)).toEqual(DRILL);
    expect(hops(story)).toEqual(['asked', 'begun', 'down', 'over', 'paged']);
    expect(story.ledger().drill).toMatchObject({ ended: 'through', seen: { v0: expect.any(Number), v1: expect.any(Number) } });
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

  it('that nobody looks at is given up, said, and forgotten after an hour', () => {
    const story = drilled(storyOf(cell).failing({ drills: true })).rounds(35);
    expect(told(story)).toEqual(['DRILL up → unknown', 'page DRILL drill-failed, tier 1']);
    expect(story.ledger().drill).toMatchObject({ ended: 'without down, paged' });
    expect(story.rounds(361).ledger().drill).toBeUndefined();
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
    expect(told(story)).toEqual(expect.arrayContaining([...DRILL, ...DRILL]));
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
