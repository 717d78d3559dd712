import { describe, expect, it } from 'vitest';
import { simulateAll } from '../../lib/simulate/pool.ts';
import { simulate } from '../../lib/simulate/run.ts';

/** The node's `.bin` runs TypeScript as it is, and so do its worker threads. */
const RUNS = [3, 5, 7].flatMap((vantages) =>
  Array.from({ length: 4 }, (_, index) => ({ seed: 100 * vantages + index, vantages, rounds: 20 })),
);

describe('a simulated life', () => {
  it('is the same, byte for byte, for the same seed', async () => {
    const options = { seed: 42, vantages: 3, rounds: 40 };
    const [one, other] = [await simulate(options), await simulate(options)];
    expect(other).toEqual(one);
    expect((await simulate({ ...options, seed: 43 })).digest).not.toBe(one.digest);
  });

  it('breaks no rule, whichever it is', async () => {
    const results = await simulateAll({ runs: RUNS });
    expect(results).toHaveLength(RUNS.length);
    expect(results.flatMap(({ seed, violations }) => violations.map((each) => ({ seed, ...each })))).toEqual([]);
  });

  it('gives in a thread what it gives here', async () => {
    const [run] = RUNS;
    if (!run) throw new Error('no run');
    expect(await simulateAll({ runs: [run] })).toEqual([await simulate(run)]);
  });
});
