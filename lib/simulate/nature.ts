import type { Vote } from '../core/ballot.ts';
import type { Cell, Check } from '../core/cell.ts';
import type { Observation } from '../core/merge.ts';
import type { ReasonCode } from '../core/reasons.ts';
import type { Random } from './random.ts';

/** How the nodes really are, and who can see it. */
export interface Nature {
  /** What a look from there at that time would give. */
  see(vantage: string, check: Check, now: number): Pick<Observation, 'vote' | 'reason' | 'detail'>;
  /** Something is wrong with some checks, for some vantages; gives the end of it. */
  trouble(trouble: Trouble): () => void;
  /** Everything is well again. */
  heal(): void;
}

export interface Trouble {
  checks: ReadonlySet<string>;
  /** Absent: everybody sees it. */
  vantages?: ReadonlySet<string>;
  vote: Exclude<Vote, 'up'>;
  /** Why it is down. @default 'status' */
  reason?: keyof typeof DETAILS;
  /** It comes and goes: so long bad, so long well. Absent: it stays. */
  rhythm?: { badMs: number; wellMs: number; since: number };
  /** Each look has this chance to meet it. @default 1 */
  share?: number;
}

/** What a probe says of each reason for `down`. */
const DETAILS = {
  status: 'HTTP 500',
  'body-mismatch': 'the body lacks "ok"',
  'connect-refused': 'connection refused',
  'certificate-expired': 'the authority expired 2026-01-01',
  'dns-timeout': 'no name server answered',
} as const satisfies Partial<Record<ReasonCode, string>>;

export function createNature(random: Random): Nature {
  const troubles = new Set<Trouble>();

  function meets({ checks, vantages, rhythm, share = 1 }: Trouble, vantage: string, key: string, now: number): boolean {
    if (!checks.has(key) || (vantages && !vantages.has(vantage))) return false;
    if (rhythm && (now - rhythm.since) % (rhythm.badMs + rhythm.wellMs) >= rhythm.badMs) return false;
    return share >= 1 || random.chance(share);
  }

  return {
    see(vantage, { key }, now) {
      let worst: Vote = 'up';
      let reason: keyof typeof DETAILS = 'status';
      for (const each of troubles) {
        if (!meets(each, vantage, key, now) || worst === 'down') continue;
        if (worst === 'up' || each.vote === 'down') worst = each.vote;
        if (each.vote === 'down') ({ reason = 'status' } = each);
      }
      if (worst === 'up') return { vote: 'up', reason: 'ok' };
      if (worst === 'abstain') return { vote: 'abstain', reason: 'unfinished' };
      if (worst === 'degraded') return { vote: 'degraded', reason: 'slow' };
      return { vote: 'down', reason, detail: DETAILS[reason] };
    },
    trouble(trouble) {
      troubles.add(trouble);
      return () => troubles.delete(trouble);
    },
    heal: () => troubles.clear(),
  };
}

/** The checks of these nodes. */
export const checksOf = (cell: Cell, nodes: readonly string[]): Set<string> =>
  new Set(cell.checks.filter(({ node }) => nodes.includes(node)).map(({ key }) => key));
