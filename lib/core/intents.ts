import { noteDrillHop } from './drill.ts';
import type { FlipIntent, Intent, Lease, Ledger, RecordIntent } from './ledger.ts';
import { copyOfLedger } from './ledger-copy.ts';

/** How long an arbiter may work on a lane before another takes it over. Longer than any single act may take. */
export const LEASE_MS = 20_000;
const BACK_OFF_MS = 1_000;
const LONGEST_BACK_OFF_MS = 60_000;

/** The intent that a lane has to do next. */
export const headOf = (ledger: Ledger, lane: string): Intent | undefined => ledger.intents.find((intent) => intent.lane === lane);

/** Hooks have lanes apart: the order of calls to one of them, about one node. */
export const isHookLane = (lane: string): boolean => lane.startsWith('hook/');

const lanesOf = (ledger: Ledger): Set<string> => new Set(ledger.intents.map(({ lane }) => lane));

/** An arbiter's name is its region and the id of its run. */
const regionOf = (arbiter: string): string => arbiter.slice(0, arbiter.indexOf('/') + 1) || arbiter;

/**
 * May this arbiter try at once what failed elsewhere? It may reach what the other one cannot, which would else come first each time
 * the back-off is over. Every second time, so that what fails everywhere is tried once by each and then left alone.
 */
const isOthersTurn = ({ tries }: Intent, failed: Lease | undefined, arbiter: string): boolean =>
  tries % 2 === 1 && failed !== undefined && regionOf(failed.by) !== regionOf(arbiter);

/** Leases every lane that has something due and no living lease; drops the leases of empty lanes. Changes `ledger`. */
export function takeLeases(ledger: Ledger, arbiter: string, now: number): void {
  const lanes = lanesOf(ledger);
  for (const lane of Object.keys(ledger.leases)) if (!lanes.has(lane)) delete ledger.leases[lane];
  for (const lane of lanes) {
    const isLeased = now < (ledger.leases[lane]?.until ?? 0);
    const head = headOf(ledger, lane);
    if (isLeased || !head) continue;
    if (isOthersTurn(head, ledger.leases[lane], arbiter)) head.notBefore = Math.min(head.notBefore, now);
    if (head.notBefore <= now) ledger.leases[lane] = { by: arbiter, until: now + LEASE_MS };
  }
}

/** Lanes that this arbiter holds a living lease of and that have something due. */
export function lanesHeldBy(ledger: Ledger, arbiter: string, now: number): string[] {
  return ledger.intents.filter(({ id }) => mayAct(ledger, id, arbiter, now)).map(({ lane }) => lane);
}

/** Checked right before an act: is this intent still owed, at the head of its lane, due, and leased to this arbiter? */
export function mayAct(ledger: Ledger, intentId: string, arbiter: string, now: number): boolean {
  const intent = ledger.intents.find(({ id }) => id === intentId);
  if (!intent || intent.notBefore > now || headOf(ledger, intent.lane) !== intent) return false;
  const lease = ledger.leases[intent.lane];
  return lease?.by === arbiter && now < lease.until;
}

/** What an act came to. `version`: of the switch after a flip. */
export type Outcome = { done: true; version?: number } | { done: false; error: string };

/** An act that ended, and the arbiter that did it. */
export interface Ended {
  id: string;
  outcome: Outcome;
  by?: string;
}

/** `settleAll` for a single act. */
export const settle = (ledger: Ledger, id: string, outcome: Outcome, now: number): Ledger | undefined =>
  settleAll(ledger, [{ id, outcome }], now);

/**
 * The ledger after some acts, with the next epoch; nothing if none of them is owed any longer. Done intents leave; failed ones stay
 * with a back-off, and end their lease, which still says who failed; the lane's lease is prolonged while more is due.
 */
export function settleAll(ledger: Ledger, ended: readonly Ended[], now: number): Ledger | undefined {
  const owed = ended.filter(({ id }) => ledger.intents.some((intent) => intent.id === id));
  if (owed.length === 0) return undefined;
  const next = { ...copyOfLedger(ledger), epoch: ledger.epoch + 1 };
  for (const { id, outcome, by } of owed) {
    const intent = next.intents.find((each) => each.id === id);
    if (!intent) continue;
    const isOwnLease = by === undefined || next.leases[intent.lane]?.by === by;
    if (outcome.done) finish(next, intent, outcome.version, now);
    else fail(intent, outcome.error, now);
    if (isOwnLease) renewLease(next, intent.lane, outcome, now);
  }
  return next;
}

function finish(next: Ledger, intent: Intent, version: number | undefined, now: number): void {
  next.intents = next.intents.filter(({ id }) => id !== intent.id);
  noteDrillHop(next, intent, now);
  switch (intent.kind) {
    case 'flip':
      confirm(next, intent, version ?? 0, now);
      break;
    case 'record':
      forgetClosed(next, intent);
      break;
    case 'hook':
      delete next.failedHooks?.[intent.hook];
      break;
  }
}

function renewLease(next: Ledger, lane: string, outcome: Outcome, now: number): void {
  const lease = next.leases[lane];
  if (lease && headOf(next, lane)) lease.until = outcome.done ? now + LEASE_MS : now;
  else delete next.leases[lane];
}

function confirm(next: Ledger, { record, node, inService }: FlipIntent, version: number, now: number): void {
  const entry = next.members[`${record}/${node}`];
  if (entry) entry.confirmed = { inService, version, at: now };
}

function forgetClosed(next: Ledger, { incident, lane }: RecordIntent): void {
  if (!headOf(next, lane) && next.incidents[incident]?.state === 'closed') delete next.incidents[incident];
}

function fail(intent: Intent, error: string, now: number): void {
  intent.notBefore = now + Math.min(LONGEST_BACK_OFF_MS, BACK_OFF_MS * 2 ** intent.tries);
  intent.tries++;
  intent.error = error;
}
