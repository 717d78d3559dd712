import type { Acts } from './acts.ts';
import type { Ballot } from './ballot.ts';
import type { Inspection } from './inspection.ts';

/** An item that was read: what it says, `missing` when it is not there, `unreadable` when nobody can say. */
export type Read<T> = T | 'missing' | 'unreadable';

/** A member's switch as Route 53 has it. */
export interface SwitchState {
  record: string;
  node: string;
  inService: boolean;
  /** Route 53's HealthCheckVersion: an update must carry it. */
  version: number;
}

/** A configured silence that is on. */
export interface ActiveSilence {
  id: string;
  /** Empty: all nodes. */
  nodes: string[];
  /** When it ends, ms since 1970. */
  until: number;
}

/** Everything that `decide` is given beside configuration, ledger and time. */
export interface Inputs {
  /** By vantage: every configured one. */
  ballots: Record<string, Read<Ballot>>;
  acts: Read<Acts>;
  /** What Route 53 says of every switch; absent when nobody looked, or it did not answer. */
  switches?: SwitchState[];
  /** Of the members that were to return, those that no alarm keeps out any longer; absent: none. */
  returned?: string[];
  /** Configured silences that are on; absent: none. Who reads cron expressions is not the core. */
  silences?: ActiveSilence[];
  /** When the configuration last asked for a fire drill; absent where it asks for none. */
  drillDueAt?: number;
  /** What keeps pages from people, or this monitor from being watched; absent when nobody looked. */
  inspection?: Inspection;
}
