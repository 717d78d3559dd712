import type { ReasonCode } from '../core/reasons.ts';
import type { Timings } from '../ports.ts';
import type { PeerCertificate } from './certificates.ts';

export type PhaseTimings = Omit<Timings, 'totalMs'>;

/** A look that ended before there was an answer to judge: the reason is the vote's, the message its detail. */
export class ProbeFailure extends Error {
  readonly reason: ReasonCode;
  /** The phases that were reached, the one that failed included. */
  timings: PhaseTimings = {};
  /** What the server had sent when it failed. */
  certificates: PeerCertificate[] = [];

  constructor(reason: ReasonCode, detail: string) {
    super(detail);
    this.name = 'ProbeFailure';
    this.reason = reason;
  }
}

/** `ECONNREFUSED` and the like, or the message of an error without a code. */
export const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String((error as Error).message);

/** Too many open files, or no memory for sockets (socket(2), connect(2)): says nothing of the node. */
export const isOwn = (code: string): boolean => ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM'].includes(code);
