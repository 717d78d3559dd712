/** S5: a vantage that runs late, with a wrong clock, or while its canaries fail casts nothing of what it saw. */
import type { Ballot } from '../../core/ballot.ts';
import type { Cell } from '../../core/cell.ts';
import type { Observation } from '../../core/merge.ts';
import type { Violation } from './step.ts';

/** How one run of a prober really was; what is absent it had no part of. */
export interface Conduct {
  /** How long after its due time it began its look, by its own clock. */
  lateMs?: number;
  canaries?: { all: number; failed: number };
  /** How far its clock was ahead when it heard the table's, and how long that answer was under way. */
  clock?: { aheadMs: number; answerMs: number };
}

/** Why vantages abstain from all that they saw. */
export const ABSTENTIONS = ['late', 'clock', 'canaries'] as const;
export type Abstention = (typeof ABSTENTIONS)[number];

const CLOCK_LIMIT_MS = 5_000;
/** A `Date` header has whole seconds: so much is not known of the table's clock. */
const SECOND_MS = 1_000;

/** Why nothing of this run may be cast. */
function distrust({ intervalMs }: Cell, { lateMs, canaries, clock }: Conduct): Abstention | undefined {
  if (clock && isClockWrong(clock)) return 'clock';
  if (canaries && canaries.all > 0 && canaries.failed / canaries.all >= 2 / 3) return 'canaries';
  return lateMs !== undefined && lateMs > intervalMs / 2 ? 'late' : undefined;
}

/** Beyond doubt: an answer that was long under way tells an old time, so that a clock that is behind seems less so. */
const isClockWrong = ({ aheadMs, answerMs }: NonNullable<Conduct['clock']>): boolean =>
  aheadMs > CLOCK_LIMIT_MS + SECOND_MS || aheadMs + answerMs + SECOND_MS < -CLOCK_LIMIT_MS;

/** Of the canaries that this cell has, those that did not answer in a look. */
export const canariesIn = ({ canaries = [] }: Cell, seen: ReadonlyMap<string, Observation>): Conduct['canaries'] => ({
  all: canaries.length,
  failed: canaries.filter(({ key }) => seen.get(key)?.vote !== 'up').length,
});

/** S5 for whoever writes ballots: what it says beyond what was there is nothing, if the run is not to be trusted. */
export function trustViolations(
  cell: Cell,
  conduct: Conduct,
  before: Ballot | undefined,
  after: Ballot,
  now: number,
): Violation[] {
  const why = distrust(cell, conduct);
  if (!why) return [];
  const votes = Object.keys(after.votes).filter((key) => after.votes[key]?.observedAt !== before?.votes[key]?.observedAt);
  const rounds = Object.keys(after.rounds).filter((key) => after.rounds[key]?.startedAt !== before?.rounds[key]?.startedAt);
  if (votes.length + rounds.length === 0) return [];
  const what = votes.length > 0 ? `on ${votes.join(', ')}` : 'that all is up';
  return [{ rule: 'S5', at: now, what: `${after.vantage} votes ${what}, and must not (${why})` }];
}
