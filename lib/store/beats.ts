import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { BEAT_KINDS, type Beat, type Signal } from '../core/heartbeats.ts';
import type { Read } from '../core/inputs.ts';
import type { Beats } from '../ports.ts';
import { decodeBody } from './body.ts';
import { fields, number, optional, string } from './guards.ts';
import { MAX_BATCH_KEYS, readBatch } from './read-batch.ts';
import type { Item } from './read-item.ts';
import type { Table } from './table.ts';

const isSignal = fields<Signal>({ at: number, exitCode: optional(number), message: optional(string) }) as (
  value: unknown,
) => value is Signal;

/** The heartbeats of a cell: one item a check, with the last signal of each kind and when it came. */
export function createBeats(table: Table): Beats {
  const keyOf = (check: string) => `beat/${table.cell}/${check}`;

  return {
    async read(checks) {
      const beats: Record<string, Read<Beat>> = {};
      for (let from = 0; from < checks.length; from += MAX_BATCH_KEYS) {
        const some = checks.slice(from, from + MAX_BATCH_KEYS);
        const items = await readBatch(table, some.map(keyOf));
        for (const check of some) beats[check] = beatOf(items.get(keyOf(check)));
      }
      return beats;
    },

    /** Signals of one kind may overtake one another on their way: the later one stays. */
    async record(check, kind, signal) {
      try {
        await table.client.send(
          new UpdateItemCommand({
            TableName: table.table,
            Key: { pk: { S: keyOf(check) }, sk: { S: '-' } },
            UpdateExpression: 'SET #schema = :schema, #kind = :signal, #at = :at',
            ConditionExpression: 'attribute_not_exists(#at) OR #at < :at',
            ExpressionAttributeNames: { '#schema': 'schema', '#kind': kind, '#at': `${kind}At` },
            ExpressionAttributeValues: {
              ':schema': { N: '1' },
              ':signal': { S: JSON.stringify(signal) },
              ':at': { N: String(signal.at) },
            },
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}

function beatOf(item: Item | 'unprocessed'): Read<Beat> {
  if (item === undefined) return 'missing';
  if (item === 'unprocessed' || item.schema?.N !== '1') return 'unreadable';
  const beat: Beat = {};
  for (const kind of BEAT_KINDS) {
    if (!item[kind]) continue;
    const signal = decodeBody(item[kind]);
    if (!isSignal(signal)) return 'unreadable';
    beat[kind] = signal;
  }
  return beat;
}
