import { type AttributeValue, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Table } from './table.ts';

/** As DynamoDB gives it; absent when there is none. */
export type Item = Record<string, AttributeValue> | undefined;

/** One strongly consistent read, with the table's clock: the answer's `Date` header (RFC 9110 6.6.1), ms since 1970. */
export async function readItem({ client, table }: Table, pk: string): Promise<{ item: Item; serverTime?: number }> {
  const command = new GetItemCommand({ TableName: table, Key: { pk: { S: pk }, sk: { S: '-' } }, ConsistentRead: true });
  let serverTime = Number.NaN;
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers } = result.response as { headers?: Record<string, string> };
      serverTime = Date.parse(headers?.date ?? '');
      return result;
    },
    { step: 'deserialize', priority: 'high', name: 'serverTime' },
  );
  const { Item: item } = await client.send(command);
  return Number.isNaN(serverTime) ? { item } : { item, serverTime };
}
