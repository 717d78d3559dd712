/** A node behind a failed one is noted, not paged. */
import { describe, expect, it } from 'vitest';
import type { Cell } from '../../../lib/core/cell.ts';
import { cellOf } from '../invariants/world.ts';
import { type Story, storyOf } from '../story.ts';

/** `db` works through `net`, `web` and `api` through `db`. */
function chain(): Cell {
  const cell = cellOf({ nodes: { net: ['api'], db: ['api'], web: ['api'], api: ['api'] }, records: {} });
  const dependsOn: Record<string, string[]> = { db: ['net'], web: ['db'], api: ['db'] };
  return { ...cell, nodes: cell.nodes.map((node) => ({ ...node, dependsOn: dependsOn[node.id] ?? [] })) };
}
const pages = (story: Story) => story.told().filter((line) => line.includes('tier'));
const timeline = (story: Story, node: string) =>
  story.ledger().incidents[story.incident(node)]?.timeline.map(({ what, detail }) => `${what} ${detail}`);

describe('a node behind one that is down', () => {
  it('is named on that one’s page, and told nowhere else', () => {
    const story = storyOf(chain(), { texts: true }).rounds(1).rounds(60, { net: 'ddd', db: 'ddd', web: 'ddd' });
    expect(pages(story)).toEqual([
      '0:20 tier 1: net DOWN 01:00Z, 3/3 regions: api HTTP 500. Behind it: db, web',
      '5:20 tier 2: net DOWN for 5 min, since 01:00Z, 3/3 regions: api HTTP 500. Behind it: db, web',
    ]);
    expect(timeline(story, 'web')).toEqual(['up → down web/api', 'behind db, which is down']);
  });

  it('is named only where it is down for that one, and only while that one is down', () => {
    const cell = chain();
    const beside = { ...cell, nodes: cell.nodes.map((node) => (node.id === 'api' ? { ...node, dependsOn: [] } : node)) };
    const story = storyOf(beside, { texts: true }).rounds(1).rounds(3, { net: 'ddd', db: 'ddd' });
    story.rounds(3, { net: 'ddd', db: 'ddd', api: 'ddd' });
    expect(pages(story)).toEqual([
      '0:20 tier 1: net DOWN 01:00Z, 3/3 regions: api HTTP 500. Behind it: db',
      '0:50 tier 1: api DOWN 01:00Z, 3/3 regions: api HTTP 500',
    ]);
    const unseen = storyOf(chain(), { texts: true }).rounds(1).rounds(5, { net: 'aaa', db: 'ddd' });
    expect(pages(unseen).filter((line) => line.includes('net'))).toEqual([
      '0:40 tier 1: net UNKNOWN 01:00Z: api too few vantages are heard',
    ]);
  });

  it('that is still down when the other is back is paged then', () => {
    const story = storyOf(chain()).rounds(1).rounds(6, { db: 'ddd', web: 'ddd' }).rounds(8, { web: 'ddd' });
    expect(pages(story)).toEqual(['0:20 page db down, tier 1', '1:20 page db recovered, tier 1', '1:20 page web down, tier 1']);
    expect(timeline(story, 'web')).toContain('no longer behind db');
  });

  it('that is on its way back is given the time for it', () => {
    const cell = chain();
    const slow = { ...cell, checks: cell.checks.map((check) => (check.node === 'web' ? { ...check, recover: 5 } : check)) };
    const story = storyOf(slow).rounds(1).rounds(6, { db: 'ddd', web: 'ddd' }).rounds(12);
    expect(pages(story)).toEqual(['0:20 page db down, tier 1', '1:20 page db recovered, tier 1']);
    const relapsing = storyOf(slow).rounds(1).rounds(6, { db: 'ddd', web: 'ddd' }).rounds(3).rounds(2, { web: 'ddd' });
    expect(pages(relapsing).at(-1)).toBe('1:40 page web down, tier 1');
  });

  it('that is on its way back with one check alone is paged for the other', () => {
    const cell = cellOf({ nodes: { db: ['api'], web: ['api', 'p2p'] }, records: {}, checks: { 'web/api': { recover: 5 } } });
    const nodes = cell.nodes.map((node) => ({ ...node, dependsOn: node.id === 'web' ? ['db'] : [] }));
    const story = storyOf({ ...cell, nodes })
      .rounds(1)
      .rounds(6, { db: 'ddd', web: 'ddd' })
      .rounds(3, { 'web/p2p': 'ddd' });
    expect(pages(story).at(-1)).toBe('1:20 page web down, tier 1');
  });

  it('that was paged before climbs no further meanwhile, and its end is told', () => {
    const story = storyOf(chain()).rounds(1).rounds(3, { web: 'ddd' }).rounds(60, { db: 'ddd', web: 'ddd' });
    expect(pages(story)).toEqual(['0:20 page web down, tier 1', '0:50 page db down, tier 1', '5:50 page db down, tier 2']);
    expect(pages(story.rounds(3))).toEqual(
      ['10:50 page web recovered, tier 1', '10:50 page db recovered, tier 1', '10:50 page db recovered, tier 2'].map(
        (line) => line,
      ),
    );
  });

  it('that nobody can see is no excuse: only what is down explains another', () => {
    const story = storyOf(chain()).rounds(1).rounds(6, { db: 'aaa', web: 'ddd' });
    expect(pages(story)).toEqual(['0:20 page web down, tier 1', '0:40 page db unknown, tier 1']);
  });
});
