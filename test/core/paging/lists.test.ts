/** Who is told: `tiers` or `quiet`, by what is still served, by severity and by policy. */
import { describe, expect, it } from 'vitest';
import type { Cell } from '../../../lib/core/cell.ts';
import type { TierSpec } from '../../../lib/core/telling.ts';
import { type CellPlan, cellOf } from '../invariants/world.ts';
import { type Story, storyOf } from '../story.ts';

const tier = (afterMs: number): TierSpec => ({ afterMs, sms: [], email: ['ops@example.org'], https: [], hooks: [] });
const MINUTE = 60_000;
/** Quiet people hear after 2 minutes, and after 4. */
const quietly = (plan?: CellPlan): Cell => {
  const cell = cellOf(plan);
  return { ...cell, paging: { ...cell.paging, quiet: [tier(2 * MINUTE), tier(4 * MINUTE)] } };
};
const withNode = (cell: Cell, id: string, change: object): Cell => ({
  ...cell,
  nodes: cell.nodes.map((node) => (node.id === id ? { ...node, ...change } : node)),
});
const pages = (story: Story) => story.told().filter((line) => line.includes('page'));

describe('an incident', () => {
  it('whose records are still served is told quietly: later, to fewer, and they hear of its end', () => {
    const story = storyOf(quietly()).rounds(1).rounds(30, { eu: 'ddd' }).rounds(3);
    expect(pages(story)).toEqual([
      '2:20 page eu down, quiet tier 1',
      '4:20 page eu down, quiet tier 2',
      '5:20 page eu recovered, quiet tier 1',
      '5:20 page eu recovered, quiet tier 2',
    ]);
  });

  it('that is taken and given back before anybody was told is told no sooner', () => {
    const story = storyOf(quietly()).rounds(1).rounds(3, { eu: 'ddd' });
    story.order({ kind: 'acknowledge', incident: story.incident('eu') }).rounds(1, { eu: 'ddd' });
    story.order({ kind: 'unacknowledge', incident: story.incident('eu') }).rounds(10, { eu: 'ddd' });
    expect(pages(story)).toEqual(['2:20 page eu down, quiet tier 1']);
  });

  it('that is over before quiet people are told is told nobody', () => {
    expect(pages(storyOf(quietly()).rounds(1).rounds(6, { eu: 'ddd' }).rounds(20))).toEqual([]);
  });

  it('climbs to tiers at once when service is lost later; no page has the number of another, and all hear of the end', () => {
    const story = storyOf(quietly()).rounds(1).rounds(14, { eu: 'ddd' }).rounds(3, { eu: 'ddd', us: 'ddd' }).rounds(4);
    expect(pages(story)).toEqual([
      '2:20 page eu down, quiet tier 1',
      '2:40 page 2 nodes down, tier 1',
      '3:10 page 2 nodes recovered, quiet tier 1',
      '3:10 page 2 nodes recovered, tier 1, attempt 2',
    ]);
    const alone = storyOf(quietly({ records: { api: { members: ['eu', 'us'], guard: { holdMs: 0 } } } }))
      .rounds(1)
      .rounds(14, { eu: 'ddd' });
    alone.hand('api', 'eu', true).rounds(3, { eu: 'ddd' }).rounds(4);
    expect(pages(alone)).toEqual([
      '2:20 page eu down, quiet tier 1',
      '2:30 page api/eu foreign-hand, tier 1',
      '2:30 page eu down, tier 1, attempt 2',
      '3:10 page eu recovered, quiet tier 1',
      '3:10 page eu recovered, tier 1, attempt 2',
    ]);
  });

  it('that climbs with others leaves their quiet digest, and quiet people hear of the end once it is one', () => {
    const nodes = { ap: ['api'], eu: ['api'], us: ['api'] };
    const records = { api: { members: ['ap', 'eu', 'us'], guard: { maxOut: 2 } } };
    const story = storyOf(quietly({ nodes, records })).rounds(1).rounds(14, { ap: 'ddd', eu: 'ddd' });
    story.rounds(4, { ap: 'ddd', eu: 'ddd', us: 'ddd' }).rounds(4);
    expect(pages(story)).toEqual([
      '2:20 page 2 nodes down, quiet tier 1',
      '2:40 page 3 nodes down, tier 1',
      '3:20 page 3 nodes recovered, quiet tier 1',
      '3:20 page 3 nodes recovered, tier 1, attempt 2',
    ]);
  });

  it('that climbs alone leaves the others to their digest, which tells its own end', () => {
    const nodes = { ap: ['api'], eu: ['api'], us: ['api'], xx: ['api'] };
    const records = { one: { members: ['ap', 'xx'] }, two: { members: ['eu', 'us'] } };
    const story = storyOf(quietly({ nodes, records })).rounds(1).rounds(14, { ap: 'ddd', eu: 'ddd' });
    const digest = Object.values(story.ledger().incidents).find(({ together }) => together);
    expect(digest?.id).toMatch(/^life-\d+-quiet-digest$/);
    story.rounds(3, { ap: 'ddd', eu: 'ddd', us: 'aaa' }).rounds(2, { ap: 'ddd', eu: 'ddd' }).hand('two', 'us', false);
    story.rounds(2, { ap: 'ddd', eu: 'ddd' });
    const left = story.ledger().incidents[digest?.id ?? ''];
    expect(left?.timeline.map(({ what, detail }) => `${what} ${detail}`)).toContain('without eu');
    expect(left?.together?.incidents).toEqual({ [story.incident('ap')]: 'ap' });
    story.rounds(4);
    expect(pages(story).filter((line) => !line.includes('foreign'))).toEqual([
      '2:20 page 2 nodes down, quiet tier 1',
      '3:20 page eu down, tier 1',
      '3:50 page eu recovered, quiet tier 1',
      '3:50 page eu recovered, tier 1, attempt 2',
      '3:50 page 2 nodes recovered, quiet tier 1',
    ]);
  });

  it('that wakes people joins no quiet digest, however young', () => {
    const nodes = { ap: ['api'], eu: ['api'], us: ['api'], xx: ['api'] };
    const records = { api: { members: ['ap', 'eu', 'us'], guard: { maxOut: 2 } } };
    const story = storyOf(quietly({ nodes, records })).rounds(1).rounds(13, { ap: 'ddd', eu: 'ddd' });
    story.rounds(3, { ap: 'ddd', eu: 'ddd', xx: 'ddd' });
    expect(pages(story)).toEqual(['2:20 page 2 nodes down, quiet tier 1', '2:30 page xx down, tier 1']);
  });

  it('that climbs with another one while a digest is young shares a page with that one', () => {
    const nodes = { ap: ['api'], eu: ['api'], us: ['api'], x: ['api'], y: ['api'] };
    const records = { api: { members: ['ap', 'eu', 'us'], guard: { maxOut: 2 } } };
    const quiet = { ap: 'ddd', eu: 'ddd' };
    const story = storyOf(quietly({ nodes, records })).rounds(1).rounds(2, { ap: 'ddd' }).rounds(3, quiet).rounds(11, quiet);
    story.rounds(3, { ...quiet, x: 'ddd', y: 'ddd' }).rounds(3, { ...quiet, x: 'ddd', y: 'ddd', us: 'ddd' });
    expect(pages(story)).toEqual([
      '2:20 page ap down, quiet tier 1',
      '2:40 page eu down, quiet tier 1',
      '3:00 page 2 nodes down, tier 1',
      '3:30 page 3 nodes held, tier 1',
      '3:30 page 2 nodes down, tier 1',
    ]);
  });

  it('says in its timeline that it climbs, and nothing of where it begins', () => {
    const story = storyOf(quietly()).rounds(1).rounds(2, { eu: 'ddd' }).rounds(3, { eu: 'ddd', us: 'ddd' });
    const told = (node: string) => story.ledger().incidents[story.incident(node)]?.timeline.map(({ what }) => what);
    expect(told('eu')?.filter((what) => what.startsWith('paged by'))).toEqual(['paged by tiers from now on']);
    expect(told('us')?.filter((what) => what.startsWith('paged by'))).toEqual([]);
  });

  it('wakes people when one of its records is not served as it should be, whatever the others are', () => {
    const nodes = { ap: ['api'], eu: ['api', 'p2p', 'tls'], us: ['api', 'p2p', 'tls'] };
    const records = {
      api: { members: ['eu', 'ap'], requires: ['api'] },
      peers: { members: ['eu', 'us'], requires: ['p2p', 'tls'] },
    };
    const plan = { nodes, records };
    expect(pages(storyOf(quietly(plan)).rounds(1).rounds(3, { 'eu/api': 'ddd' }))).toEqual([]);
    const unseen = storyOf(quietly(plan)).rounds(1).rounds(5, { 'us/tls': 'aaa' });
    unseen.told();
    expect(pages(unseen.rounds(2, { 'us/tls': 'aaa', 'eu/api': 'ddd' }))).toEqual(['1:10 page eu down, tier 1']);
    const emptied = storyOf(quietly(plan)).rounds(1).hand('peers', 'eu', false).hand('peers', 'us', false).rounds(1);
    emptied.told();
    expect(pages(emptied.rounds(2, { 'eu/api': 'ddd' }))).toEqual(['0:30 page eu down, tier 1']);
  });

  it('never goes back from tiers, whatever is served again', () => {
    const story = storyOf(quietly()).rounds(1).rounds(4, { eu: 'ddd', us: 'ddd' }).rounds(30, { eu: 'ddd' });
    expect(pages(story)).toEqual(['0:20 page 2 nodes down, tier 1', '5:20 page 2 nodes down, tier 2']);
  });

  it('that climbs is paged, also while a digest of others is young', () => {
    const nodes = { eu: ['api'], us: ['api'], x: ['api'], y: ['api'] };
    const story = storyOf(quietly({ nodes, records: { api: { members: ['eu', 'us'] } } }))
      .rounds(1)
      .rounds(14, { eu: 'ddd' })
      .rounds(3, { eu: 'ddd', x: 'ddd', y: 'ddd' })
      .rounds(3, { eu: 'ddd', x: 'ddd', y: 'ddd', us: 'ddd' });
    expect(pages(story)).toEqual([
      '2:20 page eu down, quiet tier 1',
      '2:40 page 2 nodes down, tier 1',
      '3:10 page eu down, tier 1, attempt 2',
      '3:10 page 3 nodes held, tier 1', // us joined it, and cannot leave
    ]);
  });

  it('of a node without records wakes people at once', () => {
    expect(
      pages(
        storyOf(quietly({ records: {} }))
          .rounds(1)
          .rounds(3, { eu: 'ddd' }),
      ),
    ).toEqual(['0:20 page eu down, tier 1']);
  });

  it('that nobody can see any more wakes people: what it serves is not known', () => {
    expect(pages(storyOf(quietly()).rounds(1).rounds(5, { eu: 'aaa' }))).toEqual(['0:40 page eu unknown, tier 1']);
  });

  it('whose flip is held, or fails, always wakes people', () => {
    const cell = withNode(quietly({ records: { api: { members: ['eu', 'us'], guard: { mode: 'report' } } } }), 'eu', {
      policy: 'quiet',
    });
    expect(pages(storyOf(cell).rounds(1).rounds(3, { eu: 'ddd' }))).toEqual(['0:20 page eu down, tier 1']);
    const failing = storyOf(quietly()).failing({ flips: true }).rounds(1).rounds(16, { eu: 'ddd' });
    expect(pages(failing)).toEqual([
      '2:20 page eu down, quiet tier 1',
      '2:20 page api/eu flip-failed, tier 1',
      '2:30 page eu down, tier 1, attempt 2',
    ]);
  });

  it('whose flip is done stays quiet while that of another node fails', () => {
    const nodes = { eu: ['api'], us: ['api'], x: ['api'], y: ['api'] };
    const records = { api: { members: ['eu', 'us'] }, db: { members: ['x', 'y'] } };
    const story = storyOf(quietly({ nodes, records })).rounds(1).rounds(3, { eu: 'ddd' });
    story.failing({ flips: true }).rounds(18, { eu: 'ddd', x: 'ddd' });
    expect(pages(story)).toEqual([
      '2:20 page eu down, quiet tier 1',
      '2:50 page x down, quiet tier 1',
      '2:50 page db/x flip-failed, tier 1',
      '3:00 page x down, tier 1, attempt 2',
    ]);
  });

  it('goes to tiers where there are no quiet ones', () => {
    expect(pages(storyOf(cellOf()).rounds(1).rounds(3, { eu: 'ddd' }))).toEqual(['0:20 page eu down, tier 1']);
  });
});

describe('a policy', () => {
  it('of a node decides for all its incidents', () => {
    const quiet = withNode(quietly({ records: {} }), 'eu', { policy: 'quiet' });
    expect(pages(storyOf(quiet).rounds(1).rounds(15, { eu: 'ddd' }))).toEqual(['2:20 page eu down, quiet tier 1']);
    expect(pages(storyOf(quiet).rounds(1).rounds(3, { us: 'ddd' }))).toEqual(['0:20 page us down, tier 1']);
    const other = withNode(quietly({ records: {} }), 'us', { policy: 'quiet' });
    expect(pages(storyOf(other).rounds(1).rounds(15, { us: 'ddd' }))).toEqual(['2:20 page us down, quiet tier 1']);
    const loud = withNode(quietly(), 'eu', { policy: 'tiers' });
    expect(pages(storyOf(loud).rounds(1).rounds(3, { eu: 'ddd' }))).toEqual(['0:20 page eu down, tier 1']);
  });
});

describe('severities', () => {
  const severe = (api: 'critical' | 'warning' | 'info', p2p: 'critical' | 'warning' | 'info') =>
    quietly({
      nodes: { eu: ['api', 'p2p'], us: ['api', 'p2p'] },
      records: {},
      checks: { 'eu/api': { severity: api }, 'eu/p2p': { severity: p2p } },
    });

  it('warning tells quietly, info nobody: the page shows it', () => {
    expect(pages(storyOf(severe('warning', 'info')).rounds(1).rounds(15, { eu: 'ddd' }))).toEqual([
      '2:20 page eu down, quiet tier 1',
    ]);
    const story = storyOf(severe('warning', 'info')).rounds(1).rounds(60, { 'eu/p2p': 'ddd' });
    expect(pages(story)).toEqual([]);
    expect(story.ledger().incidents[story.incident('eu')]?.state).toBe('down');
    expect(pages(story.rounds(3))).toEqual([]);
  });

  it('the worst of what fails counts, and what gets worse climbs', () => {
    const story = storyOf(severe('critical', 'info')).rounds(1).rounds(6, { 'eu/p2p': 'ddd' }).rounds(3, { eu: 'ddd' });
    expect(pages(story)).toEqual(['1:20 page eu down, tier 1']);
    expect(pages(story.rounds(4, { 'eu/p2p': 'ddd' }).rounds(4))).toEqual(['2:30 page eu recovered, tier 1']);
  });
});
