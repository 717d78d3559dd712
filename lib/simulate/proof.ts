import type { Cell } from '../core/cell.ts';
import type { Random } from './random.ts';
import type { Watch } from './watch.ts';
import type { World } from './world.ts';

/** What is demanded of a world that was healed. */
export interface Proof {
  world: World;
  watch: Watch;
  /** What everybody runs now. */
  cell: Cell;
  random: Random;
  fail(rule: string, what: string): void;
  wait(ms: number): Promise<void>;
}

/** Queues, looks, writes and an arbiter's run, all of them without faults. */
export const SLACK_MS = 8_000;

export const slowestMs = ({ checks }: Cell): number => Math.max(...checks.map(({ intervalMs }) => intervalMs));

/** Consecutive healthy quorums, and one that was under way. */
export const recoveryMs = (cell: Cell): number => (Math.max(...cell.checks.map(({ recover }) => recover)) + 2) * slowestMs(cell);
