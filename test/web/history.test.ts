/** How long looks took, on the page and for programs; and that nobody can make it read much. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { byteOf, listHash, msOf, type RoundTimes, timedChecks } from '../../lib/core/history.ts';
import type { History } from '../../lib/ports.ts';
import type { latencyJson } from '../../lib/web/latency.ts';
import { createManualClock, type ManualClock } from '../clock.ts';
import { createMemoryHistory } from '../store/memory-history.ts';
import { createWorld, startTable, type Table, type World } from './world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let table: Table;
let clock: ManualClock;
let world: World;
let history: ReturnType<typeof createMemoryHistory>;
let reads: { vantage: string; from: number; maxPages: number }[];
/** Before each read. */
let meanwhile: (vantage: string) => void | Promise<void>;

beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());
beforeEach(async () => {
  clock = createManualClock();
  history = createMemoryHistory();
  reads = [];
  meanwhile = () => {};
  const read: History['read'] = async (vantage, from, maxPages) => {
    reads.push({ vantage, from, maxPages });
    await meanwhile(vantage);
    return history.read(vantage, from, maxPages);
  };
  world = createWorld(table, clock, { history: { read } });
  await world.castAll();
  await world.commit();
});

/** A round of a vantage that began so long ago: `eu1/api`, `eu1/p2p`, `us1/api`, `us1/p2p` in ms, 0 where they did not answer. */
const keep = (agoMs: number, times: number[], vantage = 'eu-west-1', list = listHash(timedChecks(world.cell, vantage))) =>
  history.write({
    vantage,
    startedAt: clock.now() - agoMs,
    list,
    took: Uint8Array.from(times, (ms) => (ms === 0 ? 0 : byteOf(ms))),
  } satisfies RoundTimes);

const page = async (path = '/') => (await world.get(path, { accept: 'text/html' })).text();
type Report = ReturnType<typeof latencyJson>;
const json = async (query = ''): Promise<Report> => (await world.get(`/api/v1/history${query}`)).json() as Promise<Report>;
const shown = (ms: number) => msOf(byteOf(ms));
const cellsOf = (html: string, node: string): string[] =>
  (/<tr id="node-NODE".*?<\/tr>/s.exec(html.replaceAll(`node-${node}`, 'node-NODE'))?.[0] ?? '')
    .split('<td')
    .slice(2)
    .map((cell) =>
      cell
        .replace(/^[^>]*>/, '')
        .replace(/<\/?span[^>]*>/g, '')
        .replace(/<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim(),
    );

describe('the page', () => {
  it('says of each node and vantage how long its slowest check takes', async () => {
    for (let round = 1; round <= 20; round++) await keep(round * MINUTE_MS, [round === 7 ? 900 : 40, 5, 0, 5]);
    await keep(MINUTE_MS, [230, 5, 5, 1_240], 'us-east-2');
    const html = await page();
    expect(cellsOf(html, 'eu1')).toEqual(['up p50 41 ms, p95 41 ms', 'up p50 230 ms, p95 230 ms', 'up']);
    expect(cellsOf(html, 'us1')).toEqual(['up p50 5 ms, p95 5 ms', 'up p50 1.2 s, p95 1.2 s', 'up']);
    expect(html).toContain('title="us1/p2p, the slowest check, in the last hour"');
    expect(html).not.toContain('class="spark"');
  });

  it('draws how it went for the checks of an opened node, in words for who cannot see it', async () => {
    for (const ago of [60, 40, 20, 1]) await keep(ago * MINUTE_MS, [ago === 40 ? 0 : 40, 5, 5, 5]);
    await keep(MINUTE_MS, [160, 5, 5, 5], 'us-east-2');
    const html = await page('/?open=eu1');
    const [api = ''] = /<section class="check" id="check-eu1-api">.*?<\/section>/s.exec(html) ?? [];
    const lines = [...api.matchAll(/<li>(?:(?!<li>).)*class="spark".*?<\/li>/gs)].map(([line]) => line);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/eu-west-1.*role="img" aria-label="Between 41 ms and 41 ms".*p50 41 ms, p95 41 ms of 3 looks/s);
    expect(lines[1]).toMatch(/us-east-2.*aria-label="Between 160 ms and 160 ms".* of 1 look</s);
    // Three dots, none joined to another: nothing is drawn where nothing answered. The slower vantage is drawn higher.
    const [first = '', second = ''] = lines.map((line) => /<path d="([^"]*)"/.exec(line)?.[1] ?? '');
    expect(first).toMatch(/^(?:M[\d.]+ 22\.0h0){3}$/);
    expect(second).toMatch(/^M[\d.]+ 2\.0h0$/);
    expect(html).not.toContain('NaN');
    expect(html).not.toContain('style=');
  });

  it('joins what follows one another', async () => {
    for (let round = 0; round < 60; round++) await keep((60 - round) * MINUTE_MS - 1, [40 + round * 10, 5, 5, 5]);
    const [path = ''] = /<path d="M[^"]*L[^"]*"/.exec(await page('/?open=eu1')) ?? [];
    expect(path.match(/L/g)).toHaveLength(29);
    expect(path.match(/M/g)).toHaveLength(1);
  });

  it('says what cannot be read, and shows the rest', async () => {
    await keep(MINUTE_MS, [40, 5, 5, 5]);
    meanwhile = (vantage) => {
      if (vantage !== 'eu-west-1') throw new Error('no such table');
    };
    const html = await page();
    expect(html).toContain('How long looks took from us-east-2 and ap-northeast-1 cannot be read now.');
    expect(cellsOf(html, 'eu1')).toEqual(['up p50 41 ms, p95 41 ms', 'up', 'up']);
    expect(world.events.recent()).toContainEqual(
      expect.objectContaining({ text: 'history of us-east-2 cannot be read: no such table' }),
    );
  });

  it('is there within two seconds when history hangs', async () => {
    meanwhile = () => new Promise(() => {});
    const [html] = await Promise.all([page(), wait(2_000)]);
    expect(html).toContain('All 2 nodes are up.');
    expect(html).toContain('from eu-west-1, us-east-2 and ap-northeast-1 cannot be read now.');
  });

  it('says nothing of other lists of checks, nor without history', async () => {
    await keep(MINUTE_MS, [40, 5, 5, 5], 'eu-west-1', '00000000');
    expect(cellsOf(await page(), 'eu1')).toEqual(['up', 'up', 'up']);
    const without = createWorld(table, clock);
    await without.castAll();
    expect(await (await without.get('/', { accept: 'text/html' })).text()).not.toContain('p50');
    expect((await without.get('/api/v1/history')).status).toBe(404);
  });
});

/** Lets time pass once what is under way has come to its sleep. */
async function wait(ms: number): Promise<void> {
  while (clock.sleepers() === 0) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(ms);
}

describe('for programs', () => {
  it('is by node, check and vantage; the course of a node that is named', async () => {
    for (const ago of [60, 30, 1]) await keep(ago * MINUTE_MS, [40, 0, 5, 5]);
    const known = { looks: 3, p50Ms: shown(40), p95Ms: shown(40) };
    expect(await json()).toEqual({
      at: '2026-01-01T00:00:00.000Z',
      hours: 1,
      vantages: [
        { id: 'eu-west-1', state: 'ok', since: '2025-12-31T23:00:00.000Z' },
        { id: 'us-east-2', state: 'ok', since: null },
        { id: 'ap-northeast-1', state: 'ok', since: null },
      ],
      nodes: [
        {
          id: 'eu1',
          checks: [
            { id: 'api', latency: { 'eu-west-1': known } },
            { id: 'p2p', latency: {} },
          ],
        },
        { id: 'us1', checks: expect.any(Array) },
      ],
    });
    const { nodes } = await json('?node=eu1');
    expect(nodes).toMatchObject([{ id: 'eu1', checks: [{ latency: { 'eu-west-1': known } }, {}] }]);
    const course = nodes[0]?.checks[0]?.latency['eu-west-1']?.medianMs;
    expect(course).toHaveLength(30);
    expect(course?.filter((ms) => ms !== null)).toEqual([40, 40, 40].map(shown));
  });

  it('says what cannot be read', async () => {
    meanwhile = () => Promise.reject(new Error('gone'));
    expect((await json()).vantages[0]).toEqual({ id: 'eu-west-1', state: 'unreadable', since: null });
  });

  it.each([
    ['hours=2', 400, 'hours: is "2" (write one of 1, 6, 24)'],
    ['hours=25', 400, 'hours: is "25" (write one of 1, 6, 24)'],
    ['hours=', 400, 'hours: is "" (write one of 1, 6, 24)'],
    ['node=none', 404, 'node: "none" is not configured (GET /api/v1/status lists the nodes)'],
  ])('refuses %s, and reads nothing for it', async (query, status, error) => {
    const answer = await world.get(`/api/v1/history?${query}`);
    expect([answer.status, await answer.json()]).toEqual([status, { error }]);
    expect(reads).toEqual([]);
  });
});

describe('what is read', () => {
  it('is once for all who ask, while a sixtieth of its time has not gone by', async () => {
    await keep(HOUR_MS, [40, 5, 5, 5]);
    await Promise.all([page(), json(), page('/?open=eu1')]);
    expect(reads).toEqual(world.cell.vantages.map((vantage) => ({ vantage, from: clock.now() - HOUR_MS, maxPages: 8 })));
    await clock.advance(59_999);
    await page();
    expect(reads).toHaveLength(3);
    await clock.advance(1);
    await page();
    expect(reads).toHaveLength(6);
  });

  it('of longer is kept for longer, each for itself', async () => {
    await keep(24 * HOUR_MS, [40, 5, 5, 5]);
    await json('?hours=24');
    await json('?hours=6');
    expect(reads.map(({ from }) => (clock.now() - from) / HOUR_MS)).toEqual([24, 24, 24, 6, 6, 6]);
    await clock.advance(24 * MINUTE_MS - 1);
    await json('?hours=24');
    expect(reads).toHaveLength(6);
    await clock.advance(1);
    await json('?hours=24');
    expect(reads).toHaveLength(9);
  });

  it.each([
    ['nothing', () => {}],
    ['an error', () => Promise.reject(new Error('gone'))],
  ])('that came to %s is asked for again after ten seconds', async (_, comes) => {
    meanwhile = comes;
    await page();
    await clock.advance(9_999);
    await page();
    expect(reads).toHaveLength(3);
    await clock.advance(1);
    await page();
    expect(reads).toHaveLength(6);
  });

  it('is at least a page a vantage, however many there are', async () => {
    const vantages = Array.from({ length: 30 }, (_, index) => `v${index}`);
    const many = createWorld(table, clock, {
      cell: { ...world.cell, vantages },
      history: {
        read: async (vantage, from, maxPages) => {
          reads.push({ vantage, from, maxPages });
          return { rounds: [], unreadable: vantage === 'v3' ? 1 : 0 };
        },
      },
    });
    const { vantages: said } = (await (await many.get('/api/v1/history')).json()) as Report;
    expect(reads.map(({ maxPages }) => maxPages)).toEqual(Array(30).fill(1));
    expect(said.filter(({ state }) => state === 'unreadable')).toMatchObject([{ id: 'v3' }]);
  });
});
