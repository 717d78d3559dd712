import type { CastVote } from './ballot.ts';
import type { Check } from './cell.ts';
import type { Verdict } from './ledger.ts';

export interface Tally {
  up: number;
  degraded: number;
  down: number;
  abstain: number;
}

/** Votes counted by kind. */
export function tally(votes: Record<string, CastVote>): Tally {
  const count: Tally = { up: 0, degraded: 0, down: 0, abstain: 0 };
  for (const { vote } of Object.values(votes)) count[vote]++;
  return count;
}

/** What the quorum says of a check; N never shrinks, so silence can make it `unknown` but never `down`. */
export function verdictOf({ up, degraded, down }: Tally, quorum: number): Verdict {
  if (down >= quorum) return 'down';
  if (down + degraded >= quorum) return 'degraded';
  if (down + degraded + up < quorum) return 'unknown';
  return down > 0 ? 'partial' : 'up';
}

/** Do enough vantages say that the check works, well or badly? */
export const isHealthyQuorum = ({ up, degraded }: Tally, quorum: number): boolean => up + degraded >= quorum;

/** Worst first: the order in which a node takes its verdict from its checks. */
export const WORST_FIRST: readonly Verdict[] = ['down', 'unknown', 'partial', 'degraded', 'up'];

/** The worst of several verdicts; `unknown` of nothing, for nobody looked. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return WORST_FIRST.find((verdict) => verdicts.includes(verdict)) ?? 'unknown';
}

/** The votes that may justify `down` now: cast after the check's last transition. */
export function downVotesSince(votes: Record<string, CastVote>, lastTransitionAt: number): CastVote[] {
  return Object.values(votes).filter(({ vote, observedAt }) => vote === 'down' && observedAt > lastTransitionAt);
}

/**
 * For how long a quorum has seen `down`, in ms: from when the last vantage that makes it one began its streak, for before that it
 * may have said `up`, to the last look of any. Counted from the last transition on; 0 without a quorum.
 */
export function spanMs(downVotes: readonly CastVote[], quorum: number, lastTransitionAt: number): number {
  const began = downVotes.map(({ since }) => Math.max(since, lastTransitionAt)).sort((a, b) => a - b)[quorum - 1];
  return began === undefined ? 0 : Math.max(...downVotes.map(({ observedAt }) => observedAt)) - began;
}

/** Is `down` proven: a quorum of votes after the last transition, whose streaks span `downFor`? */
export function isDownProven(check: Check, votes: Record<string, CastVote>, lastTransitionAt: number): boolean {
  const downVotes = downVotesSince(votes, lastTransitionAt);
  return downVotes.length >= check.quorum && spanMs(downVotes, check.quorum, lastTransitionAt) >= check.downForMs;
}
