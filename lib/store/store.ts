import type { Ballot } from '../core/ballot.ts';
import type { Read } from '../core/inputs.ts';
import type { Ledger } from '../core/ledger.ts';
import type { Snapshot, Store } from '../ports.ts';
import { appendAct } from './acts.ts';
import { decodeBody } from './body.ts';
import { compareAndSet } from './compare-and-set.ts';
import { listIncidents, readIncident, writeIncident } from './incidents.ts';
import { MAX_BATCH_KEYS, readBatch } from './read-batch.ts';
import { type Item, readItem } from './read-item.ts';
import { isActs, isBallot, isLedger } from './shapes.ts';
import type { Table } from './table.ts';

/** Ledger and acts are read with the ballots. */
const maxVantages = MAX_BATCH_KEYS - 2;

/** The voting table of one cell in DynamoDB: conditional writes on single items, strongly consistent reads, nothing else. */
export function createStore(table: Table): Store {
  const { cell } = table;
  const ballotKey = (vantage: string) => `ballot/${cell}/${vantage}`;
  const ledgerKey = `ledger/${cell}`;
  const actsKey = `acts/${cell}`;
  const readActs = async () => read((await readItem(table, actsKey)).item, isActs);

  return {
    async readBallot(vantage) {
      const { item, serverTime } = await readItem(table, ballotKey(vantage));
      return { ballot: read(item, isBallot), ...(serverTime === undefined ? {} : { serverTime }) };
    },

    writeBallot: (ballot: Ballot) =>
      compareAndSet(table, { pk: ballotKey(ballot.vantage), counter: 'version', value: ballot.version, body: ballot }),

    async readSnapshot(vantages): Promise<Snapshot> {
      if (vantages.length > maxVantages) {
        throw new RangeError(`a cell has at most ${maxVantages} vantages, not ${vantages.length}`);
      }
      const items = await readBatch(table, [...vantages.map(ballotKey), actsKey, ledgerKey]);
      const of = <T extends { token?: string }>(pk: string, is: (value: unknown) => value is T): Read<T> => {
        const item = items.get(pk);
        return item === 'unprocessed' ? 'unreadable' : read(item, is);
      };
      return {
        ballots: Object.fromEntries(vantages.map((vantage) => [vantage, of(ballotKey(vantage), isBallot)])),
        acts: of(actsKey, isActs),
        ledger: of(ledgerKey, isLedger),
      };
    },

    readLedger: async () => read((await readItem(table, ledgerKey)).item, isLedger),

    writeLedger: (ledger: Ledger) => compareAndSet(table, { pk: ledgerKey, counter: 'epoch', value: ledger.epoch, body: ledger }),

    readActs,
    appendAct: (act) => appendAct(table, actsKey, readActs, act),

    writeIncident: (incident, evidence, replay) => writeIncident(table, incident, evidence, replay),
    listIncidents: (limit) => listIncidents(table, limit),
    readIncident: (id) => readIncident(table, id),
  };
}

/** What an item says: an absent one is `missing`; a newer schema or a wrong shape is `unreadable`. */
function read<T extends { token?: string }>(item: Item, is: (value: unknown) => value is T): Read<T> {
  if (!item) return 'missing';
  const value = decodeBody(item.body);
  if (!is(value)) return 'unreadable';
  return item.writer?.S === undefined ? value : { ...value, token: item.writer.S };
}
