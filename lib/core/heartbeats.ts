/** Heartbeats: what a node, a job or a script says of itself, and what a vantage that reads it makes of it. */
import type { CastVote } from './ballot.ts';
import type { Check, HeartbeatSpec } from './cell.ts';
import type { Observation } from './merge.ts';
import { dateTime, duration } from './times.ts';
import { CLOCK_TOLERANCE_MS } from './votes.ts';

export const BEAT_KINDS = ['start', 'success', 'fail'] as const;
export type BeatKind = (typeof BEAT_KINDS)[number];

export type Heartbeat = Check & { probe: HeartbeatSpec };

export const isHeartbeat = (check: Check): check is Heartbeat => check.probe.kind === 'heartbeat';

/** One sign of life. */
export interface Signal {
  /** When it arrived, ms since 1970. */
  at: number;
  exitCode?: number;
  message?: string;
}

/** All that is kept of a check's heartbeats: the last of each kind. */
export type Beat = Partial<Record<BeatKind, Signal>>;

/**
 * What a vantage sees in a beat that it read. `dueAt`: since when a success must have come, ms since 1970. Whether one that never
 * came is late depends on since when it is awaited: `judgeAwaited` knows, when the vote is cast.
 */
export function judgeBeat(spec: HeartbeatSpec, beat: Beat | 'missing', dueAt: number, now: number): Observation {
  const { start, success, fail } = beat === 'missing' ? {} : beat;
  const down = (reason: 'beat-failed' | 'beat-stuck' | 'beat-missing', detail: string): Observation => ({
    vote: 'down',
    reason,
    detail,
    observedAt: now,
  });
  const doneAt = success?.at ?? 0;
  if (fail && fail.at > doneAt) return down('beat-failed', `failed at ${dateTime(fail.at)}${wordsOf(fail)}`);
  if (doneAt >= dueAt - CLOCK_TOLERANCE_MS) return { vote: 'up', reason: 'ok', observedAt: now };
  const began = start && start.at > doneAt ? `began at ${dateTime(start.at)} and did not end` : undefined;
  if (success) {
    const last = `last heard at ${dateTime(success.at)}, expected ${rhythmOf(spec)}`;
    return began ? down('beat-stuck', `${began}; ${last}`) : down('beat-missing', last);
  }
  const detail = `${began ?? 'never heard'}; expected ${rhythmOf(spec)}`;
  return { vote: 'up', reason: 'beat-awaited', detail, observedAt: now, facts: { dueAt } };
}

/** A beat that could not be read says nothing, for better or worse. */
export const unreadableBeat = (why: string, now: number): Observation => ({
  vote: 'abstain',
  reason: 'beat-unreadable',
  detail: why,
  observedAt: now,
});

/**
 * What was seen of a heartbeat, given what this vantage said last: a check that was never heard is awaited since this vantage first
 * looked, and down once that is longer than it may take.
 */
export function judgeAwaited(seen: Observation, before: CastVote | undefined): Observation {
  const known = before?.facts?.awaitedSince;
  if (seen.vote === 'abstain') return known === undefined ? seen : { ...seen, facts: { awaitedSince: known } };
  if (seen.reason !== 'beat-awaited') return seen;
  const awaitedSince = Number(known ?? seen.observedAt);
  const facts = { awaitedSince };
  if (awaitedSince > Number(seen.facts?.dueAt)) return { ...seen, facts };
  return {
    ...seen,
    vote: 'down',
    reason: 'beat-never',
    detail: `${seen.detail}, awaited since ${dateTime(awaitedSince)}`,
    facts,
  };
}

const wordsOf = ({ exitCode, message }: Signal): string => {
  const words = [exitCode === undefined ? '' : `exit code ${exitCode}`, message ?? ''].filter((each) => each !== '');
  return words.length > 0 ? `: ${words.join(', ')}` : '';
};

const rhythmOf = ({ everyMs, cron, timezone, graceMs }: HeartbeatSpec): string =>
  `${everyMs === undefined ? `at ${cron} (${timezone})` : `every ${duration(everyMs)}`}, ${duration(graceMs)} of grace`;
