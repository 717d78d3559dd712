import type { Ballot, CastVote } from './ballot.ts';
import type { Cell } from './cell.ts';
import type { QuorumEvent } from './events.ts';
import type { Inputs } from './inputs.ts';
import type { Intent, Ledger, NewIntent, Verdict } from './ledger.ts';
import { copyOfLedger } from './ledger-copy.ts';
import { tally, verdictOf } from './tally.ts';
import { heardBallots, votesOf } from './votes.ts';

/** The decision in the making: a copy of the ledger that `decide`'s steps write on, and what they all look at. */
export interface Draft {
  readonly cell: Cell;
  readonly inputs: Inputs;
  readonly now: number;
  /** Already with the next epoch. */
  readonly ledger: Ledger;
  readonly events: QuorumEvent[];
  /** By check key: the votes of all vantages, and what they amount to right now. */
  readonly votes: ReadonlyMap<string, Record<string, CastVote>>;
  readonly live: ReadonlyMap<string, Verdict>;
  /** The ballots of all vantages that are heard. */
  readonly heard: readonly Ballot[];
}

/** A draft over a ledger, which is not touched. */
export function createDraft(cell: Cell, inputs: Inputs, ledger: Ledger, now: number): Draft {
  const votes = new Map(cell.checks.map((check) => [check.key, votesOf(cell, check, inputs.ballots, now)]));
  const live = new Map(cell.checks.map((check) => [check.key, verdictOf(tally(votes.get(check.key) ?? {}), check.quorum)]));
  const heard = heardBallots(cell, inputs.ballots, now);
  return { cell, inputs, now, ledger: { ...copyOfLedger(ledger), epoch: ledger.epoch + 1 }, events: [], votes, live, heard };
}

/** Commits the ledger to an act, behind all others of its lane. */
export function owe(draft: Draft, intent: NewIntent): void {
  const { epoch, incarnation, intents } = draft.ledger;
  const position = intents.filter((each) => each.epoch === epoch).length;
  const id = `${incarnation}-${epoch}-${position}`;
  intents.push({ ...intent, id, epoch, at: draft.now, tries: 0, notBefore: draft.now } as Intent);
}

/** A timeline keeps its beginning and its end: incidents may last for weeks, the ledger's item may not grow with them. */
const TIMELINE = { first: 20, length: 120 };

/** A line of an incident's timeline. */
export function tell(draft: Draft, incidentId: string, what: string, detail?: string): void {
  const timeline = draft.ledger.incidents[incidentId]?.timeline;
  if (!timeline) return;
  timeline.push({ at: draft.now, epoch: draft.ledger.epoch, what, ...(detail !== undefined && { detail }) });
  if (timeline.length > TIMELINE.length) timeline.splice(TIMELINE.first, 1);
}
