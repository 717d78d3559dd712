/** What opens together shares one page. */
import { describe, expect, it } from 'vitest';
import { cellOf } from '../invariants/world.ts';
import { type Sight, type Story, storyOf } from '../story.ts';

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `n${index}`);
const cellWith = (count: number) => cellOf({ nodes: Object.fromEntries(ids(count).map((id) => [id, ['api']])), records: {} });
const down = (nodes: readonly string[]): Sight => Object.fromEntries(nodes.map((node) => [node, 'ddd']));
const pages = (story: Story) => story.told().filter((line) => line.includes('tier'));
const many = ids(40);
const digestOf = (story: Story) => Object.values(story.ledger().incidents).find(({ together }) => together);

describe('40 nodes that fail within one minute', () => {
  it('are one page a tier, also when the first were paged before the last failed', () => {
    const story = storyOf(cellWith(40))
      .rounds(1)
      .rounds(3, down(many.slice(0, 20)));
    story.rounds(40, down(many));
    expect(pages(story)).toEqual(['0:20 page 20 nodes down, tier 1', '5:20 page 40 nodes down, tier 2']);
  });

  it('end in one page, when all are back', () => {
    const story = storyOf(cellWith(40), { texts: true }).rounds(1).rounds(3, down(many));
    story.told();
    expect(pages(story.rounds(6, down(many.slice(30))))).toEqual([]);
    expect(pages(story.rounds(3))).toEqual([
      '1:50 tier 1: 40 nodes UP 01:01Z, recovered after 2 min, nobody acknowledged: n0, n1, n2, n3, n4, n5, n6, n7, n8, n9 and 30 more',
    ]);
    expect(story.ledger().incidents).toEqual({});
  });

  it('are taken together: acknowledging the digest acknowledges each', () => {
    const story = storyOf(cellWith(40)).rounds(1).rounds(3, down(many));
    story.told();
    story.order({ kind: 'acknowledge', incident: digestOf(story)?.id ?? '' }).rounds(60, down(many));
    expect(pages(story)).toEqual([]);
    const takers = Object.values(story.ledger().incidents).map(({ ackedBy }) => ackedBy);
    expect(new Set(takers)).toEqual(new Set(['ann']));
    story.order({ kind: 'unacknowledge', incident: digestOf(story)?.id ?? '' }).rounds(1, down(many));
    expect(pages(story)).toEqual(['10:40 page 40 nodes down, tier 2']);
    expect(Object.values(story.ledger().incidents).some(({ ackedBy }) => ackedBy)).toBe(false);
  });
});

describe('a digest', () => {
  it('is not waited for longer than a minute, nor for what one vantage alone sees', () => {
    const cell = cellOf({ nodes: { eu: ['api'], us: ['api'] }, records: {}, checks: { 'us/api': { downForMs: 600_000 } } });
    const story = storyOf(cell).rounds(1).rounds(9, { eu: 'ddd', us: 'ddd' });
    expect(pages(story)).toEqual(['1:20 page eu down, tier 1']);
    const alone = storyOf(cellWith(2)).rounds(1).rounds(2, { n0: 'ddd', n1: 'd' });
    expect(pages(alone)).toEqual(['0:20 page n0 down, tier 1']);
  });

  it('is no shelter: what fails two minutes later, or when it is taken, is paged on its own', () => {
    const story = storyOf(cellWith(4))
      .rounds(1)
      .rounds(14, down(['n0', 'n1']))
      .rounds(3, down(['n0', 'n1', 'n2']));
    expect(pages(story)).toEqual(['0:20 page 2 nodes down, tier 1', '2:40 page n2 down, tier 1']);
    const taken = storyOf(cellWith(4))
      .rounds(1)
      .rounds(2, down(['n0', 'n1']));
    taken.order({ kind: 'acknowledge', incident: digestOf(taken)?.id ?? '' }).rounds(3, down(['n0', 'n1', 'n2']));
    expect(pages(taken)).toEqual(['0:20 page 2 nodes down, tier 1', '0:40 page n2 down, tier 1']);
  });

  it('is silent once each of its incidents is taken', () => {
    const story = storyOf(cellWith(2))
      .rounds(1)
      .rounds(2, down(['n0', 'n1']));
    story.order({ kind: 'acknowledge', incident: story.incident('n0') }).rounds(1, down(['n0', 'n1']));
    story.order({ kind: 'acknowledge', incident: story.incident('n1') }).rounds(60, down(['n0', 'n1']));
    expect(pages(story)).toEqual(['0:20 page 2 nodes down, tier 1']);
  });

  it('that nobody could see, and that turns out down, is paged anew', () => {
    const story = storyOf(cellWith(2))
      .rounds(1)
      .rounds(5, { n0: 'aaa', n1: 'aaa' })
      .rounds(3, down(['n0', 'n1']));
    expect(pages(story)).toEqual(['0:40 page 2 nodes unknown, tier 1', '1:10 page 2 nodes down, tier 1']);
  });

  it('is written into its incidents, and they into it', () => {
    const story = storyOf(cellWith(2))
      .rounds(1)
      .rounds(2, down(['n0', 'n1']));
    const digest = digestOf(story);
    expect(digest?.timeline.map(({ what, detail }) => `${what} ${detail}`)).toEqual([
      'opened together 2 nodes',
      'with n0',
      'with n1',
      'paged down tier 1, attempt 1',
    ]);
    expect(story.ledger().incidents[story.incident('n0')]?.timeline.at(-1)).toMatchObject({
      what: 'paged together with others',
      detail: digest?.id,
    });
  });
});

describe('flips that Route 53 does not take', () => {
  it('are one page, however many they are', () => {
    const records = { api: { members: ids(20), guard: { maxOut: 19 } } };
    const cell = cellOf({ nodes: Object.fromEntries(ids(20).map((id) => [id, ['api']])), records });
    const story = storyOf(cell, { texts: true })
      .failing({ flips: true })
      .rounds(1)
      .rounds(16, down(ids(9)));
    expect(pages(story).filter((line) => line.includes('FLIP'))).toEqual([
      '2:20 tier 1: FLIP FAILED: api/n0, api/n1, api/n2, api/n3, api/n4 and 4 more cannot be flipped: Route 53 is down',
    ]);
  });
});
