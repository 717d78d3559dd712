/** How an incident's pages climb, what is owed with them, and what stays in its story. */
import { describe, expect, it } from 'vitest';
import type { Cell } from '../../../lib/core/cell.ts';
import type { Incident, Intent, Page } from '../../../lib/core/ledger.ts';
import type { TierSpec } from '../../../lib/core/telling.ts';
import { type CellPlan, cellOf } from '../invariants/world.ts';
import { type Story, storyOf } from '../story.ts';

const MINUTE = 60_000;
/** The last time that JavaScript has. */
const MAX_TIME_MS = 8.64e15;
const tier = (afterMs: number): TierSpec => ({ afterMs, sms: [], email: ['ops@example.org'], https: [], hooks: [] });
/** People are told after these minutes; quiet ones, too. */
const telling = (tiers: number[], quiet: number[] = [], plan: CellPlan = { records: {} }): Cell => {
  const cell = cellOf(plan);
  const tiersOf = (minutes: number[]) => minutes.map((each) => tier(each * MINUTE));
  return { ...cell, paging: { ...cell.paging, tiers: tiersOf(tiers), quiet: tiersOf(quiet) } };
};
const pages = (story: Story) => story.told().filter((line) => line.includes('tier'));
const timeline = ({ timeline: all }: Incident) => all.map(({ what, detail }) => (detail ? `${what} ${detail}` : what));
const incident = (story: Story, node = 'eu') =>
  story.ledger().incidents[story.incident(node)] ?? expect.fail(`${node} is in no incident`);
const last = (story: Story) => Object.values(story.ledger().incidents).at(-1) ?? expect.fail('there is no incident');
const owed = (story: Story, kind: Intent['kind']) => story.ledger().intents.filter((each) => each.kind === kind);

describe('an acknowledgement', () => {
  it('that is withdrawn pages the next tier at once, and is written down once', () => {
    const story = storyOf(telling([0, 5]))
      .rounds(1)
      .rounds(2, { eu: 'ddd' });
    const { id } = incident(story);
    story.order({ kind: 'acknowledge', incident: id }).rounds(1, { eu: 'ddd' });
    story.order({ kind: 'unacknowledge', incident: id }).order({ kind: 'unacknowledge', incident: id }).rounds(1, { eu: 'ddd' });
    expect(pages(story)).toEqual(['0:20 page eu down, tier 1', '0:40 page eu down, tier 2']);
    expect(timeline(incident(story)).slice(1)).toEqual([
      'paged down tier 1, attempt 1',
      'acknowledged ann',
      'acknowledgement withdrawn ann',
      'paged down tier 2, attempt 1',
    ]);
  });

  it('that lapses is written down, and nothing lapses where nobody took it', () => {
    const cell = telling([0, 500]);
    const story = storyOf({ ...cell, paging: { ...cell.paging, ackLapsesMs: 2 * MINUTE } })
      .rounds(1)
      .rounds(2, { eu: 'ddd' });
    story.order({ kind: 'acknowledge', incident: incident(story).id }).rounds(30, { eu: 'ddd' });
    expect(timeline(incident(story)).filter((line) => line.startsWith('ack'))).toEqual([
      'acknowledged ann',
      'acknowledgement lapsed',
    ]);
  });
});

describe('a story', () => {
  it('tells the tiers that were paged, quiet ones as such, and ends with how it ended', () => {
    const story = storyOf(telling([0], [1], {}))
      .failing({ records: true })
      .rounds(1)
      .rounds(9, { eu: 'ddd' })
      .rounds(3);
    expect(timeline(last(story)).filter((line) => !line.includes('service'))).toEqual([
      'up → down eu/api',
      'paged down quiet tier 1, attempt 1',
      'down → up eu/api',
      'recovered',
    ]);
    expect(last(story)).toMatchObject({ state: 'closed', closedAs: 'recovered' });
  });

  it('of a fire drill tells its page, and its end is told once', () => {
    const story = storyOf(telling([0])).failing({ records: true });
    story.order({ kind: 'drill', tier: 1, flip: false, hooks: false }).rounds(9);
    expect(timeline(last(story))).toEqual(['up → down DRILL/drill', 'paged down tier 1, attempt 1', 'removed']);
    expect(pages(story)).toEqual(['0:20 page DRILL down, tier 1', '0:40 page DRILL recovered, tier 1']);
  });

  it('that is over is touched no more while it cannot be stored: it shares no page, is not silenced, and nobody gives it back', () => {
    const story = storyOf(telling([1]))
      .failing({ records: true })
      .rounds(1)
      .rounds(2, { eu: 'ddd', us: 'ddd' });
    const over = incident(story);
    story.order({ kind: 'acknowledge', incident: over.id }).rounds(2, { us: 'ddd' });
    const told = timeline(story.ledger().incidents[over.id] ?? over);
    expect(told.at(-1)).toBe('recovered');
    story.order({ kind: 'silence', node: 'eu', until: MAX_TIME_MS }).order({ kind: 'unacknowledge', incident: over.id });
    story.rounds(8, { us: 'ddd' });
    expect(timeline(story.ledger().incidents[over.id] ?? over)).toEqual(told);
    expect(pages(story)).toEqual(['1:20 page us down, tier 1']);
  });

  it('is owed to its own item, and its pages to a lane of their own', () => {
    const story = storyOf(telling([0]))
      .failing({ records: true, pages: true })
      .rounds(1)
      .rounds(2, { eu: 'ddd' });
    const { id } = incident(story);
    expect(id).toMatch(/^life-\d+-eu$/);
    expect(owed(story, 'record')).toMatchObject([{ lane: `record/${id}`, incident: id }]);
    expect(owed(story, 'page')).toMatchObject([{ lane: `page/${id}`, page: { incident: id } }]);
  });

  it('whose incident the ledger lost ends with its node', () => {
    const story = storyOf(telling([0])).rounds(1);
    story.ledger().nodes.gone = { state: 'down', at: 0, incident: 'lost' };
    expect(story.rounds(1).ledger()).toMatchObject({ nodes: {}, incidents: {} });
  });
});

describe('an incident that turns from unknown to down', () => {
  it('stays with the tiers that know of it, which have their time anew, though its records are served', () => {
    const story = storyOf(telling([1, 3], [4], {}))
      .rounds(1)
      .rounds(11, { eu: 'aaa' })
      .rounds(8, { eu: 'ddd' });
    expect(pages(story)).toEqual(['1:40 page eu unknown, tier 1', '3:10 page eu down, tier 1']);
  });

  it('and is over before they heard of that is told to those who knew', () => {
    const story = storyOf(telling([1, 3]))
      .rounds(1)
      .rounds(11, { eu: 'aaa' })
      .rounds(2, { eu: 'ddd' })
      .rounds(4);
    expect(pages(story)).toEqual(['1:40 page eu unknown, tier 1', '2:30 page eu recovered, tier 1']);
  });

  it('leaves quiet people their time, too', () => {
    const plan = { records: {}, checks: { 'eu/api': { severity: 'warning' as const } } };
    const story = storyOf(telling([0], [2, 4], plan))
      .rounds(1)
      .rounds(17, { eu: 'aaa' })
      .rounds(14, { eu: 'ddd' });
    expect(pages(story)).toEqual(['2:40 page eu unknown, quiet tier 1', '5:10 page eu down, quiet tier 1']);
  });
});

describe('what is held in service', () => {
  const held = (members: string[]): CellPlan => ({
    nodes: Object.fromEntries(['eu', 'us', 'xx'].map((node) => [node, ['api']])),
    records: { api: { members }, other: { members: ['xx'] } },
  });

  it('is said by the page that tells of it, not before', () => {
    const story = storyOf(telling([1], [], held(['eu'])))
      .rounds(1)
      .rounds(12, { eu: 'ddd' });
    expect(pages(story)).toEqual(['1:20 page eu down, tier 1']);
  });

  /** Somebody paused everything while these go down; then it goes on, and the rules for it hold them. */
  const heldLater = (nodes: readonly string[], silenced: readonly string[] = []): Story => {
    const until = MAX_TIME_MS;
    const sight = Object.fromEntries(nodes.map((node) => [node, 'ddd']));
    const story = storyOf(telling([0], [], held(['eu', 'us'])))
      .rounds(1)
      .order({ kind: 'pause', until })
      .rounds(3, sight);
    for (const node of silenced) story.order({ kind: 'silence', node, until });
    return story
      .rounds(6, { us: 'aaa', ...sight })
      .order({ kind: 'resume' })
      .rounds(10, { us: 'aaa', ...sight });
  };

  it('is told once when it comes to be so later', () => {
    expect(pages(heldLater(['eu'])).filter((line) => !line.includes('us unknown'))).toEqual([
      '0:20 page eu down, tier 1',
      '1:40 page eu held, tier 1',
    ]);
    expect(pages(heldLater(['eu', 'us'], ['eu']))).toEqual(['0:20 page 2 nodes down, tier 1', '1:40 page 2 nodes held, tier 1']);
  });

  it('is told nobody while a silence is on', () => {
    expect(pages(heldLater(['eu'], ['eu', 'us']))).toEqual(['0:20 page eu down, tier 1']);
    expect(pages(heldLater(['eu', 'us'], ['eu', 'us']))).toEqual(['0:20 page 2 nodes down, tier 1']);
  });
});

it('where nobody is configured there are pages all the same: for the page, and the inbox', () => {
  const story = storyOf(telling([])).rounds(1).rounds(5, { eu: 'aaa', us: 'aaa' }).rounds(63, { eu: 'ddd', us: 'ddd' }).rounds(3);
  expect(pages(story)).toEqual([
    '0:40 page 2 nodes unknown, tier 1',
    '1:10 page 2 nodes down, tier 1',
    '11:10 page 2 nodes down, tier 1, attempt 2',
    '11:40 page 2 nodes recovered, tier 1',
  ]);
});

describe('a page about switches, or about the monitor itself', () => {
  const pagesOwed = (story: Story): Page[] => owed(story, 'page').flatMap((each) => (each.kind === 'page' ? [each.page] : []));
  const members = Array.from({ length: 45 }, (_, index) => `n${index}`);
  const plan: CellPlan = {
    nodes: Object.fromEntries(members.map((node) => [node, ['api']])),
    records: { api: { members, guard: { maxOut: 44 } } },
  };
  const stuck = (count: number) => {
    const sight = Object.fromEntries(members.slice(0, count).map((node) => [node, 'ddd']));
    return storyOf(telling([10_000], [], plan))
      .failing({ flips: true, pages: true, records: true })
      .rounds(1)
      .rounds(16, sight);
  };

  it('is an incident of its own, of one member', () => {
    const [page, ...others] = pagesOwed(stuck(1));
    expect(page).toStrictEqual({
      incident: expect.stringMatching(/^life-\d+-flip-failed-api-n0$/),
      state: 'flip-failed',
      tier: 1,
      attempt: 1,
      at: expect.any(Number),
      subject: 'api/n0',
      failing: [],
      records: [],
      text: 'n0 cannot be put out of service: Route 53 is down',
    });
    expect(others).toEqual([]);
  });

  it('or of many, of which it names twenty', () => {
    const [page] = pagesOwed(stuck(22));
    expect(page).toMatchObject({
      subject: '22 members',
      together: { count: 22, nodes: members.slice(0, 20).map((node) => `api/${node}`) },
    });
  });

  it('says of a return that it fails, too', () => {
    const story = storyOf(telling([10_000], [], plan))
      .rounds(1)
      .rounds(2, { n0: 'ddd' });
    story.failing({ flips: true, pages: true }).rounds(30);
    expect(pagesOwed(story)).toMatchObject([{ text: 'n0 cannot be put back in service: Route 53 is down' }]);
  });
});
