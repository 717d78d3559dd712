import { type AttributeValue, BatchGetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Item } from './read-item.ts';
import type { Table } from './table.ts';

/** DynamoDB API reference, BatchGetItem. */
export const MAX_BATCH_KEYS = 100;
/** Pauses before asking again for keys that a batch read left unprocessed. */
const unprocessedPausesMs = [20, 60];

/** One strongly consistent batch read, by `pk`; what stays unprocessed after two short pauses is `unprocessed`. */
export async function readBatch(
  { client, table, clock }: Table,
  pks: readonly string[],
): Promise<Map<string, Item | 'unprocessed'>> {
  const items = new Map<string, Item | 'unprocessed'>();
  let keys = pks.map((pk): Record<string, AttributeValue> => ({ pk: { S: pk }, sk: { S: '-' } }));
  for (let tries = 0; ; tries++) {
    const command = new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } });
    const { Responses, UnprocessedKeys } = await client.send(command);
    for (const item of Responses?.[table] ?? []) items.set(item.pk?.S ?? '', item);
    keys = UnprocessedKeys?.[table]?.Keys ?? [];
    const pauseMs = unprocessedPausesMs[tries];
    if (keys.length === 0 || pauseMs === undefined) break;
    await clock.sleep(pauseMs);
  }
  for (const { pk } of keys) items.set(pk?.S ?? '', 'unprocessed');
  return items;
}
