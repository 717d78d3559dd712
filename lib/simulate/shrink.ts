import { type RunOptions, type RunResult, simulate } from './run.ts';

export interface Shrunk {
  /** What still breaks the rule: fewer faults, rounds and vantages. */
  options: RunOptions & { only: readonly number[] };
  result: RunResult;
}

export interface ShrinkOptions {
  /** How many runs it may take. @default 400 */
  tries?: number;
  signal?: AbortSignal;
  run?: (options: RunOptions) => Promise<RunResult>;
}

const FEWEST_VANTAGES = 3;

/**
 * The shortest story found in which the same rule is broken: faults are left out in ever smaller parts (delta debugging: Zeller and
 * Hildebrandt, "Simplifying and Isolating Failure-Inducing Input"), then rounds, then vantages, and faults again.
 */
export async function shrink(
  failing: RunResult,
  rule: string,
  { tries = 400, signal, run = simulate }: ShrinkOptions = {},
): Promise<Shrunk> {
  const { seed, vantages, rounds } = failing;
  let best: Shrunk = {
    options: { seed, vantages, rounds, only: failing.strokes.map(({ number }) => number) },
    result: failing,
  };
  let left = tries;

  /** Takes this as the best, if it still breaks the rule. */
  async function isEnough(change: Partial<Shrunk['options']>): Promise<boolean> {
    if (left <= 0 || signal?.aborted) return false;
    left--;
    const options = { ...best.options, ...change };
    const result = await run(options);
    const breaks = result.violations.some((violation) => violation.rule === rule);
    if (breaks) best = { options: { ...options, only: result.strokes.map(({ number }) => number) }, result };
    return breaks;
  }

  async function fewerFaults(): Promise<void> {
    for (let size = best.options.only.length; size >= 1; size = Math.floor(size / 2)) {
      for (let from = 0; from < best.options.only.length; ) {
        const only = best.options.only.filter((_, index) => index < from || index >= from + size);
        if (!(await isEnough({ only }))) from += size;
      }
    }
  }

  async function fewerRounds(): Promise<void> {
    for (let cut = Math.floor(best.options.rounds / 2); cut >= 1; cut = Math.floor(cut / 2))
      while (best.options.rounds > cut && (await isEnough({ rounds: best.options.rounds - cut })));
  }

  await fewerRounds();
  await fewerFaults();
  for (let size = best.options.vantages - 2; size >= FEWEST_VANTAGES; size -= 2) if (!(await isEnough({ vantages: size }))) break;
  await fewerFaults();
  await fewerRounds();
  return best;
}
