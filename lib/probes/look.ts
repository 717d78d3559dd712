import type { CastVote } from '../core/ballot.ts';
import type { Check, ProbeSpec, Text } from '../core/cell.ts';
import type { ReasonCode } from '../core/reasons.ts';
import type { Timings } from '../ports.ts';
import type { Dialled, DialTarget } from './dial.ts';
import type { Show } from './show.ts';

/** Something about an answer that is not as expected. */
export interface Finding {
  vote: 'degraded' | 'down';
  reason: ReasonCode;
  detail: string;
}

/** What one protocol says of one answer; no findings: `up`. */
export interface Outcome {
  findings: Finding[];
  /** Until the last byte of the answer: what `expect.time` judges. */
  tookMs: number;
  /** Worth telling although it is no fault (a redirect that was followed). */
  note?: string;
  /** What is compared with other nodes and earlier rounds. */
  facts?: CastVote['facts'];
}

/** One look at one check: what a protocol needs for it, and where it leaves its timings. */
export interface Look {
  check: Check;
  /** Aborts at the end of `timeoutMs`, or when the run ends. */
  signal: AbortSignal;
  show: Show;
  /** Phases so far; those of a redirect's hops add up. */
  timings: Omit<Timings, 'totalMs'>;
  /** ms since the look began, without the time that secrets took. */
  elapsedMs(): number;
  /** A text of the configuration, fetched if it is a secret, and then never shown. */
  text(value: Text): Promise<string>;
  dial(target: Omit<DialTarget, 'check'>): Promise<Dialled>;
  /** For what is asked at the same time: its phases and secrets add nothing to this look's times. */
  beside(): Look;
}

/** A protocol: one look, judged. Throws `ProbeFailure` where there was no answer to judge. */
export type Protocol<S extends ProbeSpec> = (spec: S, look: Look) => Promise<Outcome>;
