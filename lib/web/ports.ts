import type { Cell } from '../core/cell.ts';
import type { SwitchState } from '../core/inputs.ts';
import type { Faults } from '../local/faults.ts';
import type { Beats, Clock, Emit, History, Store } from '../ports.ts';
import type { EventFeed } from './event-log.ts';

/** Of a link that somebody opened: it is the incident's; it was, too long ago; it never was. */
export type TokenState = 'good' | 'expired' | 'wrong';

/** What the web part needs. What is optional is left out of the pages and the routes where it is not given. */
export interface WebPorts {
  cell: Cell;
  store: Store;
  clock: Clock;
  /** How long looks took. */
  history?: Pick<History, 'read'>;
  /** The program's version, for people. */
  version: string;
  /** Asks the arbiters to look now. */
  wake(): Promise<void>;
  /** Every switch as Route 53 has it; throws when Route 53 does not answer. */
  readSwitches?(): Promise<readonly SwitchState[]>;
  /** May the holder of this token change that incident? Without it everybody may: local runs only. */
  checkToken?(incident: string, token: string | undefined): TokenState | Promise<TokenState>;
  /** May the holder of this token read? Without it everybody may. */
  mayRead?(token: string | undefined): boolean | Promise<boolean>;
  /** Takes heartbeats. `secrets`: what tokens are derived from; while one replaces another, both. */
  beats?: Pick<Beats, 'record'> & { secrets(): Promise<readonly string[]> };
  /** Local runs: where heartbeats go, for whoever looks. Anybody who reads it can send them. */
  beatUrls?(): readonly { check: string; url: string }[];
  /** What happens, as it happens: pages then update themselves through `/events`, and list the latest. */
  events?: EventFeed;
  /** Pages that were sent, oldest first. */
  inbox?: { list(): readonly InboxMessage[] };
  /** Local runs: what can be broken. */
  faults?: Pick<Faults, 'list' | 'replace'>;
  /** Where the records are answered, if not by the name's own servers: for the `dig` line. */
  dns?: { address: string; port: number };
  /** Told of faults of the web part itself that no answer shows. */
  emit?: Emit;
}

/** A page as it arrived. */
export interface InboxMessage {
  /** ms since 1970. */
  at: number;
  incident: string;
  state: string;
  tier: number;
  attempt: number;
  subject: string;
  text: string;
}
