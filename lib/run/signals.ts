import { type Cell, memberKey, memberKeysOf } from '../core/cell.ts';
import { errorText } from '../core/error-text.ts';
import type { Read } from '../core/inputs.ts';
import type { Ledger, MemberEntry } from '../core/ledger.ts';
import { isReturning } from '../core/returning.ts';
import type { Emit, Switches } from '../ports.ts';

/** The second way of a flip: it goes out even while the control plane is gone, and again at every look. */
export interface Signals {
  /** Says where members belong as of `at`, ms since 1970. */
  say(ledger: Ledger, at: number): Promise<void>;
  /** The members that were to return and that no alarm keeps out any longer, as of `now`. */
  returned(ledger: Read<Ledger>, now: number): string[];
}

/** For so long a member that is back is still said to be. */
const BACK_MS = 10 * 60_000;
/** Of the switches' alarms (`lib/cdk/switch.ts`); what is said last of a period decides nothing, its maximum does. */
const PERIOD_MS = 60_000;
/** Clocks of two arbiters differ by less. */
const CLOCKS_MS = 10_000;
/**
 * So long after a period is over Route 53 has seen it: it watches the data, not the alarm (developer guide, "How Route 53 determines
 * whether a health check is healthy").
 */
const SEEN_MS = 30_000;

/**
 * Found out of service at birth, and not moved since: its switch keeps it out, if it does. The list may be from before a return, and
 * what alarms are told of its members would be the end of the last one. Every flip sets a hold's end.
 */
const isFound = ({ holdUntil, foreign }: MemberEntry): boolean => holdUntil === 0 && !foreign;

const periodOf = (ms: number): number => Math.floor(ms / PERIOD_MS);

export function createSignals({ cell, switches, emit }: { cell: Cell; switches: Switches; emit: Emit }): Signals {
  const members = new Set(memberKeysOf(cell));
  /** By member: which return of it was heard of, and when first. */
  let heard = new Map<string, { since: number; at: number }>();

  function wordOf(ledger: Ledger, key: string, at: number): boolean | undefined {
    const entry = ledger.members[key];
    if (entry && !entry.inService) return isFound(entry) ? undefined : false;
    const isBack = entry !== undefined && at - entry.at < BACK_MS;
    return isBack || isReturning(ledger, key) ? true : undefined;
  }

  /** Where every member of ours that is returning belongs was said, and heard. */
  function noteHeard({ returning = {} }: Ledger, at: number): void {
    const entries = Object.entries(returning).flatMap(([key, since]) => {
      const known = heard.get(key);
      if (known?.since === since) return [[key, known] as const];
      return members.has(key) && periodOf(at) > periodOf(since + CLOCKS_MS) ? [[key, { since, at }] as const] : [];
    });
    heard = new Map(entries);
  }

  return {
    async say(ledger, at) {
      const said = cell.records.flatMap(({ id: record, members }) =>
        members.flatMap(({ node }) => {
          const inService = wordOf(ledger, memberKey(record, node), at);
          return inService === undefined ? [] : [{ record, node, inService }];
        }),
      );
      if (said.length === 0) return;
      try {
        await switches.signal?.(said, at);
        noteHeard(ledger, at);
      } catch (error) {
        emit({ event: 'note', text: `the switches' metric was not published: ${errorText(error)}` });
      }
    },

    returned(ledger, now) {
      if (typeof ledger === 'string' || !ledger.returning) return [];
      const all = Object.entries(ledger.returning);
      const over = all.filter(([key, since]) => {
        const word = heard.get(key);
        return !switches.signal || (word?.since === since && now >= (periodOf(word.at) + 1) * PERIOD_MS + SEEN_MS);
      });
      return over.map(([key]) => key);
    },
  };
}
