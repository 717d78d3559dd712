import type { CastVote } from './ballot.ts';
import type { Check } from './cell.ts';
import type { Draft } from './draft.ts';
import { isDrillKey } from './drill.ts';
import type { CheckEntry, Evidence, Ledger, Verdict } from './ledger.ts';
import { isSettled } from './rollout.ts';
import { freshMs } from './schedule.ts';
import { isDownProven, isHealthyQuorum, tally, verdictOf } from './tally.ts';

/** A check is `unknown` to the ledger after this many of its rounds without a verdict (L6's patience). */
const UNKNOWN_ROUNDS = 3;

/** Moves every check's state to what its votes justify; gives the transitions with the votes that justified them. */
export function decideChecks(draft: Draft, onlyDown: boolean): Evidence[] {
  return draft.cell.checks.flatMap((check) => {
    const votes = draft.votes.get(check.key) ?? {};
    const entry = draft.ledger.checks[check.key] ?? { state: 'up', at: 0 };
    const next = nextState(draft, check, votes, entry, onlyDown);
    const hasMoved = next.state !== entry.state;
    draft.ledger.checks[check.key] = hasMoved ? { ...next, at: draft.now } : next;
    if (!hasMoved) return [];
    const { epoch } = draft.ledger;
    return [{ epoch, at: draft.now, check: check.key, from: entry.state, to: next.state, quorum: check.quorum, votes }];
  });
}

/** A check's state in the ledger: at rest it is up. */
export const checkStateOf = (ledger: Ledger, key: string): Verdict => ledger.checks[key]?.state ?? 'up';

/** The checks of a node that the ledger says are down or unknown. Parts of groups are named in their group's detail. */
export function checksInTrouble({ cell, ledger }: Draft, node: string): Check[] {
  const isPart = ({ key }: Check) => cell.nodes.some(({ parts }) => parts?.includes(key));
  const failing = cell.checks.filter(
    (check) => check.node === node && ['down', 'unknown'].includes(checkStateOf(ledger, check.key)),
  );
  return failing.filter((check) => !isPart(check));
}

/** Checks that are no longer configured leave the ledger; a drill's when it is over, for all arbiters know of it. */
export function removeUnconfiguredChecks(draft: Draft): void {
  const configured = new Set(draft.cell.checks.map(({ key }) => key));
  for (const key of Object.keys(draft.ledger.checks))
    if (!configured.has(key) && (isDrillKey(key) || isSettled(draft))) delete draft.ledger.checks[key];
}

/** An entry may leave the ledger once every vote that is older than its last transition is too old to count. */
export function isCheckAtRest(draft: Draft, check: Check, entry: CheckEntry): boolean {
  const isSettled = entry.state === 'up' && !entry.recovery && entry.unknownSince === undefined;
  return isSettled && draft.now - entry.at > freshMs(draft.cell, check);
}

type Votes = Record<string, CastVote>;

function nextState(draft: Draft, check: Check, votes: Votes, entry: CheckEntry, onlyDown: boolean): CheckEntry {
  if (entry.state !== 'down' && isDownProven(check, votes, entry.at)) return { state: 'down', at: entry.at };
  if (onlyDown) return entry;
  if (entry.state === 'down') return recovering(check, votes, entry);
  return soft(draft, check, votes, entry.recovery ? recovering(check, votes, entry) : entry);
}

/** Counts consecutive healthy quorums, each of votes that were all observed after the last one. */
function recovering(check: Check, votes: Votes, entry: CheckEntry): CheckEntry {
  const { recovery = { count: 0, at: entry.at } } = entry;
  if (!isHealthyQuorum(tally(votes), check.quorum)) {
    if (recovery.count === 0) return entry;
    return { ...entry, recovery: { count: 0, at: recovery.at } };
  }
  const newer = Object.values(votes).filter(({ vote, observedAt }) => isWell(vote) && observedAt > recovery.at);
  if (newer.length < check.quorum) return entry;
  const count = recovery.count + 1;
  if (count >= check.recover) return { state: recovered(check, votes), at: entry.at };
  return { ...entry, recovery: { count, at: Math.max(...newer.map(({ observedAt }) => observedAt)) } };
}

/** A quorum that says `degraded` is believed; whoever still says `down` may only be the last to look again: `partial` has to last. */
const recovered = (check: Check, votes: Votes): Verdict => (tally(votes).degraded >= check.quorum ? 'degraded' : 'up');

const isWell = (vote: CastVote['vote']): boolean => vote === 'up' || vote === 'degraded';

/** Between up, degraded, partial and unknown: up at once, the others when they have lasted. */
function soft(draft: Draft, check: Check, votes: Votes, entry: CheckEntry): CheckEntry {
  const verdict = verdictOf(tally(votes), check.quorum);
  if (verdict === 'unknown')
    return isAnsweredElsewhere(draft, check, votes) ? forgetUnknown(entry) : waiting(draft, check, entry);
  const heard = forgetUnknown(entry);
  // A quorum says `down`, but not yet for `downFor`: no other state is true meanwhile.
  if (verdict === 'down') return heard;
  const isDue = verdict === 'up' || entry.state === 'unknown' || hasLasted(draft, check, votes, entry, verdict);
  return isDue ? { ...heard, state: verdict } : heard;
}

/**
 * Foreign hashes count as heard: in the middle of a roll-out neither side may have a quorum of an even number, and nobody is silent.
 * Skew that lasts is told by itself. A vantage of our own configuration that did not ask is silent.
 */
function isAnsweredElsewhere({ cell, heard }: Draft, check: Check, votes: Votes): boolean {
  const foreign = heard.filter(({ probeHash }) => probeHash !== cell.probeHash).map(({ vantage }) => vantage);
  const answered = Object.entries(votes).filter(([vantage, { vote }]) => vote !== 'abstain' || foreign.includes(vantage));
  return answered.length >= check.quorum;
}

function waiting(draft: Draft, check: Check, entry: CheckEntry): CheckEntry {
  if (entry.state === 'unknown') return entry;
  if (entry.unknownSince === undefined) return { ...entry, unknownSince: draft.now };
  if (draft.now - entry.unknownSince < UNKNOWN_ROUNDS * check.intervalMs) return entry;
  return { ...forgetUnknown(entry), state: 'unknown' };
}

function forgetUnknown(entry: CheckEntry): CheckEntry {
  const { unknownSince: _, ...rest } = entry;
  return rest;
}

/** Have the votes behind a soft verdict stood, since the last transition, for the time in which they could have become `down`? */
function hasLasted(draft: Draft, check: Check, votes: Votes, { at }: CheckEntry, verdict: Verdict): boolean {
  const settledMs = 2 * check.intervalMs + check.downForMs;
  const old = Object.values(votes).filter(({ since }) => draft.now - Math.max(since, at) >= settledMs);
  const { down, degraded } = tally(Object.fromEntries(old.map((vote, index) => [index, vote])));
  return verdict === 'partial' ? down > 0 : down + degraded >= check.quorum;
}
