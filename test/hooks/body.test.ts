/** What docs/hooks.md says of the body is what hooks are sent. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Cell } from '../../lib/core/cell.ts';
import { HOOK_EVENTS } from '../../lib/core/hooks.ts';
import type { HookIntent } from '../../lib/core/ledger.ts';
import { cellOf } from '../core/invariants/world.ts';
import { storyOf } from '../core/story.ts';

const docs = readFileSync(new URL('../../docs/hooks.md', import.meta.url), 'utf8');
const words = (text: string | undefined) => [...(text ?? '').matchAll(/`(\w+)`/g)].map(([, word]) => word ?? '');

/** The documented fields of each event, beside those that are always there. */
const documented = new Map(
  docs
    .split('\n')
    .map((line) => line.split('|').map((column) => column.trim()))
    .filter((columns) => columns.length === 5 && (HOOK_EVENTS as readonly string[]).includes(words(columns[1])[0] ?? ''))
    .map((columns) => [words(columns[1])[0], words(columns[3])]),
);
const always = words(/^(`version`.*) are always there/m.exec(docs)?.[1]);

it('documents every event', () => {
  expect([...documented.keys()].sort()).toEqual([...HOOK_EVENTS].sort());
});

it('is documented, with every event that an outage brings', () => {
  const cell = cellOf({ records: { api: { members: ['eu', 'us'] } } });
  const failover: Cell = {
    ...cell,
    records: cell.records.map((record) => ({ ...record, policy: 'failover' })),
    hooks: [{ id: 'all', events: [...HOOK_EVENTS], nodes: [], url: 'https://hook.example' }],
  };
  const story = storyOf(failover)
    .failing({ hooks: ['eu', 'us'] })
    .rounds(1)
    .rounds(3, { eu: 'ddd' });
  story.order({ kind: 'acknowledge', incident: story.incident('eu') }).rounds(12);
  const sent = story.ledger().intents.filter((intent): intent is HookIntent => intent.kind === 'hook');
  expect(new Set(sent.map(({ event }) => event))).toEqual(new Set(HOOK_EVENTS));
  for (const { event, body } of sent) {
    const given = Object.keys(body);
    expect(given).toEqual(expect.arrayContaining(always));
    expect(given.filter((key) => !always.includes(key) && !documented.get(event)?.includes(key))).toEqual([]);
    expect(body).toMatchObject({ version: 1, event, cell: 'test', at: expect.stringMatching(/^2026-.*Z$/) });
  }
});
