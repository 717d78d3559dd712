import { describe, expect, it } from 'vitest';
import { guarded, MINUTE, two } from './decide-cells.ts';
import { cellOf } from './invariants/world.ts';
import { storyOf } from './story.ts';

describe('an outage', () => {
  it('is one transition, one flip and one page; so is its end, once the hold is over', () => {
    const story = storyOf(two).rounds(1).rounds(3, { eu: 'ddd' }).rounds(8);
    expect(story.told()).toEqual([
      '0:20 eu up → down',
      '0:20 api: eu out',
      '0:20 page eu down, tier 1',
      '0:50 eu down → up',
      '0:50 api: eu held (hold)',
      '0:50 page eu recovered, tier 1',
      '1:20 api: eu in',
    ]);
  });

  it('is believed when a second look, downFor later, sees it too: sooner than the next round', () => {
    expect(storyOf(two).rounds(1).rounds(1, { eu: 'ddd' }).after(4, { eu: 'ddd' }).told()).toEqual([]);
    const story = storyOf(two).rounds(1).rounds(1, { eu: 'ddd' }).after(5, { eu: 'ddd' });
    expect(story.told()[0]).toBe('0:15 eu up → down');
  });

  it('that lasts for less than downFor does not exist, although all saw it', () => {
    const story = storyOf(two).rounds(2).rounds(1, { eu: 'ddd' }).after(3, { eu: 'ddd' }).rounds(5);
    expect(story.told()).toEqual([]);
  });

  it('that only a minority sees is partial once it has lasted: nobody is paged, nothing is flipped', () => {
    const story = storyOf(cellOf({ vantages: 5 }))
      .rounds(1)
      .rounds(6, { eu: 'dd' })
      .rounds(2);
    expect(story.told()).toEqual(['0:40 eu up → partial', '1:10 eu partial → up']);
  });

  it('of a few seconds is not proven by a vantage that has been alone in seeing it for long', () => {
    const story = storyOf(two).rounds(1).rounds(10, { eu: 'd' }).rounds(1, { eu: 'dd' }).rounds(3, { eu: 'd' });
    expect(story.told()).toEqual(['0:40 eu up → partial']);
  });

  it('of a slow node is degraded once it has lasted, and no reason to act', () => {
    expect(storyOf(two).rounds(1).rounds(6, { eu: 'gg' }).rounds(1).told()).toEqual([
      '0:40 eu up → degraded',
      '1:10 eu degraded → up',
    ]);
    expect(storyOf(two).rounds(1).rounds(2, { eu: 'gg' }).rounds(2).told()).toEqual([]);
  });

  it('of a second check belongs to the incident that is open', () => {
    const cell = cellOf({ nodes: { eu: ['api', 'p2p'], us: ['api'] } });
    const story = storyOf(cell).rounds(1).rounds(2, { 'eu/api': 'ddd' }).rounds(2, { eu: 'ddd' });
    expect(story.told().filter((line) => line.includes('page'))).toEqual(['0:20 page eu down, tier 1']);
    const told = story.ledger().incidents[story.incident('eu')]?.timeline.map(({ what, detail }) => `${what} ${detail}`);
    expect(told).toContain('up → down eu/p2p');
  });

  it('of a check that no record requires pages and flips nothing', () => {
    const cell = cellOf({
      nodes: { eu: ['api', 'p2p'], us: ['api'] },
      records: { api: { members: ['eu', 'us'], requires: ['api'] } },
    });
    expect(storyOf(cell).rounds(1).rounds(3, { 'eu/p2p': 'ddd' }).told()).toEqual([
      '0:20 eu up → down',
      '0:20 page eu down, tier 1',
    ]);
  });
});

describe('recovery', () => {
  it('needs `recover` healthy quorums in a row: a relapse counts from the start', () => {
    const cell = cellOf({ checks: { 'eu/api': { recover: 3 } } });
    const story = storyOf(cell).rounds(1).rounds(2, { eu: 'ddd' });
    story.told();
    expect(story.rounds(2).rounds(1, { eu: 'ddd' }).rounds(2).told()).toEqual([]);
    expect(story.rounds(1).told()[0]).toBe('1:20 eu down → up');
  });

  it('counts a quorum only when every vote in it is new', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' });
    story.told();
    expect(story.rounds(1, { eu: 'uu-' }).after(1, { eu: 'u--' }).after(1, { eu: 'u--' }).told()).toEqual([]);
    expect(story.after(1, { eu: '-u-' }).told()[0]).toBe('0:33 eu down → up');
  });

  it('may be to degraded when a quorum says so; who still says down may only be the last to look again', () => {
    const slow = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' }).rounds(8, { eu: 'ggg' });
    expect(slow.told().slice(3)).toEqual([
      '0:40 eu down → degraded',
      '0:40 api: eu held (hold)',
      '0:40 page eu recovered, tier 1',
      '1:20 api: eu in',
    ]);
    const late = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' }).rounds(3, { eu: 'duu' }).rounds(9);
    expect(late.told().filter((line) => line.includes('→'))).toEqual(['0:20 eu up → down', '0:40 eu down → up']);
    const partly = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' }).rounds(6, { eu: 'duu' });
    expect(partly.told()).toContain('1:10 eu up → partial');
  });

  it('waits for somebody where failback is manual', () => {
    const story = storyOf(guarded({ failback: 'manual' }))
      .rounds(1)
      .rounds(2, { eu: 'ddd' })
      .rounds(60);
    expect(story.told().slice(3)).toEqual([
      '0:40 eu down → up',
      '0:40 api: eu held (hold)',
      '0:40 page eu recovered, tier 1',
      '1:20 api: eu held (failback)',
    ]);
    expect(story.order({ kind: 'restore', node: 'eu' }).rounds(1).told()).toEqual(['10:30 api: eu in']);
  });

  it('of one while all others are down waits for nothing but its proof, and only then are others taken out', () => {
    const story = storyOf(guarded({ failback: 'manual', holdMs: 20 * MINUTE }))
      .rounds(1)
      .rounds(2, { eu: 'ddd' });
    story.rounds(3, { eu: 'ddd', us: 'ddd' });
    expect(story.told().slice(3)).toEqual(['0:40 us up → down', '0:40 api: us held (minInService)', '0:40 page us down, tier 1']);
    expect(story.rounds(3, { us: 'ddd' }).told()).toEqual([
      '1:10 eu down → up',
      '1:10 api: eu in',
      '1:10 page eu recovered, tier 1',
      '1:20 api: us out',
    ]);
  });
});

describe('flapping', () => {
  const flap = (story: ReturnType<typeof storyOf>) => {
    story.rounds(2, { eu: 'ddd' });
    const wentOut = story.told().find((line) => line.endsWith('eu out'));
    for (let round = 0; round < 500; round++) {
      const cameIn = story
        .rounds(1)
        .told()
        .find((line) => line.endsWith('eu in'));
      if (cameIn) return (secondsOf(cameIn) - secondsOf(wentOut ?? '')) / 60;
    }
    return Number.POSITIVE_INFINITY;
  };
  const secondsOf = (line: string) => {
    const [minutes, seconds] = line.split(' ')[0]?.split(':').map(Number) ?? [];
    return (minutes ?? 0) * 60 + (seconds ?? 0);
  };
  /** Until the hold that follows the return is over too. */
  const calm = (story: ReturnType<typeof storyOf>, minutes: number) => story.rounds(minutes * 6);

  it('doubles the hold each time, within the hour', () => {
    const story = storyOf(two).rounds(1);
    expect(flap(story)).toBe(1);
    calm(story, 2);
    expect(flap(story)).toBe(2);
    calm(story, 3);
    expect(flap(story)).toBe(4);
    calm(story, 61);
    expect(flap(story)).toBe(1);
  });

  it('never holds for longer than an hour', () => {
    const story = storyOf(guarded({ holdMs: 45 * MINUTE })).rounds(1);
    expect(flap(story)).toBe(45);
    story.rounds(46 * 6);
    expect(flap(story)).toBeLessThanOrEqual(60);
  });

  it('also holds a member in service: what just came back is not taken out at once', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' }).rounds(8);
    expect(story.told().at(-1)).toBe('1:20 api: eu in');
    story.rounds(9, { eu: 'ddd' });
    expect(story.told()).toEqual([
      '2:00 eu up → down',
      '2:00 api: eu held (hold)',
      '2:00 page eu down, tier 1',
      '2:20 api: eu out',
    ]);
  });
});

describe('rest', () => {
  it('is an empty ledger, and no commit at all', () => {
    const story = storyOf(two).rounds(3);
    const { epoch, checks, nodes, members, incidents, intents, leases } = story.ledger();
    expect({ checks, nodes, members, incidents, intents, leases }).toEqual({
      checks: {},
      nodes: {},
      members: {},
      incidents: {},
      intents: [],
      leases: {},
    });
    expect(story.rounds(20).ledger().epoch).toBe(epoch);
  });

  it('comes when the last vote from before the transition is too old to count, and not earlier', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' }).rounds(2);
    const { at } = story.ledger().checks['eu/api'] ?? { at: 0 };
    expect(story.rounds(2).ledger().checks['eu/api']).toMatchObject({ state: 'up', at });
    expect(story.rounds(1).ledger().checks['eu/api']).toBeUndefined();
  });

  it('of a member comes when its flap hour is over', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' }).rounds(8);
    expect(story.rounds(350).ledger().members['api/eu']).toBeDefined();
    expect(story.rounds(2).ledger().members['api/eu']).toBeUndefined();
  });

  it('an incident is forgotten once its end is recorded', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' });
    expect(Object.keys(story.ledger().incidents)).toHaveLength(1);
    expect(story.rounds(2).ledger().incidents).toEqual({});
  });
});
