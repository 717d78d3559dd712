import { LISTS_LAG_MS } from './adopt.ts';
import { memberKey, memberKeysOf, type RecordSpec } from './cell.ts';
import { checkStateOf } from './checks.ts';
import { type Draft, owe, tell } from './draft.ts';
import {
  FLAP_WINDOW_MS,
  HOLD_RULES,
  type HoldRule,
  holdMs,
  isFlipOf,
  isFlipPending,
  isRecovering,
  isUnfit,
  isWell,
  leavesEnough,
  memberOf,
  returnHold,
  takeOutHold,
} from './guard.ts';
import { oweHooks } from './hooks.ts';
import { incidentOf } from './incidents.ts';
import type { MemberEntry } from './ledger.ts';
import { beginReturn, noteService } from './returning.ts';

/** A ledger flips nothing before it has watched for this many rounds. */
const BIRTH_ROUNDS = 3;

interface Wish {
  inService: boolean;
  why: string;
  isManual: boolean;
}

/** Puts members in and out of service as far as the guard allows. Returns first: a take-out may count on nobody's return. */
export function decideMembers(draft: Draft, isMinority: boolean): void {
  const everyMember = draft.cell.records.flatMap((record) => record.members.map(({ node }) => ({ record, node })));
  const wishes = everyMember.map(({ record, node }) => ({ record, node, wish: wishFor(draft, record, node) }));
  for (const { record, node, wish } of wishes) if (wish?.inService) follow(draft, record, node, wish, isMinority);
  for (const { record, node, wish } of wishes) if (wish && !wish.inService) follow(draft, record, node, wish, isMinority);
  for (const { record, node, wish } of wishes) if (!wish) release(draft, record, node);
}

/** Without votes only what people asked for is done: a force needs no quorum (S13). */
export function followOrders(draft: Draft): void {
  for (const record of draft.cell.records) {
    for (const { node } of record.members) {
      const wish = manualWish(draft, node);
      if (wish && wish.inService !== isServing(draft, record, node)) follow(draft, record, node, wish);
    }
  }
}

/** Members that are no longer configured leave the ledger, and what is owed to their switches with them. */
export function removeUnconfiguredMembers(draft: Draft): void {
  const { cell, ledger } = draft;
  const configured = new Set(memberKeysOf(cell));
  for (const [key, { inService }] of Object.entries(ledger.members)) {
    if (configured.has(key)) continue;
    delete ledger.members[key];
    // Should it ever come back, its alarm may still keep it out.
    if (!inService) beginReturn(draft, key);
  }
  ledger.intents = ledger.intents.filter((each) => each.kind !== 'flip' || configured.has(memberKey(each.record, each.node)));
}

/**
 * An entry may leave the ledger when it is in service, owes nothing, hold and flap hour are over, and no list is from before its flip:
 * without the entry that would look like somebody's hand.
 */
export function isMemberAtRest(draft: Draft, record: RecordSpec, node: string, entry: MemberEntry): boolean {
  const isKnown = draft.now - (entry.confirmed?.at ?? 0) >= LISTS_LAG_MS;
  const isQuiet = isKnown && !entry.held && !entry.foreign && !isFlipPending(draft, record, node);
  return isQuiet && entry.inService && draft.now >= entry.holdUntil && recentFlaps(entry, draft.now).length === 0;
}

/** Where should this member be? Nothing when it is there, or when nobody can say. */
function wishFor(draft: Draft, record: RecordSpec, node: string): Wish | undefined {
  const wish = manualWish(draft, node) ?? automaticWish(draft, record, node);
  return wish && wish.inService !== isServing(draft, record, node) ? wish : undefined;
}

const isServing = (draft: Draft, record: RecordSpec, node: string): boolean => memberOf(draft, record, node)?.inService ?? true;

function manualWish(draft: Draft, node: string): Wish | undefined {
  const manual = draft.ledger.manual[node];
  if (!manual) return undefined;
  if (manual.kind === 'drain') return { inService: false, why: `drained by ${manual.by}`, isManual: true };
  const { inService, by, reason } = manual;
  return { inService, why: `forced ${inService ? 'in' : 'out'} by ${by}: ${reason}`, isManual: true };
}

function automaticWish(draft: Draft, record: RecordSpec, node: string): Wish | undefined {
  if (isUnfit(draft, record, node) && !isRecovering(draft, record, node))
    return { inService: false, why: failingChecks(draft, record, node), isManual: false };
  return isWell(draft, record, node) ? { inService: true, why: 'recovered', isManual: false } : undefined;
}

function failingChecks(draft: Draft, record: RecordSpec, node: string): string {
  const failing = record.requires.filter((id) => checkStateOf(draft.ledger, `${node}/${id}`) === 'down');
  return `${failing.join(', ')} down`;
}

function follow(draft: Draft, record: RecordSpec, node: string, wish: Wish, isMinority?: boolean): void {
  const ofWish = wish.isManual ? manualHold : automaticHold;
  const rule = anyHold(draft) ?? ofWish(draft, record, node, wish, isMinority);
  if (rule) hold(draft, record, node, rule);
  else flip(draft, record, node, wish);
}

/** What holds back even what people ask for: a new ledger knows nothing yet, and a later order may say the opposite. */
function anyHold({ ledger, cell, inputs, now }: Draft): HoldRule | undefined {
  if (ledger.adoptedAt === undefined || now < ledger.bornAt + BIRTH_ROUNDS * cell.intervalMs) return 'birth';
  return inputs.acts === 'unreadable' ? 'orders' : undefined;
}

function manualHold(draft: Draft, record: RecordSpec, node: string, wish: Wish): HoldRule | undefined {
  return wish.inService || leavesEnough(draft, record, node) ? undefined : 'minInService';
}

function automaticHold(draft: Draft, record: RecordSpec, node: string, wish: Wish, isMinority?: boolean): HoldRule | undefined {
  if (memberOf(draft, record, node)?.foreign) return 'foreign';
  if (draft.ledger.pausedUntil !== undefined) return 'pause';
  if (isMinority) return 'rollout';
  const rule = wish.inService ? returnHold(draft, record, node) : takeOutHold(draft, record, node);
  return rule ?? (record.guard.mode === 'report' ? 'report' : undefined);
}

function hold(draft: Draft, record: RecordSpec, node: string, rule: HoldRule): void {
  const entry = entryOf(draft, record, node);
  if (entry.held === rule) return;
  entry.held = rule;
  const why = HOLD_RULES[rule];
  draft.events.push({ event: 'hold', record: record.id, node, rule, why });
  const incident = incidentOf(draft, node);
  const text = `${node} stays where it is in ${record.name}: ${why}`;
  oweHooks(draft, 'held', node, { text, record: record.id, rule, why, ...(incident && { incident: incident.id }) });
  if (incident) tell(draft, incident.id, `held: ${rule}`, record.name);
}

function flip(draft: Draft, record: RecordSpec, node: string, { inService, why, isManual }: Wish): void {
  const { ledger, now } = draft;
  const before = entryOf(draft, record, node);
  const isFlap = !inService && !isManual;
  const flaps = isFlap ? [...recentFlaps(before, now), now] : recentFlaps(before, now);
  ledger.members[memberKey(record.id, node)] = {
    inService,
    at: now,
    why,
    holdUntil: now + holdMs(record, flaps.length),
    flaps,
    ...(before.confirmed && { confirmed: before.confirmed }),
  };
  noteService(draft, memberKey(record.id, node), inService);
  // The newest intent of a member is the only one that counts.
  const supersedes = isFlipPending(draft, record, node);
  ledger.intents = ledger.intents.filter((each) => !isFlipOf(each, record, node));
  owe(draft, { kind: 'flip', lane: `flip/${record.id}`, record: record.id, node, inService, ...(supersedes && { supersedes }) });
  const incident = incidentOf(draft, node);
  const text = `${node} is put ${inService ? 'back into' : 'out of'} ${record.name}: ${why}`;
  oweHooks(draft, 'flip', node, { text, record: record.id, inService, why, ...(incident && { incident: incident.id }) });
  if (incident) tell(draft, incident.id, inService ? 'back in service' : 'out of service', `${record.name}: ${why}`);
}

/** Nothing is wanted, so nothing is held. */
function release(draft: Draft, record: RecordSpec, node: string): void {
  const entry = memberOf(draft, record, node);
  if (entry?.held) delete entry.held;
}

function entryOf(draft: Draft, record: RecordSpec, node: string): MemberEntry {
  const key = memberKey(record.id, node);
  const entry = draft.ledger.members[key] ?? { inService: true, at: draft.now, why: 'in service', holdUntil: 0, flaps: [] };
  draft.ledger.members[key] = entry;
  return entry;
}

const recentFlaps = (entry: MemberEntry, now: number): number[] => entry.flaps.filter((at) => now - at < FLAP_WINDOW_MS);
