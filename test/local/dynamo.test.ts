import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { HISTORY_KEPT_MS } from '../../lib/core/history.ts';
import { startDynamo } from '../../lib/local/dynamo.ts';
import { createClient, createTable } from '../../lib/store/client.ts';
import { createHistory } from '../../lib/store/history.ts';
import { at, ballotOf, freshStore, ledgerOf, tableName } from '../store/fixtures.ts';

async function start(path?: string) {
  const dynamo = await startDynamo(path === undefined ? {} : { path });
  const client = createClient({ endpoint: dynamo.endpoint, region: 'us-east-1' });
  await createTable(client, tableName);
  return {
    ...dynamo,
    store: freshStore(client, 'example'),
    async close() {
      client.destroy();
      await dynamo.close();
    },
  };
}

test('listens on loopback and forgets everything when it is closed', async () => {
  const first = await start();
  expect(first.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  await first.store.writeLedger(ledgerOf(1));
  await first.close();
  const second = await start();
  expect(await second.store.readLedger()).toBe('missing');
  await second.close();
});

test('keeps everything in a folder over a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dynamo-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const first = await start(folder);
  await first.store.writeLedger(ledgerOf(1));
  await first.close();
  const second = await start(folder);
  expect(await second.store.readLedger()).toMatchObject(ledgerOf(1));
  expect(await second.store.writeLedger(ledgerOf(2))).toBe('written');
  await second.close();
});

test('says in one line that a folder is in use, or is none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dynamo-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const { close } = await start(folder);
  await expect(start(folder)).rejects.toThrow(`${folder}: another process uses this folder (stop it, or name another)`);
  await close();
  const file = join(folder, 'CURRENT');
  await expect(start(file)).rejects.toThrow(/^\S+CURRENT: the data cannot be opened: EEXIST.* \(name another folder\)$/);
});

test('wipes every item of a table, and the table can be used on', async () => {
  const { wipe, store, close } = await start();
  onTestFinished(close);
  const vantages = Array.from({ length: 60 }, (_, index) => `v${index}`);
  for (const vantage of vantages) await store.writeBallot(ballotOf(1, {}, vantage));
  await wipe(tableName);
  const { ballots } = await store.readSnapshot(vantages);
  expect(new Set(Object.values(ballots))).toEqual(new Set(['missing']));
  expect(await store.writeBallot(ballotOf(1, {}, 'v0'))).toBe('written');
});

test('forgets the history that is old enough, of a table with more than a batch of it, and nothing else', async () => {
  const { endpoint, forget, store, close } = await start();
  onTestFinished(close);
  await store.writeLedger(ledgerOf(1));
  const client = createClient({ endpoint, region: 'us-east-1' });
  onTestFinished(() => client.destroy());
  const history = createHistory({ client, table: tableName, cell: 'example' });
  const rounds = Array.from({ length: 60 }, (_, index) => at + index * 1_000);
  for (const startedAt of rounds) await history.write({ vantage: 'v0', startedAt, list: '', took: Uint8Array.of(1) });
  await forget(tableName, at + HISTORY_KEPT_MS + 40_001);
  const left = (await history.read('v0', at, 1)).rounds.map(({ startedAt }) => startedAt);
  expect(left).toEqual(rounds.slice(40).reverse());
  expect(await store.readLedger()).toMatchObject(ledgerOf(1));
});

test('lives on when a client gives up in the middle of a request', async () => {
  const { endpoint, store, close } = await start();
  onTestFinished(close);
  const socket = connect(Number(new URL(endpoint).port), '127.0.0.1');
  await once(socket, 'connect');
  await new Promise<void>((resolve) => {
    socket.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{', () => resolve());
  });
  expect(await store.readLedger()).toBe('missing');
  socket.destroy();
  await once(socket, 'close');
  expect(await store.writeLedger(ledgerOf(1))).toBe('written');
});
