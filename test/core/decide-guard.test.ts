import { describe, expect, it } from 'vitest';
import { at, guarded, three, two } from './decide-cells.ts';
import { cellOf } from './invariants/world.ts';
import { storyOf } from './story.ts';

describe('the guard', () => {
  it('never takes the last one out: every member down is a page, and no flip', () => {
    const story = storyOf(two).rounds(1).rounds(20, { eu: 'ddd', us: 'ddd' });
    expect(story.told()).toEqual([
      '0:20 eu up → down',
      '0:20 us up → down',
      '0:20 api: eu held (minInService)',
      '0:20 api: us held (minInService)',
      '0:20 page 2 nodes down, tier 1',
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
    const cell = guarded({ maxOut: 19 }, twenty);
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
    const story = storyOf(guarded({ mode: 'report' }))
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
    story.order({ kind: 'pause', until: at(story, 2) }).rounds(4, { eu: 'ddd' });
    expect(story.told()).toEqual(['0:20 eu up → down', '0:20 api: eu held (pause)', '0:20 page eu down, tier 1']);
    expect(story.rounds(8, { eu: 'ddd' }).told()).toEqual(['2:00 api: eu out']);
  });

  it('a pause that ends while a member is on its way back begins no take-out: only recover is still to be met', () => {
    const nodes = { eu: ['api'], us: ['api'] };
    const records = { api: { members: ['eu', 'us'], guard: {} } };
    const story = storyOf(cellOf({ nodes, records, checks: { 'eu/api': { recover: 4 } } })).rounds(1);
    story.order({ kind: 'pause', until: at(story, 1) }).rounds(4, { eu: 'ddd' });
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
    story.order({ kind: 'force', node: 'us', inService: false, until: at(story, 60), reason: 'test' }).rounds(3);
    expect(story.told()).toEqual(['0:10 api: eu out', '0:20 api: us held (minInService)']);
  });

  it('force: overrules the quorum until it ends', () => {
    const story = storyOf(two).rounds(1);
    story.order({ kind: 'force', node: 'eu', inService: true, until: at(story, 2), reason: 'test' }).rounds(11, { eu: 'ddd' });
    expect(story.told()).toEqual(['0:20 eu up → down', '0:20 page eu down, tier 1']);
    expect(story.rounds(1, { eu: 'ddd' }).told()).toEqual(['2:00 api: eu out']);
  });

  it('force in: also when too few vantages are heard for any verdict', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' }).rounds(5, { eu: '--d' });
    story.told();
    story
      .order({ kind: 'force', node: 'eu', inService: true, until: at(story, 60), reason: 'trust me' })
      .rounds(1, { eu: '--d' });
    expect(story.told()).toEqual(['1:20 api: eu in']);
  });

  it('silence: flips as ever, pages when it is over and the node still down', () => {
    const story = storyOf(two).rounds(1);
    story.order({ kind: 'silence', node: 'eu', until: at(story, 2) }).rounds(11, { eu: 'ddd' });
    expect(story.told()).toEqual(['0:20 eu up → down', '0:20 api: eu out']);
    expect(story.rounds(1, { eu: 'ddd' }).told()).toEqual(['2:00 page eu down, tier 1']);
  });

  it('silence: can be ended early', () => {
    const story = storyOf(two).rounds(1);
    story.order({ kind: 'silence', node: 'eu', until: at(story, 60) }).rounds(1);
    story.order({ kind: 'silence', node: 'eu', until: at(story, 0) }).rounds(2, { eu: 'ddd' });
    expect(story.told()).toContain('0:30 page eu down, tier 1');
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
    const cell = guarded({ maxOut: 1 }, nodes);
    const story = storyOf(cell).failing({ pages: true, flips: true, records: true }).rounds(1);
    for (let count = 1; count <= nodes.length; count++)
      story.rounds(2, Object.fromEntries(nodes.slice(0, count).map((node) => [node, 'ddd'])));
    expect(JSON.stringify(story.ledger()).length).toBeLessThan(300_000);
  });
});
