import {
  type AttributeValue,
  ConditionalCheckFailedException,
  PutItemCommand,
  ReplicatedWriteConflictException,
} from '@aws-sdk/client-dynamodb';
import type { Clock, Written } from '../ports.ts';
import { encodeBody } from './body.ts';
import { readItem } from './read-item.ts';
import type { Table } from './table.ts';

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

/** Short: two regions that write the same item are done within a round trip between them. */
const replicaConflictPausesMs = [25, 50, 100];

/**
 * Writes if the stored counter is one less and the incarnation the same, or if nothing is stored and the value is 1.
 *
 * No failure is believed as it stands: a first attempt may have been committed and its answer lost, and the SDK's second then
 * fails on our own item. So the item is read back, and its writer token decides. Throws when nobody can say, or when nobody
 * wrote at all.
 */
export async function compareAndSet(table: Table, item: CountedItem): Promise<Written> {
  const writer = table.randomId();
  const command = { TableName: table.table, Item: attributes(item, writer), ...condition(item) };
  try {
    await retryReplicaConflicts(table.clock, () => table.client.send(new PutItemCommand(command)));
    return 'written';
  } catch (error) {
    const { item: stored } = await readItem(table, item.pk).catch(() => {
      throw error;
    });
    if (stored?.writer?.S === writer) return 'written';
    const isUnchanged = Number(stored?.[item.counter]?.N ?? 0) === item.value - 1;
    if (isUnchanged && !(error instanceof ConditionalCheckFailedException)) throw error;
    return 'conflict';
  }
}

/** Tries a write again, a few times, while another replica is writing the same item (ReplicatedWriteConflictException). */
export async function retryReplicaConflicts<T>(clock: Clock, write: () => Promise<T>): Promise<T> {
  for (const pauseMs of replicaConflictPausesMs) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof ReplicatedWriteConflictException)) throw error;
      await clock.sleep(pauseMs);
    }
  }
  return write();
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
