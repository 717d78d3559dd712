/** A thousand checks in one run, a third of them black holes: what the prober's concurrency is chosen by. */
import { expect, test } from 'vitest';
import { CONCURRENCY } from '../../../../lib/probes/run.ts';
import { CHECKS } from './checks.ts';
import { measure } from './measure.ts';

const MIB = 1_048_576;
const TIMEOUT_MS = 4_000;
const BLACK_HOLES = Math.ceil(CHECKS / 3);

test('black holes keep nobody waiting longer than their share', { timeout: 60_000 }, async () => {
  const { wallMs, cpuMs, peakBytes, surprises } = await measure({ timeoutMs: TIMEOUT_MS });
  const boundMs = TIMEOUT_MS * Math.ceil(BLACK_HOLES / CONCURRENCY) + 1_000;
  const memory = `${Math.round(peakBytes / MIB)} MiB at most`;
  const line = `${CHECKS} checks, ${BLACK_HOLES} of them black holes, ${CONCURRENCY} at once: ${Math.round(wallMs)} ms of ${boundMs}, ${memory}, ${Math.round(cpuMs)} ms of CPU`;
  process.stdout.write(`\n${line}\n\n`);
  expect(surprises).toEqual([]);
  expect(wallMs).toBeLessThan(boundMs);
  expect(peakBytes).toBeLessThan(200 * MIB);
});
