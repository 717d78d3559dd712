import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type LocalDynamo, startDynamo } from '../../lib/local/dynamo.ts';
import { createClient, createTable } from '../../lib/store/client.ts';
import { createStore } from '../../lib/store/store.ts';
import { type Fault, type FaultyProxy, startFaultyProxy } from './faulty-proxy.ts';
import {
  asRead,
  at,
  ballotOf,
  downVote,
  evidenceOf,
  freshStore,
  incidentOf,
  instantClock,
  ledgerOf,
  nextId,
  tableName,
} from './fixtures.ts';

let dynamo: LocalDynamo;
let proxy: FaultyProxy;
let client: DynamoDBClient;
let direct: DynamoDBClient;

beforeAll(async () => {
  dynamo = await startDynamo();
  proxy = await startFaultyProxy(dynamo.endpoint);
  direct = createClient({ endpoint: dynamo.endpoint, region: 'us-east-1' });
  await createTable(direct, tableName);
});
// A client stops trying again when too much failed before: each test has its own.
beforeEach(() => {
  client = createClient({ endpoint: proxy.endpoint, region: 'us-east-1', requestTimeoutMs: 200 });
});
afterEach(() => {
  client.destroy();
  proxy.reset();
});
afterAll(async () => {
  direct.destroy();
  await proxy.close();
  await dynamo.close();
});

describe('a write whose answer was lost', () => {
  // The client makes two attempts; what happens to each of them.
  test.each<{ faults: Fault[]; reads: number }>([
    { faults: ['lost-before'], reads: 0 },
    { faults: ['lost-after'], reads: 1 },
    { faults: ['error-after'], reads: 1 },
    { faults: ['silent-after'], reads: 1 },
    { faults: ['lost-after', 'lost-before'], reads: 1 },
    { faults: ['lost-before', 'lost-after'], reads: 1 },
    { faults: ['error-after', 'error-before'], reads: 1 },
    { faults: ['lost-after', 'replica-conflict'], reads: 1 },
  ])('but which was committed is written: $faults', async ({ faults, reads }) => {
    const store = freshStore(client);
    proxy.next('PutItem', faults);
    expect(await store.writeLedger(ledgerOf(1))).toBe('written');
    expect(proxy.seen().filter((operation) => operation === 'GetItem')).toHaveLength(reads);
    expect(await store.readLedger()).toEqual(asRead(ledgerOf(1)));
  });

  test.each<Fault[][]>([[['lost-before', 'lost-before']], [['error-before', 'error-before']]])(
    'and which was not committed throws, and changes nothing: %s',
    async (faults) => {
      const store = freshStore(client);
      proxy.next('PutItem', faults);
      await expect(store.writeBallot(ballotOf(1))).rejects.toThrow();
      expect((await store.readBallot('eu-west-1')).ballot).toBe('missing');
    },
  );

  test('is a conflict when somebody else’s is there', async () => {
    const store = freshStore(client);
    await freshStore(direct, store.cell).writeLedger(ledgerOf(1, 'theirs'));
    for (const faults of [['lost-before'], ['error-before', 'lost-before']] as const) {
      proxy.next('PutItem', faults);
      expect(await store.writeLedger(ledgerOf(1, 'ours'))).toBe('conflict');
    }
  });

  test('throws what went wrong when it cannot be read back', async () => {
    const store = freshStore(client);
    proxy.next('PutItem', ['error-after', 'error-before']);
    proxy.next('GetItem', ['lost-before', 'lost-before']);
    await expect(store.writeBallot(ballotOf(1))).rejects.toMatchObject({ name: 'InternalServerError' });
    expect(await store.writeBallot(ballotOf(1))).toBe('conflict');
  });

  test('keeps an act once', async () => {
    const store = freshStore(client);
    proxy.next('PutItem', ['lost-after']);
    expect(await store.appendAct({ kind: 'drain', node: 'eu1', at, by: 'ann' })).toMatchObject({ seq: 1 });
    proxy.next('PutItem', ['lost-before', 'lost-before']);
    await expect(store.appendAct({ kind: 'drain', node: 'us1', at, by: 'ann' })).rejects.toThrow();
    expect(await store.readActs()).toMatchObject({ version: 1, acts: [{ seq: 1, node: 'eu1' }] });
  });

  test('keeps an incident’s evidence once', async () => {
    const store = freshStore(client);
    proxy.next('UpdateItem', ['lost-after']);
    await store.writeIncident(incidentOf('x', [1]), [evidenceOf(1)]);
    expect((await store.readIncident('x'))?.evidence).toEqual([evidenceOf(1)]);
  });

  test('never has two winners, whatever is lost', async () => {
    const fault = fc.constantFrom<Fault>('pass', 'lost-before', 'lost-after', 'error-before', 'error-after', 'replica-conflict');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(fault, { maxLength: 8 }), async (writers, faults) => {
        const store = freshStore(client);
        proxy.next('PutItem', faults);
        const ballots = Array.from({ length: writers }, (_, writer) => ballotOf(1, { [`w${writer}`]: downVote() }));
        const results = await Promise.all(ballots.map((ballot) => store.writeBallot(ballot).catch(() => 'threw')));
        const { ballot } = await store.readBallot('eu-west-1');
        const stored = ballots.findIndex(
          ({ votes }) => typeof ballot === 'object' && Object.keys(votes)[0] === Object.keys(ballot.votes)[0],
        );
        const winners = results.flatMap((result, index) => (result === 'written' ? [index] : []));
        expect(winners).toEqual(stored < 0 ? [] : [stored]);
        if (stored < 0) expect(results).not.toContain('conflict');
      }),
      { numRuns: 15 },
    );
  });
});

describe('a conflict between replicas', () => {
  const storeWithClock = () => {
    const clock = instantClock();
    return { clock, ...createStore({ client, table: tableName, cell: nextId(), randomId: nextId, clock }) };
  };

  test('is tried again after short, growing pauses', async () => {
    const { clock, writeLedger, readLedger } = storeWithClock();
    proxy.next('PutItem', Array<Fault>(6).fill('replica-conflict'));
    expect(await writeLedger(ledgerOf(1))).toBe('written');
    expect(await readLedger()).toEqual(asRead(ledgerOf(1)));
    expect(clock.pausesMs).toEqual([25, 50, 100]);
  });

  test('that goes on is thrown', async () => {
    const { clock, writeLedger, writeIncident } = storeWithClock();
    proxy.next('PutItem', Array<Fault>(8).fill('replica-conflict'));
    await expect(writeLedger(ledgerOf(1))).rejects.toMatchObject({ name: 'ReplicatedWriteConflictException' });
    proxy.next('UpdateItem', Array<Fault>(8).fill('replica-conflict'));
    await expect(writeIncident(incidentOf('x', [1]), [])).rejects.toMatchObject({ name: 'ReplicatedWriteConflictException' });
    expect(clock.pausesMs).toEqual([25, 50, 100, 25, 50, 100]);
  });
});

describe('a snapshot with unprocessed keys', () => {
  test('asks for them again, twice', async () => {
    const store = freshStore(client);
    await store.writeBallot(ballotOf(1));
    proxy.next('BatchGetItem', ['unprocessed', 'unprocessed']);
    expect(await store.readSnapshot(['eu-west-1'])).toEqual({
      ballots: { 'eu-west-1': asRead(ballotOf(1)) },
      acts: 'missing',
      ledger: 'missing',
    });
  });

  test('says unreadable of those that stay, never missing', async () => {
    const store = freshStore(client);
    proxy.next('BatchGetItem', ['unprocessed', 'unprocessed', 'unprocessed']);
    expect(await store.readSnapshot(['eu-west-1'])).toEqual({
      ballots: { 'eu-west-1': 'unreadable' },
      acts: 'unreadable',
      ledger: 'unreadable',
    });
  });

  test('throws when the table does not answer', async () => {
    proxy.next('BatchGetItem', ['silent-after', 'silent-after']);
    await expect(freshStore(client).readSnapshot(['eu-west-1'])).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

test('a fault of the local runtime fails every attempt, and heals', async () => {
  let isDown = true;
  let attempts = 0;
  const faulty = createClient({
    endpoint: dynamo.endpoint,
    region: 'us-east-1',
    faults: () => {
      attempts++;
      if (isDown) throw new Error('table-down');
    },
  });
  const store = freshStore(faulty);
  await expect(store.readLedger()).rejects.toThrow('table-down');
  await expect(store.writeLedger(ledgerOf(1))).rejects.toThrow('table-down');
  isDown = false;
  expect(await store.writeLedger(ledgerOf(1))).toBe('written');
  expect(attempts).toBe(4);
  faulty.destroy();
});
