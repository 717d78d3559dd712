/** Each watch is needed: without it exactly its own tests fail. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WATCHES, type Watch } from './watches.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const SHIPPED = ['lib', 'test', 'package.json'];
const TESTS = ['test/watch/watches.test.ts', 'test/aws/outlets.test.ts'];

/** A copy of everything, with these patches. */
function copy(patches: readonly Watch[]): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'watches-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const each of SHIPPED) cpSync(path.join(ROOT, each), path.join(folder, each), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  for (const { file, find, replace } of patches) {
    const source = readFileSync(path.join(folder, file), 'utf8');
    expect(source.split(find), `${file} must contain this exactly once: ${find}`).toHaveLength(2);
    writeFileSync(
      path.join(folder, file),
      source.replace(find, () => replace),
    );
  }
  return folder;
}

/** By title: did it pass? */
async function results(cwd: string): Promise<Map<string, boolean>> {
  const vitest = path.join(ROOT, 'node_modules/vitest/vitest.mjs');
  const report = path.join(cwd, 'report.json');
  const args = [vitest, 'run', ...TESTS, '--root', cwd, '--reporter=json', `--outputFile=${report}`];
  // A run with failures ends with exit code 1: the report says which.
  await new Promise((ended) => execFile(process.execPath, args, { cwd }, ended));
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: { assertionResults: { title: string; status: string }[] }[];
  };
  return new Map(
    testResults.flatMap(({ assertionResults }) => assertionResults.map(({ title, status }) => [title, status === 'passed'])),
  );
}

const isOf = ({ tests }: Watch, title: string): boolean => tests.some((id) => title.startsWith(`${id}:`));

it('with all watches every test passes, and each watch has one', { timeout: 120_000 }, async () => {
  const passed = await results(copy([]));
  expect([...passed].filter(([, isPassed]) => !isPassed)).toEqual([]);
  for (const watch of WATCHES)
    expect(
      [...passed.keys()].some((title) => isOf(watch, title)),
      watch.name,
    ).toBe(true);
});

describe('without a watch exactly its own tests fail:', () => {
  it.each(WATCHES)('$name', { timeout: 120_000 }, async (watch) => {
    const passed = await results(copy([watch]));
    const failed = [...passed].filter(([, isPassed]) => !isPassed).map(([title]) => title);
    expect(failed.toSorted()).toEqual([...passed.keys()].filter((title) => isOf(watch, title)).toSorted());
  });
});
