import type { Acts } from '../core/acts.ts';
import type { CastVote } from '../core/ballot.ts';
import { incidentById } from '../core/incidents.ts';
import type { Read } from '../core/inputs.ts';
import type { Evidence, Ledger } from '../core/ledger.ts';
import { type IncidentSummary, incidentSummary, isoOf, withPendingAck } from '../core/status.ts';
import type { StoredIncident } from '../ports.ts';
import type { WebPorts } from './ports.ts';

/** An incident as `GET /api/v1/incidents` gives it; times are ISO 8601 UTC. */
export interface IncidentDetail extends IncidentSummary {
  evidence: EvidenceDetail[];
  timeline: { at: string; epoch: number; what: string; detail?: string }[];
}

export interface EvidenceDetail extends Omit<Evidence, 'at' | 'votes'> {
  at: string;
  votes: Record<string, Omit<CastVote, 'observedAt' | 'since'> & { observedAt: string | null; since: string | null }>;
}

/** What may be asked of an incident, by the path it is asked at. */
export const ACK_PATHS = { ack: 'acknowledge', unack: 'unacknowledge' } as const;
export type AckKind = (typeof ACK_PATHS)[keyof typeof ACK_PATHS];

export type AckOutcome =
  | { outcome: 'done' | 'unchanged' | 'closed'; incident: IncidentDetail }
  /** Nobody knows it. */
  | { outcome: 'unknown'; incident?: never };

/** The voting table did not answer, or not in a way that can be used: what was asked cannot be said or done now. */
export class TableError extends Error {
  constructor(cause: unknown) {
    super(`table: cannot be reached (try again shortly): ${cause instanceof Error ? cause.message : cause}`, { cause });
    this.name = 'TableError';
  }
}

/** Newest first. Open ones come from the ledger, which is ahead of the stored items. Throws a `TableError`. */
export async function listIncidents({ store }: Pick<WebPorts, 'store'>, limit = 50): Promise<IncidentDetail[]> {
  const [{ ledger, acts }, stored] = await reached(Promise.all([store.readSnapshot([]), store.listIncidents(limit)]));
  const ids = new Set([...Object.keys(incidentsOf(ledger)), ...stored.map(({ id }) => id)]);
  return [...ids]
    .flatMap(
      (id) =>
        merged(
          id,
          stored.find((each) => each.id === id),
          ledger,
          acts,
        ) ?? [],
    )
    .sort((a, b) => b.openedAt - a.openedAt)
    .slice(0, limit)
    .map(detailOf);
}

/** One incident, undefined if nobody knows it. Throws a `TableError`. */
export async function readIncident({ store }: Pick<WebPorts, 'store'>, id: string): Promise<IncidentDetail | undefined> {
  const [{ ledger, acts }, stored] = await reached(Promise.all([store.readSnapshot([]), store.readIncident(id)]));
  const incident = merged(id, stored, ledger, acts);
  return incident && detailOf(incident);
}

/**
 * Asks the arbiters to acknowledge, or to page on. Only an act is written, never the ledger; whoever was first stays, also while the
 * arbiters have not consumed that act yet. Throws a `TableError`.
 */
export async function askFor(
  { store, clock, wake, emit }: Pick<WebPorts, 'store' | 'clock' | 'wake' | 'emit'>,
  kind: AckKind,
  id: string,
  by: string,
): Promise<AckOutcome> {
  const [{ ledger, acts }, stored] = await reached(Promise.all([store.readSnapshot([]), store.readIncident(id)]));
  const incident = merged(id, stored, ledger, acts);
  if (!incident) return { outcome: 'unknown' };
  if (!isOpen(incident, ledger)) return { outcome: 'closed', incident: detailOf(incident) };
  const isTaken = incident.ackedBy !== undefined;
  if (isTaken === (kind === 'acknowledge')) return { outcome: 'unchanged', incident: detailOf(incident) };

  const act = await reached(store.appendAct({ kind, incident: id, by, at: clock.now() }));
  // The act is kept whether or not an arbiter hears of it at once: the next tick consumes it.
  await wake().catch((error) => emit?.({ event: 'note', text: `web: the arbiters could not be woken: ${error}` }));
  const { ackedBy: _, ackedAt: __, ...free } = incident;
  return { outcome: 'done', incident: detailOf(isTaken ? free : { ...free, ackedBy: act.by, ackedAt: act.at }) };
}

const reached = <T>(work: Promise<T>): Promise<T> =>
  work.catch((cause) => {
    throw new TableError(cause);
  });

/** A closed incident stays in the ledger until its item is written. */
const incidentsOf = (ledger: Read<Ledger>): Ledger['incidents'] => (typeof ledger === 'string' ? {} : ledger.incidents);

/** The ledger's word over the stored item's, with the evidence that the ledger still owes to the item. */
function merged(
  id: string,
  stored: StoredIncident | undefined,
  ledger: Read<Ledger>,
  acts: Read<Acts>,
): StoredIncident | undefined {
  const incident = incidentById(incidentsOf(ledger), id) ?? stored;
  if (!incident) return undefined;
  const intents = typeof ledger === 'string' ? [] : ledger.intents;
  const owed = intents.flatMap((intent) => (intent.kind === 'record' && intent.incident === id ? intent.evidence : []));
  const evidence = new Map([...(stored?.evidence ?? []), ...owed].map((each) => [`${each.epoch} ${each.check}`, each]));
  return withPendingAck({ ...incident, evidence: [...evidence.values()] }, acts, ledger);
}

/** An item that says `down` although the ledger does not know it belongs to a table that was wiped: nobody will ever close it. */
const isOpen = (incident: StoredIncident, ledger: Read<Ledger>): boolean =>
  incident.state !== 'closed' && (ledger === 'unreadable' || Object.hasOwn(incidentsOf(ledger), incident.id));

const detailOf = (incident: StoredIncident): IncidentDetail => ({
  ...incidentSummary(incident),
  evidence: incident.evidence.map((evidence) => ({
    ...evidence,
    at: new Date(evidence.at).toISOString(),
    votes: Object.fromEntries(
      Object.entries(evidence.votes).map(([vantage, vote]) => [
        vantage,
        { ...vote, observedAt: isoOf(vote.observedAt), since: isoOf(vote.since) },
      ]),
    ),
  })),
  timeline: incident.timeline.map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() })),
});
