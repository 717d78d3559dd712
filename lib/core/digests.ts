import { checkStateOf } from './checks.ts';
import { type Draft, tell } from './draft.ts';
import { isDrill } from './drill.ts';
import { closeIncident, openIncidents, record } from './incidents.ts';
import type { Incident, PagingList } from './ledger.ts';
import { tiersOf } from './routes.ts';
import { silenceOf } from './silences.ts';

/** What opens this soon after a digest began joins it, and is not paged on its own. */
const JOINING_MS = 120_000;
/** For so long at most a first page waits while a quorum sees others go down too. */
const GATHERING_MS = 60_000;

type Digest = Incident & Required<Pick<Incident, 'together'>>;

const isDigest = (incident: Incident): incident is Digest => incident.together !== undefined;

/** The incidents that one speaks for, as far as they are open: a digest for those that joined it, any other for itself. */
export function spokenFor({ ledger }: Draft, incident: Incident): Incident[] {
  const all = isDigest(incident)
    ? Object.keys(incident.together.incidents).flatMap((id) => ledger.incidents[id] ?? [])
    : [incident];
  return all.filter(({ state }) => state !== 'closed');
}

/** The nodes that an incident speaks for: those that are still in trouble, or all once it is over. */
export function spokenNodes(draft: Draft, incident: Incident): string[] {
  const open = spokenFor(draft, incident).map(({ node }) => node);
  return open.length > 0 ? open : Object.values(incident.together?.incidents ?? { [incident.id]: incident.node });
}

/** Is there nothing that keeps it from being paged: nobody took it, no digest speaks for it, no other node explains it, no silence? */
export const mustSpeak = (draft: Draft, { node, ackedAt, digest, behind, paging }: Incident): boolean =>
  ackedAt === undefined && digest === undefined && behind === undefined && paging.list !== 'nobody' && !silenceOf(draft, node);

/**
 * Lets incidents that open together share one page: those whose first page is due join a young digest, or make one. Gives those
 * whose first page waits, because others are about to join them.
 */
export function gatherDigests(draft: Draft): ReadonlySet<string> {
  for (const digest of openIncidents(draft).filter(isDigest)) reviewDigest(draft, digest);
  const waiting = new Set<string>();
  for (const list of ['tiers', 'quiet'] as const) {
    const due = openIncidents(draft).filter((each) => isFirstDue(draft, each, list));
    const digest = youngDigest(draft, list);
    if (digest) for (const each of due.filter(isNew)) join(draft, digest, each);
    const others = due.filter((each) => each.digest === undefined);
    if (isGathering(draft, others)) for (const { id } of others) waiting.add(id);
    else if (others.length > 1) openDigest(draft, list, others);
  }
  return waiting;
}

function isFirstDue(draft: Draft, incident: Incident, list: PagingList): boolean {
  const { paging, halt, together } = incident;
  const isFirst = paging.list === list && paging.tier === 0 && draft.now >= paging.nextAt;
  return isFirst && !halt && !together && !isDrill(incident.node) && mustSpeak(draft, incident);
}

/** What was told quietly and climbs is news of its own: that service is lost must not drown in a digest that was sent before. */
const isNew = ({ paging }: Incident): boolean => paging.told === undefined;

const youngDigest = (draft: Draft, list: PagingList): Digest | undefined =>
  openIncidents(draft)
    .filter(isDigest)
    .find(({ together, paging, ackedAt }) => {
      return paging.list === list && ackedAt === undefined && draft.now - together.at < JOINING_MS;
    });

/** Does a quorum see more nodes down than are in an incident, and are none of these old? */
function isGathering(draft: Draft, due: readonly Incident[]): boolean {
  const { cell, ledger, live, now } = draft;
  if (due.some(({ openedAt }) => now - openedAt >= GATHERING_MS)) return false;
  return cell.checks.some(({ key, node }) => {
    return (
      live.get(key) === 'down' &&
      !isDrill(node) &&
      checkStateOf(ledger, key) !== 'down' &&
      ledger.nodes[node]?.incident === undefined
    );
  });
}

const titleOf = (count: number): string => `${count} nodes`;

function openDigest(draft: Draft, list: PagingList, incidents: readonly Incident[]): void {
  const { ledger, now } = draft;
  const digest: Digest = {
    id: `${ledger.incarnation}-${ledger.epoch}-${list === 'tiers' ? 'digest' : 'quiet-digest'}`,
    node: titleOf(incidents.length),
    state: incidents.some(({ state }) => state === 'down') ? 'down' : 'unknown',
    openedAt: Math.min(...incidents.map(({ openedAt }) => openedAt)),
    timeline: [],
    paging: { list, tier: 0, attempt: 0, nextAt: now },
    together: { at: now, incidents: {} },
  };
  ledger.incidents[digest.id] = digest;
  tell(draft, digest.id, 'opened together', titleOf(incidents.length));
  for (const each of incidents) join(draft, digest, each);
  record(draft, digest.id, []);
}

function join(draft: Draft, digest: Digest, incident: Incident): void {
  digest.together.incidents[incident.id] = incident.node;
  digest.node = titleOf(Object.keys(digest.together.incidents).length);
  incident.digest = digest.id;
  moveTold(incident, digest);
  tell(draft, incident.id, 'paged together with others', digest.id);
  tell(draft, digest.id, 'with', incident.node);
}

/** Whoever heard of the one hears of the other's end instead. */
function moveTold(from: Incident, to: Incident, stays = false): void {
  const { told } = from.paging;
  if (!told) return;
  const { tiers = 0, quiet = 0 } = to.paging.told ?? {};
  to.paging.told = { tiers: Math.max(tiers, told.tiers), quiet: Math.max(quiet, told.quiet) };
  if (!stays) delete from.paging.told;
}

/** A digest is over when all its incidents are; those that others must know of leave it. */
function reviewDigest(draft: Draft, digest: Digest): void {
  const { cell, now } = draft;
  for (const incident of spokenFor(draft, digest)) {
    if (incident.paging.list !== digest.paging.list) leave(draft, digest, incident);
  }
  const open = spokenFor(draft, digest);
  if (open.length === 0) {
    // Those that left will tell their own end.
    if (Object.keys(digest.together.incidents).length === 0) delete digest.paging.told;
    closeIncident(draft, digest.id, 'recovered');
    record(draft, digest.id, []);
  } else if (digest.state === 'unknown' && open.some(({ state }) => state === 'down')) {
    const nextAt = now + (tiersOf(cell, digest.paging.list)[0]?.afterMs ?? 0);
    Object.assign(digest, { state: 'down', paging: { ...digest.paging, tier: 0, attempt: 0, nextAt } });
  }
}

function leave(draft: Draft, digest: Digest, incident: Incident): void {
  delete incident.digest;
  delete digest.together.incidents[incident.id];
  moveTold(digest, incident, true);
  tell(draft, digest.id, 'without', incident.node);
}
