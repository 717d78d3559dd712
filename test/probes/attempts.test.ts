import { expect, test } from 'vitest';
import type { ProbeResult } from '../../lib/ports.ts';
import { withAttempts } from '../../lib/probes/attempts.ts';
import { createManualClock } from '../clock.ts';
import { httpCheck } from './checks.ts';

const down = (reason: ProbeResult['reason'], detail?: string): ProbeResult => ({
  vote: 'down',
  reason,
  ...(detail && { detail }),
  timings: { totalMs: 1 },
});
const up: ProbeResult = { vote: 'up', reason: 'ok', timings: { totalMs: 1 } };
const slow: ProbeResult = { vote: 'degraded', reason: 'slow', detail: 'took 9 ms', timings: { totalMs: 9 } };

/** The outcome of a check whose looks give these results, the pauses' time, and how many looks there were. */
async function attempted(attempts: number, results: ProbeResult[]) {
  const clock = createManualClock();
  const startedAt = clock.now();
  let looks = 0;
  let doneAt = 0;
  const probe = withAttempts(async () => results[looks++] ?? up, clock);
  const running = probe(httpCheck('http://a/', {}, { attempts }), new AbortController().signal);
  const outcome = running.finally(() => {
    doneAt = clock.now();
  });
  await clock.advance(10_000);
  return { ...(await outcome), looks, tookMs: doneAt - startedAt };
}

test('one that is up is looked at once', async () => {
  expect(await attempted(3, [up])).toMatchObject({ vote: 'up', reason: 'ok', looks: 1, tookMs: 0 });
});

test('one that is down is looked at again, and the first attempt that is not down counts', async () => {
  const result = await attempted(3, [down('connect-timeout', 'no connection'), up, down('status')]);
  expect(result).toMatchObject({ vote: 'up', detail: 'attempts: connect-timeout, ok', looks: 2, tookMs: 250 });
});

test('degraded and abstain end the attempts too', async () => {
  const result = await attempted(3, [down('closed-early'), slow]);
  expect(result).toMatchObject({ vote: 'degraded', detail: 'took 9 ms (attempts: closed-early, slow)', looks: 2 });
  const unfinished: ProbeResult = { vote: 'abstain', reason: 'unfinished', timings: { totalMs: 1 } };
  expect(await attempted(3, [down('closed-early'), unfinished])).toMatchObject({
    vote: 'abstain',
    reason: 'unfinished',
    looks: 2,
  });
});

test('down in all of them is what the last one said; the same each time needs no list', async () => {
  const same = await attempted(2, [down('status', 'HTTP 500'), down('status', 'HTTP 503')]);
  expect(same).toMatchObject({ vote: 'down', reason: 'status', detail: 'HTTP 503', looks: 2, tookMs: 250 });
  const different = await attempted(3, [down('status', 'HTTP 500'), down('connect-refused'), down('status', 'HTTP 503')]);
  expect(different.detail).toBe('HTTP 503 (attempts: status, connect-refused, status)');
});

test('the pauses of many attempts stay within a second', async () => {
  const result = await attempted(
    11,
    Array.from({ length: 11 }, () => down('status')),
  );
  expect(result).toMatchObject({ looks: 11, tookMs: 1_000 });
});

test('a run that ends in a pause leaves the check unfinished', async () => {
  const clock = createManualClock();
  const run = new AbortController();
  const probe = withAttempts(async () => down('status'), clock);
  const running = probe(httpCheck('http://a/', {}, { attempts: 2 }), run.signal);
  await clock.advance(1);
  run.abort();
  expect(await running).toMatchObject({ vote: 'abstain', reason: 'unfinished' });
  expect(clock.sleepers()).toBe(0);
});
