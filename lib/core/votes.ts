import type { Ballot, CastVote } from './ballot.ts';
import type { Cell, Check } from './cell.ts';
import type { Read } from './inputs.ts';
import type { ReasonCode } from './reasons.ts';
import { cadences, freshMs, heardMs } from './schedule.ts';

/** A vote may lie this far in the reader's future: the largest clock difference with which a vantage still votes. */
export const CLOCK_TOLERANCE_MS = 5_000;

/**
 * What one vantage says of one check, read from its ballot: a vote for every vantage, whatever happened to its ballot.
 * Silence, foreign hashes and old votes are `abstain`, never `down`.
 */
export function voteOf(cell: Cell, check: Check, vantage: string, ballot: Read<Ballot>, now: number): CastVote {
  const nothing = (reason: ReasonCode, observedAt = 0): CastVote => ({
    vote: 'abstain',
    reason,
    observedAt,
    since: observedAt,
    checkHash: check.hash,
  });
  if (ballot === 'missing' || ballot === 'unreadable') return nothing(ballot);
  const said = ballot.votes[check.key] ?? unlistedUp(cell, check, vantage, ballot);
  if (said === 'missing') return nothing(ballot.abstention?.reason ?? 'missing', ballot.abstention?.at);
  if (said === 'skew' || said.checkHash !== check.hash) return nothing('skew');
  if (ballot.abstention && said.observedAt <= ballot.abstention.at)
    return nothing(ballot.abstention.reason, ballot.abstention.at);
  if (said.observedAt > now + CLOCK_TOLERANCE_MS) return nothing('clock', said.observedAt);
  if (now - said.observedAt > freshMs(cell, check)) return nothing('stale', said.observedAt);
  return said;
}

/** What is not listed was up in its cadence's last full round, if that round asked exactly what we would have asked. */
function unlistedUp(cell: Cell, check: Check, vantage: string, ballot: Ballot): CastVote | 'missing' | 'skew' {
  const round = ballot.rounds[check.intervalMs];
  if (!round) return 'missing';
  if (ballot.probeHash !== cell.probeHash || round.asked !== cadences(cell, vantage).get(check.intervalMs)) return 'skew';
  return { vote: 'up', reason: 'ok', observedAt: round.startedAt, since: round.startedAt, checkHash: check.hash };
}

/** The votes of all vantages that a check is configured for. */
export function votesOf(cell: Cell, check: Check, ballots: Record<string, Read<Ballot>>, now: number): Record<string, CastVote> {
  const votes: Record<string, CastVote> = {};
  for (const vantage of check.vantages) votes[vantage] = voteOf(cell, check, vantage, ballots[vantage] ?? 'missing', now);
  return votes;
}

/** The scheduler asks for a plan this often. */
const PLAN_MS = 60_000;

export type VantageState = 'up' | 'abstaining' | 'stale' | 'missing' | 'skew';

/** How a vantage itself is doing. `unreadable` shows as `missing`: nothing is heard from it. */
export function vantageState(cell: Cell, ballot: Read<Ballot>, now: number): VantageState {
  if (ballot === 'missing' || ballot === 'unreadable') return 'missing';
  const lastAt = lastHeardAt(ballot);
  // Whose clock is wrong plans no rounds: it says so once a minute.
  const pauseMs = ballot.abstention?.reason === 'clock' ? PLAN_MS : 0;
  if (now - lastAt > heardMs(cell) + pauseMs) return 'stale';
  if (ballot.abstention) return 'abstaining';
  return ballot.probeHash === cell.probeHash ? 'up' : 'skew';
}

/** When a ballot last showed life: a round begun, a vote cast, an abstention declared. */
export function lastHeardAt(ballot: Ballot): number {
  let lastAt = ballot.abstention?.at ?? 0;
  for (const cadence in ballot.rounds) lastAt = Math.max(lastAt, ballot.rounds[cadence]?.startedAt ?? 0);
  for (const key in ballot.votes) lastAt = Math.max(lastAt, ballot.votes[key]?.observedAt ?? 0);
  return lastAt;
}

/** The ballots of all vantages that are heard: fewer than a quorum of them, and the cell is blind. */
export function heardBallots(cell: Cell, ballots: Record<string, Read<Ballot>>, now: number): Ballot[] {
  return cell.vantages.flatMap((vantage) => {
    const ballot = ballots[vantage];
    return typeof ballot === 'object' && isHeard(vantageState(cell, ballot, now)) ? [ballot] : [];
  });
}

/** Is this vantage heard at all? Foreign hashes count as heard; abstaining, stale and missing do not. */
export const isHeard = (state: VantageState): boolean => state === 'up' || state === 'skew';
