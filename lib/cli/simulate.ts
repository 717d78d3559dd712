import { type Counts, sumOf } from '../simulate/coverage.ts';
import { simulateAll } from '../simulate/pool.ts';
import type { RunResult } from '../simulate/run.ts';
import type { Output } from './probe.ts';

export interface SimulateCommand {
  /** Of the first run; each further run has the next. */
  seed: number;
  runs: number;
  rounds: number;
  /** Absent: 3, 5 and 7 in turn. */
  vantages?: number | undefined;
  json: boolean;
  stdout: Output;
  stderr: Output & { isTTY?: boolean };
  signal: AbortSignal;
}

export interface SimulateReport {
  seed: number;
  runs: number;
  /** Of all runs together. */
  rounds: number;
  violations: { rule: string; seed: number; at: string; what: string }[];
  coverage: Counts;
}

const SIZES = [3, 5, 7];
const BAR_WIDTH = 30;

/**
 * `quorumwatch simulate`: lives of random cells under every fault, judged after every step. A line for each rule that a run broke,
 * with the command that shows it again; with `json` an object at the end. Gives the exit code: 0 without violations, 1 with.
 */
export async function simulateCommand(command: SimulateCommand): Promise<number> {
  const { seed, runs, rounds, stdout, stderr, json, signal } = command;
  let done = 0;
  const results = await simulateAll({
    runs: Array.from({ length: runs }, (_, index) => {
      const each = seed + index;
      return { seed: each, vantages: command.vantages ?? SIZES[each % SIZES.length] ?? 3, rounds };
    }),
    signal,
    onResult: () => {
      done++;
      if (stderr.isTTY) stderr.write(progress(done, runs));
    },
  });
  if (stderr.isTTY) stderr.write('\n');
  const report = reportOf(seed, results);
  const say = json ? stderr : stdout;
  for (const line of results.flatMap(linesOf)) say.write(`${line}\n`);
  if (json) stdout.write(`${JSON.stringify(report)}\n`);
  else stdout.write(`${summary(report, results)}\n`);
  return report.violations.length > 0 ? 1 : 0;
}

function progress(done: number, runs: number): string {
  const filled = Math.round((BAR_WIDTH * done) / runs);
  return `\r[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${done} of ${runs} runs`;
}

const timeOf = (at: number): string => new Date(at).toISOString();

/** The first violation of each rule, and how to see it again. */
function linesOf({ seed, vantages, rounds, violations }: RunResult): string[] {
  const firsts = violations.filter(({ rule }, index) => violations.findIndex((each) => each.rule === rule) === index);
  const again = `quorumwatch simulate --seed ${seed} --runs 1 --rounds ${rounds} --vantages ${vantages}`;
  return firsts.map(({ rule, at, what }) => `${rule} at ${timeOf(at)}: ${what} (${again})`);
}

function reportOf(seed: number, results: readonly RunResult[]): SimulateReport {
  return {
    seed,
    runs: results.length,
    rounds: results.reduce((sum, each) => sum + each.rounds, 0),
    violations: results.flatMap((result) =>
      result.violations.map(({ rule, at, what }) => ({ rule, seed: result.seed, at: timeOf(at), what })),
    ),
    coverage: sumOf(results.map((each) => each.coverage)),
  };
}

function summary({ runs, rounds, violations, coverage }: SimulateReport, results: readonly RunResult[]): string {
  const eventful = results.reduce((sum, each) => sum + each.eventful, 0);
  const share = rounds > 0 ? Math.round((100 * eventful) / rounds) : 0;
  const kinds = Object.entries(coverage).map(([kind, counts]) => `${Object.keys(counts).length} ${kind}`);
  return [
    `${runs} runs, ${rounds} rounds, ${share} % of them with a fault or a transition`,
    `seen: ${kinds.join(', ')}`,
    `${violations.length} violations`,
  ].join('\n');
}
