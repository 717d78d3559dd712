import { noteDependency } from './dependencies.ts';
import { gatherDigests, mustSpeak, spokenFor, spokenNodes } from './digests.ts';
import { type Draft, owe, tell } from './draft.ts';
import { isDrill } from './drill.ts';
import { isTakeOutHeld } from './guard.ts';
import { owePageHooks } from './hooks.ts';
import { openIncidents, release } from './incidents.ts';
import type { Incident, Page, PageState } from './ledger.ts';
import { messageOf } from './messages.ts';
import { factsOf, NAMED } from './page-facts.ts';
import { routeIncident, tiersOf } from './routes.ts';
import { noteSilence, silenceOf } from './silences.ts';

/** What comes and goes is repeated no sooner: it was said that it does. */
const FLAPPING_REPEAT_MS = 3_600_000;

/** Owes every page that is due: escalation by tiers, repetition of the last, the end to those who were paged. */
export function decidePages(draft: Draft): void {
  for (const incident of openIncidents(draft)) {
    lapseAcknowledgement(draft, incident);
    noteSilence(draft, incident);
    noteDependency(draft, incident);
    routeIncident(draft, incident);
  }
  const waiting = gatherDigests(draft);
  for (const incident of Object.values(draft.ledger.incidents)) {
    if (isDrill(incident.node)) pageDrill(draft, incident);
    else if (incident.state === 'closed') pageRecovered(draft, incident);
    else if (!isDue(draft, incident)) pageHeld(draft, incident);
    else if (!waiting.has(incident.id)) escalate(draft, incident, incident.state);
  }
}

function escalate(draft: Draft, incident: Incident, state: 'down' | 'unknown'): void {
  const { now, cell } = draft;
  const { paging, flapping } = incident;
  const list = paging.list === 'quiet' ? 'quiet' : 'tiers';
  const tiers = tiersOf(cell, list);
  const isLast = paging.tier >= tiers.length;
  const tier = isLast ? Math.max(1, tiers.length) : paging.tier + 1;
  const attempt = isLast ? paging.attempt + 1 : 1 + (paging.before ?? 0);
  const following = tiers[tier];
  const repeatMs = flapping ? Math.max(FLAPPING_REPEAT_MS, cell.paging.repeatMs) : cell.paging.repeatMs;
  // From now on, not from when it was opened: after a silence, or when it turned down late, every tier has its time.
  const nextAt = now + (following ? following.afterMs - (tiers[tier - 1]?.afterMs ?? 0) : repeatMs);
  const told = { tiers: 0, quiet: 0, ...paging.told };
  told[list] = Math.max(told[list], tier);
  incident.paging = { ...paging, tier, attempt, nextAt, told };
  if (isHeld(draft, incident)) incident.heldPaged = true; // it says so itself
  owePage(draft, incident, state, { tier, attempt, ...(list === 'quiet' && { quiet: true }) });
  tell(draft, incident.id, `paged ${state}`, `${list === 'quiet' ? 'quiet ' : ''}tier ${tier}, attempt ${attempt}`);
}

/** A drill pages its tier once, and that it is over. */
function pageDrill(draft: Draft, incident: Incident): void {
  const { paging, state } = incident;
  const tier = draft.ledger.drill?.tier ?? 1;
  if (state === 'down' && paging.tier === 0) {
    incident.paging = { ...paging, tier, attempt: 1 };
    owePage(draft, incident, state, { tier, attempt: 1 });
    tell(draft, incident.id, `paged ${state}`, `tier ${tier}, attempt 1`);
  } else if (state === 'closed' && paging.tier > 0) {
    owePage(draft, incident, 'recovered', { tier: paging.tier, attempt: 1 });
    paging.tier = 0;
  }
}

/** A digest speaks until all that it speaks for are taken. */
function isDue(draft: Draft, incident: Incident): boolean {
  const isTaken = spokenFor(draft, incident).every(({ ackedAt }) => ackedAt !== undefined);
  return draft.now >= incident.paging.nextAt && !isTaken && !isSilenced(draft, incident) && mustSpeak(draft, incident);
}

const isSilenced = (draft: Draft, incident: Incident): boolean =>
  spokenFor(draft, incident).every(({ silencedUntil }) => silencedUntil !== undefined);

function lapseAcknowledgement(draft: Draft, incident: Incident): void {
  const { ackedAt = draft.now } = incident;
  if (draft.now >= ackedAt + draft.cell.paging.ackLapsesMs) release(draft, incident, 'acknowledgement lapsed');
}

/** Says once that a rule came to keep in service what people already know is down. */
function pageHeld(draft: Draft, incident: Incident): void {
  const { heldPaged, paging } = incident;
  if (paging.tier === 0 || heldPaged || isSilenced(draft, incident) || !isHeld(draft, incident)) return;
  incident.heldPaged = true;
  owePage(draft, incident, 'held', { tier: 1, attempt: 1 });
}

function isHeld(draft: Draft, incident: Incident): boolean {
  const nodes = spokenNodes(draft, incident);
  return draft.cell.records.some((record) =>
    record.members.some(({ node }) => nodes.includes(node) && isTakeOutHeld(draft, record, node)),
  );
}

/** Whoever was paged hears of the end, once: after that nobody counts as told any more. */
function pageRecovered(draft: Draft, incident: Incident): void {
  const { tiers = 0, quiet = 0 } = incident.paging.told ?? {};
  delete incident.paging.told;
  if (silenceOf(draft, incident.node)) return;
  for (let tier = 1; tier <= quiet; tier++) owePage(draft, incident, 'recovered', { tier, attempt: 1, quiet: true });
  const attempt = quiet > 0 ? 2 : 1; // numbers of one incident's pages differ, whatever the list
  for (let tier = 1; tier <= tiers; tier++) owePage(draft, incident, 'recovered', { tier, attempt });
}

type To = Pick<Page, 'tier' | 'attempt' | 'quiet'>;

/** Owes one page about an incident, with what is known of it now. */
function owePage(draft: Draft, incident: Incident, state: PageState, to: To): void {
  const { text, ...facts } = factsOf(draft, incident);
  const page: Page = {
    incident: incident.id,
    state,
    ...to,
    at: draft.now,
    subject: incident.node,
    ...facts,
    openedAt: incident.openedAt,
    ...(text !== undefined && { text }),
    ...(incident.ackedBy !== undefined && { ackedBy: incident.ackedBy, ackedAt: incident.ackedAt }),
  };
  owePublishing(draft, page, spokenNodes(draft, incident));
}

/**
 * Owes a page about the monitor itself, or about switches: an incident of its own that nobody has to close. `about`: the members,
 * where there are several.
 */
export function oweNotice(
  draft: Draft,
  state: PageState,
  subject: string,
  text: string,
  { tier = 1, isQuiet = false, about = [subject] }: { tier?: number; isQuiet?: boolean; about?: readonly string[] } = {},
): void {
  const { ledger, cell, now } = draft;
  const incident = `${ledger.incarnation}-${ledger.epoch}-${state}-${subject.replaceAll(/[^\w-]/g, '-')}`;
  const to = { tier, attempt: 1, ...(isQuiet && cell.paging.quiet.length > 0 && { quiet: true }) };
  const together = about.length > 1 ? { together: { count: about.length, nodes: about.slice(0, NAMED) } } : {};
  const page: Page = { incident, state, ...to, at: now, subject, failing: [], records: [], ...together, text };
  owePublishing(
    draft,
    page,
    about.map((each) => each.slice(each.lastIndexOf('/') + 1)),
  );
}

/** People and hooks hear of it at the same time: neither waits for the other. */
function owePublishing(draft: Draft, page: Page, nodes: readonly string[]): void {
  owe(draft, { kind: 'page', lane: `page/${page.incident}`, page });
  owePageHooks(draft, page, messageOf(page, '', draft.cell.paging.timezone).text, nodes);
}
