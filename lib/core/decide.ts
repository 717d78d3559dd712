import { adoptSwitches, newborn } from './adopt.ts';
import type { Cell } from './cell.ts';
import { decideChecks, isCheckAtRest, removeUnconfiguredChecks } from './checks.ts';
import { consumeActs } from './consume.ts';
import { createDraft, type Draft } from './draft.ts';
import { withDrill } from './drill.ts';
import { beginScheduledDrill, followDrill } from './drill-course.ts';
import type { QuorumEvent } from './events.ts';
import { decideHalts } from './halts.ts';
import type { Inputs, Read } from './inputs.ts';
import { takeLeases } from './intents.ts';
import type { Ledger } from './ledger.ts';
import { decideMembers, followOrders, isMemberAtRest, removeUnconfiguredMembers } from './members.ts';
import { decideNodes, removeUnconfiguredNodes } from './nodes.ts';
import { forgetOutages } from './outages.ts';
import { decideOutliers } from './outliers.ts';
import { decidePages } from './paging.ts';
import { isSame } from './plain.ts';
import { reportNoSwitches, reportPause, reportStuckFlips } from './reports.ts';
import { endReturns } from './returning.ts';
import { beginRoles, decideRoles, giveUpHooks } from './roles.ts';
import { isSettled, noteConfiguration, runsMinorityConfiguration } from './rollout.ts';
import { proveChecks, reportAbstaining, reportFindings, reportSkew } from './watches.ts';

export interface Decision {
  /** The ledger to commit, with the next epoch; absent when nothing changes. */
  ledger?: Ledger;
  /** What to tell people once it is committed. */
  events: QuorumEvent[];
}

/** Who decides: it takes the leases of what it commits. `nonce` becomes the incarnation if a ledger is born. */
export interface Decider {
  /** Unique for each invocation: a lease belongs to one run. */
  arbiter: string;
  nonce: string;
}

/**
 * From what was read to what should be committed: the next ledger with the acts that it owes. Pure: the same inputs give the same
 * decision. An unreadable ledger, and a table in which too few vantages are heard, change nothing that votes decide.
 */
export function decide(cell: Cell, inputs: Inputs, ledger: Read<Ledger>, now: number, me: Decider): Decision {
  if (ledger === 'unreadable') return { events: [] };
  const before = ledger === 'missing' ? newborn(me.nonce, now) : ledger;
  const draft = createDraft(withDrill(cell, before.drill), inputs, before, now);
  noteConfiguration(draft);
  consumeActs(draft, inputs.acts);
  beginScheduledDrill(draft);
  endReturns(draft);
  adoptSwitches(draft);
  beginRoles(draft);
  if (isBlind(draft)) seeNothing(draft);
  else weighVotes(draft);
  giveUpHooks(draft);
  decideRoles(draft);
  decidePages(draft);
  reportStuckFlips(draft);
  reportNoSwitches(draft);
  reportPause(draft);
  reportSkew(draft);
  reportAbstaining(draft);
  reportFindings(draft);
  removeResting(draft);
  keepReplay(draft, { inputs, ledger, now, me });
  takeLeases(draft.ledger, me.arbiter, now);
  if (isSame({ ...before, epoch: draft.ledger.epoch }, draft.ledger)) return { events: draft.events };
  return { ledger: draft.ledger, events: draft.events };
}

/** Fewer than a quorum of vantages are heard at all: what the ledger says stays, whatever the few say. */
const isBlind = ({ cell, heard }: Draft): boolean => heard.length < cell.quorum;

function weighVotes(draft: Draft): void {
  const isMinority = runsMinorityConfiguration(draft);
  if (!isMinority) {
    removeUnconfiguredChecks(draft);
    removeUnconfiguredNodes(draft);
    if (isSettled(draft)) removeUnconfiguredMembers(draft);
  }
  const evidence = decideChecks(draft, isMinority);
  if (!isMinority) proveChecks(draft);
  decideNodes(draft, evidence);
  if (!isMinority) decideHalts(draft);
  if (!isMinority) decideOutliers(draft);
  followDrill(draft); // one that ends now takes nobody out any more
  decideMembers(draft, isMinority);
}

function seeNothing(draft: Draft): void {
  followDrill(draft);
  followOrders(draft);
}

function removeResting(draft: Draft): void {
  const { ledger, cell } = draft;
  for (const check of cell.checks) {
    const entry = ledger.checks[check.key];
    if (entry && isCheckAtRest(draft, check, entry)) delete ledger.checks[check.key];
  }
  forgetOutages(draft);
  for (const [id, { state, incident }] of Object.entries(ledger.nodes)) {
    if (state === 'up' && !incident) delete ledger.nodes[id];
  }
  for (const record of cell.records) {
    for (const { node } of record.members) {
      const entry = ledger.members[`${record.id}/${node}`];
      if (entry && isMemberAtRest(draft, record, node, entry)) delete ledger.members[`${record.id}/${node}`];
    }
  }
}

/** Everything that led here rides with the first evidence of this epoch until it is stored with its incident. */
function keepReplay(draft: Draft, given: { inputs: Inputs; ledger: Read<Ledger>; now: number; me: Decider }): void {
  const { intents, epoch } = draft.ledger;
  const first = intents.find((intent) => intent.kind === 'record' && intent.epoch === epoch && intent.evidence.length > 0);
  if (first?.kind === 'record') first.replay = JSON.stringify({ ...given, ledger: withoutReplays(given.ledger) });
}

/** Decisions never read a replay; one that held all earlier ones would double the ledger with every outage. */
function withoutReplays(ledger: Read<Ledger>): Read<Ledger> {
  if (typeof ledger === 'string') return ledger;
  return { ...ledger, intents: ledger.intents.map((intent) => ({ ...intent, replay: undefined })) };
}
