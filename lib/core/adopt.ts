import { type Cell, memberKey, memberKeysOf, type RecordSpec } from './cell.ts';
import type { Draft } from './draft.ts';
import { isFlipPending, memberOf } from './guard.ts';
import type { SwitchState } from './inputs.ts';
import type { Ledger, MemberEntry } from './ledger.ts';
import { oweNotice } from './paging.ts';
import { beginReturn, noteService } from './returning.ts';
import { noteSeen } from './rollout.ts';

/** A list of switches is not older than this. */
export const LISTS_LAG_MS = 5 * 60_000;

/** An empty ledger: missing means new, never "all down". The first commit makes it epoch 1. */
export const newborn = (incarnation: string, now: number): Ledger => ({
  schema: 1,
  epoch: 0,
  incarnation,
  bornAt: now,
  checks: {},
  nodes: {},
  members: {},
  incidents: {},
  intents: [],
  leases: {},
  manual: {},
  silences: {},
});

/** Compares the ledger with what Route 53 says: adopts all of it at birth, and somebody's hand later. */
export function adoptSwitches(draft: Draft): void {
  const { inputs, ledger, now, cell } = draft;
  if (!inputs.switches) return;
  const isBirth = ledger.adoptedAt === undefined;
  const shown = new Set(inputs.switches.map(({ record, node }) => memberKey(record, node)));
  // Half a list is no answer: whoever is not in it would count as in service.
  if (isBirth && !memberKeysOf(cell).every((key) => shown.has(key))) return;
  for (const { record, state } of configuredSwitches(cell, inputs.switches)) {
    if (isBirth) adoptAtBirth(draft, record, state);
    else adoptForeign(draft, record, state);
  }
  if (isBirth) ledger.adoptedAt = now;
  noteSeen(draft, shown);
  tellOfHands(draft);
}

function configuredSwitches(cell: Cell, switches: readonly SwitchState[]): { record: RecordSpec; state: SwitchState }[] {
  return switches.flatMap((state) => {
    const record = cell.records.find(({ id, members }) => id === state.record && members.some(({ node }) => node === state.node));
    return record ? [{ record, state }] : [];
  });
}

/** Whoever was out stays out until its checks have proven themselves; of whoever is in, nobody knows what its alarm was told. */
function adoptAtBirth(draft: Draft, record: RecordSpec, { node, inService, version }: SwitchState): void {
  const { ledger, now } = draft;
  if (inService) {
    beginReturn(draft, memberKey(record.id, node));
    return;
  }
  const confirmed = { inService, version, at: now };
  ledger.members[memberKey(record.id, node)] = {
    inService,
    at: now,
    why: 'found out of service',
    holdUntil: 0,
    flaps: [],
    confirmed,
  };
  for (const id of record.requires) {
    const key = `${node}/${id}`;
    ledger.checks[key] = { state: 'up', at: 0, ...ledger.checks[key], recovery: { count: 0, at: now } };
  }
}

/**
 * A version never falls: with a lower one the switch was made anew, in service, by a deployment. That is nobody's will, so what was
 * decided is decided again, guard and all. Not soon after a flip, when what was read may be from before.
 */
function adoptAnew(draft: Draft, record: RecordSpec, state: SwitchState, entry: MemberEntry, confirmedAt: number): void {
  const { node, inService, version } = state;
  const { ledger, now } = draft;
  if (now - confirmedAt < LISTS_LAG_MS) return;
  const { held: _, restored: __, foreign: ___, untold: ____, ...before } = entry;
  const confirmed = { inService, version, at: now };
  const why = 'its switch was made anew';
  ledger.members[memberKey(record.id, node)] = { ...before, inService, at: now, why, holdUntil: 0, confirmed };
  beginReturn(draft, memberKey(record.id, node));
  draft.events.push({
    event: 'note',
    text: `${record.name}: the switch of ${node} was made anew; what was decided is decided again`,
  });
}

/** A state that no act of ours explains is somebody's will: it is kept, and told once. */
function adoptForeign(draft: Draft, record: RecordSpec, state: SwitchState): void {
  const { node, inService, version } = state;
  const { ledger, now } = draft;
  const entry = memberOf(draft, record, node);
  const confirmed = entry?.confirmed ?? { inService: true, version: 0 };
  if (isFlipPending(draft, record, node) || inService === confirmed.inService) return;
  if (entry?.confirmed && version < confirmed.version) adoptAnew(draft, record, state, entry, entry.confirmed.at);
  if (version <= confirmed.version) return;
  const why = inService ? 'put in service by hand' : 'taken out by hand';
  const { held: _, restored: __, ...before } = entry ?? { holdUntil: 0, flaps: [] };
  ledger.members[memberKey(record.id, node)] = {
    ...before,
    inService,
    at: now,
    why,
    confirmed: { inService, version, at: now },
    foreign: true,
    untold: true,
  };
  noteService(draft, memberKey(record.id, node), inService);
  draft.events.push({
    event: 'note',
    text: `${record.name}: ${node} was ${why}; it is left so until quorumwatch restore ${node}`,
  });
}

/**
 * Not while fewer than a quorum are heard. Then it may be no hand at all, but the arbiters of another table, to which the vantages have
 * moved: those who are left behind keep it to themselves.
 */
function tellOfHands(draft: Draft): void {
  const { ledger, cell, heard } = draft;
  if (heard.length < cell.quorum) return;
  for (const { id, name, members } of cell.records) {
    for (const { node } of members) {
      const key = memberKey(id, node);
      const entry = ledger.members[key];
      if (!entry?.untold) continue;
      delete entry.untold;
      oweNotice(draft, 'foreign-hand', key, `${name}: ${node} was ${entry.why}`);
    }
  }
}
