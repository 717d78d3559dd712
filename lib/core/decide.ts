import type { Cell } from './cell.ts';
import type { QuorumEvent } from './events.ts';
import type { Inputs, Read } from './inputs.ts';
import type { Ledger } from './ledger.ts';

export interface Decision {
  /** The ledger to commit, with the next epoch; absent when nothing changes. */
  ledger?: Ledger;
  /** What to tell people once it is committed. */
  events: QuorumEvent[];
}

/** Who decides: it takes the leases of what it commits. `nonce` becomes the incarnation if a ledger is born. */
export interface Decider {
  arbiter: string;
  nonce: string;
}

/** Pure: the same inputs give the same decision. */
export function decide(_cell: Cell, _inputs: Inputs, _ledger: Read<Ledger>, _now: number, _me: Decider): Decision {
  return { events: [] };
}
