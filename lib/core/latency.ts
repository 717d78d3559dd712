/** What people are told of history: how long a check takes from a vantage, mostly and at worst, and how that went. */
import type { Cell, Check } from './cell.ts';
import { listHash, msOf, type RoundTimes, timedChecks } from './history.ts';

/** Of one check from one vantage. Times are in ms, at most 2.5 % off. */
export interface Latency {
  /** How many looks these are of: those that were answered. */
  looks: number;
  p50Ms: number;
  p95Ms: number;
}

/** What the rounds of one vantage say, by check key. */
export interface VantageLatency {
  /** When the oldest round began that is in it, ms since 1970; absent where there is none. */
  since?: number;
  /** Checks of which no look was answered are not in it. */
  checks: ReadonlyMap<string, Latency>;
  /** The median in ms of each slice of the time from `since` on, oldest first; null where nothing was answered. */
  courseOf(key: string): (number | null)[];
}

const SLICES = 30;
/** So many looks there should be in a slice: otherwise slow checks would be all gaps. */
const LOOKS_A_SLICE = 2;
const BYTES = 256;

/** What the rounds of a vantage that began in [from, to) say. Rounds of another list of checks say nothing of this one. */
export function vantageLatency(
  cell: Cell,
  vantage: string,
  rounds: readonly RoundTimes[],
  { from, to }: { from: number; to: number },
): VantageLatency {
  const checks = timedChecks(cell, vantage);
  const list = listHash(checks);
  const known = rounds.filter((round) => {
    const isSameList = round.list === list && round.took.length === checks.length;
    return isSameList && round.startedAt >= from && round.startedAt < to;
  });
  const since = Math.min(to, ...known.map(({ startedAt }) => startedAt));
  const latencies = checks.flatMap(({ key }, index): [string, Latency][] => {
    const latency = latencyOf(known, index);
    return latency ? [[key, latency]] : [];
  });
  return {
    ...(known.length > 0 && { since }),
    checks: new Map(latencies),
    courseOf(key) {
      const index = checks.findIndex((check) => check.key === key);
      const check = checks[index];
      if (!check) return [];
      return slicesOf(check, known, since, to).map((slice) => latencyOf(slice, index)?.p50Ms ?? null);
    },
  };
}

/** Counted, not sorted: a cell has thousands of checks, and a function that shows them a small part of a core. */
function latencyOf(rounds: readonly RoundTimes[], index: number): Latency | undefined {
  const counts = new Uint32Array(BYTES);
  for (const { took } of rounds) {
    const byte = took[index] ?? 0;
    counts[byte] = (counts[byte] ?? 0) + 1;
  }
  const looks = rounds.length - (counts[0] ?? 0);
  if (looks === 0) return undefined;
  return { looks, p50Ms: percentileMs(counts, 0.5 * looks), p95Ms: percentileMs(counts, 0.95 * looks) };
}

/** The smallest time that so many looks did not exceed (nearest rank). */
function percentileMs(counts: Uint32Array, atLeast: number): number {
  let seen = 0;
  const byte = counts.findIndex((count, each) => {
    // 0 is for what was not answered.
    if (each > 0) seen += count;
    return seen >= atLeast;
  });
  return msOf(byte);
}

function slicesOf({ intervalMs }: Check, rounds: readonly RoundTimes[], from: number, to: number): RoundTimes[][] {
  const count = Math.max(1, Math.min(SLICES, Math.floor((to - from) / (LOOKS_A_SLICE * intervalMs))));
  const slices = Array.from({ length: count }, (): RoundTimes[] => []);
  for (const round of rounds) slices[Math.floor(((round.startedAt - from) / (to - from)) * count)]?.push(round);
  return slices;
}
