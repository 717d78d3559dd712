import { expect, it } from 'vitest';
import type { QuorumEvent } from '../../lib/core/events.ts';
import type { Switches } from '../../lib/ports.ts';
import { createArbiter } from '../../lib/run/arbiter.ts';
import { createManualClock } from '../clock.ts';
import { ballotOf, cellOf, ledgerOf, memberOf, START_MS } from '../core/invariants/world.ts';
import { createMemoryStore } from '../store/memory.ts';

const cell = cellOf();
const NOON = START_MS + 12 * 3_600_000;
const MINUTE_MS = 60_000;

/** One look of an arbiter over a ledger with these members; what it said by the second way. */
async function look(members: Record<string, ReturnType<typeof memberOf>>, signal?: Switches['signal']) {
  const clock = createManualClock(NOON);
  const store = createMemoryStore();
  store.items.ledger = ledgerOf(cell, { members });
  for (const vantage of cell.vantages) store.items.ballots[vantage] = ballotOf(cell, vantage, NOON);
  const said: unknown[] = [];
  const events: QuorumEvent[] = [];
  const arbiter = createArbiter({
    cell,
    region: 'us-east-2',
    clock,
    store,
    switches: {
      list: async () => [],
      read: () => Promise.reject(new Error('nothing is flipped here')),
      update: () => Promise.reject(new Error('nothing is flipped here')),
      signal: signal ?? (async (...word) => void said.push(...word)),
    },
    pager: { publish: async () => {} },
    hooks: { call: async () => 200 },
    silencesAt: () => [],
    metrics: { put: async () => {} },
    linkOf: () => '',
    randomId: () => 'id',
    emit: (event) => void events.push(event),
  });
  await arbiter.handle({ kind: 'tick', from: 'scheduler' });
  return { said, events };
}
const out = memberOf({ inService: false, at: NOON - 3_600_000, foreign: true });
const back = (agoMs: number) => memberOf({ inService: true, at: NOON - agoMs, flaps: [NOON - agoMs] });

it('every look says again who is out, with its own time', async () => {
  const { said } = await look({ 'api/eu': out });
  expect(said).toEqual([[{ record: 'api', node: 'eu', inService: false }], NOON]);
});

it('and who is back since less than ten minutes', async () => {
  const { said } = await look({ 'api/eu': back(10 * MINUTE_MS - 1), 'api/us': back(10 * MINUTE_MS) });
  expect(said).toEqual([[{ record: 'api', node: 'eu', inService: true }], NOON]);
});

it('and asks for nothing when there is nothing to say', async () => {
  expect((await look({})).said).toEqual([]);
});

it('that nobody hears it is a note: the other way goes on', async () => {
  const { events } = await look({ 'api/eu': out }, () => Promise.reject(new Error('CloudWatch does not answer')));
  expect(events).toContainEqual({ event: 'note', text: "the switches' metric was not published: CloudWatch does not answer" });
});
