/**
 * Simulated rounds by the million, in blocks of seeds that anybody can run again.
 *   node bench/simulate.ts [blocks=56] [first=0]
 * A block is 80 lives of 750 rounds with 3, 5 and 7 vantages each: 180,000 rounds. One line a block: its digest, over everything
 * that happened in it, is the same on every machine at the same commit. Exit code 1 if a rule was broken or a point never hit.
 */
import { createHash } from 'node:crypto';
import { type Counts, missedIn, sumOf } from '../lib/simulate/coverage.ts';
import { simulateAll } from '../lib/simulate/pool.ts';

const [blocks = 56, first = 0] = process.argv.slice(2).map(Number);
const SIZES = [3, 5, 7];
const LIVES = 80;
const ROUNDS = 750;

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

const seen: Counts[] = [];
let broken = 0;
for (let block = first; block < first + blocks; block++) {
  const runs = SIZES.flatMap((vantages) =>
    Array.from({ length: LIVES }, (_, life) => ({
      seed: vantages * 100_000_000 + block * LIVES + life,
      vantages,
      rounds: ROUNDS,
    })),
  );
  const beganAt = performance.now();
  const results = await simulateAll({ runs });
  const seconds = Math.round((performance.now() - beganAt) / 1_000);
  const digest = createHash('sha256')
    .update(results.map((each) => each.digest).join())
    .digest('hex')
    .slice(0, 16);
  const rounds = runs.length * ROUNDS;
  const eventful = Math.round((100 * results.reduce((sum, each) => sum + each.eventful, 0)) / rounds);
  const violations = results.flatMap(({ seed, vantages, violations: found }) =>
    found.map(({ rule, what }) => `  --seed ${seed} --vantages ${vantages}: ${rule} ${what}`),
  );
  broken += violations.length;
  seen.push(sumOf(results.map(({ coverage }) => coverage)));
  say(`block ${block}: ${digest}, ${rounds} rounds, ${eventful} % eventful, ${violations.length} violations, ${seconds} s`);
  for (const violation of violations) say(violation);
}
const missed = missedIn(sumOf(seen));
say(missed.length === 0 ? 'every point of coverage was hit' : `never hit: ${missed.join(', ')}`);
process.exitCode = broken > 0 || missed.length > 0 ? 1 : 0;
