import { describe, expect, test } from 'vitest';
import type { Probe } from '../../lib/ports.ts';
import { createDial } from '../../lib/probes/dial.ts';
import { createProbe } from '../../lib/probes/index.ts';
import { runChecks } from '../../lib/probes/run.ts';
import { createManualClock } from '../clock.ts';
import { httpCheck } from './checks.ts';
import { leavingNothing, serveRaw } from './servers.ts';

const checks = (count: number) => Array.from({ length: count }, (_, i) => httpCheck('http://a/', {}, { node: `n${i}` }));

/** Takes `ms` of the clock, or ends unfinished. */
const taking =
  (clock: ReturnType<typeof createManualClock>, ms: number): Probe =>
  async (_check, signal) => {
    const slept = await clock
      .sleep(ms, signal)
      .then(() => true)
      .catch(() => false);
    return slept
      ? { vote: 'up', reason: 'ok', timings: { totalMs: ms } }
      : { vote: 'abstain', reason: 'unfinished', timings: { totalMs: 0 } };
  };

describe('a run', () => {
  test('gives an observation of each check, with the time when it was made', async () => {
    const clock = createManualClock();
    const startedAt = clock.now();
    const running = runChecks(checks(3), taking(clock, 100), { clock, deadline: startedAt + 1_000, concurrency: 2 });
    await clock.advance(500);
    const observations = await running;
    expect([...observations.keys()]).toEqual(['n0/api', 'n1/api', 'n2/api']);
    expect([...observations.values()].map(({ observedAt }) => observedAt - startedAt)).toEqual([100, 100, 200]);
    expect(clock.sleepers()).toBe(0);
  });

  test('has no more looks open than allowed', async () => {
    const clock = createManualClock();
    let open = 0;
    let most = 0;
    const probe: Probe = async (check, signal) => {
      most = Math.max(most, ++open);
      const result = await taking(clock, 10)(check, signal);
      open -= 1;
      return result;
    };
    const running = runChecks(checks(10), probe, { clock, deadline: clock.now() + 1_000, concurrency: 4 });
    await clock.advance(100);
    await running;
    expect(most).toBe(4);
  });

  test('ends at the deadline: what is not finished abstains, what is counts', async () => {
    const clock = createManualClock();
    const startedAt = clock.now();
    const running = runChecks(checks(3), taking(clock, 100), { clock, deadline: startedAt + 150, concurrency: 1 });
    await clock.advance(150);
    const observations = [...(await running).values()].map(({ vote, reason, observedAt }) => [
      vote,
      reason,
      observedAt - startedAt,
    ]);
    expect(observations).toEqual([
      ['up', 'ok', 100],
      ['abstain', 'unfinished', 150],
      ['abstain', 'unfinished', 150],
    ]);
    expect(clock.sleepers()).toBe(0);
  });

  test('does not wait for a look that does not heed its signal', async () => {
    const clock = createManualClock();
    const running = runChecks(checks(1), () => new Promise(() => undefined), { clock, deadline: clock.now() + 50 });
    await clock.advance(50);
    expect((await running).get('n0/api')).toMatchObject({ vote: 'abstain', reason: 'unfinished' });
  });

  test('ends when it is told to', async () => {
    const clock = createManualClock();
    const end = new AbortController();
    const running = runChecks(checks(2), taking(clock, 100), { clock, deadline: clock.now() + 1_000, signal: end.signal });
    end.abort();
    expect([...(await running).values()].map(({ reason }) => reason)).toEqual(['unfinished', 'unfinished']);
    expect(clock.sleepers()).toBe(0);
  });

  test('over real sockets leaves none of them open', async () => {
    const clock = createManualClock();
    const server = await serveRaw(() => undefined);
    const silent = Array.from({ length: 50 }, (_, i) => httpCheck(server.url, {}, { node: `n${i}` }));
    const probe = createProbe({ dial: createDial(), resolveText: async () => '' });
    const observations = await leavingNothing(async () => {
      const running = runChecks(silent, probe, { clock, deadline: clock.now() + 10 });
      while (server.accepted() < silent.length) await clock.advance(0);
      await clock.advance(10);
      return running;
    });
    expect(new Set([...observations.values()].map(({ reason }) => reason))).toEqual(new Set(['unfinished']));
  });
});
