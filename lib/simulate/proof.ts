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
  /** Vantages that stay broken for ever. */
  broken: ReadonlySet<string>;
  random: Random;
  fail(rule: string, what: string): void;
  wait(ms: number): Promise<void>;
}

/** Queues, looks, writes and an arbiter's run, all of them without faults. */
export const SLACK_MS = 8_000;

export const slowestMs = ({ checks }: Cell): number => Math.max(...checks.map(({ intervalMs }) => intervalMs));

/** Up for all who are healed: that one who is not says `down` makes it partial, and no more. */
export function isWell({ world, cell, broken }: Proof, key: string): boolean {
  const { state = 'up' } = world.table.ledger()?.checks[key] ?? {};
  if (state !== 'partial') return state === 'up';
  return cell.vantages.every((vantage) => {
    const ballot = world.table.ballot(vantage);
    return broken.has(vantage) || typeof ballot === 'string' || ballot.votes[key]?.vote !== 'down';
  });
}

/** Consecutive healthy quorums, and one that was under way. */
export const recoveryMs = (cell: Cell): number => (Math.max(...cell.checks.map(({ recover }) => recover)) + 2) * slowestMs(cell);
