import { expect, it } from 'vitest';
import type { RecordSpec } from '../../lib/core/cell.ts';
import { serving } from '../../lib/core/serving.ts';

it.each([
  ['all healthy: those with a weight', [], ['a', 'b']],
  ['one out: the other', ['a'], ['b']],
  ['all with a weight out: those with weight 0', ['a', 'b'], ['z']],
  ['all out: all count as healthy, so those with a weight', ['a', 'b', 'z'], ['a', 'b']],
])('of weighted members, %s', (_, unhealthy, expected) => {
  const members = ['a', 'b', 'z'].map((node) => ({ node, value: node, weight: node === 'z' ? 0 : 1 }));
  const record = { policy: 'weighted', members } as unknown as RecordSpec;
  expect(serving(record, ({ node }) => !unhealthy.includes(node)).map(({ node }) => node)).toEqual(expected);
});

it('of weighted members that all have weight 0: all', () => {
  const members = ['a', 'b'].map((node) => ({ node, value: node, weight: 0 }));
  expect(serving({ policy: 'weighted', members } as unknown as RecordSpec, () => true)).toEqual(members);
});
