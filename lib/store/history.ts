import { type AttributeValue, type DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { HISTORY_EXPIRES, HISTORY_KEPT_MS, type RoundTimes } from '../core/history.ts';
import type { History } from '../ports.ts';

/** The history table, which is not the voting table: it forgets, and nobody votes by it. */
export interface HistoryTable {
  client: Pick<DynamoDBClient, 'send'>;
  table: string;
  cell: string;
}

type Attributes = Record<string, AttributeValue>;

const SCHEMA = '1';

/**
 * History in DynamoDB: one item a round and vantage, written once and never changed. Reads are eventually consistent, which is half
 * the price: what is a second old is not missed here.
 */
export function createHistory({ client, table, cell }: HistoryTable): History {
  const keyOf = (vantage: string) => `history/${cell}/${vantage}`;

  return {
    async write({ vantage, startedAt, list, took }) {
      const Item: Attributes = {
        pk: { S: keyOf(vantage) },
        sk: { S: timeOf(startedAt) },
        schema: { N: SCHEMA },
        list: { S: list },
        took: { B: took },
        [HISTORY_EXPIRES]: { N: String(Math.ceil((startedAt + HISTORY_KEPT_MS) / 1_000)) },
      };
      await client.send(new PutItemCommand({ TableName: table, Item }));
    },

    async read(vantage, from, maxPages) {
      const rounds: RoundTimes[] = [];
      let unreadable = 0;
      let start: Attributes | undefined;
      for (let page = 0; page < maxPages; page++) {
        const { Items = [], LastEvaluatedKey } = await client.send(
          new QueryCommand({
            TableName: table,
            ScanIndexForward: false,
            KeyConditionExpression: 'pk = :pk AND sk >= :from',
            ExpressionAttributeValues: { ':pk': { S: keyOf(vantage) }, ':from': { S: timeOf(from) } },
            ExclusiveStartKey: start,
          }),
        );
        for (const item of Items) {
          const round = readRound(vantage, item);
          if (round) rounds.push(round);
          else unreadable++;
        }
        if (!LastEvaluatedKey) break;
        start = LastEvaluatedKey;
      }
      return { rounds, unreadable };
    },
  };
}

/** Sorts as time does. */
const timeOf = (ms: number): string => new Date(ms).toISOString();

function readRound(vantage: string, { sk, schema, list, took }: Attributes): RoundTimes | undefined {
  const startedAt = Date.parse(sk?.S ?? '');
  if (schema?.N !== SCHEMA || Number.isNaN(startedAt) || list?.S === undefined || took?.B === undefined) return undefined;
  return { vantage, startedAt, list: list.S, took: took.B };
}
