import type { CastVote } from './ballot.ts';
import type { ReasonCode } from './reasons.ts';

/** What happened, for the log, the local `--json` stream and the page. */
export type QuorumEvent =
  | { event: 'ballot'; vantage: string; votes: Record<string, CastVote>; abstention?: ReasonCode }
  | { event: 'transition'; node: string; check?: string; from: string; to: string; epoch: number; incident?: string }
  | {
      event: 'page';
      incident: string;
      state: string;
      tier: number;
      /** The tier is one of `quiet`. */
      quiet?: boolean;
      attempt: number;
      subject: string;
      text: string;
    }
  | { event: 'flip'; record: string; node: string; inService: boolean; epoch: number }
  | { event: 'hook'; hook: string; node: string; status: number }
  | { event: 'hold'; record: string; node: string; rule: string; why: string }
  | { event: 'note'; text: string };
