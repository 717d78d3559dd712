/** What vantages saw: whoever says that a check is down must have seen something that makes it so. */
import type { Cell, ChainExpect, Check } from '../core/cell.ts';
import type { Observation } from '../core/merge.ts';
import { isOfDrill } from './invariants/drill-check.ts';

export interface Sights {
  /** A vantage that runs this configuration looked at all of this at once. */
  looked(cell: Cell, vantage: string, seen: ReadonlyMap<string, Observation>): void;
  /** Did it see, at that time, what makes this check down? */
  sawDown(vantage: string, check: string, observedAt: number): boolean;
  /** The table was emptied or set back: nobody knows which heads a ballot holds now. */
  forget(now: number): void;
}

interface SeenHead {
  node: string;
  height: number;
  seenAt: number;
}

type Run = ReadonlyMap<string, Observation>;

/** What was seen this much later was seen at the same time. */
const SAME_TIME_MS = 1_000;
/** A node of which nothing was heard for longer vouches for nobody. */
const KNOWN_ROUNDS = 2;
/** Heads of so many rounds ago say nothing any more. */
const OLD_ROUNDS = 4;
/** Looks of so many runs may still be on their way into the ballot while the vantage looks again. */
const RUNS_ON_THEIR_WAY = 4;

export function createSights(): Sights {
  const down = new Set<string>();
  const heads = new Map<string, SeenHead[]>();
  const hashes = new Map<string, string>();
  const latest = new Map<string, Run[]>();
  let forgottenAt = Number.NEGATIVE_INFINITY;

  /** A ballot under another configuration begins without heads. */
  function noteHeads({ checks, intervalMs, probeHash }: Cell, vantage: string, seen: Run): void {
    const known = hashes.get(vantage) === probeHash ? (heads.get(vantage) ?? []) : [];
    hashes.set(vantage, probeHash);
    for (const { key, node, probe } of checks) {
      const { facts, observedAt = 0 } = seen.get(key) ?? {};
      if (chainExpect(probe) && facts) known.push({ node, height: Number(facts.height), seenAt: observedAt });
    }
    // Not beside the newest head: that may be of a time when this clock was an hour ahead.
    const now = Math.max(...[...seen.values()].map(({ observedAt }) => observedAt));
    const recent = known.filter(({ seenAt }) => now - seenAt <= OLD_ROUNDS * intervalMs);
    heads.set(vantage, recent);
  }

  function noteDown(cell: Cell, vantage: string, seen: Run): void {
    const run = { cell, seen, heads: heads.get(vantage) ?? [], forgottenAt };
    if (run.heads.length === 0 && ![...seen.values()].some(isDownAlone)) return;
    for (const check of cell.checks) {
      if (!isDown(run, check)) continue;
      const observedAt = timeOf(run, check);
      if (observedAt !== undefined) down.add(`${vantage} ${check.key} ${observedAt}`);
    }
    for (const [key, { vote, observedAt }] of seen)
      if (isOfDrill(key) && vote === 'down') down.add(`${vantage} ${key} ${observedAt}`);
  }

  return {
    looked(cell, vantage, seen) {
      noteHeads(cell, vantage, seen);
      // What is merged after a later look is compared with the heads of that one, too, as far as they are no later.
      const runs = [...(latest.get(vantage) ?? []), seen].slice(-RUNS_ON_THEIR_WAY);
      latest.set(vantage, runs);
      const hasHeads = heads.get(vantage)?.length !== 0;
      for (const each of hasHeads ? runs : [seen]) noteDown(cell, vantage, each);
    },
    forget(now) {
      forgottenAt = now;
    },
    sawDown: (vantage, check, observedAt) => down.has(`${vantage} ${check} ${observedAt}`),
  };
}

interface Looks {
  cell: Cell;
  seen: Run;
  heads: readonly SeenHead[];
  forgottenAt: number;
}

/** What is expected of a node of a chain; nothing of any other check. */
const chainExpect = ({ expect }: Check['probe']): ChainExpect | undefined =>
  expect && 'blocksBehind' in expect ? expect : undefined;

const partsOf = ({ cell }: Looks, { probe }: Check): Check[] =>
  'of' in probe ? cell.checks.filter(({ key }) => probe.of.includes(key)) : [];

/** A group is seen with all its parts, as early as the first of them. */
function timeOf(run: Looks, check: Check): number | undefined {
  if (!('of' in check.probe)) return run.seen.get(check.key)?.observedAt;
  const times = partsOf(run, check).map((part) => timeOf(run, part));
  return times.includes(undefined) ? undefined : Math.min(...times.map(Number));
}

function isDown(run: Looks, check: Check): boolean {
  const { probe } = check;
  if (probe.kind === 'any') return partsOf(run, check).every((part) => isDown(run, part));
  if (probe.kind === 'all') return partsOf(run, check).some((part) => isDown(run, part));
  const seen = run.seen.get(check.key);
  if (!seen) return false;
  return isDownAlone(seen) || isBehind(run, check, seen);
}

/** Whoever never heard a beat says so as `up`: that it is overdue shows only when the vote is cast. */
const isDownAlone = ({ vote, reason }: Observation): boolean => vote === 'down' || reason === 'beat-awaited';

/** So many blocks behind two other nodes, or behind the only other one. */
function isBehind({ heads, cell, forgottenAt }: Looks, { node, probe }: Check, { facts, observedAt }: Observation): boolean {
  const limit = chainExpect(probe)?.blocksBehind.down;
  if (!facts || limit === undefined) return false;
  if (observedAt - forgottenAt <= OLD_ROUNDS * cell.intervalMs) return true;
  const earlier = heads.filter((head) => head.node !== node && head.seenAt <= observedAt + SAME_TIME_MS);
  const ahead = earlier.filter(({ height }) => height - Number(facts.height) >= limit);
  const known = earlier.filter(({ seenAt }) => observedAt - seenAt <= KNOWN_ROUNDS * cell.intervalMs);
  const others = new Set(known.map((head) => head.node)).size;
  return ahead.length > 0 && new Set(ahead.map((head) => head.node)).size >= Math.min(2, others);
}
