/** The simulator must find each bug by the rule that it breaks: one that it cannot find, it cannot rule out. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, type TestContext } from 'vitest';
import { BUGS, type PlantedBug } from './bugs.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SEEDS = 1_000;
const ROUNDS = 40;
const SHRUNK = ['no downFor', 'the hold is ignored', 'one healthy quorum is a recovery'];
const A_HANDFUL = 5;
const SHIPPED = [
  'lib/core',
  'lib/cron',
  'lib/heartbeats',
  'lib/run',
  'lib/silences',
  'lib/simulate',
  'lib/store',
  'lib/ports.ts',
];

/** Runs in the copy: prints the first violation of one of these rules, or nothing. */
const FIND = `
  import { simulate } from './lib/simulate/run.ts';
  const [seeds, rounds, ...rules] = process.argv.slice(2);
  for (let seed = 1; seed <= Number(seeds); seed++) {
    const { violations } = await simulate({ seed, vantages: seed % 4 === 3 ? 5 : 3, rounds: Number(rounds) });
    const found = violations.find(({ rule }) => rules.includes(rule));
    if (!found) continue;
    process.stdout.write(JSON.stringify({ seed, ...found }));
    break;
  }
`;

/** Runs in the copy: the first failing run of more than a handful of faults made small, and whether the small one breaks the rule when it is run again. */
const SHRINK = `
  import { simulate } from './lib/simulate/run.ts';
  import { shrink } from './lib/simulate/shrink.ts';
  const [seeds, atLeast, ...rules] = process.argv.slice(2);
  for (let seed = 1; seed <= Number(seeds); seed++) {
    const failing = await simulate({ seed, vantages: 5, rounds: 100 });
    const rule = failing.violations.find((each) => rules.includes(each.rule))?.rule;
    if (rule === undefined || failing.strokes.length <= Number(atLeast)) continue;
    const { options } = await shrink(failing, rule);
    const again = await simulate(options);
    const isBroken = again.violations.some((each) => each.rule === rule);
    process.stdout.write(JSON.stringify({ options, faults: failing.strokes.length, isBroken }));
    break;
  }
`;

/** A copy of the sources, with the bug in it. */
function plant({ patch }: PlantedBug, { onTestFinished }: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'planted-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const each of SHIPPED) cpSync(path.join(ROOT, each), path.join(folder, each), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(path.join(folder, 'find.ts'), FIND);
  writeFileSync(path.join(folder, 'shrink.ts'), SHRINK);
  for (const { file, find, replace } of patch) {
    const source = readFileSync(path.join(folder, file), 'utf8');
    expect(source.split(find), `${file} must contain this exactly once: ${find}`).toHaveLength(2);
    writeFileSync(
      path.join(folder, file),
      source.replace(find, () => replace),
    );
  }
  return folder;
}

describe.concurrent('the simulator finds', () => {
  it.for(BUGS)('$name', { timeout: 600_000 }, async (bug, context) => {
    const cwd = plant(bug, context);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['find.ts', String(SEEDS), String(bug.rounds ?? ROUNDS), ...bug.rules],
      { cwd },
    );
    expect(stdout, `no seed below ${SEEDS} breaks ${bug.rules.join(' or ')}`).not.toBe('');
    expect(bug.rules).toContain(JSON.parse(stdout).rule);
  });
});

describe.concurrent('a failing run is shrunk to a handful of faults, and they are enough to break the rule again', () => {
  it.for(BUGS.filter(({ name }) => SHRUNK.includes(name)))('$name', { timeout: 600_000 }, async (bug, context) => {
    const cwd = plant(bug, context);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['shrink.ts', String(SEEDS), String(A_HANDFUL), ...bug.rules],
      { cwd },
    );
    const { options, faults, isBroken } = JSON.parse(stdout);
    expect(isBroken).toBe(true);
    expect(faults).toBeGreaterThan(A_HANDFUL);
    expect(options.only.length).toBeLessThanOrEqual(A_HANDFUL);
    expect(options.rounds).toBeLessThan(100);
  });
});
