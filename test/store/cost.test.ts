import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Ballot } from '../../lib/core/ballot.ts';
import type { Cell, Check } from '../../lib/core/cell.ts';
import { roundTimes } from '../../lib/core/history.ts';
import { mergeRun, type Observation } from '../../lib/core/merge.ts';
import { type LocalDynamo, startDynamo } from '../../lib/local/dynamo.ts';
import { createBeats } from '../../lib/store/beats.ts';
import { createClient, createTable } from '../../lib/store/client.ts';
import { createHistory } from '../../lib/store/history.ts';
import { at, freshStore, instantClock, ledgerOf, nextId, tableName } from './fixtures.ts';

const vantages = ['eu-west-1', 'us-east-2', 'ap-northeast-1', 'ca-central-1', 'sa-east-1'];
const intervalMs = 30_000;

let dynamo: LocalDynamo;
let client: DynamoDBClient;
let spent: { operation: string; units: number }[] = [];

beforeAll(async () => {
  dynamo = await startDynamo();
  client = createClient({ endpoint: dynamo.endpoint, region: 'us-east-1' });
  await createTable(client, tableName);
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } as typeof args.input });
      const consumed = (result.output as { ConsumedCapacity?: Capacity | Capacity[] }).ConsumedCapacity ?? [];
      const units = [consumed].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
      spent.push({ operation: String(context.commandName), units });
      return result;
    },
    { step: 'initialize' },
  );
});
afterAll(async () => {
  client.destroy();
  await dynamo.close();
});

interface Capacity {
  CapacityUnits?: number;
}

// A strongly consistent read is 1 unit for each 4 KB of an item (any other read half of that), a write 1 unit for each 1 KB.
test.each([10, 2000])('while all of %i checks are up, a round is 1 read and 1 write, a wake 1 batch read', async (count) => {
  const cell = cellOf(count);
  const store = freshStore(client);
  for (const vantage of vantages) await store.writeBallot(healthyRound(cell, vantage, undefined, at));
  await store.writeLedger(ledgerOf(1));
  await store.appendAct({ kind: 'drain', node: 'eu1', at, by: 'ann' });

  spent = [];
  const { ballot } = await store.readBallot('eu-west-1');
  await store.writeBallot(healthyRound(cell, 'eu-west-1', ballot as Ballot, at + intervalMs));
  expect(spent).toEqual([
    { operation: 'GetItemCommand', units: 1 },
    { operation: 'PutItemCommand', units: 1 },
  ]);

  spent = [];
  await store.readSnapshot(vantages);
  expect(spent).toEqual([{ operation: 'BatchGetItemCommand', units: vantages.length + 2 }]);

  spent = [];
  await store.readLedger();
  expect(spent).toEqual([{ operation: 'GetItemCommand', units: 1 }]);
});

test('heartbeats of 100 checks cost a round one batch read more; sending one is one write', async () => {
  const cell = nextId();
  const beats = createBeats({ client, table: tableName, cell, randomId: nextId, clock: instantClock() });
  const checks = Array.from({ length: 100 }, (_, index) => `n${index}/beat`);
  await beats.record('n0/beat', 'success', { at });
  spent = [];
  await beats.read(checks);
  expect(spent).toMatchObject([{ operation: 'BatchGetItemCommand' }]);

  spent = [];
  await beats.record('n0/beat', 'success', { at: at + 1 });
  expect(spent).toEqual([{ operation: 'UpdateItemCommand', units: 1 }]);
});

test.each([
  [10, 1],
  [900, 1],
  [2_000, 3],
])('history of %i checks is one write a round, of %i units', async (count, units) => {
  const history = createHistory({ client, table: tableName, cell: nextId() });
  spent = [];
  await history.write(roundTimes(cellOf(count), 'ap-northeast-1', at, new Map()));
  expect(spent).toEqual([{ operation: 'PutItemCommand', units }]);
});

test('an hour of history of 1,000 checks at 30 s is read for 16.5 units a vantage', async () => {
  const cell = cellOf(1_000);
  const history = createHistory({ client, table: tableName, cell: cell.name });
  for (let round = 0; round < 120; round++)
    await history.write(roundTimes(cell, 'ap-northeast-1', at + round * intervalMs, new Map()));
  spent = [];
  expect((await history.read('ap-northeast-1', at, 1)).rounds).toHaveLength(120);
  expect(spent).toEqual([{ operation: 'QueryCommand', units: 16.5 }]);
});

/** The ballot that a prober would write after a round in which every check was up. */
function healthyRound(cell: Cell, vantage: string, prior: Ballot | undefined, startedAt: number): Ballot {
  const up: Observation = { vote: 'up', reason: 'ok', observedAt: startedAt + 100 };
  const seen = new Map(cell.checks.map(({ key }) => [key, up]));
  return mergeRun(cell, vantage, prior, { kind: 'round', startedAt, intervalsMs: [intervalMs], seen }).ballot;
}

function cellOf(count: number): Cell {
  const checks = Array.from({ length: count }, (_, index): Check => {
    const spec = { allowPrivate: false, expect: { time: {} } };
    return {
      key: `node-${index}/p2p`,
      node: `node-${index}`,
      id: 'p2p',
      hash: `h${index}`,
      intervalMs,
      timeoutMs: 4000,
      attempts: 2,
      downForMs: 5000,
      recover: 2,
      vantages,
      quorum: 3,
      severity: 'critical',
      probe: { kind: 'tcp', host: `node-${index}.example.org`, port: 9876, ...spec },
    };
  });
  return {
    name: 'example',
    configHash: 'config',
    title: 'example',
    vantages,
    arbiters: ['us-east-1'],
    intervalMs,
    tickMs: 60_000,
    quorum: 3,
    nodes: checks.map(({ node, key }) => ({ id: node, checks: [key], dependsOn: [] })),
    checks,
    records: [],
    paging: { configured: false, regions: [], timezone: 'UTC', tiers: [], quiet: [], repeatMs: 600_000, ackLapsesMs: 14_400_000 },
    hooks: [],
    silences: [],
    probeHash: '0123456789abcdef',
  };
}
