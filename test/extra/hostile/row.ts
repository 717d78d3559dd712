import type { Check } from '../../../lib/core/cell.ts';
import type { ReasonCode } from '../../../lib/core/reasons.ts';
import type { ProbeResult } from '../../../lib/ports.ts';

/** What a child process is asked to look at. */
export interface Job {
  check: Check;
  /** The port of the name server on loopback that says where names lead. */
  nameServer?: number;
  /** Authorities to trust. */
  ca?: string[];
}

/** One look of a child process, and what it cost. */
export interface Report extends Pick<ProbeResult, 'vote' | 'reason' | 'detail'> {
  tookMs: number;
  /** How much larger the process was at its largest than before the look. */
  peakBytes: number;
  /** What was not given back, garbage collected. */
  keptBytes: number;
  /** What the look left open. */
  open: string[];
  /** Rejections that nobody handled, and exceptions that nobody caught. */
  unhandled: string[];
  /** Addresses beyond this machine to which a connection was begun. */
  strayed: string[];
}

/** One way to be hostile to one kind of check. */
export interface Row {
  /** What the server does. */
  does: string;
  kind: string;
  reason: ReasonCode;
  /** @default down */
  vote?: 'up' | 'degraded' | 'abstain';
  /** @default 2 s: never reached where the answer itself ends the look */
  timeoutMs?: number;
  start: () => Promise<Job>;
}

/** A class of hostile behaviour. */
export interface HostileClass {
  name: string;
  /** How a look is kept safe from it: a sentence for `docs/hostile.md`. */
  defence: string;
  rows: Row[];
}

/** For what can only end by its timeout. */
export const SOON_MS = 200;

/** A public address, which in the child process is this machine. */
export const PUBLIC_ADDRESS = '11.22.33.44';
