import { expect, it } from 'vitest';
import { createDraft, tell } from '../../lib/core/draft.ts';
import type { Incident } from '../../lib/core/ledger.ts';
import { cellOf, inputsOf, ledgerOf, START_MS } from './invariants/world.ts';

it('a timeline keeps its first 20 lines and its last 100: incidents may last for weeks', () => {
  const cell = cellOf();
  const paging = { tier: 1, attempt: 1, nextAt: 0 };
  const incident: Incident = { id: 'i1', node: 'eu', state: 'down', openedAt: START_MS, timeline: [], paging };
  const draft = createDraft(cell, inputsOf(cell, START_MS), ledgerOf(cell, { incidents: { i1: incident } }), START_MS);
  const told = () => draft.ledger.incidents.i1?.timeline.map(({ what }) => Number(what));
  const numbers = (first: number, end: number) => Array.from({ length: end - first }, (_, index) => first + index);
  for (let line = 0; line < 120; line++) tell(draft, 'i1', `${line}`);
  expect(told()).toEqual(numbers(0, 120));
  for (let line = 120; line < 130; line++) tell(draft, 'i1', `${line}`);
  expect(told()).toEqual([...numbers(0, 20), ...numbers(30, 130)]);
});
