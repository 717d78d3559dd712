import { gzipSync } from 'node:zlib';
import { DeleteItemCommand, type DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NewAct } from '../../lib/core/acts.ts';
import type { Ballot } from '../../lib/core/ballot.ts';
import type { Ledger } from '../../lib/core/ledger.ts';
import { createBeats } from '../../lib/store/beats.ts';
import { createClient, createTable } from '../../lib/store/client.ts';
import '../fakes/models.ts';
import {
  asRead,
  at,
  ballotOf,
  downVote,
  evidenceOf,
  freshStore,
  fullLedger,
  incidentOf,
  instantClock,
  ledgerOf,
  nextId,
  tableName,
} from './fixtures.ts';

export interface Server {
  endpoint: string;
  close(): Promise<void>;
}

/** What every DynamoDB must do for the store; each test has a cell of its own. */
export function storeContract(name: string, start: () => Promise<Server>): void {
  describe(`the store on ${name}`, () => {
    let server: Server;
    let client: DynamoDBClient;

    beforeAll(async () => {
      server = await start();
      client = createClient({ endpoint: server.endpoint, region: 'us-east-1', requestTimeoutMs: 5000 });
      await createTable(client, tableName);
      await createTable(client, tableName);
    }, 30_000);
    afterAll(async () => {
      client?.destroy();
      await server?.close();
    });

    const put = (pk: string, attributes: Record<string, { S: string } | { N: string } | { B: Uint8Array }>) =>
      client.send(new PutItemCommand({ TableName: tableName, Item: { pk: { S: pk }, sk: { S: '-' }, ...attributes } }));

    const remove = (pk: string) =>
      client.send(new DeleteItemCommand({ TableName: tableName, Key: { pk: { S: pk }, sk: { S: '-' } } }));

    describe('ballots', () => {
      test('are missing, then what was written, with the time of the table', async () => {
        const store = freshStore(client);
        expect((await store.readBallot('eu-west-1')).ballot).toBe('missing');
        const ballot = {
          ...ballotOf(1, { 'eu1/api': downVote('HTTP 500') }),
          abstention: { reason: 'late' as const, detail: '16 s', at },
        };
        expect(await store.writeBallot(ballot)).toBe('written');
        const beforeMs = Date.now();
        const read = await store.readBallot('eu-west-1');
        expect(read.ballot).toEqual(asRead(ballot));
        expect(Math.abs((read.serverTime ?? 0) - beforeMs)).toBeLessThan(5000);
        expect((read.serverTime ?? 1) % 1000).toBe(0);
      });

      test('are written on the version before and on nothing else', async () => {
        const store = freshStore(client);
        expect(await store.writeBallot(ballotOf(2))).toBe('conflict');
        expect(await store.writeBallot(ballotOf(1))).toBe('written');
        expect(await store.writeBallot(ballotOf(1))).toBe('conflict');
        expect(await store.writeBallot(ballotOf(3))).toBe('conflict');
        expect(await store.writeBallot(ballotOf(2))).toBe('written');
        expect((await store.readBallot('eu-west-1')).ballot).toEqual(asRead(ballotOf(2)));
      });

      test('that grew to the same version in a wiped table are not overwritten by a run that read the old one', async () => {
        const store = freshStore(client);
        await store.writeBallot(ballotOf(1));
        const known = (await store.readBallot('eu-west-1')).ballot as Ballot;
        await remove(`ballot/${store.cell}/eu-west-1`);
        await store.writeBallot(ballotOf(1));
        expect(await store.writeBallot({ ...known, version: 2 })).toBe('conflict');
        const current = (await store.readBallot('eu-west-1')).ballot as Ballot;
        expect(await store.writeBallot({ ...current, version: 2 })).toBe('written');
      });

      test('of one cell and vantage are nobody else’s', async () => {
        const [store, other] = [freshStore(client), freshStore(client)];
        await store.writeBallot(ballotOf(1));
        expect((await store.readBallot('us-east-2')).ballot).toBe('missing');
        expect((await other.readBallot('eu-west-1')).ballot).toBe('missing');
      });

      test('of 2,000 failing checks with long details fit; what does not fit loses the end of its details', async () => {
        const store = freshStore(client);
        const votes = (detailLength: number) =>
          Object.fromEntries(
            Array.from({ length: 2000 }, (_, index) => [`node-${index}/api`, downVote(noise(index, detailLength))] as const),
          );
        expect(await store.writeBallot(ballotOf(1, votes(150)))).toBe('written');
        expect((await store.readBallot('eu-west-1')).ballot).toEqual(asRead(ballotOf(1, votes(150))));
        expect(await store.writeBallot(ballotOf(2, votes(600)))).toBe('written');
        expect((await store.readBallot('eu-west-1')).ballot).toEqual(asRead(ballotOf(2, votes(80))));
      });

      test('at the very limit are shortened before DynamoDB refuses them', async () => {
        const ballotOfSize = (size: number) => ballotOf(1, { 'eu1/api': downVote(noise(1, size)) });
        const sizes = Array.from({ length: 7 }, (_, index) => 744_000 + index * 4000);
        const storedBytes = sizes.map((size) => gzipSync(JSON.stringify(ballotOfSize(size))).length);
        expect(Math.min(...storedBytes)).toBeLessThan(396 * 1024);
        expect(Math.max(...storedBytes)).toBeGreaterThan(400 * 1024);
        for (const size of sizes) expect(await freshStore(client).writeBallot(ballotOfSize(size))).toBe('written');
      });

      test('that cannot fit at all are refused with a code', async () => {
        const votes = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [noise(index, 600), downVote()]));
        await expect(freshStore(client).writeBallot(ballotOf(1, votes))).rejects.toMatchObject({ code: 'item-too-large' });
      });
    });

    describe('what cannot be read', () => {
      const good = JSON.stringify(ballotOf(1));
      test.each([
        ['a newer schema', { body: { S: JSON.stringify({ ...ballotOf(1), schema: 2 }) } }],
        ['no body', {}],
        ['text that is not JSON', { body: { S: good.slice(1) } }],
        ['bytes that are not gzip', { body: { B: Buffer.from(good) } }],
        ['null', { body: { S: 'null' } }],
        ['another shape', { body: { S: JSON.stringify({ ...ballotOf(1), votes: [] }) } }],
        ['a vote that does not exist', { body: { S: good.replace('"votes":{}', '"votes":{"a/b":{"vote":"dwon"}}') } }],
      ])('%s is unreadable, neither missing nor an exception', async (_, attributes) => {
        const store = freshStore(client);
        const pks = [`ballot/${store.cell}/eu-west-1`, `ledger/${store.cell}`, `acts/${store.cell}`];
        for (const pk of pks) await put(pk, { schema: { N: '1' }, ...attributes });
        expect((await store.readBallot('eu-west-1')).ballot).toBe('unreadable');
        expect(await store.readLedger()).toBe('unreadable');
        expect(await store.readActs()).toBe('unreadable');
        expect(await store.readSnapshot(['eu-west-1', 'us-east-2'])).toEqual({
          ballots: { 'eu-west-1': 'unreadable', 'us-east-2': 'missing' },
          acts: 'unreadable',
          ledger: 'unreadable',
        });
        await expect(store.appendAct({ kind: 'drain', node: 'eu1', at, by: 'ann' })).rejects.toMatchObject({
          code: 'item-unreadable',
        });
        expect(await store.writeLedger(ledgerOf(1))).toBe('conflict');
      });
    });

    describe('the ledger', () => {
      test('is read as it was written, in every part', async () => {
        const store = freshStore(client);
        expect(await store.readLedger()).toBe('missing');
        expect(await store.writeLedger(fullLedger())).toBe('written');
        expect(await store.readLedger()).toEqual(asRead(fullLedger()));
      });

      test('is born once and grows by one epoch', async () => {
        const store = freshStore(client);
        expect(await store.writeLedger(ledgerOf(2))).toBe('conflict');
        expect(await store.writeLedger(ledgerOf(1))).toBe('written');
        expect(await store.writeLedger(ledgerOf(1, 'born2'))).toBe('conflict');
        expect(await store.writeLedger(ledgerOf(3))).toBe('conflict');
        expect(await store.writeLedger(ledgerOf(2))).toBe('written');
      });

      test('that grew to the same epoch in a wiped or restored table is not overwritten by who knew the old one', async () => {
        const store = freshStore(client);
        await store.writeLedger(ledgerOf(1));
        const known = (await store.readLedger()) as Ledger;
        await remove(`ledger/${store.cell}`);
        await store.writeLedger(ledgerOf(1));
        expect(await store.writeLedger({ ...known, epoch: 2 })).toBe('conflict');
        const current = (await store.readLedger()) as Ledger;
        expect(await store.writeLedger({ ...current, epoch: 2 })).toBe('written');
      });

      test('fits when all of 2,000 checks go down at once; the inputs for replay go first', async () => {
        const store = freshStore(client);
        const keys = Array.from({ length: 2000 }, (_, index) => `node-${index}/api`);
        const vantages = ['eu-west-1', 'us-east-2', 'ap-northeast-1', 'ca-central-1', 'sa-east-1'];
        const evidence = keys.map((key, index) => ({
          ...evidenceOf(1, key),
          votes: Object.fromEntries(
            vantages.map((vantage) => [vantage, { ...downVote(`HTTP 500, expected 2xx: ${noise(index, 70)}`), checkHash: key }]),
          ),
        }));
        const record = { id: 'i', lane: 'l', epoch: 1, at, tries: 0, notBefore: at, kind: 'record' as const, incident: 'x' };
        const ledger = ledgerOf(1, 'born1', {
          checks: Object.fromEntries(keys.map((key) => [key, { state: 'down' as const, at }])),
          intents: [{ ...record, evidence, replay: noise(1, 800_000) }],
        });
        expect(await store.writeLedger(ledger)).toBe('written');
        const read = await store.readLedger();
        expect(read).toEqual(asRead({ ...ledger, intents: [{ ...record, evidence }] }));
      });
    });

    describe('a snapshot', () => {
      test('has every ballot, the acts and the ledger', async () => {
        const store = freshStore(client);
        await store.writeBallot(ballotOf(1, {}, 'eu-west-1'));
        await store.writeBallot(ballotOf(1, {}, 'us-east-2'));
        await store.writeLedger(ledgerOf(1));
        await store.appendAct({ kind: 'drain', node: 'eu1', at, by: 'ann' });
        const acts = await store.readActs();
        expect(acts).toMatchObject({ version: 1, acts: [{ seq: 1, kind: 'drain', node: 'eu1', at, by: 'ann' }] });
        expect(await store.readSnapshot(['eu-west-1', 'us-east-2', 'sa-east-1'])).toEqual({
          ballots: {
            'eu-west-1': asRead(ballotOf(1, {}, 'eu-west-1')),
            'us-east-2': asRead(ballotOf(1, {}, 'us-east-2')),
            'sa-east-1': 'missing',
          },
          acts,
          ledger: asRead(ledgerOf(1)),
        });
      });

      test('is limited to the 98 vantages that one batch read holds', async () => {
        const store = freshStore(client);
        const vantages = Array.from({ length: 99 }, (_, index) => `v${index}`);
        await expect(store.readSnapshot(vantages)).rejects.toThrow('at most 98 vantages, not 99');
        expect(Object.keys((await store.readSnapshot(vantages.slice(1))).ballots)).toHaveLength(98);
      });
    });

    describe('acts', () => {
      const every: NewAct[] = [
        { kind: 'acknowledge', incident: 'born1-1', at, by: 'ann' },
        { kind: 'drain', node: 'eu1', at, by: 'ann' },
        { kind: 'restore', node: 'eu1', at, by: 'ann' },
        { kind: 'force', node: 'eu1', inService: false, until: at, reason: 'disk', at, by: 'ann' },
        { kind: 'silence', node: 'eu1', until: at, by: 'ann', at },
        { kind: 'pause', until: at, at, by: 'ann' },
      ];

      test('are kept in order, numbered from 1, under an incarnation that stays', async () => {
        const store = freshStore(client);
        const accepted = [];
        for (const act of every) accepted.push(await store.appendAct(act));
        expect(accepted).toEqual(every.map((act, index) => ({ ...act, seq: index + 1 })));
        const acts = await store.readActs();
        expect(acts).toMatchObject({ version: 6, incarnation: expect.stringMatching(/^id/), acts: accepted });
        await store.appendAct(every[0] as NewAct);
        expect(await store.readActs()).toMatchObject({ version: 7, incarnation: (acts as { incarnation: string }).incarnation });
      });

      test('accepted at the same time are all kept, each with its own number', async () => {
        const store = freshStore(client);
        const accepted = await Promise.all(every.map((act) => store.appendAct(act)));
        expect(accepted.map(({ seq }) => seq).sort()).toEqual([1, 2, 3, 4, 5, 6]);
        expect(await store.readActs()).toMatchObject({ acts: accepted.sort((a, b) => a.seq - b.seq) });
      });

      test('are forgotten beyond the newest 200', async () => {
        const store = freshStore(client);
        const acts = Array.from({ length: 200 }, (_, index) => ({ kind: 'drain', node: 'eu1', at, by: 'ann', seq: index + 1 }));
        const body = JSON.stringify({ schema: 1, incarnation: 'a1', version: 200, acts });
        await put(`acts/${store.cell}`, { version: { N: '200' }, incarnation: { S: 'a1' }, body: { S: body } });
        expect(await store.appendAct({ kind: 'drain', node: 'us1', at, by: 'ann' })).toMatchObject({ seq: 201 });
        const read = await store.readActs();
        expect((read as { acts: { seq: number }[] }).acts.map(({ seq }) => seq)).toEqual(
          Array.from({ length: 200 }, (_, index) => index + 2),
        );
      });
    });

    describe('incidents', () => {
      test('written twice are the same; evidence of each epoch adds up', async () => {
        const store = freshStore(client);
        expect(await store.readIncident('x')).toBeUndefined();
        await store.writeIncident(incidentOf('x', [3]), [evidenceOf(3), evidenceOf(3, 'eu1/p2p')], { epoch: 3, json: '{}' });
        await store.writeIncident(incidentOf('x', [3]), [evidenceOf(3), evidenceOf(3, 'eu1/p2p')], { epoch: 3, json: '{}' });
        expect(await store.readIncident('x')).toEqual({
          ...incidentOf('x', [3]),
          evidence: [evidenceOf(3), evidenceOf(3, 'eu1/p2p')],
        });
        const closed = { ...incidentOf('x', [3, 10]), state: 'closed' as const, closedAt: at + 9, ackedBy: 'ann', ackedAt: at };
        await store.writeIncident(closed, [evidenceOf(10)]);
        const evidence = [evidenceOf(3), evidenceOf(3, 'eu1/p2p'), evidenceOf(10)];
        expect(await store.readIncident('x')).toEqual({ ...closed, evidence });
      });

      test('are never set back by an older write, whose evidence still counts', async () => {
        const store = freshStore(client);
        await store.writeIncident(incidentOf('x', [3, 5]), [evidenceOf(5)]);
        await store.writeIncident(incidentOf('x', [3]), [evidenceOf(3)]);
        await store.writeIncident(incidentOf('x', []), []);
        expect(await store.readIncident('x')).toEqual({
          ...incidentOf('x', [3, 5]),
          evidence: [evidenceOf(3), evidenceOf(5)],
        });
      });

      test('are listed newest first, as many as asked for', async () => {
        const store = freshStore(client);
        for (const hour of [2, 11, 1]) await store.writeIncident(incidentOf(`h${hour}`, [1], at + hour * 3_600_000), []);
        expect((await store.listIncidents(10)).map(({ id }) => id)).toEqual(['h11', 'h2', 'h1']);
        expect((await store.listIncidents(2)).map(({ id }) => id)).toEqual(['h11', 'h2']);
        expect(await store.readIncident('h1')).toMatchObject({ id: 'h1', openedAt: at + 3_600_000 });
      });

      test('that cannot be read do not hide the others, and are not taken for missing', async () => {
        const store = freshStore(client);
        await store.writeIncident(incidentOf('good', [1]), []);
        const newer = {
          pk: `incident/${store.cell}`,
          sk: '2027#newer',
          schema: '2',
          id: 'newer',
          body: JSON.stringify(incidentOf('newer', [1])),
        };
        const { pk, sk, schema, id, body } = newer;
        const Item = { pk: { S: pk }, sk: { S: sk }, schema: { N: schema }, id: { S: id }, body: { S: body } };
        await client.send(new PutItemCommand({ TableName: tableName, Item }));
        expect((await store.listIncidents(1)).map((incident) => incident.id)).toEqual(['good']);
        await expect(store.readIncident('newer')).rejects.toMatchObject({ code: 'item-unreadable' });
      });

      test('are found behind more than one page of 1 MB', async () => {
        const store = freshStore(client);
        const replay = (epoch: number) => ({ epoch, json: noise(epoch, 400_000) });
        for (const hour of [0, 1, 2, 3, 4]) {
          await store.writeIncident(incidentOf(`h${hour}`, [1], at + hour * 3_600_000), [], replay(hour));
        }
        expect(await store.readIncident('h0')).toMatchObject({ id: 'h0' });
        expect(await store.listIncidents(5)).toHaveLength(5);
      });

      test('keep their state and first evidence when the item is full', async () => {
        const store = freshStore(client);
        const evidence = Array.from({ length: 500 }, (_, index) => evidenceOf(1, `eu1/${index}`, noise(index, 1000)));
        await store.writeIncident(incidentOf('x', [1]), evidence, { epoch: 1, json: noise(1, 700_000) });
        expect((await store.readIncident('x'))?.evidence).toEqual(evidence);
        await store.writeIncident(incidentOf('x', [1, 2]), [], { epoch: 2, json: noise(2, 700_000) });
        const more = Array.from({ length: 500 }, (_, index) => evidenceOf(3, `eu1/${index}`, noise(index + 500, 1000)));
        await store.writeIncident(incidentOf('x', [1, 2, 3]), more);
        expect(await store.readIncident('x')).toEqual({ ...incidentOf('x', [1, 2, 3]), evidence });
      });

      test('with evidence of another shape are unreadable', async () => {
        const store = freshStore(client);
        await store.writeIncident(incidentOf('x', [1]), [evidenceOf(1)]);
        const Key = { pk: { S: `incident/${store.cell}` }, sk: { S: `${new Date(at).toISOString()}#x` } };
        await client.send(
          new UpdateItemCommand({
            TableName: tableName,
            Key,
            UpdateExpression: 'SET #evidence = :wrong',
            ExpressionAttributeNames: { '#evidence': 'evidence:1' },
            ExpressionAttributeValues: { ':wrong': { S: '[{"epoch":1}]' } },
          }),
        );
        await expect(store.readIncident('x')).rejects.toMatchObject({ code: 'item-unreadable' });
      });
    });

    describe('heartbeats', () => {
      const beatsOf = (cell = nextId()) => ({
        cell,
        ...createBeats({ client, table: tableName, cell, randomId: nextId, clock: instantClock() }),
      });

      test('are missing, then the last signal of each kind', async () => {
        const beats = beatsOf();
        expect(await beats.read(['cron/nightly'])).toEqual({ 'cron/nightly': 'missing' });
        await beats.record('cron/nightly', 'start', { at });
        await beats.record('cron/nightly', 'fail', { at: at + 1, exitCode: 3, message: 'disk full' });
        await beats.record('cron/nightly', 'fail', { at: at + 2, exitCode: 4 });
        expect(await beats.read(['cron/nightly', 'cron/hourly'])).toEqual({
          'cron/nightly': { start: { at }, fail: { at: at + 2, exitCode: 4 } },
          'cron/hourly': 'missing',
        });
      });

      test('that overtook one another leave the later one', async () => {
        const beats = beatsOf();
        await beats.record('cron/nightly', 'success', { at: at + 1, message: 'later' });
        await beats.record('cron/nightly', 'success', { at, message: 'earlier' });
        expect(await beats.read(['cron/nightly'])).toEqual({ 'cron/nightly': { success: { at: at + 1, message: 'later' } } });
      });

      test('of a newer release or of no shape are unreadable, and of another cell nobody’s', async () => {
        const beats = beatsOf();
        await beats.record('a/a', 'success', { at });
        await put(`beat/${beats.cell}/b/b`, { schema: { N: '2' } });
        await put(`beat/${beats.cell}/c/c`, { schema: { N: '1' }, success: { S: '{"at":"noon"}' } });
        expect(await beats.read(['b/b', 'c/c'])).toEqual({ 'b/b': 'unreadable', 'c/c': 'unreadable' });
        expect(await beatsOf().read(['a/a'])).toEqual({ 'a/a': 'missing' });
      });

      test('of 250 checks are read in three batches', async () => {
        const beats = beatsOf();
        const checks = Array.from({ length: 250 }, (_, index) => `n${index}/beat`);
        await beats.record('n249/beat', 'success', { at });
        const read = await beats.read(checks);
        expect(Object.keys(read)).toEqual(checks);
        expect(read['n249/beat']).toEqual({ success: { at } });
      });
    });

    describe('races', () => {
      test('K writers of a ballot: exactly one wins each version, and its ballot is the one stored', async () => {
        await fc.assert(
          fc.asyncProperty(fc.integer({ min: 2, max: 8 }), fc.integer({ min: 1, max: 4 }), async (writers, versions) => {
            const store = freshStore(client);
            for (let version = 1; version <= versions; version++) {
              const ballots = Array.from({ length: writers }, (_, writer) => ballotOf(version, { [`w${writer}`]: downVote() }));
              const results = await Promise.all(ballots.map((ballot) => store.writeBallot(ballot)));
              expect(results.filter((result) => result === 'written')).toHaveLength(1);
              expect((await store.readBallot('eu-west-1')).ballot).toEqual(asRead(ballots[results.indexOf('written')]));
            }
          }),
          { numRuns: 6 },
        );
      });

      test('K arbiters that give birth and go on: one incarnation, one decision an epoch', async () => {
        await fc.assert(
          fc.asyncProperty(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 4 }), async (arbiters, epochs) => {
            const store = freshStore(client);
            const decisions = new Map<number, string[]>();
            const run = async (incarnation: string) => {
              for (;;) {
                const before = await store.readLedger();
                if (before === 'unreadable') throw new Error('unreadable');
                if (before !== 'missing' && before.epoch >= epochs) return;
                const next = before === 'missing' ? ledgerOf(1, incarnation) : { ...before, epoch: before.epoch + 1 };
                const result = await store.writeLedger(next);
                if (result === 'written') decisions.set(next.epoch, [...(decisions.get(next.epoch) ?? []), next.incarnation]);
              }
            };
            await Promise.all(Array.from({ length: arbiters }, () => run(nextId())));
            expect([...decisions.keys()]).toEqual(Array.from({ length: epochs }, (_, index) => index + 1));
            const [[incarnation] = []] = decisions.values();
            expect([...decisions.values()]).toEqual(Array.from({ length: epochs }, () => [incarnation]));
          }),
          { numRuns: 6 },
        );
      });
    });
  });
}

/** Text that does not compress below half a byte a character, the same for the same seed. */
function noise(seed: number, length: number): string {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  let text = '';
  while (text.length < length) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    text += (state >>> 0).toString(16).padStart(8, '0');
  }
  return text.slice(0, length);
}
