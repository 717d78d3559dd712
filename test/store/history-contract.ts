import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HISTORY_KEPT_MS, type RoundTimes } from '../../lib/core/history.ts';
import { createClient, createTable } from '../../lib/store/client.ts';
import { createHistory } from '../../lib/store/history.ts';
import '../fakes/models.ts';
import type { Server } from './contract.ts';
import { at, nextId } from './fixtures.ts';
import { createMemoryHistory } from './memory-history.ts';

const table = 'quorumwatch-test-history';
const PAGES = 10;

const roundOf = (startedAt: number, took: number[] | Uint8Array = [1, 0, 255], vantage = 'eu-west-1'): RoundTimes => ({
  vantage,
  startedAt,
  list: '0badf00d',
  took: Uint8Array.from(took),
});

/** What every history must do, also one in memory that stands in for it in tests. */
function rulesOf(open: () => ReturnType<typeof createMemoryHistory> | ReturnType<typeof createHistory>): void {
  test('gives what was written since then, newest first, of that vantage alone', async () => {
    const history = open();
    expect(await history.read('eu-west-1', at, PAGES)).toEqual({ rounds: [], unreadable: 0 });
    for (const startedAt of [at + 10_000, at - 1, at, at + 2]) await history.write(roundOf(startedAt));
    await history.write(roundOf(at + 5, [7], 'us-east-2'));
    expect(await history.read('eu-west-1', at, PAGES)).toEqual({
      rounds: [roundOf(at + 10_000), roundOf(at + 2), roundOf(at)],
      unreadable: 0,
    });
  });

  test('keeps a round once that was written twice, and one of no checks', async () => {
    const history = open();
    for (const took of [[1], [2]]) await history.write(roundOf(at, took));
    await history.write(roundOf(at + 1, []));
    expect((await history.read('eu-west-1', at, PAGES)).rounds).toEqual([roundOf(at + 1, []), roundOf(at, [2])]);
  });
}

export function historyContract(name: string, start: () => Promise<Server>): void {
  describe('history in memory', () => rulesOf(createMemoryHistory));

  describe(`history on ${name}`, () => {
    let server: Server;
    let client: DynamoDBClient;
    const historyOf = (cell = nextId()) => ({ cell, ...createHistory({ client, table, cell }) });

    beforeAll(async () => {
      server = await start();
      client = createClient({ endpoint: server.endpoint, region: 'us-east-1', requestTimeoutMs: 5_000 });
      await createTable(client, table);
    }, 30_000);
    afterAll(async () => {
      client?.destroy();
      await server?.close();
    });

    rulesOf(historyOf);

    test('may be forgotten after its time, never before', async () => {
      const history = historyOf();
      await history.write(roundOf(at + 1));
      const Key = { pk: { S: `history/${history.cell}/eu-west-1` }, sk: { S: '2026-01-01T00:00:00.001Z' } };
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key }));
      expect(Item).toMatchObject({ schema: { N: '1' }, expires: { N: String((at + HISTORY_KEPT_MS) / 1_000 + 1) } });
    });

    test('counts what it cannot read, and shows the rest', async () => {
      const history = historyOf();
      const good = { schema: { N: '1' }, list: { S: 'a' }, took: { B: Uint8Array.of(1) } };
      const { list: _, ...unlisted } = good;
      const items = { newer: { ...good, schema: { N: '2' } }, unlisted, text: { ...good, took: { S: 'fast' } }, sometime: good };
      for (const [sk, item] of Object.entries(items)) {
        const at = sk === 'sometime' ? sk : `2026-01-01T00:00:00.00${Object.keys(items).indexOf(sk)}Z`;
        const keys = { pk: { S: `history/${history.cell}/eu-west-1` }, sk: { S: at } };
        await client.send(new PutItemCommand({ TableName: table, Item: { ...keys, ...item } }));
      }
      await history.write(roundOf(at + 100));
      expect(await history.read('eu-west-1', at, PAGES)).toEqual({ rounds: [roundOf(at + 100)], unreadable: 4 });
    });

    test('reads so many pages of 1 MB and no more, the newest', async () => {
      const history = historyOf();
      const large = new Uint8Array(300_000).fill(7);
      const times = Array.from({ length: 8 }, (_, index) => at + index);
      for (const startedAt of times) await history.write(roundOf(startedAt, large));
      const read = async (pages: number) => (await history.read('eu-west-1', at, pages)).rounds.map(({ startedAt }) => startedAt);
      const first = await read(1);
      expect(first.length).toBeGreaterThan(2);
      expect(first).toEqual(times.toReversed().slice(0, first.length));
      expect(first.length).toBeLessThan(5);
      expect(await read(PAGES)).toEqual(times.toReversed());
    });

    test('throws when its table is not there', async () => {
      const history = createHistory({ client, table: 'quorumwatch-none', cell: 'any' });
      await expect(history.write(roundOf(at))).rejects.toThrow();
      await expect(history.read('eu-west-1', at, PAGES)).rejects.toThrow();
    });
  });
}
