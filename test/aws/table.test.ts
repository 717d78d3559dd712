import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { perRegion } from '../../lib/aws/limits.ts';
import { createReplicas } from '../../lib/aws/table.ts';
import { type LocalDynamo, startDynamo } from '../../lib/local/dynamo.ts';
import type { Store } from '../../lib/ports.ts';
import { createClient, createTable } from '../../lib/store/client.ts';
import { createStore } from '../../lib/store/store.ts';
import { type FaultyProxy, startFaultyProxy } from '../store/faulty-proxy.ts';
import { ballotOf, ledgerOf, nextId, tableName } from '../store/fixtures.ts';
import { createSteppingClock } from './clock.ts';

const REGIONS = ['us-east-1', 'us-east-2', 'us-west-2'];

/** Three replicas, strongly consistent as only one table can be: one behind three doors. */
let dynamo: LocalDynamo;
let doors: Record<string, FaultyProxy>;
let clock: ReturnType<typeof createSteppingClock>;
let store: Store;

beforeAll(async () => {
  dynamo = await startDynamo();
  await createTable(createClient({ endpoint: dynamo.endpoint, region: 'us-east-1' }), tableName);
});
afterAll(() => dynamo.close());

beforeEach(async () => {
  doors = Object.fromEntries(
    await Promise.all(REGIONS.map(async (region) => [region, await startFaultyProxy(dynamo.endpoint)] as const)),
  );
  clock = createSteppingClock();
  const endpoints = Object.fromEntries(Object.entries(doors).map(([region, { endpoint }]) => [region, endpoint]));
  const clientOf = perRegion((region) => createClient({ region, endpoint: endpoints[region] ?? '' }));
  const client = createReplicas({ regions: REGIONS, clientOf, clock });
  store = createStore({ client, table: tableName, cell: nextId(), randomId: nextId, clock });
});
afterEach(() => Promise.all(Object.values(doors).map((door) => door.close().catch(() => {}))));

const seen = () => REGIONS.map((region) => doors[region]?.seen() ?? []);

describe('the nearest replica', () => {
  it('is the only one that is asked while it answers', async () => {
    expect(await store.writeLedger(ledgerOf(1))).toBe('written');
    expect(await store.readLedger()).toMatchObject({ epoch: 1 });
    expect(seen()).toEqual([['PutItem', 'GetItem'], [], []]);
  });

  it('is believed when it says no', async () => {
    await store.writeBallot(ballotOf(1));
    expect(await store.writeBallot(ballotOf(1))).toBe('conflict');
    expect(seen().slice(1)).toEqual([[], []]);
  });

  it('is waited for while another one writes the same item', async () => {
    doors['us-east-1']?.next('PutItem', ['replica-conflict', 'replica-conflict']);
    expect(await store.writeLedger(ledgerOf(1))).toBe('written');
    expect(seen().slice(1)).toEqual([[], []]);
  });
});

describe('when the nearest replica is gone', () => {
  it('the next one answers, first of all from then on, until it is worth a try again', async () => {
    await doors['us-east-1']?.close();
    expect(await store.writeLedger(ledgerOf(1))).toBe('written');
    expect(await store.readLedger()).toMatchObject({ epoch: 1 });
    expect(seen().slice(1)).toEqual([['PutItem', 'GetItem'], []]);
    doors['us-east-2']?.next('GetItem', ['error-before', 'error-before']);
    expect(await store.readLedger()).toMatchObject({ epoch: 1 });
    expect(seen()[2]).toEqual(['GetItem']);
  });

  it('and the next one too, the third answers', async () => {
    await Promise.all([doors['us-east-1']?.close(), doors['us-east-2']?.close()]);
    expect(await store.writeLedger(ledgerOf(1))).toBe('written');
    expect(seen()[2]).toEqual(['PutItem']);
  });

  it('is asked again half a minute later', async () => {
    doors['us-east-1']?.next('GetItem', ['error-before', 'error-before']);
    await store.readLedger();
    await store.readLedger();
    clock.step(30_000);
    await store.readLedger();
    expect(seen()).toEqual([['GetItem', 'GetItem', 'GetItem'], ['GetItem', 'GetItem'], []]);
  });

  it('or silent, it is left after a second; what it did all the same is one write', async () => {
    doors['us-east-1']?.next('PutItem', ['silent-after']);
    const startedAt = performance.now();
    expect(await store.writeLedger(ledgerOf(1))).toBe('written');
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    expect(seen()).toEqual([['PutItem'], ['PutItem', 'GetItem'], []]);
  });
});

it('fails when no replica answers', async () => {
  await Promise.all(Object.values(doors).map((door) => door.close()));
  await expect(store.readLedger()).rejects.toThrow(/ECONNREFUSED/);
});
