import { expect, it } from 'vitest';
import { createCoverage } from '../../lib/simulate/coverage.ts';
import type { RunOptions, RunResult } from '../../lib/simulate/run.ts';
import { shrink } from '../../lib/simulate/shrink.ts';

const STROKES = Array.from({ length: 40 }, (_, number) => ({ number, fault: 'node down', atMs: number, lastsMs: 1 }) as const);

/** Lives that break S2 where these faults meet, after twelve rounds, with three vantages or more. */
function createLives(culprits: readonly number[]) {
  const runs: RunOptions[] = [];
  async function run(options: RunOptions): Promise<RunResult> {
    runs.push(options);
    const strokes = STROKES.filter(({ number }) => options.only?.includes(number) ?? true);
    const isBroken = culprits.every((each) => strokes.some(({ number }) => number === each)) && options.rounds >= 12;
    const violations = isBroken ? [{ rule: 'S2', at: 0, what: 'stale' }] : [{ rule: 'S7', at: 0, what: 'another one' }];
    return { ...options, startedAt: 0, eventful: 0, strokes, violations, coverage: createCoverage().counts, digest: '' };
  }
  return { run, runs };
}

it('leaves the faults, rounds and vantages that the rule needs to be broken, and no more', async () => {
  const { run } = createLives([3, 29]);
  const failing = await run({ seed: 1, vantages: 7, rounds: 300 });
  const { options, result } = await shrink(failing, 'S2', { run });
  expect(options).toEqual({ seed: 1, vantages: 3, rounds: 12, only: [3, 29] });
  expect(result.violations).toMatchObject([{ rule: 'S2' }]);
});

it('does not take another rule for the one that was broken', async () => {
  const { run } = createLives([3]);
  const failing = await run({ seed: 1, vantages: 3, rounds: 12 });
  expect((await shrink(failing, 'S2', { run })).options.only).toEqual([3]);
});

it('gives what it has when it has tried often enough, or is told to end', async () => {
  const { run, runs } = createLives([3]);
  const failing = await run({ seed: 1, vantages: 3, rounds: 300 });
  const { result } = await shrink(failing, 'S2', { run, tries: 5 });
  expect(runs).toHaveLength(6);
  expect(result.violations).toMatchObject([{ rule: 'S2' }]);
  expect((await shrink(failing, 'S2', { run, signal: AbortSignal.abort() })).result).toBe(failing);
});
