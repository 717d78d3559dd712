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
  /** `token`: of the write that the body was derived from. Nothing else is overwritten, however the numbers fit. */
  body: { schema: number; token?: string };
}

/** Short: two regions that write the same item are done within a round trip between them. */
const replicaConflictPausesMs = [25, 50, 100];

/**
 * Writes if the stored counter is one less and the token the one that was read, or if nothing is stored and the value is 1. The
 * number alone would do, were it not for tables that are emptied or restored: their items grow to the same numbers again.
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
    writer: { S: writer },
    body: encodeBody(item.pk, { ...item.body, token: undefined }),
  };
}

function condition(item: CountedItem) {
  if (item.value === 1) return { ConditionExpression: 'attribute_not_exists(pk)' };
  const before = { ':before': { N: String(item.value - 1) } };
  const names = { '#counter': item.counter };
  const { token } = item.body;
  if (token === undefined) {
    return { ConditionExpression: '#counter = :before', ExpressionAttributeNames: names, ExpressionAttributeValues: before };
  }
  return {
    ConditionExpression: '#counter = :before AND writer = :token',
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: { ...before, ':token': { S: token } },
  };
}
