import { randomBytes } from 'node:crypto';
import { historyTableName, tableName } from '../aws/names.ts';
import type { Cell } from '../core/cell.ts';
import type { Clock, History } from '../ports.ts';
import { createClient } from '../store/client.ts';
import { createHistory } from '../store/history.ts';
import type { Table } from '../store/table.ts';
import type { Faults } from './faults.ts';

/** There is no other replica to turn to, and everything here shares one machine. */
export const TABLE_TIMEOUT_MS = 5_000;

export interface LocalTable {
  cell: Cell;
  clock: Clock;
  faults: Faults;
  /** Of the embedded DynamoDB. */
  endpoint: string;
}

export const randomId = (): string => randomBytes(6).toString('hex');

/** The table over a connection of its own, as each Lambda has; a vantage that is isolated loses it. */
export function openTable({ cell, clock, faults, endpoint }: LocalTable, vantage?: string): Table {
  const client = createClient({
    region: 'local',
    endpoint,
    requestTimeoutMs: TABLE_TIMEOUT_MS,
    faults: () => {
      if (faults.ofService('table-down')) throw new Error('the table does not answer (injected fault)');
      if (vantage && faults.ofVantage(vantage) === 'isolated') throw new Error('the table cannot be reached (injected fault)');
    },
  });
  return { client, table: tableName(cell), cell: cell.name, randomId, clock };
}

/** History is in the same database: whoever loses the table loses it too. */
export const openHistory = ({ client, cell }: Table): History =>
  createHistory({ client, table: historyTableName({ name: cell }), cell });
