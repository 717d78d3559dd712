import type { Cell } from '../core/cell.ts';
import { HOLD_RULES, type HoldRule } from '../core/guard.ts';
import type { Incident, TimelineEntry } from '../core/ledger.ts';
import { isoOf } from '../core/status.ts';
import type { TierSpec } from '../core/telling.ts';
import type { IncidentDetail } from '../web/incidents.ts';
import { count, listed } from '../web/pages/format.ts';
import type { Explained } from './explain.ts';
import { timeText } from './time-text.ts';

/** The timeline in sentences. */
export const storyLines = ({ timeline }: IncidentDetail, cell: Cell, now: string): string[] =>
  timeline.map((entry) => `  ${timeText(entry.at, now)}  ${sentence(entry, cell)}`);

const TRANSITION = /^(\w+) → (\w+)$/;
const HELD = /^held: (\w+)$/;
const PAGED = /^paged (\S+)$/;

/** What one entry of a timeline says; one that this release does not know stays as it is. */
function sentence({ what, detail = '' }: Pick<TimelineEntry, 'what' | 'detail'>, cell: Cell): string {
  const [, from, to] = TRANSITION.exec(what) ?? [];
  if (from !== undefined) return `${detail} went from ${from} to ${to}`;
  const [, rule] = HELD.exec(what) ?? [];
  if (rule !== undefined) return `${detail}: left as it is, because ${HOLD_RULES[rule as HoldRule] ?? rule} (guard rule ${rule})`;
  const [, state] = PAGED.exec(what) ?? [];
  if (state !== undefined) return `paged ${state}, ${detail}${toWhom(detail, cell)}`;
  return SENTENCES[what]?.(detail) ?? (detail === '' ? what : `${what}: ${detail}`);
}

const SENTENCES: Record<string, (detail: string) => string> = {
  acknowledged: (by) => `taken by ${by}`,
  'acknowledgement withdrawn': (by) => `given back by ${by}`,
  behind: (cause) => `not paged for itself: it depends on ${cause}`,
  'paged together with others': (digest) => `paged together with others: quorumwatch explain ${digest}`,
  with: (node) => `${node} went down too`,
  without: (node) => `${node} is out of it`,
};

/** `quiet tier 1, attempt 2`: who that is. */
function toWhom(detail: string, { paging }: Cell): string {
  const [, quiet, number] = /^(quiet )?tier (\d+)/.exec(detail) ?? [];
  const tier = paging[quiet === undefined ? 'tiers' : 'quiet'][Number(number) - 1];
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
  if (!cell.paging.configured) return ['  Nobody: the configuration names no one (paging).'];
  const pages = incident.timeline.filter(({ what }) => PAGED.test(what));
  const last = timeText(pages.at(-1)?.at ?? '', status.at);
  const said = pages.length === 0 ? '  Nobody yet.' : `  ${count(pages.length, 'page')}, the last at ${last}.`;
  if (incident.closedAt !== null || incident.ackedBy !== null || kept === undefined) return [said];
  return [said, `  ${spokenFor(kept) ?? nextPage(kept, cell, status)}`];
}

/** Why nobody is paged for this incident itself, if so. */
function spokenFor({ digest, behind, paging }: Incident): string | undefined {
  if (digest !== undefined) return `Others went down with it, and are paged together: quorumwatch explain ${digest}`;
  if (behind !== undefined) return `Nobody for itself: ${behind}, which it depends on, is down.`;
  return paging.list === 'nobody' ? 'Nobody: its failing checks are only worth a look (severity).' : undefined;
}

function nextPage({ node, paging, silencedUntil }: Incident, cell: Cell, { orders, at: now }: Explained['status']): string {
  const isQuiet = paging.list === 'quiet';
  const tiers = isQuiet ? cell.paging.quiet : cell.paging.tiers;
  const number = Math.min(paging.tier + 1, tiers.length);
  const silence = orders.find((order) => order.kind === 'silence' && order.node === node)?.until ?? '';
  const at = [isoOf(paging.nextAt) ?? '', isoOf(silencedUntil) ?? '', silence].sort().at(-1) ?? '';
  const name = `${isQuiet ? 'quiet ' : ''}tier ${number}`;
  return `Next, unless somebody takes it: ${name} at ${timeText(at, now)}: ${tierText(tiers[number - 1] ?? NOBODY)}.`;
}

const NOBODY: TierSpec = { afterMs: 0, sms: [], email: [], https: [], hooks: [] };
