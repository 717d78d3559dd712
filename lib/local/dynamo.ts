import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AttributeValue, BatchWriteItemCommand, type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { create } from 'dynalite/db/index.js';
import { HISTORY_EXPIRES } from '../core/history.ts';
import { createClient } from '../store/client.ts';

/** DynamoDB API reference, BatchWriteItem. */
const BATCH = 25;

export interface LocalDynamo {
  endpoint: string;
  /** Deletes every item of a table: the fault `table-wiped`. */
  wipe(table: string): Promise<void>;
  /** Deletes what a table may forget by then, ms since 1970, as DynamoDB does by itself (developer guide, "Time to Live"). */
  forget(table: string, now: number): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts an embedded DynamoDB on a free port of loopback: in memory, or in the folder `path`, where it survives a restart.
 * Throws `<path>: what is wrong` when that folder cannot be used.
 */
export async function startDynamo({ path }: { path?: string } = {}): Promise<LocalDynamo> {
  if (path !== undefined) await tryFolder(path);
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0, ...(path === undefined ? {} : { path }) });
  // dynalite throws, and so ends the process, when a client gives up in the middle of a request. Our clients do, after a second.
  server.on('request', (request: IncomingMessage) => request.removeAllListeners('error'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createClient({ endpoint, region: 'local', requestTimeoutMs: 10_000 });
  return {
    endpoint,
    wipe: (table) => wipe(client, table),
    forget: (table, now) => forget(client, table, now),
    async close() {
      client.destroy();
      const closed = new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** dynalite opens its database in the background and ends the process at the first request if that failed: so try it before. */
async function tryFolder(path: string): Promise<void> {
  const { db } = create({ path });
  try {
    await db.open();
  } catch (error) {
    const cause = error instanceof Error && (error.cause as NodeJS.ErrnoException | undefined);
    if (cause && cause.code === 'LEVEL_LOCKED')
      throw new Error(`${path}: another process uses this folder (stop it, or name another)`);
    throw new Error(`${path}: the data cannot be opened: ${(cause || (error as Error)).message} (name another folder)`);
  }
  await db.close();
}

async function wipe(client: DynamoDBClient, table: string): Promise<void> {
  const scan = new ScanCommand({ TableName: table, ProjectionExpression: 'pk, sk', Limit: BATCH });
  for (;;) {
    const { Items = [] } = await client.send(scan);
    if (Items.length === 0) return;
    await remove(client, table, Items);
  }
}

async function forget(client: DynamoDBClient, table: string, now: number): Promise<void> {
  let start: Record<string, AttributeValue> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await client.send(
      new ScanCommand({
        TableName: table,
        ProjectionExpression: 'pk, sk',
        FilterExpression: '#expires < :now',
        ExpressionAttributeNames: { '#expires': HISTORY_EXPIRES },
        ExpressionAttributeValues: { ':now': { N: String(Math.floor(now / 1_000)) } },
        ExclusiveStartKey: start,
      }),
    );
    for (let from = 0; from < Items.length; from += BATCH) await remove(client, table, Items.slice(from, from + BATCH));
    start = LastEvaluatedKey;
  } while (start);
}

async function remove(client: DynamoDBClient, table: string, keys: readonly Record<string, AttributeValue>[]): Promise<void> {
  const deletes = keys.map((Key) => ({ DeleteRequest: { Key } }));
  await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: deletes } }));
}
