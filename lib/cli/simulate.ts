import { type Counts, sumOf } from '../simulate/coverage.ts';
import { simulateAll } from '../simulate/pool.ts';
import type { RunResult } from '../simulate/run.ts';
import { shrink } from '../simulate/shrink.ts';
import type { Output } from './probe.ts';

export interface SimulateCommand {
  /** Of the first run; each further run has the next. */
  seed: number;
  runs: number;
  rounds: number;
  /** Absent: 3, 5 and 7 in turn. */
  vantages?: number | undefined;
  /** The numbers of the faults that befall each run; absent: all that were drawn. */
  only?: readonly number[] | undefined;
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
 * with the command that shows it again, and of the first one the shortest story in which it still breaks; with `json` an object at
 * the end. Gives the exit code: 0 without violations, 1 with.
 */
export async function simulateCommand(command: SimulateCommand): Promise<number> {
  const { seed, runs, rounds, stdout, stderr, json, signal } = command;
  let done = 0;
  const results = await simulateAll({
    runs: Array.from({ length: runs }, (_, index) => {
      const each = seed + index;
      const { only } = command;
      return { seed: each, vantages: command.vantages ?? SIZES[each % SIZES.length] ?? 3, rounds, ...(only && { only }) };
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
  for (const line of await story(results, signal)) say.write(`${line}\n`);
  if (json) stdout.write(`${JSON.stringify(report)}\n`);
  else stdout.write(`${summary(report, results)}\n`);
  return report.violations.length > 0 ? 1 : 0;
}

function progress(done: number, runs: number): string {
  const filled = Math.round((BAR_WIDTH * done) / runs);
  return `\r[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${done} of ${runs} runs`;
}

const timeOf = (at: number): string => new Date(at).toISOString();

/** The first run that broke a rule, with as few faults, rounds and vantages as will do. */
async function story(results: readonly RunResult[], signal: AbortSignal): Promise<string[]> {
  const failing = results.find(({ violations }) => violations.length > 0);
  const [first] = failing?.violations ?? [];
  if (!failing || !first) return [];
  const { options, result } = await shrink(failing, first.rule, { signal });
  const broken = result.violations.find(({ rule }) => rule === first.rule) ?? first;
  const { seed, vantages, rounds, only } = options;
  const again = `quorumwatch simulate --seed ${seed} --runs 1 --rounds ${rounds} --vantages ${vantages}`;
  return [
    `the shortest story found, ${vantages} vantages, ${only.length} of ${failing.strokes.length} faults:`,
    ...result.strokes.map(
      ({ number, fault, atMs, lastsMs }) => `  ${clockOf(atMs)}  ${fault} (${number}), for ${clockOf(lastsMs)}`,
    ),
    `  ${clockOf(broken.at - result.startedAt)}  ${broken.rule}: ${broken.what}`,
    `  ${again} --only ${only.length > 0 ? only.join(',') : 'none'}`,
  ];
}

/** Minutes and seconds after the start: `12:05`. */
function clockOf(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

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
