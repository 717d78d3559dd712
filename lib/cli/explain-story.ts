import type { Cell } from '../core/cell.ts';
import { HOLD_RULES, type HoldRule } from '../core/guard.ts';
import type { TimelineEntry } from '../core/ledger.ts';
import { isoOf } from '../core/status.ts';
import type { TierSpec } from '../core/telling.ts';
import type { IncidentDetail } from '../web/incidents.ts';
import { count, listed } from '../web/pages/format.ts';
import type { Explained } from './explain.ts';
import { timeText } from './time-text.ts';

/** The timeline in sentences. */
export const storyLines = ({ timeline }: IncidentDetail, cell: Cell, now: string): string[] =>
  timeline.map((entry) => `  ${timeText(entry.at, now)}  ${sentence(entry, cell)}`);

/** What one entry of a timeline says; one that this release does not know stays as it is. */
function sentence({ what, detail = '' }: Pick<TimelineEntry, 'what' | 'detail'>, cell: Cell): string {
  const [, from, to] = /^(\w+) → (\w+)$/.exec(what) ?? [];
  if (from !== undefined) return `${detail} went from ${from} to ${to}`;
  const [, rule] = /^held: (\w+)$/.exec(what) ?? [];
  if (rule !== undefined) return `${detail}: left as it is, because ${HOLD_RULES[rule as HoldRule] ?? rule} (guard rule ${rule})`;
  const [, state] = /^paged (\S+)$/.exec(what) ?? [];
  if (state !== undefined) return `paged ${state}, ${detail}${toWhom(detail, cell)}`;
  if (what === 'acknowledged') return `taken by ${detail}`;
  return detail === '' ? what : `${what}: ${detail}`;
}

function toWhom(detail: string, { paging }: Cell): string {
  const tier = paging.tiers[Number(/^tier (\d+)/.exec(detail)?.[1]) - 1];
  return tier ? `: ${tierText(tier)}` : '';
}

/** Who is in a tier, without anybody's number. */
export function tierText({ sms, email, https, hooks }: TierSpec): string {
  const kinds = [
    ...(sms.length > 0 ? [count(sms.length, 'text message')] : []),
    ...(email.length > 0 ? [`mail to ${listed(email)}`] : []),
    ...(https.length > 0 ? [count(https.length, 'HTTPS call')] : []),
    ...hooks.map((hook) => `hook ${hook}`),
  ];
  return kinds.length === 0 ? 'nobody' : listed(kinds);
}

/** How far the escalation has come, and what comes next unless somebody takes it. */
export function pagingLines({ incident, kept, cell, status }: Explained): string[] {
  const { tiers, configured } = cell.paging;
  if (!configured) return ['  Nobody: the configuration names no one (paging).'];
  const paged = incident.timeline.filter(({ what }) => what.startsWith('paged '));
  const said =
    paged.length === 0
      ? '  Nobody yet.'
      : `  ${count(paged.length, 'page')}, the last at ${timeText(paged.at(-1)?.at ?? '', status.at)}.`;
  if (incident.closedAt !== null || incident.ackedBy !== null || kept === undefined) return [said];
  const next = Math.min(kept.paging.tier + 1, tiers.length);
  const silence = status.orders.find(({ kind, node }) => kind === 'silence' && node === incident.node)?.until ?? '';
  const at = [isoOf(kept.paging.nextAt) ?? '', silence].sort().at(-1) ?? '';
  return [
    said,
    `  Next, unless somebody takes it: tier ${next} at ${timeText(at, status.at)}: ${tierText(tiers[next - 1] ?? NOBODY)}.`,
  ];
}

const NOBODY: TierSpec = { afterMs: 0, sms: [], email: [], https: [], hooks: [] };
