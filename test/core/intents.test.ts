import { describe, expect, it } from 'vitest';
import {
  headOf,
  isHookLane,
  LEASE_MS,
  lanesHeldBy,
  mayAct,
  type Outcome,
  settle,
  settleAll,
  takeLeases,
} from '../../lib/core/intents.ts';
import type { Incident, Intent, Ledger, NewIntent } from '../../lib/core/ledger.ts';
import { cellOf, ledgerOf, memberOf } from './invariants/world.ts';

const cell = cellOf();
const NOW = ledgerOf(cell).bornAt + 3_600_000;
const DONE: Outcome = { done: true };
const FAILED: Outcome = { done: false, error: 'no answer' };

const flip = (node: string, inService = false): NewIntent => ({ kind: 'flip', lane: 'flip/api', record: 'api', node, inService });
const record = (incident: string): NewIntent => ({ kind: 'record', lane: `record/${incident}`, incident, evidence: [] });

/** A ledger that owes these, in this order: `i0`, `i1`, … */
function owing(...owed: NewIntent[]): Ledger {
  const intents = owed.map(
    (each, index) => ({ ...each, id: `i${index}`, epoch: 41, at: NOW, tries: 0, notBefore: NOW }) as Intent,
  );
  return ledgerOf(cell, { intents });
}

function leased(ledger: Ledger, arbiter = 'a0', now = NOW): Ledger {
  const copy = structuredClone(ledger);
  takeLeases(copy, arbiter, now);
  return copy;
}

function settled(ledger: Ledger, id: string, outcome: Outcome, now = NOW): Ledger {
  const next = settle(ledger, id, outcome, now);
  if (!next) throw new Error(`${id} is not owed`);
  return next;
}

describe('lanes', () => {
  it('are worked off in the order of commitment, each from its own head', () => {
    const ledger = leased(owing(flip('eu'), record('one'), flip('us')));
    expect(headOf(ledger, 'flip/api')?.id).toBe('i0');
    expect(lanesHeldBy(ledger, 'a0', NOW)).toEqual(['flip/api', 'record/one']);
    expect(mayAct(ledger, 'i0', 'a0', NOW)).toBe(true);
    expect(mayAct(ledger, 'i2', 'a0', NOW)).toBe(false);
    expect(mayAct(settled(ledger, 'i0', DONE), 'i2', 'a0', NOW)).toBe(true);
  });

  it('stop at a head that failed, and do not stop one another', () => {
    const ledger = settled(leased(owing(flip('eu'), record('one'), flip('us'))), 'i0', FAILED);
    expect(mayAct(ledger, 'i2', 'a0', NOW)).toBe(false);
    expect(lanesHeldBy(ledger, 'a0', NOW)).toEqual(['record/one']);
  });
});

it('hooks have lanes apart, whatever a record is called', () => {
  expect(['hook/chat/eu', 'flip/hook/', 'page/one'].map(isHookLane)).toEqual([true, false, false]);
});

describe('leases', () => {
  it('are needed for every act', () => {
    expect(mayAct(owing(flip('eu')), 'i0', 'a0', NOW)).toBe(false);
  });

  it('are for what is owed and due: not for what another has done, nor before its time', () => {
    const ledger = leased(owing(flip('eu')));
    expect(mayAct(ledger, 'i9', 'a0', NOW)).toBe(false);
    const later = { ...ledger, intents: ledger.intents.map((each) => ({ ...each, notBefore: NOW + 1 })) };
    expect(mayAct(later, 'i0', 'a0', NOW)).toBe(false);
    expect(mayAct(later, 'i0', 'a0', NOW + 1)).toBe(true);
  });

  it('are not given before something is due: whoever is first then takes it', () => {
    const later = settled(leased(owing(flip('eu'))), 'i0', FAILED);
    expect(leased(later, 'a0', NOW + 1).leases).toEqual(later.leases);
    expect(leased(owing(flip('eu')), 'a0', NOW - 1).leases).toEqual({});
  });

  it.each([
    ['of others are not touched by whoever ended late', 'a0', 'a1', { 'flip/api': { by: 'a1', until: NOW + LEASE_MS } }],
    ['of its own end when it fails', 'a0', 'a0', { 'flip/api': { by: 'a0', until: NOW } }],
  ])('%s', (_, by, holder, leases) => {
    const ledger = leased(owing(flip('eu')), holder);
    expect(settleAll(ledger, [{ id: 'i0', outcome: FAILED, by }], NOW)?.leases).toEqual(leases);
  });

  it('that are gone are no one else’s', () => {
    const ended = settleAll(owing(flip('eu'), flip('us')), [{ id: 'i0', outcome: DONE, by: 'a0' }], NOW);
    expect(ended).toMatchObject({ leases: {}, intents: [{ id: 'i1' }] });
  });

  it('belong to one run of one arbiter', () => {
    const ledger = leased(owing(flip('eu')), 'a0/run-1');
    expect(lanesHeldBy(ledger, 'a0/run-1', NOW)).toEqual(['flip/api']);
    expect(lanesHeldBy(ledger, 'a0/run-2', NOW)).toEqual([]);
    expect(lanesHeldBy(leased(ledger, 'a1', NOW + 1), 'a1', NOW + 1)).toEqual([]);
  });

  it('end, and are then taken over: never are there two', () => {
    const ledger = leased(owing(flip('eu')), 'a0');
    const end = NOW + LEASE_MS;
    expect(mayAct(ledger, 'i0', 'a0', end - 1)).toBe(true);
    expect(leased(ledger, 'a1', end - 1)).toEqual(ledger);
    expect(mayAct(ledger, 'i0', 'a0', end)).toBe(false);
    expect(mayAct(leased(ledger, 'a1', end), 'i0', 'a1', end)).toBe(true);
  });

  it('are prolonged with every act while more is due, and leave with the last', () => {
    const ledger = leased(owing(flip('eu'), flip('us')));
    const one = settled(ledger, 'i0', DONE, NOW + 5_000);
    expect(one.leases['flip/api']).toEqual({ by: 'a0', until: NOW + 5_000 + LEASE_MS });
    expect(settled(one, 'i1', DONE).leases).toEqual({});
  });

  it('of lanes that owe nothing any more are dropped', () => {
    const ledger = leased(owing(flip('eu')));
    ledger.intents = [];
    expect(leased(ledger).leases).toEqual({});
  });
});

describe('a failure', () => {
  it('waits twice as long each time, up to a minute, and lets go of the lane', () => {
    let ledger = owing(flip('eu'));
    const waits: number[] = [];
    let now = NOW;
    for (let tries = 0; tries < 9; tries++) {
      ledger = settled(leased(ledger, 'a0', now), 'i0', FAILED, now);
      const [intent] = ledger.intents;
      expect(ledger.leases).toEqual({ 'flip/api': { by: 'a0', until: now } });
      waits.push(((intent?.notBefore ?? 0) - now) / 1_000);
      now = intent?.notBefore ?? now;
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    expect(ledger.intents[0]).toMatchObject({ tries: 9, error: 'no answer' });
  });

  const held = (ledger: Ledger, arbiter: string, now: number) => lanesHeldBy(leased(ledger, arbiter, now), arbiter, now);
  const failedAt = (ledger: Ledger, arbiter: string, now: number) => settled(leased(ledger, arbiter, now), 'i0', FAILED, now);

  it('is not tried again by the same region before its time', () => {
    const ledger = failedAt(owing(flip('eu')), 'a0/run-1', NOW);
    expect(held(ledger, 'a0/run-2', NOW + 999)).toEqual([]);
    expect(held(ledger, 'a0/run-2', NOW + 1_000)).toEqual(['flip/api']);
  });

  it('is tried by another region at once, which may reach what the first cannot; then both wait', () => {
    const ledger = failedAt(owing(flip('eu')), 'a0/run-1', NOW);
    expect(held(ledger, 'a1/run-1', NOW + 1)).toEqual(['flip/api']);
    const again = failedAt(ledger, 'a1/run-1', NOW + 1);
    expect(['a0/run-2', 'a1/run-2'].flatMap((arbiter) => held(again, arbiter, NOW + 2_000))).toEqual([]);
    expect(['a0/run-2', 'a1/run-2'].map((arbiter) => held(again, arbiter, NOW + 2_001))).toEqual([['flip/api'], ['flip/api']]);
  });

  it('leaves what is due to whoever comes first', () => {
    const ledger = failedAt(owing(flip('eu')), 'a0/run-1', NOW);
    const [intent] = leased(ledger, 'a1/run-1', NOW + 5_000).intents;
    expect(intent?.notBefore).toBe(NOW + 1_000);
  });
});

describe('settling', () => {
  it('makes the next epoch and touches nothing else', () => {
    const ledger = leased(owing(flip('eu')));
    const before = structuredClone(ledger);
    expect(settled(ledger, 'i0', DONE).epoch).toBe(ledger.epoch + 1);
    expect(ledger).toEqual(before);
  });

  it('confirms what a flip came to, with the version of the switch', () => {
    const ledger = leased(owing(flip('eu')));
    ledger.members['api/eu'] = memberOf({ inService: false });
    const { members, intents } = settled(ledger, 'i0', { done: true, version: 7 });
    expect(members['api/eu']?.confirmed).toEqual({ inService: false, version: 7, at: NOW });
    expect(intents).toEqual([]);
  });

  it('counts an act once that is said to have ended twice', () => {
    const twice = ['i0', 'i0'].map((id) => ({ id, outcome: FAILED, by: 'a0' }));
    expect(settleAll(leased(owing(flip('eu'))), twice, NOW)?.intents).toMatchObject([{ id: 'i0' }]);
    const done = ['i0', 'i0'].map((id) => ({ id, outcome: DONE, by: 'a0' }));
    expect(settleAll(leased(owing(flip('eu'))), done, NOW)?.intents).toEqual([]);
  });

  it('confirms nothing of a member that is gone', () => {
    const gone: NewIntent = { kind: 'flip', lane: 'flip/gone', record: 'gone', node: 'eu', inService: false };
    const ledger = leased(owing(gone));
    const { members, intents } = settled(ledger, 'i0', { done: true, version: 7 });
    expect({ members, intents }).toEqual({ members: ledger.members, intents: [] });
  });

  it('comes to nothing for an intent that was superseded or done by another', () => {
    expect(settle(owing(flip('eu')), 'i9', DONE, NOW)).toBeUndefined();
    expect(settle(owing(flip('eu')), 'i9', FAILED, NOW)).toBeUndefined();
  });
});

describe('a closed incident', () => {
  const incident = (state: Incident['state']): Incident => ({
    id: 'one',
    node: 'eu',
    state,
    openedAt: NOW,
    timeline: [],
    paging: { tier: 1, attempt: 1, nextAt: NOW },
  });

  it('is forgotten once everything about it is recorded, and not before', () => {
    const ledger = leased(owing(record('one'), record('one')));
    ledger.incidents.one = incident('closed');
    const once = settled(ledger, 'i0', DONE);
    expect(Object.keys(once.incidents)).toEqual(['one']);
    expect(Object.keys(settled(once, 'i1', FAILED).incidents)).toEqual(['one']);
    expect(settled(once, 'i1', DONE).incidents).toEqual({});
  });

  it('is forgotten whatever else is owed, and may be gone already', () => {
    const ledger = leased(owing(record('one'), record('two'), flip('eu')));
    ledger.incidents.one = incident('closed');
    const once = settled(ledger, 'i0', DONE);
    expect(once.incidents).toEqual({});
    expect(settled(once, 'i1', DONE).intents).toMatchObject([{ id: 'i2' }]);
  });

  it('is not forgotten while it is open', () => {
    const ledger = leased(owing(record('one')));
    ledger.incidents.one = incident('down');
    expect(Object.keys(settled(ledger, 'i0', DONE).incidents)).toEqual(['one']);
  });
});
