import { describe, expect, it } from 'vitest';
import type { QuorumEvent } from '../../lib/core/events.ts';
import type { Switches } from '../../lib/ports.ts';
import { createArbiter } from '../../lib/run/arbiter.ts';
import { createSignals } from '../../lib/run/signals.ts';
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

describe('a member that returns', () => {
  /** Signals of one arbiter, over a ledger in which these return since then. */
  function signalsOf(returning: Record<string, number>, of = cell, signal?: Switches['signal'] | 'none') {
    const said: string[] = [];
    const switches = {
      list: async () => [],
      read: () => Promise.reject(new Error('nothing is flipped here')),
      update: () => Promise.reject(new Error('nothing is flipped here')),
      ...(signal !== 'none' && {
        signal:
          signal ?? (async (all) => void said.push(...all.map(({ node, inService }) => `${node} ${inService ? 'in' : 'out'}`))),
      }),
    } satisfies Switches;
    const signals = createSignals({ cell: of, switches, emit: () => {} });
    const ledger = ledgerOf(of, { returning });
    const say = (seconds: number, now = ledger) => signals.say(now, NOON + seconds * 1_000);
    const returned = (seconds: number, now = ledger) => signals.returned(now, NOON + seconds * 1_000);
    return { say, returned, said };
  }

  it('is not told out of service when it was only found so at birth: the list may be from before its return', async () => {
    const { say, said } = signalsOf({});
    const found = memberOf({ inService: false, holdUntil: 0 });
    await say(0, ledgerOf(cell, { members: { 'api/eu': found, 'api/us': { ...found, holdUntil: NOON } } }));
    expect(said).toEqual(['us out']);
  });

  it('is said to be in, also where the ledger has no entry of it, and never to be in while it is out', async () => {
    const { say, said } = signalsOf({ 'api/eu': NOON - 3_600_000 });
    await say(0);
    await say(0, ledgerOf(cell, { members: { 'api/eu': out }, returning: { 'api/eu': NOON } }));
    expect(said).toEqual(['eu in', 'eu out']);
  });

  it('has returned half a minute after a minute that began after it, and in which that was said, is over', async () => {
    const { say, returned } = signalsOf({ 'api/eu': NOON + 30_000 });
    await say(40); // of the minute in which it was out, too
    expect(returned(900)).toEqual([]);
    await say(60);
    await say(300); // again: the first time counts
    expect([returned(149), returned(150)]).toEqual([[], ['api/eu']]);
  });

  it('has not while the clock of another arbiter may still have said otherwise in that minute', async () => {
    const { say, returned } = signalsOf({ 'api/eu': NOON + 50_000 });
    await say(60);
    expect(returned(900)).toEqual([]);
    await say(120);
    expect([returned(209), returned(210)]).toEqual([[], ['api/eu']]);
  });

  it('has not while nobody hears it', async () => {
    const { say, returned } = signalsOf({ 'api/eu': NOON }, cell, () => Promise.reject(new Error('CloudWatch does not answer')));
    await say(60);
    expect(returned(86_400)).toEqual([]);
  });

  it('has not because it had before: each return counts by itself', async () => {
    const { say, returned } = signalsOf({ 'api/eu': NOON });
    await say(60);
    const again = ledgerOf(cell, { returning: { 'api/eu': NOON + 200_000 } });
    expect(returned(900, again)).toEqual([]);
    await say(240, again);
    expect([returned(329, again), returned(330, again)]).toEqual([[], ['api/eu']]);
  });

  it('has not because of an arbiter whose configuration does not know it: that one says nothing of it', async () => {
    const { say, returned, said } = signalsOf({ 'api/eu': NOON, 'api/ap': NOON });
    await say(60);
    expect([said, returned(900)]).toEqual([['eu in'], ['api/eu']]);
  });

  it('has at once where there is no second way', () => {
    expect(signalsOf({ 'api/eu': NOON }, cell, 'none').returned(0)).toEqual(['api/eu']);
  });

  it('is nobody in a ledger that is not there, or says so', () => {
    const signals = createSignals({
      cell,
      switches: { list: async () => [], read: () => Promise.reject(), update: () => Promise.reject() },
      emit: () => {},
    });
    expect([
      signals.returned('missing', NOON),
      signals.returned('unreadable', NOON),
      signals.returned(ledgerOf(cell), NOON),
    ]).toEqual([[], [], []]);
  });
});
