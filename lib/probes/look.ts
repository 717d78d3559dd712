import type { CastVote } from '../core/ballot.ts';
import type { Check, ProbeSpec, Text } from '../core/cell.ts';
import type { ReasonCode } from '../core/reasons.ts';
import type { Timings } from '../ports.ts';
import type { PeerCertificate } from './certificates.ts';
import type { Dialled, DialTarget } from './dial.ts';
import type { Show } from './show.ts';

/** One expectation of an answer, with what was seen; `up` where it is met. */
export interface Finding {
  vote: 'up' | 'degraded' | 'down';
  reason: ReasonCode;
  detail: string;
}

export const met = (detail: string): Finding => ({ vote: 'up', reason: 'ok', detail });

/** The findings that are not as expected. */
export const unmet = (findings: readonly Finding[]): Finding[] => findings.filter(({ vote }) => vote !== 'up');

/** What one protocol says of one answer; nothing unmet: `up`. */
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
  /** What the server sent last, whether it holds or not; its own first. */
  certificates: PeerCertificate[];
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
