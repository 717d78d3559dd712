import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  DynamoDBServiceException,
  GetItemCommand,
  PutItemCommand,
  ReplicatedWriteConflictException,
} from '@aws-sdk/client-dynamodb';
import type { Clock, Written } from '../ports.ts';
import { encodeBody } from './body.ts';

/** What the store is made of; see `createStore`. */
export interface Table {
  client: DynamoDBClient;
  table: string;
  cell: string;
  /** A fresh random text at each call: writer tokens and incarnations. */
  randomId: () => string;
  clock: Clock;
}

/** An item whose `version` or `epoch` grows by exactly one with each write. */
export interface CountedItem {
  pk: string;
  counter: 'version' | 'epoch';
  /** 1 creates the item. */
  value: number;
  /** Drawn when the item was created: an item of another incarnation is never overwritten, however the numbers fit. */
  incarnation?: string;
  body: { schema: number };
}

/** Pauses before the further tries after a ReplicatedWriteConflictException (another replica was writing the same item). */
const replicaConflictPausesMs = [25, 50, 100];

/**
 * Writes if the stored counter is one less and the incarnation the same, or if nothing is stored and the value is 1.
 *
 * A failed condition can be our own success: a first attempt was committed, its answer lost, and the second found our own item.
 * So whenever an attempt may have landed unheard, the item is read back and its writer token decides. Throws when nobody can
 * say, or when nothing was written and nobody else wrote: the table cannot be reached.
 */
export async function compareAndSet(table: Table, item: CountedItem): Promise<Written> {
  const writer = table.randomId();
  const command = { TableName: table.table, Item: attributes(item, writer), ...condition(item) };
  let unheard = false;
  for (let tries = 0; ; tries++) {
    try {
      await table.client.send(new PutItemCommand(command));
      return 'written';
    } catch (error) {
      unheard ||= mayHaveLandedUnheard(error);
      const pauseMs = error instanceof ReplicatedWriteConflictException ? replicaConflictPausesMs[tries] : undefined;
      if (pauseMs !== undefined) await table.clock.sleep(pauseMs);
      else if (unheard) return readBack(table, item, writer, error);
      else if (error instanceof ConditionalCheckFailedException) return 'conflict';
      else throw error;
    }
  }
}

function attributes(item: CountedItem, writer: string): Record<string, AttributeValue> {
  return {
    pk: { S: item.pk },
    sk: { S: '-' },
    schema: { N: String(item.body.schema) },
    [item.counter]: { N: String(item.value) },
    ...(item.incarnation === undefined ? {} : { incarnation: { S: item.incarnation } }),
    writer: { S: writer },
    body: encodeBody(item.pk, item.body),
  };
}

function condition(item: CountedItem) {
  if (item.value === 1) return { ConditionExpression: 'attribute_not_exists(pk)' };
  const before = { ':before': { N: String(item.value - 1) } };
  const names = { '#counter': item.counter };
  if (item.incarnation === undefined) {
    return { ConditionExpression: '#counter = :before', ExpressionAttributeNames: names, ExpressionAttributeValues: before };
  }
  return {
    ConditionExpression: '#counter = :before AND incarnation = :same',
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: { ...before, ':same': { S: item.incarnation } },
  };
}

/** Only a first attempt that DynamoDB itself refused (4xx) is known to have changed nothing. */
function mayHaveLandedUnheard(error: unknown): boolean {
  if (!(error instanceof DynamoDBServiceException)) return true;
  const { attempts = 1, httpStatusCode = 0 } = error.$metadata;
  return attempts > 1 || httpStatusCode >= 500;
}

async function readBack(table: Table, item: CountedItem, writer: string, error: unknown): Promise<Written> {
  const stored = await readItem(table, item.pk).catch(() => {
    throw error;
  });
  if (stored?.writer?.S === writer) return 'written';
  if (error instanceof ConditionalCheckFailedException) return 'conflict';
  const storedValue = Number(stored?.[item.counter]?.N ?? 0);
  if (storedValue === item.value - 1) throw error;
  return 'conflict';
}

/** One strongly consistent read of a single item. */
export async function readItem({ client, table }: Table, pk: string): Promise<Record<string, AttributeValue> | undefined> {
  const command = new GetItemCommand({ TableName: table, Key: { pk: { S: pk }, sk: { S: '-' } }, ConsistentRead: true });
  return (await client.send(command)).Item;
}
