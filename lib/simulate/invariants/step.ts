/**
 * What the judge looks at. It shares types with the core and nothing else: a rule that the judge took over from `decide`
 * could not find `decide` wrong.
 */
import type { Cell } from '../../core/cell.ts';
import type { Decider, Decision } from '../../core/decide.ts';
import type { Inputs, Read, SwitchState } from '../../core/inputs.ts';
import type { Ledger, Page } from '../../core/ledger.ts';

/** One decision: what went in, what came out, what was committed of it. */
export interface Step {
  cell: Cell;
  inputs: Inputs;
  before: Read<Ledger>;
  now: number;
  me: Decider;
  decision: Decision;
  /** The ledger as committed; absent when nothing was, or when another arbiter was faster. */
  after?: Ledger;
}

/** A rule of DESIGN.md that was broken, when, and by what. */
export interface Violation {
  rule: string;
  at: number;
  what: string;
}

/** Something that reached the world outside. */
export type Deed =
  | { kind: 'flip'; at: number; intent: string; epoch: number; sent: SwitchState; result: 'updated' | 'version-mismatch' }
  /** `crashed`: the arbiter died right after publishing, before it could say so in the ledger. */
  | { kind: 'page'; at: number; intent: string; page: Page; crashed?: boolean }
  | { kind: 'hook'; at: number; intent: string; hook: string };

/** What happened, in the order in which it happened. */
export type Happening =
  | { kind: 'step'; step: Step }
  /** A write to the ledger that is not a decision: a lease taken, an intent finished. */
  | { kind: 'written'; at: number; ledger: Ledger }
  /** `switches`: as Route 53 had them right before. */
  | { kind: 'deed'; deed: Deed; switches: readonly SwitchState[] }
  /** The table was emptied or set back: epochs start anew. */
  | { kind: 'wiped'; at: number };

export type History = readonly Happening[];

/** A ledger before birth, for comparisons. */
export const NO_LEDGER: Ledger = {
  schema: 1,
  epoch: 0,
  incarnation: '',
  bornAt: 0,
  checks: {},
  nodes: {},
  members: {},
  incidents: {},
  intents: [],
  leases: {},
  manual: {},
  silences: {},
};

/** The ledger before the step, empty where there was none to read. */
export const ledgerBefore = ({ before }: Step): Ledger => (typeof before === 'string' ? NO_LEDGER : before);
