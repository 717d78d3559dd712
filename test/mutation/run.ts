/**
 * `npm run mutate [-- FILE… | --option value]`: Stryker over lib/core, or over these files of it, and what became of the mutants.
 * Fails where one survives without an explanation in explained.json, or an explanation is of no use. Options are Stryker's.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import explanations from './explained.json' with { type: 'json' };
import { type Explanation, outcomeOf, type Report, type Score } from './survivors.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const STRYKER = path.join(ROOT, 'test/extra/stryker/node_modules/.bin/stryker');
const REPORT = path.join(ROOT, 'reports/mutation.json');

const words = process.argv.slice(2);
const firstOption = words.findIndex((word) => word.startsWith('-'));
const files = firstOption < 0 ? words : words.slice(0, firstOption);
const options = firstOption < 0 ? [] : words.slice(firstOption);

if (!existsSync(STRYKER)) {
  process.stderr.write('Stryker is missing (npm run setup:mutate)\n');
  process.exit(1);
}
const mutate = files.length > 0 ? ['--mutate', files.join(',')] : [];
const run = ['run', 'test/mutation/stryker.config.json', ...mutate, ...options];
// What it has to say of a failure is said already: a test that fails without any mutant, a file that is not there.
if (spawnSync(STRYKER, run, { cwd: ROOT, stdio: 'inherit' }).status !== 0) process.exit(1);

const report: Report = JSON.parse(readFileSync(REPORT, 'utf8'));
// `tally.ts:10-20` is a part of a file: explanations of its other parts may well be of use.
const whole = Object.keys(report.files).filter((file) => !files.some((each) => each.startsWith(`${file}:`)));
const { scores, unexplained, idle } = outcomeOf(report, explanations satisfies Explanation[], whole);
const sum = (key: 'killed' | 'survived' | 'explained'): number => scores.reduce((total, score) => total + score[key], 0);
const line = ({ file, killed, survived, explained }: Score): string => {
  const percent = ((100 * killed) / (killed + survived || 1)).toFixed(1);
  return [file.padEnd(32), percent.padStart(6), ...[killed, survived, explained].map((count) => `${count}`.padStart(9))].join('');
};

const lines = [
  `${'file'.padEnd(32)}score %   killed survived explained`,
  ...scores.map(line),
  line({ file: 'all', killed: sum('killed'), survived: sum('survived'), explained: sum('explained') }),
  ...unexplained.map(({ at, mutator, entry }) => `\n${at} survives (${mutator}):\n  ${JSON.stringify(entry)}`),
  ...idle.map(({ file, code }) => `\nexplained.json: ${file}: nothing survives like this (take it out):\n  ${code}`),
  `\n${unexplained.length} survive without an explanation, ${idle.length} explanations are of no use`,
];
process.stdout.write(`\n${lines.join('\n')}\n`);
process.exitCode = unexplained.length + idle.length > 0 ? 1 : 0;
