import type { CastVote } from './ballot.ts';
import { type Check, memberKey } from './cell.ts';
import { checkStateOf } from './checks.ts';
import { type Draft, owe, tell } from './draft.ts';
import { owePageHooks } from './hooks.ts';
import type { Incident, Ledger, Page, PageState } from './ledger.ts';
import { messageOf } from './messages.ts';
import { tally } from './tally.ts';

/** A new incident; an unknown one that turned down, and is paged anew; or one that is down already, and stays so until it is over. */
export function openIncident(draft: Draft, node: string, state: 'down' | 'unknown', existing?: Incident): Incident {
  const { ledger, now } = draft;
  if (existing?.state === 'down') return existing;
  const paging = { tier: 0, attempt: 0, nextAt: now + (draft.cell.paging.tiers[0]?.afterMs ?? 0) };
  if (existing) return { ...existing, state, paging };
  return { id: `${ledger.incarnation}-${ledger.epoch}-${node}`, node, state, openedAt: now, timeline: [], paging };
}

/** Owes every page that is due: escalation by tiers, repetition of the last, `recovered` to those who were paged. */
export function decidePages(draft: Draft): void {
  for (const incident of Object.values(draft.ledger.incidents)) {
    if (incident.state === 'closed') pageRecovered(draft, incident);
    else escalate(draft, incident, incident.state);
  }
}

function escalate(draft: Draft, incident: Incident, state: 'down' | 'unknown'): void {
  const { cell, ledger, now } = draft;
  lapseAcknowledgement(draft, incident);
  if (incident.ackedAt !== undefined) return;
  const silence = ledger.silences[incident.node];
  while (now >= Math.max(incident.paging.nextAt, silence?.until ?? 0)) {
    const { tiers, repeatMs } = cell.paging;
    const isLast = incident.paging.tier >= tiers.length;
    const tier = isLast ? Math.max(1, tiers.length) : incident.paging.tier + 1;
    const attempt = isLast ? incident.paging.attempt + 1 : 1;
    const following = tiers[tier];
    // From now on, not from when it was opened: after a silence, or when it turned down late, every tier has its time.
    const nextAt = now + (following ? following.afterMs - (tiers[tier - 1]?.afterMs ?? 0) : repeatMs);
    incident.paging = { tier, attempt, nextAt };
    owePage(draft, incident, state, tier, attempt);
    tell(draft, incident.id, `paged ${state}`, `tier ${tier}, attempt ${attempt}`);
  }
}

function lapseAcknowledgement(draft: Draft, incident: Incident): void {
  if (incident.ackedAt === undefined || draft.now < incident.ackedAt + draft.cell.paging.ackLapsesMs) return;
  delete incident.ackedAt;
  delete incident.ackedBy;
  incident.paging.nextAt = draft.now;
  tell(draft, incident.id, 'acknowledgement lapsed');
}

/** Whoever was paged hears of the end, once: after that no tier counts as paged any more. */
function pageRecovered(draft: Draft, incident: Incident): void {
  const paged = draft.ledger.silences[incident.node] ? 0 : incident.paging.tier;
  incident.paging.tier = 0;
  for (let tier = 1; tier <= paged; tier++) owePage(draft, incident, 'recovered', tier, 1);
}

/** Owes one page about an incident, with what is known of it now. */
export function owePage(draft: Draft, incident: Incident, state: PageState, tier: number, attempt: number): void {
  const page: Page = {
    incident: incident.id,
    state,
    tier,
    attempt,
    at: draft.now,
    subject: incident.node,
    ...seenBy(draft, incident.node),
    failing: failing(draft, incident.node),
    records: recordsOf(draft, incident.node),
    openedAt: incident.openedAt,
    ...(incident.halt && state !== 'recovered' && { text: incident.halt.text }),
    ...(incident.closedAs === 'removed' && { text: `${incident.node} is no longer configured, its incident is closed` }),
    ...(incident.ackedBy !== undefined && { ackedBy: incident.ackedBy, ackedAt: incident.ackedAt }),
  };
  owePublishing(draft, page);
}

/** Owes a page about the monitor itself, or about a switch: an incident of its own that nobody has to close. */
export function oweNotice(draft: Draft, state: PageState, subject: string, text: string, tier = 1): void {
  const incident = `${draft.ledger.incarnation}-${draft.ledger.epoch}-${state}-${subject.replaceAll('/', '-')}`;
  const page: Page = { incident, state, tier, attempt: 1, at: draft.now, subject, failing: [], records: [], text };
  owePublishing(draft, page);
}

/** People and hooks hear of it at the same time: neither waits for the other. */
function owePublishing(draft: Draft, page: Page): void {
  owe(draft, { kind: 'page', lane: `page/${page.incident}`, page });
  owePageHooks(draft, page, messageOf(page, '').text);
}

/** Parts of groups are named in their group's detail. */
function checksInTrouble({ cell, ledger }: Draft, node: string): Check[] {
  const parts = cell.nodes.find(({ id }) => id === node)?.parts ?? [];
  const own = cell.checks.filter((check) => check.node === node && !parts.includes(check.key));
  return own.filter(({ key }) => ['down', 'unknown'].includes(checkStateOf(ledger, key)));
}

/** Of the failing check that most vantages see. */
function seenBy(draft: Draft, node: string): Pick<Page, 'seenBy'> {
  const counts = checksInTrouble(draft, node).map(({ key, vantages }) => ({
    down: tally(draft.votes.get(key) ?? {}).down,
    of: vantages.length,
  }));
  const [most] = counts.sort((a, b) => b.down - a.down);
  return most ? { seenBy: most } : {};
}

function failing(draft: Draft, node: string): Page['failing'] {
  return checksInTrouble(draft, node).map(({ key, id }) => {
    const detail = commonDetail(draft.votes.get(key) ?? {});
    return { check: id, detail: neverPassed(draft.ledger, key) ? `never passed yet: ${detail}` : detail };
  });
}

/** Has no quorum ever seen this check well, as it is configured now? Then the check may be wrong, and not the node. */
const neverPassed = ({ proving }: Ledger, key: string): boolean => proving?.checks.includes(key) ?? false;

/** What most vantages say is wrong: their reasons can differ. */
function commonDetail(votes: Record<string, CastVote>): string {
  const details = Object.values(votes)
    .filter(({ vote }) => vote === 'down')
    .map(({ detail, reason }) => detail ?? reason);
  const counts = new Map<string, number>();
  for (const detail of details) counts.set(detail, (counts.get(detail) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'too few vantages are heard';
}

function recordsOf(draft: Draft, node: string): Page['records'] {
  return draft.cell.records
    .filter(({ members }) => members.some((member) => member.node === node))
    .map((record) => {
      const entry = draft.ledger.members[memberKey(record.id, node)];
      const serves = record.members
        .map((member) => member.node)
        .filter((other) => other !== node && (draft.ledger.members[memberKey(record.id, other)]?.inService ?? true));
      return { name: record.name, out: entry?.inService === false, serves, ...(entry?.held && { held: entry.held }) };
    });
}
