/** The simulator as CI runs it: three sizes, no rule broken, and nothing that can happen left out. */
import { expect, it } from 'vitest';
import { missedIn, sumOf } from '../../lib/simulate/coverage.ts';
import { simulateAll } from '../../lib/simulate/pool.ts';

const SIZES = [3, 5, 7];
const RUNS = 400;
const ROUNDS = 750;
const LEAST_EVENTFUL = 0.3;

it(`breaks no rule in ${RUNS} lives of ${ROUNDS} rounds with ${SIZES.join(', ')} vantages each`, {
  timeout: 600_000,
}, async () => {
  const runs = SIZES.flatMap((vantages) =>
    Array.from({ length: RUNS }, (_, index) => ({ seed: vantages * 1_000_000 + index, vantages, rounds: ROUNDS })),
  );
  const results = await simulateAll({ runs });
  expect(results.flatMap(({ seed, vantages, violations }) => violations.map((each) => ({ seed, vantages, ...each })))).toEqual(
    [],
  );
  expect(missedIn(sumOf(results.map(({ coverage }) => coverage)))).toEqual([]);
  for (const vantages of SIZES) {
    const eventful = results.filter((each) => each.vantages === vantages).reduce((sum, each) => sum + each.eventful, 0);
    expect(eventful / (RUNS * ROUNDS), `the share of eventful rounds with ${vantages} vantages`).toBeGreaterThan(LEAST_EVENTFUL);
  }
});
