/** Two hundred nodes that fail together are one page: apart from the other digests, for it takes a second (no mutant waits for it). */
import { expect, it } from 'vitest';
import { cellOf } from '../invariants/world.ts';
import { type Sight, storyOf } from '../story.ts';

const many = Array.from({ length: 200 }, (_, index) => `n${index}`);
const down = (nodes: readonly string[]): Sight => Object.fromEntries(nodes.map((node) => [node, 'ddd']));

it('200 nodes that fail within one minute are one page a tier, which names how many and the first ones', () => {
  const cell = cellOf({ nodes: Object.fromEntries(many.map((id) => [id, ['api']])), records: {} });
  const story = storyOf(cell, { texts: true }).rounds(1);
  for (let seen = 40; seen <= 200; seen += 40) story.rounds(1, down(many.slice(0, seen)));
  story.rounds(90, down(many));
  expect(story.told().filter((line) => line.includes('tier'))).toEqual([
    '1:00 tier 1: 200 nodes DOWN 01:00Z: n0, n1, n2, n3, n4, n5, n6, n7, n8, n9 and 190 more. api HTTP 500 (200 nodes)',
    '6:00 tier 2: 200 nodes DOWN for 6 min, since 01:00Z: n0, n1, n2, n3, n4, n5, n6, n7, n8, n9 and 190 more. api HTTP 500 (200 nodes)',
  ]);
});
