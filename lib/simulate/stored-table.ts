/** The voting table behind the store of production: its writes, its reading back and its checks of what it reads run as they are. */
import type { Ballot } from '../core/ballot.ts';
import type { Cell } from '../core/cell.ts';
import type { Read } from '../core/inputs.ts';
import type { Incident, Ledger } from '../core/ledger.ts';
import { createBeats } from '../store/beats.ts';
import { decodeBody } from '../store/body.ts';
import { createStore } from '../store/store.ts';
import type { Call } from './crash-points.ts';
import { createDynamoDB, type Item } from './dynamodb.ts';
import type { Invocation } from './invocations.ts';
import { askedFewer, KEPT_BACK_UPS, type Table, type TableOptions } from './table.ts';

/** What nobody can read, and what only a newer release can. */
const GARBLED = { S: '{' };
const NEWER = { S: '{"schema":2}' };

/** By operation and kind of item, as the table that is simulated whole calls them. */
const NAMES: Record<string, Call> = {
  'GetItem ballot': 'readBallot',
  'GetItem ledger': 'readLedger',
  'GetItem acts': 'appendAct',
  'BatchGetItem ballot': 'readSnapshot',
  'BatchGetItem beat': 'readBeats',
  'PutItem ballot': 'writeBallot',
  'PutItem ledger': 'writeLedger',
  'PutItem acts': 'appendAct',
  'UpdateItem incident': 'writeIncident',
  'UpdateItem beat': 'recordBeat',
};

export function createStoredTable({ name: cell }: Cell, options: TableOptions): Table {
  const { weather, random, invocations, watch } = options;
  const garbled = new Set<string>();
  const backUps: ReadonlyMap<string, Item>[] = [];
  /** `ballot/v0` is stored as `ballot/<cell>/v0`. */
  const pkOf = (item: string): string => item.replace(/^\w+/, (kind) => `${kind}/${cell}`);
  const nameOf = (pk: string): string => pk.replace(`/${cell}`, '');
  const kindOf = (pk: string): string => pk.slice(0, pk.indexOf('/'));

  function shown(item: Item, by: Invocation): Item {
    const pk = item.pk?.S ?? '';
    const isLedger = kindOf(pk) === 'ledger';
    const body = garbled.has(pk) ? GARBLED : isLedger && weather.olderReleases.has(by.place) ? NEWER : undefined;
    if (body && isLedger) by.life.troubled = true; // it cannot say either what it has done
    // A beat has no body: its schema says that it cannot be read.
    return body ? { ...item, body, ...(kindOf(pk) === 'beat' && { schema: { N: '2' } }) } : item;
  }

  function onWritten(by: Invocation, pk: string, before: Item | undefined, after: Item): void {
    const kind = kindOf(pk);
    if (kind === 'ledger') watch.ledgerWritten(by, before && writtenIn(before), writtenIn(after));
    if (kind === 'ballot') watch.ballotWritten(by, before && writtenIn(before), writtenIn(after));
    if (kind === 'incident') watch.incidentWritten(by, writtenIn<Incident & { token?: string }>(after), []);
  }

  const database = createDynamoDB({
    ...options,
    nameOf(operation, pk) {
      const name = NAMES[`${operation} ${kindOf(pk)}`];
      if (!name) throw new Error(`${operation} of ${pk} has no name`);
      return name;
    },
    shown,
    isLocked: (pk) => garbled.has(pk),
    onWritten,
  });
  const table = {
    client: database.client,
    table: 'simulated',
    cell,
    randomId: () => random.below(2 ** 30).toString(36),
    clock: invocations.clockOf('table'),
  };
  const store = createStore(table);
  const stored = <T extends { token?: string }>(item: string): T | undefined => {
    const found = database.item(pkOf(item));
    return found && writtenIn(found);
  };

  return {
    ...store,
    ...createBeats(table),
    ledger: () => stored<Ledger>('ledger'),
    ballot: (vantage): Read<Ballot> => stored<Ballot>(`ballot/${vantage}`) ?? 'missing',
    items: () => database.pks().flatMap((pk) => (kindOf(pk) === 'incident' ? [] : [nameOf(pk)])),
    garble(item) {
      garbled.add(pkOf(item));
      return () => garbled.delete(pkOf(item));
    },
    backUp() {
      backUps.push(database.copy());
      if (backUps.length > KEPT_BACK_UPS) backUps.shift();
    },
    restore() {
      if (backUps.length === 0) return false;
      database.replace(random.pick(backUps));
      watch.tableReplaced();
      return true;
    },
    wipe() {
      database.replace(new Map());
      backUps.length = 0;
      watch.tableReplaced();
    },
    writeBallot: (ballot) => store.writeBallot(weather.strikes('ballot of an older release') ? askedFewer(ballot) : ballot),
    async readSnapshot(vantages) {
      const snapshot = await store.readSnapshot(vantages);
      watch.snapshotRead(invocations.current(), snapshot);
      return snapshot;
    },
    async readLedger() {
      const table = watch.deeds.replaced(); // by the time that the answer arrives it may be another
      const ledger = await store.readLedger();
      watch.ledgerRead(invocations.current(), ledger, table);
      return ledger;
    },
    writeLedger(ledger) {
      watch.ledgerOffered(invocations.current());
      return store.writeLedger(ledger);
    },
  };
}

/** What was written, with the token of its write. */
function writtenIn<T extends { token?: string }>({ body, writer }: Item): T {
  const value = decodeBody(body) as T;
  return writer?.S === undefined ? value : { ...value, token: writer.S };
}
