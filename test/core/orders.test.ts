import { expect, it } from 'vitest';
import { ordersOf } from '../../lib/core/orders.ts';
import { cellOf, ledgerOf, START_MS } from './invariants/world.ts';

const now = START_MS;
const LATER = { ms: now + 60_000, text: '2026-01-01T00:01:00.000Z' };
const by = 'ann';

it('are the drains, forces and silences that still hold, by node', () => {
  const ledger = ledgerOf(cellOf(), {
    manual: {
      us: { kind: 'force', inService: false, until: LATER.ms, by, reason: 'a new disk', at: now },
      eu: { kind: 'drain', by, at: now },
      ap: { kind: 'drain', by, at: now, until: LATER.ms },
    },
    silences: { sa: { until: LATER.ms, by }, af: { until: LATER.ms, by } },
  });
  expect(ordersOf(ledger, now)).toEqual([
    { kind: 'silence', node: 'af', by, until: LATER.text },
    { kind: 'drain', node: 'ap', by, until: LATER.text },
    { kind: 'drain', node: 'eu', by, until: null },
    { kind: 'silence', node: 'sa', by, until: LATER.text },
    { kind: 'force', node: 'us', by, until: LATER.text, inService: false, reason: 'a new disk' },
  ]);
});

it('end at their time, each of them', () => {
  const ledger = ledgerOf(cellOf(), {
    manual: {
      eu: { kind: 'drain', by, at: now, until: LATER.ms },
      us: { kind: 'force', inService: true, until: LATER.ms, by, reason: 'a new disk', at: now },
    },
    silences: { ap: { until: LATER.ms, by } },
  });
  expect(ordersOf(ledger, LATER.ms - 1).map(({ node }) => node)).toEqual(['ap', 'eu', 'us']);
  expect(ordersOf(ledger, LATER.ms)).toEqual([]);
});

it('of one node stand in the order drain or force, silence', () => {
  const ledger = ledgerOf(cellOf(), {
    manual: { eu: { kind: 'drain', by, at: now } },
    silences: { eu: { until: LATER.ms, by } },
  });
  expect(ordersOf(ledger, now).map(({ kind }) => kind)).toEqual(['drain', 'silence']);
});
