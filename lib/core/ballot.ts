import type { ReasonCode } from './reasons.ts';

export type Vote = 'up' | 'degraded' | 'down' | 'abstain';

/** What one vantage says of one check. */
export interface CastVote {
  vote: Vote;
  reason: ReasonCode;
  /** One line for people: what was expected and what was seen, secrets masked. */
  detail?: string;
  /** How long the look took; absent of what was not asked. */
  tookMs?: number;
  /** When this was seen, ms since 1970. */
  observedAt: number;
  /** Since when this vantage has said the same without a break: the `observedAt` of the streak's first vote. */
  since: number;
  /** The question that was answered: the check's hash. */
  checkHash: string;
  /** Numbers and names that checks compare across nodes (chain head). */
  facts?: Record<string, number | string>;
}

/** The head of one node's chain as this vantage last saw it. */
export interface Head {
  /** The node's id, or a reference's host. */
  node: string;
  height: number;
  /** Time of that block, ms since 1970. */
  headAt: number;
  seenAt: number;
}

/** The last full round of one cadence: every check of that cadence that is not listed was up in it. */
export interface Round {
  startedAt: number;
  /** How many checks this vantage was asked for in it. */
  asked: number;
}

/** All current votes of one vantage: one item, rewritten each round. */
export interface Ballot {
  schema: 1;
  vantage: string;
  /** Grows by one with each write: writers compare and set on it. */
  version: number;
  /** Which write this was read from: set by the store, which writes over that one and no other. */
  token?: string;
  probeHash: string;
  /** By cadence: `intervalMs` as text. */
  rounds: Record<string, Round>;
  /** The vantage does not trust itself: whatever it observed up to `at` is `abstain`. */
  abstention?: { reason: ReasonCode; detail?: string; at: number };
  /** By check key; what is plainly up is not listed. */
  votes: Record<string, CastVote>;
  /** By chain: the highest heads, a few of each, for looks at single nodes. */
  heads?: Record<string, Head[]>;
}
