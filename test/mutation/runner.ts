/**
 * Stryker's test runner for the core (https://stryker-mutator.io/docs/stryker-js/plugins): all tests in one process, which imports
 * them once. Stryker's own for Vitest starts Vitest for each mutant, and takes ten times as long.
 */
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import fc from 'fast-check';
import { load, type Test, tests } from './in-process.ts';

/** What the instrumented code reads and writes. */
interface Instrumentation {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  mutantCoverage?: object;
}

interface MutantRun {
  activeMutant: { id: string };
  /** `static`: it takes effect while modules are loaded. */
  mutantActivation: 'static' | 'runtime';
  /** Ids of the tests that reach it; absent: all. */
  testFilter?: string[];
  hitLimit?: number;
}

/** Stryker gives the mutant to a new process then. */
const SPOILT = 'an earlier mutant left something behind';

const instrumentation: Instrumentation = {};
Object.assign(globalThis, { __stryker__: instrumentation });

const IN_PROCESS = new URL('in-process.ts', import.meta.url).href;
registerHooks({
  resolve: (name, context, next) =>
    name === 'vitest' && context.parentURL !== IN_PROCESS ? { url: IN_PROCESS, shortCircuit: true } : next(name, context),
});

/** Every test of the core that is quick, and of the words that it makes. */
const TESTS = ['test/core/**/*.test.ts', 'test/pages/*.test.ts'];
const LEFT_OUT = /\.long\.test\.ts$|\/architecture\.test\.ts$|\/many\.test\.ts$/;
/** In the sandbox: how long each test took, for the quickest come first; a process that is started later reads it. */
const TIMES = 'test-times.json';

async function loadAll(): Promise<void> {
  if (tests.length > 0) return;
  // With the same random inputs in every run, a score can be repeated.
  fc.configureGlobal({ seed: 1, endOnFailure: true });
  for (const file of globSync(TESTS).sort()) if (!LEFT_OUT.test(file)) await load(file);
  if (existsSync(TIMES)) sortQuickestFirst(JSON.parse(readFileSync(TIMES, 'utf8')));
}

function sortQuickestFirst(times: Record<string, number>): void {
  tests.sort((a, b) => (times[a.id] ?? 0) - (times[b.id] ?? 0));
}

/** What is wrong, if anything is. */
async function failureOf({ body }: Test): Promise<string | undefined> {
  try {
    await body();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

class Runner {
  #runs = 0;
  /** Caches keep what a mutant put into them: tests fail by themselves from then on. */
  #isSpoilt = false;

  /** A static mutant is given a process of its own. */
  capabilities() {
    return { reloadEnvironment: false };
  }

  async dryRun() {
    await loadAll();
    const results = [];
    for (const test of tests) {
      instrumentation.currentTestId = test.id;
      const begunAt = performance.now();
      const failureMessage = await failureOf(test);
      const timeSpentMs = performance.now() - begunAt;
      const status = failureMessage === undefined ? 0 : 1;
      results.push({ id: test.id, name: test.id, fileName: test.file, timeSpentMs, status, failureMessage });
    }
    instrumentation.currentTestId = undefined;
    const mutantCoverage = structuredClone(instrumentation.mutantCoverage);
    // A test that finds what an earlier run left behind would kill every mutant.
    for (const [at, test] of tests.entries()) {
      const again = await failureOf(test);
      const result = results[at];
      if (again !== undefined && result?.status === 0)
        Object.assign(result, { status: 1, failureMessage: `fails when it runs again (let it leave nothing behind): ${again}` });
    }
    const times = Object.fromEntries(results.map(({ id, timeSpentMs }) => [id, timeSpentMs]));
    writeFileSync(TIMES, JSON.stringify(times));
    sortQuickestFirst(times);
    return { status: 'complete', tests: results, mutantCoverage };
  }

  async mutantRun({ activeMutant, mutantActivation, testFilter, hitLimit }: MutantRun) {
    if (this.#isSpoilt) throw new Error(SPOILT);
    this.#runs += 1;
    if (mutantActivation === 'static') instrumentation.activeMutant = activeMutant.id;
    await loadAll();
    Object.assign(instrumentation, { activeMutant: activeMutant.id, hitCount: 0, hitLimit });
    const wanted = testFilter && new Set(testFilter);
    let nrOfTests = 0;
    for (const test of tests) {
      if (wanted && !wanted.has(test.id)) continue;
      nrOfTests += 1;
      const failureMessage = await failureOf(test);
      if (hitLimit !== undefined && (instrumentation.hitCount ?? 0) > hitLimit)
        return { status: 'timeout', reason: `reached more than ${hitLimit} times` };
      if (failureMessage === undefined) continue;
      await this.#askWithoutMutant(test);
      return { status: 'killed', killedBy: [test.id], failureMessage, nrOfTests };
    }
    return { status: 'survived', nrOfTests };
  }

  /** A test that goes on failing was spoilt: by this mutant if it is the process's first, else by any before it. */
  async #askWithoutMutant(test: Test): Promise<void> {
    instrumentation.activeMutant = undefined;
    this.#isSpoilt = (await failureOf(test)) !== undefined;
    if (this.#isSpoilt && this.#runs > 1) throw new Error(SPOILT);
  }
}

export const strykerPlugins = [{ kind: 'TestRunner', name: 'in-process', injectableClass: Runner }];
