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
      .rounds(12, down(['n0', 'n1']))
      .rounds(3, down(['n0', 'n1', 'n2']));
    expect(pages(story)).toEqual(['0:20 page 2 nodes down, tier 1', '2:20 page n2 down, tier 1']);
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

  it('is told on while one of them is not taken, or not silenced', () => {
    const begun = () =>
      storyOf(cellWith(2))
        .rounds(1)
        .rounds(2, down(['n0', 'n1']));
    const both = down(['n0', 'n1']);
    const taken = begun();
    expect(pages(taken.order({ kind: 'acknowledge', incident: taken.incident('n0') }).rounds(30, both))).toEqual([
      '0:20 page 2 nodes down, tier 1',
      '5:20 page 2 nodes down, tier 2',
    ]);
    const silenced = begun().order({ kind: 'silence', node: 'n1', until: 8.64e15 });
    expect(pages(silenced.rounds(30, both)).at(-1)).toBe('5:20 page 2 nodes down, tier 2');
    expect(pages(silenced.order({ kind: 'silence', node: 'n0', until: 8.64e15 }).rounds(70, both))).toEqual([]);
  });

  it('does not speak for what somebody took before', () => {
    const cell = cellWith(2);
    const tiers = cell.paging.tiers.map((tier) => ({ ...tier, afterMs: tier.afterMs + 60_000 }));
    const story = storyOf({ ...cell, paging: { ...cell.paging, tiers } })
      .rounds(1)
      .rounds(2, down(['n0', 'n1']));
    story.order({ kind: 'acknowledge', incident: story.incident('n0') }).rounds(10, down(['n0', 'n1']));
    expect(pages(story)).toEqual(['1:20 page n1 down, tier 1']);
  });

  it('that is given back gives back what is open and was taken, each once', () => {
    const story = storyOf(cellWith(3))
      .failing({ records: true })
      .rounds(1)
      .rounds(2, down(['n0', 'n1', 'n2']));
    const [over, given, taken] = ['n0', 'n1', 'n2'].map((node) => story.incident(node));
    const digest = digestOf(story)?.id ?? '';
    story.order({ kind: 'acknowledge', incident: digest }).rounds(3, down(['n1', 'n2']));
    story.order({ kind: 'unacknowledge', incident: given ?? '' }).rounds(1, down(['n1', 'n2']));
    story.order({ kind: 'unacknowledge', incident: digest }).rounds(1, down(['n1', 'n2']));
    const withdrawn = [over, given, taken].map(
      (id) => story.ledger().incidents[id ?? '']?.timeline.filter(({ what }) => what === 'acknowledgement withdrawn').length,
    );
    expect(withdrawn).toEqual([0, 1, 1]);
  });

  it('names those that are still in trouble', () => {
    const story = storyOf(cellWith(3), { texts: true })
      .rounds(1)
      .rounds(2, down(['n0', 'n1', 'n2']))
      .rounds(30, down(['n1', 'n2']));
    expect(pages(story).at(-1)).toMatch(/^5:20 tier 2: 3 nodes DOWN for 5 min, .*: n1, n2\./);
  });

  it('is not of what climbs: who was told of one before is told on of that one', () => {
    const story = storyOf(cellWith(2))
      .rounds(1)
      .rounds(30, down(['n0']))
      .rounds(2, down(['n0', 'n1']));
    expect(pages(story)).toEqual(['0:20 page n0 down, tier 1', '5:20 page n0 down, tier 2', '5:20 page n1 down, tier 1']);
  });

  it('is not waited for because of what is down already, or of what an incident has already', () => {
    const cell = cellOf({
      nodes: { n0: ['api', 'p2p'], n1: ['api'] },
      records: {},
      checks: { 'n0/p2p': { downForMs: 600_000 } },
    });
    const known = storyOf(cell).rounds(1).rounds(2, { 'n0/api': 'ddd' }).rounds(2, { n0: 'ddd', n1: 'ddd' });
    expect(pages(known)).toEqual(['0:20 page n0 down, tier 1', '0:40 page n1 down, tier 1']);
    const grouped = cellOf({ nodes: { n0: ['api', 'p2p'], n1: ['api'] }, records: {} });
    const nodes = grouped.nodes.map((node) => (node.id === 'n0' ? { ...node, checks: ['n0/api'], parts: ['n0/p2p'] } : node));
    const part = storyOf({ ...grouped, nodes })
      .rounds(1)
      .rounds(3, { 'n0/p2p': 'ddd' })
      .rounds(2, { 'n0/p2p': 'ddd', n1: 'ddd' });
    expect(pages(part)).toEqual(['0:50 page n1 down, tier 1']);
  });

  it('began with the first of its incidents, which is not kept waiting by a younger one', () => {
    const checks = { 'n2/api': { downForMs: 600_000 } };
    const cell = cellOf({ nodes: { n0: ['api'], n1: ['api'], n2: ['api'] }, records: {}, checks });
    const story = storyOf(cell, { texts: true })
      .rounds(1)
      .rounds(5, down(['n0', 'n2']))
      .rounds(3, down(['n0', 'n1', 'n2']));
    expect(pages(story)).toEqual(['1:20 tier 1: 2 nodes DOWN 01:00Z: n0, n1. api HTTP 500 (2 nodes)']);
    expect(digestOf(story)?.openedAt).toBe(story.ledger().incidents[story.incident('n0')]?.openedAt);
  });

  it('of some that nobody can see and one that is down is down', () => {
    const story = storyOf(cellWith(2)).rounds(1).rounds(2, { n0: 'aaa' }).rounds(2, { n0: 'aaa', n1: 'ddd' });
    expect(pages(story)).toEqual(['0:40 page 2 nodes down, tier 1']);
    const turned = storyOf(cellWith(2)).rounds(1).rounds(5, { n0: 'aaa', n1: 'aaa' }).rounds(3, { n0: 'ddd', n1: 'aaa' });
    expect(pages(turned).at(-1)).toBe('1:10 page 2 nodes down, tier 1');
  });

  it('that turns out down leaves the first tier its time', () => {
    const cell = cellWith(2);
    const tiers = cell.paging.tiers.map((tier) => ({ ...tier, afterMs: tier.afterMs + 60_000 }));
    const story = storyOf({ ...cell, paging: { ...cell.paging, tiers } })
      .rounds(1)
      .rounds(11, { n0: 'aaa', n1: 'aaa' })
      .rounds(8, down(['n0', 'n1']));
    expect(pages(story)).toEqual(['1:40 page 2 nodes unknown, tier 1', '3:10 page 2 nodes down, tier 1']);
  });

  it('tells its end to all who heard of any of them', () => {
    const story = storyOf(cellWith(2))
      .rounds(1)
      .rounds(36, { n0: 'aaa' })
      .rounds(3, down(['n0', 'n1']))
      .rounds(3);
    expect(pages(story)).toEqual([
      '0:40 page n0 unknown, tier 1',
      '5:40 page n0 unknown, tier 2',
      '6:20 page 2 nodes down, tier 1',
      '6:50 page 2 nodes recovered, tier 1',
      '6:50 page 2 nodes recovered, tier 2',
    ]);
  });

  it('is stored when it opens and when it ends, without evidence of its own', () => {
    const story = storyOf(cellWith(2))
      .failing({ records: true })
      .rounds(1)
      .rounds(2, down(['n0', 'n1']))
      .rounds(3);
    const digest = digestOf(story);
    expect(digest).toMatchObject({ state: 'closed', closedAs: 'recovered' });
    expect(digest?.id).toBe(`life-${digest?.timeline[0]?.epoch}-digest`);
    expect(digest?.timeline.at(-1)?.what).toBe('recovered');
    const records = story.ledger().intents.filter((each) => each.kind === 'record' && each.incident === digest?.id);
    expect(records).toMatchObject([{ evidence: [] }, { evidence: [] }]);
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
