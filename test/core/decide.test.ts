import { describe, expect, it } from 'vitest';
import { cellOf } from './invariants/world.ts';
import { storyOf } from './story.ts';

/** Three vantages, a round every 10 s, `downFor` 5 s, `recover` 2, hold 60 s; nodes eu and us serve the record api. */
const two = cellOf();
const of = (guard: object, members = ['eu', 'us']) =>
  cellOf({
    nodes: Object.fromEntries(members.map((node) => [node, ['api']])),
    records: { api: { members, guard } },
  });
const three = (guard: object = {}) => of({ maxOut: 2, ...guard }, ['ap', 'eu', 'us']);
const MINUTE = 60_000;
const in_ = (story: { ledger(): { bornAt: number } }, minutes: number) => story.ledger().bornAt + 3_600_000 + minutes * MINUTE;

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
    expect(story.after(1, { eu: '-u-' }).told()[0]).toBe('0:33 eu down → partial');
  });

  it('may be to degraded, or partial: both serve', () => {
    const slow = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' }).rounds(8, { eu: 'ggg' });
    expect(slow.told().slice(3)).toEqual([
      '0:40 eu down → degraded',
      '0:40 api: eu held (hold)',
      '0:40 page eu recovered, tier 1',
      '1:20 api: eu in',
    ]);
    const partly = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' }).rounds(2, { eu: 'duu' });
    expect(partly.told()[3]).toBe('0:40 eu down → partial');
  });

  it('waits for somebody where failback is manual', () => {
    const story = storyOf(of({ failback: 'manual' }))
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
    const story = storyOf(of({ failback: 'manual', holdMs: 20 * MINUTE }))
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
    const story = storyOf(of({ holdMs: 45 * MINUTE })).rounds(1);
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

describe('the guard', () => {
  it('never takes the last one out: every member down is a page, and no flip', () => {
    const story = storyOf(two).rounds(1).rounds(20, { eu: 'ddd', us: 'ddd' });
    expect(story.told()).toEqual([
      '0:20 eu up → down',
      '0:20 us up → down',
      '0:20 api: eu held (minInService)',
      '0:20 api: us held (minInService)',
      '0:20 page eu down, tier 1',
      '0:20 page us down, tier 1',
    ]);
  });

  it('counts on nobody whose votes say down, even before that is proven', () => {
    const story = storyOf(two).rounds(1).rounds(1, { eu: 'ddd' }).rounds(1, { eu: 'ddd', us: 'ddd' });
    expect(story.told()).toContain('0:20 api: eu held (minInService)');
  });

  it('takes out no more than maxOut', () => {
    const story = storyOf(three({ maxOut: 1 }))
      .rounds(1)
      .rounds(2, { eu: 'ddd' })
      .rounds(2, { eu: 'ddd', us: 'ddd' });
    expect(story.told().filter((line) => line.includes('api:'))).toEqual(['0:20 api: eu out', '0:40 api: us held (maxOut)']);
  });

  it('keeps more than one where minInService says so', () => {
    const story = storyOf(three({ minInService: 2 }))
      .rounds(1)
      .rounds(2, { eu: 'ddd' })
      .rounds(2, { eu: 'ddd', us: 'ddd' });
    expect(story.told().filter((line) => line.includes('api:'))).toEqual([
      '0:20 api: eu out',
      '0:40 api: us held (minInService)',
    ]);
  });

  const twenty = Array.from({ length: 20 }, (_, index) => `n${index}`);
  const down = (count: number) => Object.fromEntries(twenty.slice(0, count).map((node) => [node, 'ddd']));

  it('believes in a fault of the checks when 55 % of more than three members look down', () => {
    const cell = of({ maxOut: 19 }, twenty);
    const held = storyOf(cell).rounds(1).rounds(3, down(11)).told();
    expect(held.filter((line) => line.includes('out'))).toEqual([]);
    expect(held.filter((line) => line.includes('(massFailure)'))).toHaveLength(11);
    const acted = storyOf(cell).rounds(1).rounds(3, down(10)).told();
    expect(acted.filter((line) => line.includes('out'))).toHaveLength(10);
  });

  it('takes no share of three members', () => {
    const story = storyOf(three()).rounds(1).rounds(2, { eu: 'ddd', us: 'ddd' });
    expect(story.told()).toEqual(expect.arrayContaining(['0:20 api: eu out', '0:20 api: us out']));
  });

  it('in report mode shows what it would do, and does nothing', () => {
    const story = storyOf(of({ mode: 'report' }))
      .rounds(1)
      .rounds(4, { eu: 'ddd' });
    expect(story.told()).toEqual(['0:20 eu up → down', '0:20 api: eu held (report)', '0:20 page eu down, tier 1']);
  });

  it('says once in a page that a take-out came to be held after the first page', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' }).rounds(8);
    story.told();
    story.rounds(2, { eu: 'ddd' }).rounds(9, { eu: 'ddd', us: 'ddd' });
    expect(story.told().slice(1)).toEqual([
      '2:00 api: eu held (hold)',
      '2:00 page eu down, tier 1',
      '2:10 api: eu held (minInService)',
      '2:10 page eu held, tier 1',
      '2:20 us up → down',
      '2:20 api: us held (minInService)',
      '2:20 page us down, tier 1',
    ]);
  });
});

describe('what people ask for', () => {
  it('pause: nothing automatic happens, pages go on', () => {
    const story = storyOf(two).rounds(1);
    story.order({ kind: 'pause', until: in_(story, 2) }).rounds(4, { eu: 'ddd' });
    expect(story.told()).toEqual(['0:20 eu up → down', '0:20 api: eu held (pause)', '0:20 page eu down, tier 1']);
    expect(story.rounds(8, { eu: 'ddd' }).told()).toEqual(['2:00 api: eu out']);
  });

  it('a pause that ends while a member is on its way back begins no take-out: only recover is still to be met', () => {
    const nodes = { eu: ['api'], us: ['api'] };
    const records = { api: { members: ['eu', 'us'], guard: {} } };
    const story = storyOf(cellOf({ nodes, records, checks: { 'eu/api': { recover: 4 } } })).rounds(1);
    story.order({ kind: 'pause', until: in_(story, 1) }).rounds(4, { eu: 'ddd' });
    story.told();
    expect(story.rounds(6).told()).toEqual(['1:20 eu down → up', '1:20 page eu recovered, tier 1']);
  });

  it('drain: out at once, and back only by restore, whatever the hold', () => {
    const story = storyOf(two).rounds(1).order({ kind: 'drain', node: 'eu' }).rounds(30);
    expect(story.told()).toEqual(['0:10 api: eu out']);
    expect(story.order({ kind: 'restore', node: 'eu' }).rounds(1).told()).toEqual(['5:10 api: eu in']);
  });

  it('drain and force out are bound by minInService', () => {
    const story = storyOf(two).rounds(1).order({ kind: 'drain', node: 'eu' }).rounds(1);
    story.order({ kind: 'force', node: 'us', inService: false, until: in_(story, 60), reason: 'test' }).rounds(3);
    expect(story.told()).toEqual(['0:10 api: eu out', '0:20 api: us held (minInService)']);
  });

  it('force: overrules the quorum until it ends', () => {
    const story = storyOf(two).rounds(1);
    story.order({ kind: 'force', node: 'eu', inService: true, until: in_(story, 2), reason: 'test' }).rounds(11, { eu: 'ddd' });
    expect(story.told()).toEqual(['0:20 eu up → down', '0:20 page eu down, tier 1']);
    expect(story.rounds(1, { eu: 'ddd' }).told()).toEqual(['2:00 api: eu out']);
  });

  it('force in: also when too few vantages are heard for any verdict', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' }).rounds(5, { eu: '--d' });
    story.told();
    story
      .order({ kind: 'force', node: 'eu', inService: true, until: in_(story, 60), reason: 'trust me' })
      .rounds(1, { eu: '--d' });
    expect(story.told()).toEqual(['1:20 api: eu in']);
  });

  it('silence: flips as ever, pages when it is over and the node still down', () => {
    const story = storyOf(two).rounds(1);
    story.order({ kind: 'silence', node: 'eu', until: in_(story, 2) }).rounds(11, { eu: 'ddd' });
    expect(story.told()).toEqual(['0:20 eu up → down', '0:20 api: eu out']);
    expect(story.rounds(1, { eu: 'ddd' }).told()).toEqual(['2:00 page eu down, tier 1']);
  });

  it('silence: can be ended early', () => {
    const story = storyOf(two).rounds(1);
    story.order({ kind: 'silence', node: 'eu', until: in_(story, 60) }).rounds(1);
    story.order({ kind: 'silence', node: 'eu', until: in_(story, 0) }).rounds(2, { eu: 'ddd' });
    expect(story.told()).toContain('0:30 page eu down, tier 1');
  });
});

describe('paging', () => {
  it('climbs to the next tier, then repeats the last, until somebody acknowledges; recovery is told to all who were paged', () => {
    const story = storyOf(two).rounds(1).rounds(130, { eu: 'ddd' });
    expect(story.told().slice(2)).toEqual([
      '0:20 page eu down, tier 1',
      '5:20 page eu down, tier 2',
      '15:20 page eu down, tier 2, attempt 2',
    ]);
    expect(story.rounds(2).told()).toEqual([
      '22:00 eu down → up',
      '22:00 api: eu in',
      '22:00 page eu recovered, tier 1',
      '22:00 page eu recovered, tier 2',
    ]);
  });

  it('stops at an acknowledgement, and goes on when that lapses', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' });
    story.told();
    story.order({ kind: 'acknowledge', incident: story.incident('eu') });
    expect(story.rounds(4 * 360 + 1, { eu: 'ddd' }).told()).toEqual(['240:20 page eu down, tier 2']);
  });

  it('tells what acknowledged it, and by whom, in the incident', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' });
    const id = story.incident('eu');
    story.order({ kind: 'acknowledge', incident: id }).order({ kind: 'acknowledge', incident: id }).rounds(1, { eu: 'ddd' });
    const incident = story.ledger().incidents[id];
    expect(incident).toMatchObject({ ackedBy: 'ann', ackedAt: in_(story, 0) + 20_000 });
    expect(incident?.timeline.filter(({ what }) => what === 'acknowledged')).toHaveLength(1);
  });

  it('leaves each tier its time when an incident turns from unknown to down', () => {
    const story = storyOf(two).rounds(1).rounds(124, { eu: 'aaa' });
    expect(story.told().at(-1)).toBe('15:40 page eu unknown, tier 2, attempt 2');
    story.rounds(4, { eu: 'ddd' });
    expect(story.told().filter((line) => line.includes('page'))).toEqual(['21:00 page eu down, tier 1']);
  });

  it('never sends the same page twice: an incident that goes from down to unknown and back', () => {
    const cell = cellOf({ nodes: { eu: ['api', 'p2p'], us: ['api'] } });
    const story = storyOf(cell).rounds(1).rounds(6, { 'eu/api': 'ddd', 'eu/p2p': 'aaa' });
    story.rounds(4, { 'eu/p2p': 'aaa' }).rounds(3, { 'eu/api': 'ddd', 'eu/p2p': 'aaa' });
    const told = story.told();
    expect(told).toEqual(expect.arrayContaining(['1:20 eu down → unknown', '2:00 eu unknown → down']));
    expect(told.filter((line) => line.includes('page'))).toEqual(['0:20 page eu down, tier 1']);
  });

  it('tells recovery to everybody who was paged, whatever the state was then', () => {
    const cell = cellOf({ nodes: { eu: ['api', 'p2p'], us: ['api'] } });
    const story = storyOf(cell).rounds(1).rounds(34, { 'eu/api': 'ddd', 'eu/p2p': 'aaa' });
    expect(story.told().at(-1)).toBe('5:20 page eu down, tier 2');
    story.rounds(4, { 'eu/p2p': 'aaa' }).rounds(1);
    expect(story.told().filter((line) => line.includes('recovered'))).toEqual([
      '6:30 page eu recovered, tier 1',
      '6:30 page eu recovered, tier 2',
    ]);
  });
});

describe('silence of the vantages', () => {
  it('is unknown after three rounds, and paged, when a check has no quorum', () => {
    const story = storyOf(two).rounds(1).rounds(4, { eu: 'aau' }).rounds(1);
    expect(story.told()).toEqual([
      '0:40 eu up → unknown',
      '0:40 page eu unknown, tier 1',
      '0:50 eu unknown → up',
      '0:50 page eu recovered, tier 1',
    ]);
  });

  it('for less than three rounds is nothing', () => {
    expect(storyOf(two).rounds(1).rounds(3, { eu: 'aau' }).rounds(3).told()).toEqual([]);
  });

  it('of most vantages changes nothing: what the ledger says stays, whatever the few say', () => {
    const story = storyOf(two).rounds(1).rounds(30, { eu: '--d' });
    expect(story.told()).toEqual([]);
    const out = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' });
    out.told();
    expect(out.rounds(20, { eu: '--u' }).told()).toEqual([]);
    expect(out.rounds(2).told()[0]).toBe('4:00 eu down → up');
  });

  it('makes nobody unfit: an unknown member stays in service, and is not counted on', () => {
    const story = storyOf(two).rounds(1).rounds(5, { us: 'aaa' }).rounds(2, { us: 'aaa', eu: 'ddd' });
    expect(story.told().filter((line) => line.includes('api:'))).toEqual(['1:10 api: eu held (minInService)']);
  });
});

describe('birth', () => {
  it('flips nothing for three rounds, and takes out what is still down then', () => {
    const story = storyOf(two, { born: false }).rounds(5, { eu: 'ddd' });
    expect(story.told()).toEqual([
      '0:10 eu up → down',
      '0:10 api: eu held (birth)',
      '0:10 page eu down, tier 1',
      '0:30 api: eu out',
    ]);
  });

  it('adopts what is out, and brings it back when it has proven itself', () => {
    const story = storyOf(two, { born: false }).hand('api', 'eu', false).rounds(1);
    expect(story.ledger().members['api/eu']).toMatchObject({ inService: false, why: 'found out of service' });
    expect(story.rounds(5).told()).toEqual(['0:20 api: eu held (birth)', '0:30 api: eu in']);
  });

  it('after the table was wiped is no recovery and no storm', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' });
    story.told();
    story.wipe().rounds(3, { eu: 'ddd' });
    expect(story.told()).toEqual(['0:40 eu up → down', '0:40 page eu down, tier 1']);
    expect(story.rounds(3).told()).toEqual(['1:10 eu down → up', '1:10 api: eu in', '1:10 page eu recovered, tier 1']);
  });
});

describe("somebody else's hand", () => {
  it('is kept, and told once; restore gives it back', () => {
    const story = storyOf(two).rounds(1).hand('api', 'eu', false).rounds(20);
    expect(story.told()).toEqual([
      '0:10 note: api.example.org: eu was taken out by hand; it is left so until quorumwatch restore eu',
      '0:10 api: eu held (foreign)',
      '0:10 page api/eu foreign-hand, tier 1',
    ]);
    expect(story.order({ kind: 'restore', node: 'eu' }).rounds(1).told()).toEqual(['3:30 api: eu in']);
  });

  it('that puts a down node back in service is kept too', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' });
    story.told();
    story.hand('api', 'eu', true).rounds(20, { eu: 'ddd' });
    expect(story.told().filter((line) => !line.includes('page'))).toEqual([
      '0:30 note: api.example.org: eu was put in service by hand; it is left so until quorumwatch restore eu',
      '0:30 api: eu held (foreign)',
    ]);
  });

  it('is not seen in a flip of our own that is not settled yet', () => {
    const story = storyOf(two).rounds(1).failing({ flips: true }).rounds(3, { eu: 'ddd' });
    story.hand('api', 'eu', false).rounds(2, { eu: 'ddd' });
    expect(story.told().some((line) => line.includes('by hand'))).toBe(false);
  });
});

describe('what cannot be carried out', () => {
  it('is told after two ticks, once, while everything else goes on', () => {
    const story = storyOf(two).failing({ flips: true }).rounds(1).rounds(25, { eu: 'ddd' });
    expect(story.told()).toEqual(['0:20 eu up → down', '0:20 page eu down, tier 1', '2:20 page api/eu flip-failed, tier 1']);
    expect(story.failing({}).rounds(8, { eu: 'ddd' }).told()).toContain('5:20 page eu down, tier 2');
    expect(story.ledger().members['api/eu']?.confirmed?.inService).toBe(false);
  });

  it('a flip that is no longer wanted is not carried out any more', () => {
    const story = storyOf(two).failing({ flips: true }).rounds(1).rounds(2, { eu: 'ddd' }).rounds(7).failing({}).rounds(12);
    const flips = story.told().filter((line) => /api: eu (in|out)/.test(line));
    expect(flips).toEqual(['1:40 api: eu in']);
  });

  it('pages keep their order while SNS is down: recovered never comes before down', () => {
    const story = storyOf(two).failing({ pages: true }).rounds(1).rounds(2, { eu: 'ddd' }).rounds(3).failing({}).rounds(6);
    expect(
      story
        .told()
        .filter((line) => line.includes('page'))
        .map((line) => line.slice(5)),
    ).toEqual(['page eu down, tier 1', 'page eu recovered, tier 1']);
  });

  it('does not make the ledger grow without end', () => {
    const nodes = Array.from({ length: 12 }, (_, index) => `n${index}`);
    const cell = of({ maxOut: 1 }, nodes);
    const story = storyOf(cell).failing({ pages: true, flips: true, records: true }).rounds(1);
    for (let count = 1; count <= nodes.length; count++)
      story.rounds(2, Object.fromEntries(nodes.slice(0, count).map((node) => [node, 'ddd'])));
    expect(JSON.stringify(story.ledger()).length).toBeLessThan(300_000);
  });
});

describe('a roll-out', () => {
  const next = { ...two, probeHash: 'probe-2' };

  it('may commit that something is down from the smaller side, and neither flips nor recovers', () => {
    const story = storyOf(two).rounds(1).deploy(next, 'probers').rounds(3, { eu: 'ddd' });
    expect(story.told()).toEqual(['0:20 eu up → down', '0:20 api: eu held (rollout)', '0:20 page eu down, tier 1']);
    expect(story.rounds(6).told()).toEqual([]);
    expect(story.deploy(next, 'arbiters').rounds(2).told()).toContain('1:50 eu down → up');
  });

  it('that takes longer than half an hour is told once', () => {
    const story = storyOf(two)
      .rounds(1)
      .deploy(next, 'probers')
      .rounds(60 * 6);
    expect(story.told()).toEqual(['30:10 page test skew, tier 1']);
    expect(story.deploy(next, 'arbiters').rounds(1).ledger().skewSince).toBeUndefined();
  });

  it('that removes a node closes its incident as removed', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' });
    const id = story.incident('eu');
    story.told();
    story.deploy({ ...cellOf({ nodes: { us: ['api'] } }), probeHash: 'probe-2' }).rounds(2);
    expect(story.told().filter((line) => !line.includes('recovered'))).toEqual([]);
    const { incidents, nodes, checks, members, intents } = story.ledger();
    expect({ incidents, nodes, checks, intents }).toEqual({ incidents: {}, nodes: {}, checks: {}, intents: [] });
    expect(Object.keys(members)).toEqual([]);
    expect(id).toContain('eu');
  });

  it('that removes the failing check closes the incident too, and forgets it', () => {
    const before = cellOf({ nodes: { eu: ['api', 'p2p'], us: ['api'] } });
    const story = storyOf(before).rounds(1).rounds(2, { 'eu/p2p': 'ddd' });
    story.deploy({ ...two, probeHash: 'probe-2' }).rounds(3);
    expect(story.ledger().incidents).toEqual({});
  });

  it('does not owe flips to members that are gone', () => {
    const story = storyOf(three()).failing({ flips: true }).rounds(1).rounds(2, { eu: 'ddd' });
    story
      .deploy({ ...of({}, ['ap', 'us']), probeHash: 'probe-2' })
      .failing({})
      .rounds(2)
      .told();
    expect(story.rounds(2, { ap: 'ddd' }).told()).toContain('1:00 api: ap out');
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
