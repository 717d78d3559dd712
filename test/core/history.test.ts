import { describe, expect, it } from 'vitest';
import { byteOf, HISTORY_KEPT_MS, listHash, msOf, type RoundTimes, roundTimes, timedChecks } from '../../lib/core/history.ts';
import { vantageLatency } from '../../lib/core/latency.ts';
import type { Observation } from '../../lib/core/merge.ts';
import { cellOf as configured } from '../config/cell.ts';
import { cellOf, INTERVAL_MS, START_MS } from './invariants/world.ts';

const HOUR_MS = 3_600_000;
const WINDOW = { from: START_MS, to: START_MS + HOUR_MS };

describe('a time as a byte', () => {
  it('is at most 2.5 % or half a millisecond off, from 1 ms to 4 minutes', () => {
    for (let ms = 1; ms <= 240_000; ms = Math.ceil(ms * 1.01)) {
      const shown = msOf(byteOf(ms));
      expect(Math.abs(shown - ms), `${ms} ms as ${shown}`).toBeLessThanOrEqual(Math.max(0.5, ms * 0.025) + 0.5);
    }
  });

  it('is never 0, which is for what has no time, and never more than a byte', () => {
    expect([0, 0.2, 1].map(byteOf)).toEqual([1, 1, 1]);
    expect([240_000, 1e9].map(byteOf)).toEqual([255, 255]);
  });
});

describe('what a round keeps', () => {
  const cell = cellOf({ nodes: { eu: ['api', 'p2p', 'slow'], us: ['api'] }, checks: { 'us/api': { vantages: ['v1'] } } });
  const seen = (looks: Record<string, Partial<Observation>>) =>
    new Map(
      Object.entries(looks).map(([key, look]): [string, Observation] => [
        key,
        { vote: 'up', reason: 'ok', observedAt: 1, ...look },
      ]),
    );

  it('is a byte for each check of the vantage, 0 where it did not answer or nobody looked', () => {
    const looks = seen({
      'eu/api': { tookMs: 100 },
      'eu/p2p': { tookMs: 3_000, vote: 'down' },
      'us/api': { tookMs: 5 },
    });
    const round = roundTimes(cell, 'v0', START_MS, looks);
    expect(round).toMatchObject({ vantage: 'v0', startedAt: START_MS, list: listHash(timedChecks(cell, 'v0')) });
    expect([...round.took]).toEqual([byteOf(100), 0, 0]);
  });

  it.each([
    ['up', true],
    ['degraded', true],
    ['down', false],
    ['abstain', false],
  ] as const)('of a look that came out %s: a time is %s', (vote, has) => {
    const [byte] = roundTimes(cell, 'v0', START_MS, seen({ 'eu/api': { vote, tookMs: 40 } })).took;
    expect(byte).toBe(has ? byteOf(40) : 0);
  });

  it('leaves out heartbeats and groups: nobody waits for them', () => {
    const mixed = configured(`
name: mixed
vantages: [eu-west-1, us-east-2, ap-northeast-1]
nodes:
  a:
    url: https://a.example.org
    checks: { api: { type: http }, p2p: { type: tcp, port: 1 }, either: { type: any, of: [api, p2p] }, beat: { type: heartbeat, every: 1h } }
`);
    expect(timedChecks(mixed, 'eu-west-1').map(({ key }) => key)).toEqual(['a/api', 'a/p2p']);
  });

  it('names its list, so that no list is taken for another', () => {
    const lists = [[], ['a/b'], ['a/b', 'c/d'], ['c/d', 'a/b'], ['a/bc/d'], ['a/b', 'c/e']];
    const hashes = lists.map((keys) => listHash(keys.map((key) => ({ key }))));
    expect(new Set(hashes).size).toBe(lists.length);
    const many = Array.from({ length: 100 }, (_, index) => listHash([{ key: `a/${index}` }]));
    for (const hash of [...hashes, ...many]) expect(hash).toMatch(/^[0-9a-f]{8}$/);
  });
});

describe('latency', () => {
  const cell = cellOf({ nodes: { eu: ['api', 'p2p'] }, checks: { 'eu/p2p': { intervalMs: 5 * 60_000 } } });
  const list = listHash(timedChecks(cell, 'v0'));
  const round = (index: number, api?: number, p2p?: number): RoundTimes => ({
    vantage: 'v0',
    startedAt: START_MS + index * INTERVAL_MS,
    list,
    took: Uint8Array.from([api, p2p], (ms) => (ms === undefined ? 0 : byteOf(ms))),
  });
  const shown = (ms: number) => msOf(byteOf(ms));
  const of = (rounds: RoundTimes[]) => vantageLatency(cell, 'v0', rounds, WINDOW);

  it('is what half, and what 95 of 100 looks do not exceed', () => {
    const rounds = Array.from({ length: 100 }, (_, index) => round(index, index < 50 ? 20 : index < 95 ? 200 : 2_000, undefined));
    const { checks, since } = of(rounds);
    expect(Object.fromEntries(checks)).toEqual({ 'eu/api': { looks: 100, p50Ms: shown(20), p95Ms: shown(200) } });
    expect(since).toBe(START_MS);
    expect(of([...rounds, round(100, 2_000)]).checks.get('eu/api')).toEqual({
      looks: 101,
      p50Ms: shown(200),
      p95Ms: shown(2_000),
    });
  });

  it('of one look is that look; what did not answer is no look', () => {
    expect(of([round(0, 70), round(1, undefined)]).checks.get('eu/api')).toEqual({
      looks: 1,
      p50Ms: shown(70),
      p95Ms: shown(70),
    });
    expect(of([round(0)]).checks.size).toBe(0);
    expect(of([])).toMatchObject({ checks: new Map() });
    expect(of([]).since).toBeUndefined();
  });

  it('is of this list of checks and of this time alone', () => {
    const others = [
      { ...round(0, 70, 70), list: '00000000' },
      { ...round(1, 70, 70), took: Uint8Array.of(1) },
      { ...round(2, 70, 70), startedAt: START_MS - 1 },
      { ...round(3, 70, 70), startedAt: START_MS + HOUR_MS },
    ];
    expect(of(others)).toMatchObject({ checks: new Map() });
  });

  it('has a course of 30 slices, with gaps where nothing answered', () => {
    const { courseOf } = of([round(0, 20, 20), round(1, 40, 40), round(2, 30, 30), round(60), round(359, 500)]);
    const course = courseOf('eu/api');
    expect(course).toHaveLength(30);
    expect([course[0], course[1], course[29]]).toEqual([shown(30), null, shown(500)]);
    expect(courseOf('eu/none')).toEqual([]);
  });

  it('has a course that begins with the first round, so that it fills the picture from the start', () => {
    const { courseOf } = of([round(358, 20), round(359, 80)]);
    expect(courseOf('eu/api')).toEqual([shown(20)]);
    expect(of([round(352, 20), round(355, 40), round(358, 80)]).courseOf('eu/api')).toEqual(
      [20, 40, null, 80].map((ms) => ms && shown(ms)),
    );
  });

  it('has so many fewer slices where looks are rare that each has two', () => {
    expect(of([round(0, 20, 20)]).courseOf('eu/p2p')).toEqual([shown(20), null, null, null, null, null]);
    const daily = cellOf({ checks: { 'eu/api': { intervalMs: 24 * HOUR_MS } } });
    const [only] = [vantageLatency(daily, 'v0', [{ ...round(1, 9, 9), list: listHash(timedChecks(daily, 'v0')) }], WINDOW)];
    expect(only?.courseOf('eu/api')).toEqual([shown(9)]);
  });
});

it('a round is kept until the same hour of the same day a week later can be compared with it', () => {
  const weekMs = 7 * 24 * 3_600_000;
  expect([HISTORY_KEPT_MS - weekMs >= 3_600_000, HISTORY_KEPT_MS < 2 * weekMs]).toEqual([true, true]);
});
