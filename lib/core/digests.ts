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

/** The incidents that a digest speaks for, as far as they are open. */
export const spokenFor = ({ ledger }: Draft, { together }: Incident): Incident[] =>
  Object.keys(together?.incidents ?? {})
    .flatMap((id) => ledger.incidents[id] ?? [])
    .filter(({ state }) => state !== 'closed');

/** Is there nothing that keeps it from being paged: nobody took it, no digest speaks for it, no other node explains it, no silence? */
export const mustSpeak = (draft: Draft, { node, ackedAt, digest, behind, paging }: Incident): boolean =>
  ackedAt === undefined && digest === undefined && behind === undefined && paging.list !== 'nobody' && !silenceOf(draft, node);

/**
 * Lets incidents that open together share one page: those whose first page is due join a young digest, or make one. Gives those
 * whose first page waits, because others are about to join them.
 */
export function gatherDigests(draft: Draft): ReadonlySet<string> {
  for (const digest of openIncidents(draft).filter(({ together }) => together)) reviewDigest(draft, digest);
  const waiting = new Set<string>();
  for (const list of ['tiers', 'quiet'] as const) {
    const due = openIncidents(draft).filter((each) => isFirstDue(draft, each, list));
    const digest = youngDigest(draft, list);
    const [joining, others] = digest ? [due.filter(isNew), due.filter((each) => !isNew(each))] : [[], due];
    for (const each of joining) if (digest) join(draft, digest, each);
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

const youngDigest = (draft: Draft, list: PagingList): Incident | undefined =>
  openIncidents(draft).find(({ together, paging, ackedAt }) => {
    return together && paging.list === list && ackedAt === undefined && draft.now - together.at < JOINING_MS;
  });

/** Does a quorum see more nodes down than are in an incident, and are none of these old? */
function isGathering(draft: Draft, due: readonly Incident[]): boolean {
  const { cell, ledger, live, now } = draft;
  if (due.length === 0 || due.some(({ openedAt }) => now - openedAt >= GATHERING_MS)) return false;
  return cell.checks.some(({ key, node }) => {
    return (
      !isDrill(node) &&
      live.get(key) === 'down' &&
      checkStateOf(ledger, key) !== 'down' &&
      ledger.nodes[node]?.incident === undefined
    );
  });
}

const titleOf = (count: number): string => `${count} nodes`;

function openDigest(draft: Draft, list: PagingList, incidents: readonly Incident[]): void {
  const { ledger, now } = draft;
  const digest: Incident = {
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

function join(draft: Draft, digest: Incident, incident: Incident): void {
  if (digest.together) digest.together.incidents[incident.id] = incident.node;
  digest.node = titleOf(Object.keys(digest.together?.incidents ?? {}).length);
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

/** A digest is over when all its incidents are; those that more people must know of leave it. */
function reviewDigest(draft: Draft, digest: Incident): void {
  const { cell, now } = draft;
  for (const incident of spokenFor(draft, digest)) {
    if (incident.paging.list === digest.paging.list || incident.paging.list === 'nobody') continue;
    leave(draft, digest, incident);
  }
  const open = spokenFor(draft, digest);
  if (open.length === 0) {
    // Those that left will tell their own end.
    if (Object.keys(digest.together?.incidents ?? {}).length === 0) delete digest.paging.told;
    closeIncident(draft, digest.id, 'recovered');
    record(draft, digest.id, []);
  } else if (digest.state === 'unknown' && open.some(({ state }) => state === 'down')) {
    const nextAt = now + (tiersOf(cell, digest.paging.list)[0]?.afterMs ?? 0);
    Object.assign(digest, { state: 'down', paging: { ...digest.paging, tier: 0, attempt: 0, nextAt } });
  }
}

function leave(draft: Draft, digest: Incident, incident: Incident): void {
  delete incident.digest;
  delete digest.together?.incidents[incident.id];
  moveTold(digest, incident, true);
  tell(draft, digest.id, 'without', incident.node);
}
