import type { Acts } from '../core/acts.ts';
import type { Ballot } from '../core/ballot.ts';
import type { Beat } from '../core/heartbeats.ts';
import type { Read } from '../core/inputs.ts';
import type { Evidence, Incident, Ledger } from '../core/ledger.ts';
import type { Beats, Store, StoredIncident, Written } from '../ports.ts';
import type { Call } from './crash-points.ts';
import type { Invocation, Invocations, Served } from './invocations.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';
import type { Watch } from './watch.ts';
import type { Weather } from './weather.ts';

/** The voting table of one cell, as DynamoDB would keep it: whole items, conditional writes, strong reads. */
export interface Table extends Store, Beats {
  /** The ledger as it is stored now, unreadable or not. */
  ledger(): Ledger | undefined;
  /** A ballot as it is stored now. */
  ballot(vantage: string): Read<Ballot>;
  /** Nobody can read this item until the returned function is called. */
  garble(item: string): () => void;
  /** The names of everything that is stored. */
  items(): string[];
  /** Keeps a copy of everything, for `restore`. */
  backUp(): void;
  /** Everything is as in a copy, if there is one. */
  restore(): boolean;
  wipe(): void;
}

export interface TableOptions {
  timeline: Timeline;
  weather: Weather;
  random: Random;
  invocations: Invocations;
  watch: Watch;
}

export const KEPT_BACK_UPS = 8;
const LEDGER = 'ledger';
const ACTS = 'acts';
const beatItem = (check: string): string => `beat/${check}`;
const ballotItem = (vantage: string): string => `ballot/${vantage}`;

export function createTable({ timeline, weather, random, invocations, watch }: TableOptions): Table {
  let items = new Map<string, unknown>();
  const garbled = new Set<string>();
  let writes = 0;
  const backUps: Map<string, unknown>[] = [];

  /** What is read and written is never changed: whoever changed what it was given would be found by S17. */
  const stored = <T>(item: string): T | undefined => items.get(item) as T | undefined;

  function read<T>(item: string, by: Invocation): Read<T> {
    const isReadable = !garbled.has(item) && (item !== LEDGER || !weather.olderReleases.has(by.place));
    if (isReadable) return stored<T>(item) ?? 'missing';
    if (item === LEDGER) by.life.troubled = true; // it cannot say either what it has done
    return 'unreadable';
  }

  function request<T>(name: Call, serve: (by: Invocation) => T): Promise<T> {
    return invocations.call('table', name, (by): Served<T> => {
      failEarly(weather);
      const answer = serve(by);
      return { answer, lost: weather.strikes('table timeout after commit'), slowMs: replicaMs(weather, by) };
    });
  }

  /** Compare-and-set: the counter grows by one, over the very write that the value was derived from (`compareAndSet` in lib/store). */
  function write<T extends { token?: string }>(
    name: Call,
    item: string,
    countOf: (value: T) => number,
    value: T,
    onWritten: (by: Invocation, before: T | undefined, after: T) => void,
  ): Promise<Written> {
    return invocations.call('table', name, (by): Served<Written> => {
      failEarly(weather);
      const before = stored<T>(item);
      const isNext = (before ? countOf(before) : 0) === countOf(value) - 1 && before?.token === value.token;
      if (garbled.has(item) || !isNext) return { answer: 'conflict' };
      const after = { ...value, token: `w${writes++}` };
      items.set(item, after);
      onWritten(by, before, after);
      // The first attempt's answer was lost, the second met its own write: read back, it is a success (lib/store).
      if (weather.strikes('table retry met its own write')) return { answer: 'written', slowMs: random.between(200, 2_000) };
      return { answer: 'written', lost: weather.strikes('table timeout after commit'), slowMs: replicaMs(weather, by) };
    });
  }

  function snapshotItem<T>(item: string, by: Invocation): Read<T> {
    return weather.strikes('table key unprocessed') ? 'unreadable' : read<T>(item, by);
  }

  return {
    ledger: () => stored<Ledger>(LEDGER),
    ballot: (vantage) => stored<Ballot>(ballotItem(vantage)) ?? 'missing',
    items: () => [...items.keys()],
    garble(item) {
      garbled.add(item);
      return () => garbled.delete(item);
    },
    backUp() {
      backUps.push(new Map(items));
      if (backUps.length > KEPT_BACK_UPS) backUps.shift();
    },
    restore() {
      if (backUps.length === 0) return false;
      items = new Map(random.pick(backUps));
      watch.tableReplaced();
      return true;
    },
    wipe() {
      items = new Map();
      backUps.length = 0;
      watch.tableReplaced();
    },

    readBallot: (vantage) =>
      request('readBallot', (by) => {
        watch.ballotRead(by);
        const serverTime = Math.floor(timeline.now() / 1_000) * 1_000;
        return { ballot: read<Ballot>(ballotItem(vantage), by), serverTime };
      }),
    writeBallot(ballot) {
      const by = invocations.current();
      watch.ballotOffered(by, weather.skewMs.get(by.place) ?? 0);
      const value = weather.strikes('ballot of an older release') ? askedFewer(ballot) : ballot;
      return write('writeBallot', ballotItem(ballot.vantage), ({ version }) => version, value, watch.ballotWritten);
    },
    async readSnapshot(vantages) {
      const snapshot = await request('readSnapshot', (by) => ({
        ballots: Object.fromEntries(vantages.map((vantage) => [vantage, snapshotItem<Ballot>(ballotItem(vantage), by)])),
        acts: snapshotItem<Acts>(ACTS, by),
        ledger: snapshotItem<Ledger>(LEDGER, by),
      }));
      watch.snapshotRead(invocations.current(), snapshot);
      return snapshot;
    },
    async readLedger() {
      const table = watch.deeds.replaced(); // by the time that the answer arrives it may be another
      const ledger = await request('readLedger', (by) => read<Ledger>(LEDGER, by));
      watch.ledgerRead(invocations.current(), ledger, table);
      return ledger;
    },
    writeLedger(ledger) {
      watch.ledgerOffered(invocations.current());
      return write('writeLedger', LEDGER, ({ epoch }) => epoch, ledger, watch.ledgerWritten);
    },
    readActs: () => request('readActs', (by) => read<Acts>(ACTS, by)),
    appendAct: (act) =>
      request('appendAct', () => {
        if (garbled.has(ACTS)) throw new Error('acts: malformed');
        const before = stored<Acts>(ACTS) ?? { schema: 1, incarnation: `acts${random.below(2 ** 30)}`, version: 0, acts: [] };
        const accepted = { ...act, seq: (before.acts.at(-1)?.seq ?? 0) + 1 } as Acts['acts'][number];
        const acts = [...before.acts, accepted].slice(-50);
        items.set(ACTS, { ...before, version: before.version + 1, acts });
        return accepted;
      }),
    writeIncident(incident: Incident, evidence: readonly Evidence[], replay) {
      return request('writeIncident', (by) => watch.incidentWritten(by, incident, evidence, replay));
    },
    read: (checks) =>
      request('readBeats', (by) => Object.fromEntries(checks.map((check) => [check, snapshotItem<Beat>(beatItem(check), by)]))),
    record: (check, kind, signal) =>
      request('recordBeat', () => {
        const before = stored<Beat>(beatItem(check)) ?? {};
        if (signal.at > (before[kind]?.at ?? 0)) items.set(beatItem(check), { ...before, [kind]: signal });
      }),
    listIncidents: async () => [],
    readIncident: async (): Promise<StoredIncident | undefined> => undefined,
  };
}

/** What may befall any request to DynamoDB before it does anything. */
export function failEarly(weather: Weather): void {
  if (weather.strikes('table throttled')) throw new Error('table: throttled');
  if (weather.strikes('table timeout before commit')) throw new Error('table: timed out');
}

/** The client's patience with the nearest replica, before it asks the next (DESIGN.md, "Data"). */
export const replicaMs = ({ farFromTable }: Weather, { place }: Invocation): number => (farFromTable.has(place) ? 1_000 : 0);

/** It agrees on every hash, and still does not know of one check. */
export function askedFewer(ballot: Ballot): Ballot {
  const rounds = Object.entries(ballot.rounds).map(([cadence, round]) => [cadence, { ...round, asked: round.asked - 1 }]);
  return { ...ballot, rounds: Object.fromEntries(rounds) };
}
