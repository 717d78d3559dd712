import type { Ballot, CastVote } from './ballot.ts';
import type { Cell, Check } from './cell.ts';
import { isDrillKey } from './drill.ts';
import { hasMemory, headsKnown, headsToKeep, judgeFacts } from './facts.ts';
import { withGroups } from './groups.ts';
import type { ReasonCode } from './reasons.ts';
import { askedOf, cadences, freshMs } from './schedule.ts';

/** What a run saw of one check. */
export type Observation = Pick<CastVote, 'vote' | 'reason' | 'detail' | 'tookMs' | 'observedAt' | 'facts'>;

/** What one invocation of a prober brings to its ballot. */
export type Run =
  /** A round: every check of these cadences was asked. */
  | { kind: 'round'; startedAt: number; intervalsMs: readonly number[]; seen: ReadonlyMap<string, Observation> }
  /** A second opinion on some checks. */
  | { kind: 'opinion'; seen: ReadonlyMap<string, Observation> }
  /** The vantage does not trust what it sees, and says only that. */
  | { kind: 'abstention'; reason: ReasonCode; detail?: string; at: number };

export interface Merged {
  ballot: Ballot;
  /** Checks that turned to `down` in this run. */
  turnedDown: string[];
  /** The arbiters have something to look at: a vote changed, or one that changed lately was confirmed. */
  wake: boolean;
}

/**
 * A vantage's ballot after a run. The later observation of each check wins, whichever run wrote first; what is plainly up is not
 * listed; votes on checks that are no longer asked, or asked otherwise, are dropped.
 */
export function mergeRun(cell: Cell, vantage: string, prior: Ballot | undefined, run: Run): Merged {
  const asked = askedOf(cell, vantage);
  const known = prior?.probeHash === cell.probeHash ? prior.rounds : {};
  const ballot: Ballot = {
    schema: 1,
    vantage,
    version: (prior?.version ?? 0) + 1,
    ...(prior?.token !== undefined && { token: prior.token }),
    probeHash: cell.probeHash,
    rounds: { ...known },
    ...(prior?.abstention && { abstention: prior.abstention }),
    votes: keepAsked(prior?.votes ?? {}, asked, timeOf(run)),
    ...(prior?.heads && prior.probeHash === cell.probeHash && { heads: prior.heads }),
  };
  if (run.kind === 'abstention') {
    const { reason, detail, at } = run;
    if (at < lastWordAt(ballot)) return { ballot, turnedDown: [], wake: false };
    ballot.abstention = { reason, ...(detail !== undefined && { detail }), at };
    return { ballot, turnedDown: [], wake: prior?.abstention?.reason !== reason };
  }
  if (run.kind === 'round') closeRound(cell, vantage, ballot, run);
  const heads = headsKnown(cell, ballot.heads ?? {}, run.seen);
  if (Object.keys(heads).length > 0) ballot.heads = headsToKeep(heads);
  const wasAbstaining = prior?.abstention !== undefined && ballot.abstention === undefined;
  return { ballot, ...castAll(cell, ballot, known, asked, run, heads), ...(wasAbstaining && { wake: true }) };
}

/** When this vantage last began a round or declared that it cannot: an abstention from before that is news of yesterday. */
function lastWordAt({ rounds, abstention }: Ballot): number {
  return Math.max(abstention?.at ?? 0, ...Object.values(rounds).map(({ startedAt }) => startedAt));
}

/** Rounds do not ask for drills, nor does a late look for the last one: what was seen of one stays until it says nothing any more. */
const DRILL_KEPT_MS = 60_000;

const timeOf = (run: Run): number =>
  run.kind === 'round'
    ? run.startedAt
    : run.kind === 'abstention'
      ? run.at
      : Math.max(0, ...[...run.seen.values()].map((each) => each.observedAt));

function keepAsked(votes: Record<string, CastVote>, asked: ReadonlyMap<string, Check>, now: number): Record<string, CastVote> {
  return Object.fromEntries(
    Object.entries(votes).filter(([key, { checkHash, observedAt }]) => {
      const isDrills = isDrillKey(key) && now - observedAt <= DRILL_KEPT_MS;
      return asked.get(key)?.hash === checkHash || (isDrills && (!asked.has(key) || observedAt > now));
    }),
  );
}

function closeRound(cell: Cell, vantage: string, ballot: Ballot, run: Run & { kind: 'round' }): void {
  const counts = cadences(cell, vantage);
  for (const intervalMs of run.intervalsMs) {
    const last = ballot.rounds[intervalMs]?.startedAt ?? Number.NEGATIVE_INFINITY;
    if (run.startedAt >= last) ballot.rounds[intervalMs] = { startedAt: run.startedAt, asked: counts.get(intervalMs) ?? 0 };
  }
  if (ballot.abstention && run.startedAt > ballot.abstention.at) delete ballot.abstention;
}

function castAll(
  cell: Cell,
  ballot: Ballot,
  rounds: Ballot['rounds'],
  asked: ReadonlyMap<string, Check>,
  run: Exclude<Run, { kind: 'abstention' }>,
  heads: NonNullable<Ballot['heads']>,
): Pick<Merged, 'turnedDown' | 'wake'> {
  const turnedDown: string[] = [];
  let wake = false;
  for (const [key, seen] of judged(cell, ballot, run, heads)) {
    const check = asked.get(key);
    // A part that is looked at for its group between its own rounds: it says nothing for itself.
    if (!check || (run.kind === 'round' && !run.intervalsMs.includes(check.intervalMs))) continue;
    const before = ballot.votes[key];
    if (before && before.observedAt >= seen.observedAt) {
      ballot.votes[key] = cutStreak(before, seen);
      continue;
    }
    // Not listed: up in the last round, which may have begun later than this was seen.
    if (!before && seen.observedAt < (rounds[check.intervalMs]?.startedAt ?? 0)) continue;
    const was = before?.vote ?? 'up';
    const now = cast(check, seen, was === seen.vote ? streakOf(cell, check, before, seen) : seen.observedAt);
    if (seen.vote === 'down' && was !== 'down') turnedDown.push(key);
    // A change is as young as can be.
    const isYoung = seen.observedAt - now.since <= youngMs(cell, check);
    if (isYoung) wake = true;
    if (seen.vote !== 'up' || isYoung || mustStayListed(before, now, run)) ballot.votes[key] = now;
    else delete ballot.votes[key];
  }
  return { turnedDown, wake };
}

/** What was seen, judged by its facts too, and what it makes of groups. */
function judged(
  cell: Cell,
  { votes }: Ballot,
  { seen }: Exclude<Run, { kind: 'abstention' }>,
  heads: NonNullable<Ballot['heads']>,
): ReadonlyMap<string, Observation> {
  const ofLooks = cell.checks.flatMap((check): [string, Observation][] => {
    const raw = seen.get(check.key);
    return raw ? [[check.key, judgeFacts(check, raw, votes[check.key], heads)]] : [];
  });
  return withGroups(cell, new Map(ofLooks));
}

/** Since when the same has been seen: nobody knows what happened while the vantage was silent. */
function streakOf(cell: Cell, check: Check, before: CastVote | undefined, seen: Observation): number {
  if (!before) return 0;
  return seen.observedAt - before.observedAt <= freshMs(cell, check) ? before.since : seen.observedAt;
}

function cast(check: Check, { vote, reason, detail, tookMs, observedAt, facts }: Observation, since: number): CastVote {
  return {
    vote,
    reason,
    ...(detail !== undefined && { detail }),
    ...(tookMs !== undefined && { tookMs }),
    observedAt,
    since,
    checkHash: check.hash,
    ...(facts && { facts }),
  };
}

/** An older look that arrives late changes no vote, but what it saw in between breaks the streak. */
const cutStreak = (vote: CastVote, older: Observation): CastVote =>
  older.vote !== vote.vote && older.observedAt >= vote.since ? { ...vote, since: vote.observedAt } : vote;

/**
 * Not listed means "up when the last round began". A second opinion saw it later than that, and a round that overlapped with a
 * newer vote must say that it looked after it: both stay until a round that started later.
 */
function mustStayListed(before: CastVote | undefined, now: CastVote, run: Run): boolean {
  if (run.kind !== 'round' || hasMemory(now.facts)) return true;
  return before !== undefined && before.observedAt >= run.startedAt;
}

/** A changed vote is told again until the arbiters can have counted `recover` quorums, or seen it go stale. */
const youngMs = (cell: Cell, check: Check): number => Math.max(freshMs(cell, check), (check.recover + 1) * check.intervalMs);
