import { type Draft, owe, tell } from './draft.ts';
import type { Evidence, Incident, Ledger } from './ledger.ts';
import { forgetOutage, isCalm, noteOutage, noteWell } from './outages.ts';

/** A new incident; an unknown one that turned down, and is paged anew; or one that is down already, and stays so until it is over. */
export function openIncident(draft: Draft, subject: string, state: 'down' | 'unknown', existing?: Incident): Incident {
  const { ledger, cell, now } = draft;
  const isFlapping = noteOutage(draft, subject) > 1;
  if (existing && (existing.state === 'down' || state === 'unknown')) return existing;
  const { list, told } = existing?.paging ?? {};
  const nextAt = now + (cell.paging.tiers[0]?.afterMs ?? 0);
  const paging = { tier: 0, attempt: 0, nextAt, ...(list === 'tiers' && { list }), ...(told && { told }) };
  if (existing) return { ...existing, state, paging };
  const id = `${ledger.incarnation}-${ledger.epoch}-${subject}`;
  return { id, node: subject, state, openedAt: now, timeline: [], paging, ...(isFlapping && { flapping: true }) };
}

/** The incident of this id, which somebody gave: `__proto__` and other names that every object knows are none. */
export const incidentById = (incidents: Readonly<Ledger['incidents']>, id: string): Incident | undefined =>
  Object.hasOwn(incidents, id) ? incidents[id] : undefined;

/** The incident that a node is in: none has `undefined` for its id. */
export const incidentOf = ({ ledger: { incidents, nodes } }: Draft, node: string): Incident | undefined =>
  incidents[String(nodes[node]?.incident)];

/** May this incident end, now that its subject is well? One that comes and goes ends when it has been well for a while. */
export function mayEnd(draft: Draft, { node, flapping }: Incident): boolean {
  noteWell(draft, node);
  return !flapping || isCalm(draft, node);
}

/** Ends an incident; it leaves the ledger once it is recorded. */
export function closeIncident(draft: Draft, id: string, how: 'recovered' | 'removed'): void {
  const incident = draft.ledger.incidents[id];
  if (!incident) return;
  tell(draft, id, how);
  if (how === 'removed') forgetOutage(draft, incident.node);
  Object.assign(incident, { state: 'closed', closedAt: draft.now, closedAs: how });
}

/** Owes the incident's item, with this evidence. */
export const record = (draft: Draft, incident: string, evidence: Evidence[]): void =>
  owe(draft, { kind: 'record', lane: `record/${incident}`, incident, evidence });

/** Those that are not over. */
export const openIncidents = ({ ledger }: Draft): Incident[] =>
  Object.values(ledger.incidents).filter(({ state }) => state !== 'closed');

/** Nobody has an incident any more that somebody had: what is paged already is paged on at once. */
export function release(draft: Draft, incident: Incident, what: string, by?: string): void {
  if (incident.state === 'closed' || incident.ackedAt === undefined) return;
  delete incident.ackedAt;
  delete incident.ackedBy;
  if (incident.paging.tier > 0) incident.paging.nextAt = draft.now;
  tell(draft, incident.id, what, by);
}
