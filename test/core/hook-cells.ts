/** Cells with hooks, and what hooks are told. */
import type { Cell } from '../../lib/core/cell.ts';
import type { HookSpec } from '../../lib/core/telling.ts';
import { cellOf } from './invariants/world.ts';
import { type Story, storyOf } from './story.ts';

/** Nodes eu (primary) and us, and whoever else, with these hooks. */
export function failover(
  hooks: Partial<HookSpec>[],
  { fence, nodes = ['eu', 'us'] }: { fence?: string; nodes?: string[] } = {},
): Cell {
  const cell = cellOf({
    nodes: Object.fromEntries(nodes.map((node) => [node, ['api']])),
    records: { api: { members: nodes, guard: { holdMs: 0, maxOut: nodes.length - 1 } } },
  });
  return {
    ...cell,
    records: cell.records.map((record) => ({
      ...record,
      policy: 'failover',
      members: record.members.map((member, at) => ({ ...member, role: at === 0 ? 'primary' : 'secondary' })),
      ...(fence && { fence: { timeoutMs: 60_000 } }),
    })),
    hooks: hooks.map((hook) => ({ id: 'role', events: ['role'], nodes: [], url: 'https://hook.example', ...hook })),
  };
}

export const withoutFirst = <R extends { members: unknown[] }>(record: R): R => ({ ...record, members: record.members.slice(1) });

export const started = (cell: Cell): Story => {
  const story = storyOf(cell, { hooks: true }).rounds(1);
  story.told();
  return story;
};
/** A second record over the same nodes. */
export const alsoFor = (cell: Cell, id: string): Cell => ({
  ...cell,
  records: [...cell.records, ...cell.records.map((record) => ({ ...record, id, name: `${id}.example.org` }))],
});
export const hooksOf = (story: Story) => story.told().filter((line) => line.includes(' hook '));
