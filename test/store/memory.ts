import type { Acts } from '../../lib/core/acts.ts';
import type { Ballot } from '../../lib/core/ballot.ts';
import type { Read } from '../../lib/core/inputs.ts';
import type { Ledger } from '../../lib/core/ledger.ts';
import type { Store, StoredIncident } from '../../lib/ports.ts';

export interface MemoryStore extends Store {
  /** How often each method was called since this was asked last. */
  calls(): Partial<Record<keyof Store, number>>;
  /** What is stored now; a test may change it. */
  readonly items: { ballots: Record<string, Read<Ballot>>; acts: Read<Acts>; ledger: Read<Ledger> };
  /** Incidents as they were written, newest first. */
  incidents(): StoredIncident[];
  /** The table's clock, as a `Date` header gives it. */
  serverTime: number | undefined;
  /** Answers a call before the store does: to throw, to wait, or to say something else. */
  intercept(interceptor: Interceptor | undefined): void;
}

/** `proceed` does what the store would have done. */
export type Interceptor = (method: keyof Store, argument: unknown, proceed: () => Promise<unknown>) => Promise<unknown>;

/** The voting table of one cell in memory, with the rules of the real one: whole items, compare-and-set, nothing shared by reference. */
export function createMemoryStore(): MemoryStore {
  const items: MemoryStore['items'] = { ballots: {}, acts: 'missing', ledger: 'missing' };
  const incidents = new Map<string, StoredIncident>();
  let counts: Partial<Record<keyof Store, number>> = {};
  let interceptor: Interceptor | undefined;

  /** Counts, lets a test interfere, and copies: what one side changes later, the other does not see. */
  function door<A extends unknown[], T>(method: keyof Store, work: (...given: A) => T): (...given: A) => Promise<T> {
    return async (...given) => {
      counts[method] = (counts[method] ?? 0) + 1;
      const copies = structuredClone(given);
      const proceed = async () => structuredClone(work(...copies));
      return (interceptor ? interceptor(method, copies[0], proceed) : proceed()) as Promise<T>;
    };
  }

  const versionOf = (ballot: Read<Ballot> | undefined) => (typeof ballot === 'object' ? ballot.version : 0);
  const epochOf = (ledger: Read<Ledger>) => (typeof ledger === 'object' ? ledger.epoch : 0);

  const store: MemoryStore = {
    items,
    serverTime: undefined,
    calls() {
      const called = counts;
      counts = {};
      return called;
    },
    incidents: () => [...incidents.values()].reverse(),
    intercept(next) {
      interceptor = next;
    },
    readBallot: door('readBallot', (vantage: string) => ({
      ballot: items.ballots[vantage] ?? ('missing' as const),
      ...(store.serverTime !== undefined && { serverTime: store.serverTime }),
    })),
    writeBallot: door('writeBallot', (ballot: Ballot) => {
      const stored = items.ballots[ballot.vantage];
      if (stored === 'unreadable' || versionOf(stored) !== ballot.version - 1) return 'conflict';
      items.ballots[ballot.vantage] = ballot;
      return 'written';
    }),
    readSnapshot: door('readSnapshot', (vantages: readonly string[]) => ({
      ballots: Object.fromEntries(vantages.map((vantage) => [vantage, items.ballots[vantage] ?? ('missing' as const)])),
      acts: items.acts,
      ledger: items.ledger,
    })),
    readLedger: door('readLedger', () => items.ledger),
    writeLedger: door('writeLedger', (ledger: Ledger) => {
      const { ledger: stored } = items;
      const isOther = typeof stored === 'object' && stored.incarnation !== ledger.incarnation;
      if (stored === 'unreadable' || isOther || epochOf(stored) !== ledger.epoch - 1) return 'conflict';
      items.ledger = ledger;
      return 'written';
    }),
    readActs: door('readActs', () => items.acts),
    appendAct: door('appendAct', (act) => {
      if (items.acts === 'unreadable') throw new Error('the acts cannot be read');
      const before: Acts = items.acts === 'missing' ? { schema: 1, incarnation: 'acts', version: 0, acts: [] } : items.acts;
      const accepted = { ...act, seq: before.version + 1 };
      items.acts = { ...before, version: before.version + 1, acts: [...before.acts, accepted] };
      return accepted;
    }),
    writeIncident: door('writeIncident', (incident, evidence) => {
      const known = incidents.get(incident.id)?.evidence ?? [];
      const added = evidence.filter((each) => !known.some(({ epoch, check }) => epoch === each.epoch && check === each.check));
      incidents.set(incident.id, { ...incident, evidence: [...known, ...added] });
    }),
    listIncidents: door('listIncidents', (limit: number) => store.incidents().slice(0, limit)),
    readIncident: door('readIncident', (id: string) => incidents.get(id)),
  };
  return store;
}
