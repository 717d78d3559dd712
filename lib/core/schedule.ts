import type { Cell, Check } from './cell.ts';

/** Time a round has for everything but waiting for answers: reading and writing the ballot. */
export const ROUND_OVERHEAD_MS = 2_000;
/** The longest that a round waits for its history, when everything that matters is done. */
export const HISTORY_WRITE_MS = 1_000;
const MINUTE_MS = 60_000;

/**
 * How much later than the first vantage this one looks: `i × interval / N`, so that somebody looks every `interval / N`.
 * A vantage that is not configured has no stagger: NaN, hence no due times.
 */
export function staggerMs(cell: Cell, vantage: string): number {
  const position = cell.vantages.indexOf(vantage);
  return position < 0 ? Number.NaN : Math.round((position * cell.intervalMs) / cell.vantages.length);
}

/** Every time in [fromMs, toMs) at which this vantage is due to look, ascending: `k × interval + stagger`, k counted from 1970. */
export function duesOf(cell: Cell, vantage: string, fromMs: number, toMs: number): number[] {
  const stagger = staggerMs(cell, vantage);
  const first = Math.ceil((fromMs - stagger) / cell.intervalMs) * cell.intervalMs + stagger;
  const dues: number[] = [];
  for (let due = first; due < toMs; due += cell.intervalMs) dues.push(due);
  return dues;
}

/** The number of the round that is due then. A due time planned under another configuration falls into the round it lies in. */
export const roundOf = (cell: Cell, vantage: string, due: number): number =>
  Math.floor((due - staggerMs(cell, vantage)) / cell.intervalMs);

/**
 * The checks this vantage looks at in the round due then. A check with an interval of m rounds is looked at in one of m, and
 * which one differs by vantage: otherwise all would look at it in the same round, and nobody in the next m - 1.
 */
export function checksDueAt(cell: Cell, vantage: string, due: number): Check[] {
  const round = roundOf(cell, vantage, due);
  const position = cell.vantages.indexOf(vantage);
  return cell.checks.filter((check) => {
    const rounds = check.intervalMs / cell.intervalMs;
    const turn = Math.floor((position * rounds) / cell.vantages.length);
    return check.vantages.includes(vantage) && round % rounds === turn;
  });
}

/** A round that begins later than half an interval after its due time abstains: the next one is nearer. */
export const isLate = (due: number, now: number, intervalMs: number): boolean => now - due > intervalMs / 2;

/** The checks that this vantage is asked for, by key. */
export function askedOf(cell: Cell, vantage: string): ReadonlyMap<string, Check> {
  return countsOf(cell).checks.get(vantage) ?? new Map();
}

/** How many checks of each cadence this vantage is asked for, by `intervalMs`. */
export function cadences(cell: Cell, vantage: string): ReadonlyMap<number, number> {
  return countsOf(cell).asked.get(vantage) ?? new Map();
}

/** The longest that a round of this cadence may take, in ms: its slowest check tried as often as allowed, and the overhead. */
export function deadlineMs(cell: Cell, intervalMs: number): number {
  return (countsOf(cell).slowest.get(intervalMs) ?? 0) + ROUND_OVERHEAD_MS;
}

/** For how long after its `observedAt` a vote on this check counts, in ms: two rounds and the deadline of a third. */
export const freshMs = (cell: Cell, check: Check): number => 2 * check.intervalMs + deadlineMs(cell, check.intervalMs);

/**
 * For how long a vantage counts as heard after its last round, in ms. Every round casts a ballot, also one in which no check is
 * due; it comes at the latest when the slowest check of any cadence is done.
 */
export function heardMs(cell: Cell): number {
  return 2 * cell.intervalMs + countsOf(cell).longestMs + ROUND_OVERHEAD_MS;
}

/**
 * The span [from, to) whose due times are enqueued by the plan that was scheduled then. EventBridge Scheduler fires anywhere
 * within the minute after `scheduledAt` (EventBridge Scheduler user guide, "Schedule types"), so it plans the next minute.
 */
export function planWindow(scheduledAt: number): [fromMs: number, toMs: number] {
  return [scheduledAt + MINUTE_MS, scheduledAt + 2 * MINUTE_MS];
}

interface Counts {
  /** By vantage and key. */
  checks: Map<string, Map<string, Check>>;
  /** By vantage and `intervalMs`: how many checks. */
  asked: Map<string, Map<number, number>>;
  /** By `intervalMs`: the most that `attempts × timeout` comes to. */
  slowest: Map<number, number>;
  /** The most of all cadences. */
  longestMs: number;
}

/** One walk over the checks for each cell: a decision asks for these numbers once a check and vantage, 10,000 times. */
const counted = new WeakMap<Cell, Counts>();

function countsOf(cell: Cell): Counts {
  const known = counted.get(cell);
  if (known) return known;
  const checks: Counts['checks'] = new Map();
  const asked: Counts['asked'] = new Map();
  const slowest = new Map<number, number>();
  for (const check of cell.checks) {
    const { key, intervalMs, timeoutMs, attempts, vantages } = check;
    slowest.set(intervalMs, Math.max(slowest.get(intervalMs) ?? 0, attempts * timeoutMs));
    for (const vantage of vantages) {
      checks.set(vantage, (checks.get(vantage) ?? new Map<string, Check>()).set(key, check));
      const counts = asked.get(vantage) ?? new Map<number, number>();
      asked.set(vantage, counts.set(intervalMs, (counts.get(intervalMs) ?? 0) + 1));
    }
  }
  const counts = { checks, asked, slowest, longestMs: Math.max(0, ...slowest.values()) };
  counted.set(cell, counts);
  return counts;
}
