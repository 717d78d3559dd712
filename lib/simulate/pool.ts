import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { RunOptions, RunResult } from './run.ts';

export interface PoolOptions {
  runs: readonly RunOptions[];
  /** How many threads. @default as many as there are cores */
  threads?: number;
  /** Told of each run as it ends, in any order. */
  onResult?: (result: RunResult) => void;
  /** Ends it: runs that did not begin are left out. */
  signal?: AbortSignal;
}

/** Beside this file: TypeScript in the project, JavaScript in the package. */
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

/** Lives leave little behind: with room for what is short-lived, collecting it costs half as much. */
const YOUNG_MB = 64;

/** Simulates many lives at once, one worker thread a core; the results in the order of the runs. */
export async function simulateAll({
  runs,
  threads = availableParallelism(),
  onResult,
  signal,
}: PoolOptions): Promise<RunResult[]> {
  const results: RunResult[] = [];
  let next = 0;

  function work(): Promise<void> {
    if (next >= runs.length) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const worker = new Worker(WORKER, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });
      const give = (): void => {
        const index = next++;
        const run = runs[index];
        if (!run || signal?.aborted) {
          void worker.terminate();
          resolve();
          return;
        }
        worker.once('message', (result: RunResult) => {
          results[index] = result;
          onResult?.(result);
          give();
        });
        worker.postMessage(run);
      };
      worker.once('error', reject);
      give();
    });
  }

  await Promise.all(Array.from({ length: Math.min(threads, runs.length) }, work));
  return results.filter((result) => result !== undefined);
}
