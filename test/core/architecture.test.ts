/** Keeps the shape of the code: which part may import which, and what the core must not know. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LONGEST_FILE = 350;

/** Takes comments away, leaves strings alone: a URL in a string is no comment, a banned word in a comment no use of it. */
export function withoutComments(source: string): string {
  const tokens = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;
  return source.replace(tokens, (token) => (token.startsWith('/') ? ' ' : token));
}

/** Every module that a source names: `import`, `export … from`, `import()`, with types too. */
export function importsOf(source: string): string[] {
  const named = /(?:^|[\s;}])(?:import|export)\s*(?:type\s*)?(?:[\w*${}\s,]*?[\s}*]from\s*|(?=['"]))(['"])([^'"]+)\1/g;
  const dynamic = /\bimport\s*\(\s*(['"`])([^'"`]+)\1/g;
  const code = withoutComments(source);
  return [named, dynamic].flatMap((pattern) => [...code.matchAll(pattern)].map(([, , module]) => module ?? ''));
}

/** The part of the house that a file (as a path from the root) belongs to. */
function partOf(file: string): string {
  if (file === 'lib/ports.ts') return 'ports';
  const [top = '', sub = ''] = file.split('/');
  if (top !== 'lib') return top;
  return sub === 'core' || sub === 'run' ? sub : 'adapter';
}

/** What each part may import of the house. */
const MAY_IMPORT: Record<string, string[]> = {
  core: ['core'],
  ports: ['core', 'ports'],
  run: ['core', 'ports', 'run'],
  adapter: ['core', 'ports', 'run', 'adapter', 'package.json', 'cdk.json'],
  lambdas: ['core', 'ports', 'run', 'adapter', 'lambdas', 'package.json'],
  bin: ['core', 'ports', 'run', 'adapter', 'bin', 'package.json', 'dist'],
};

/** What the core must not know, with what to use instead. */
const BANNED_IN_CORE: [pattern: RegExp, what: string][] = [
  [/\bDate\s*\.\s*now\b/, 'Date.now (take `now`)'],
  [/\bnew\s+Date\s*(?:\(\s*\)|(?!\s*\())/, 'new Date() (take `now`)'],
  [/(?<!\bnew\s+)\bDate\s*\(\s*\)/, 'Date() (take `now`)'],
  [/\bMath\s*\.\s*random\b/, 'Math.random (take a nonce)'],
  [/\b(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/, 'a timer'],
  [/\bperformance\s*\./, 'performance (take `now`)'],
  [/\bprocess\s*[.[]/, 'process'],
  [/\bcrypto\s*\./, 'crypto (take a nonce)'],
  [/\bfetch\s*\(/, 'fetch'],
];

/** What is wrong with one file's imports and words, one line each. */
export function faultsOf(file: string, source: string): string[] {
  const part = partOf(file);
  const faults: string[] = [];
  for (const module of importsOf(source)) {
    if (!module.startsWith('.')) {
      if (part === 'core' || part === 'ports') faults.push(`${file}: imports ${module} (${part} knows no package)`);
      continue;
    }
    const target = partOf(path.posix.join(path.posix.dirname(file), module));
    if (!MAY_IMPORT[part]?.includes(target)) faults.push(`${file}: imports ${module} (${part} may not know ${target})`);
  }
  const code = withoutComments(source);
  if (part === 'core') for (const [pattern, what] of BANNED_IN_CORE) if (pattern.test(code)) faults.push(`${file}: uses ${what}`);
  const lines = source.trimEnd().split('\n').length;
  if (file.startsWith('lib/') && lines > LONGEST_FILE) faults.push(`${file}: ${lines} lines (split it below ${LONGEST_FILE})`);
  if (/(?:^|\/)[^/]*(?:utils?|helpers?)(?:[./-]|$)/i.test(file)) faults.push(`${file}: its name says nothing (name its subject)`);
  return faults;
}

const sourcesUnder = (folder: string): string[] =>
  existsSync(path.join(ROOT, folder))
    ? readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => /\.[mc]?[tj]sx?$/.test(file))
        .map((file) => path.posix.join(folder, file.split(path.sep).join('/')))
    : [];

describe('the code', () => {
  const files = ['lib', 'bin', 'lambdas'].flatMap(sourcesUnder);

  it('is looked at', () => {
    expect(files).toContain('lib/core/decide.ts');
    expect(files).toContain('lib/ports.ts');
  });

  it('keeps its directions, its words and its sizes', () => {
    expect(files.flatMap((file) => faultsOf(file, readFileSync(path.join(ROOT, file), 'utf8')))).toEqual([]);
  });
});

describe('imports', () => {
  it.each([
    ["import a from 'm';", ['m']],
    ["import 'm';", ['m']],
    ["import type { A } from 'm';", ['m']],
    ["import a, { type B, c as d } from 'm';", ['m']],
    ["import * as all from 'm';", ['m']],
    ["import {\n  a,\n  b,\n} from 'm';", ['m']],
    ['import{a}from"m"', ['m']],
    ["export * from 'm';", ['m']],
    ["export * as a from 'm';", ['m']],
    ["export type { A } from 'm';", ['m']],
    ["const m = await import('m');", ['m']],
    ['const m = import(`m`);', ['m']],
    ["let a: import('m').A;", ['m']],
    ["import a from 'm';import b from 'n';", ['m', 'n']],
    ["// import a from 'm';", []],
    ["/* import a from 'm';\n*/", []],
    ["const url = 'http://m'; import 'n';", ['n']],
    ["export const important = 'm';", []],
    ["export const a = from('m');", []],
  ])('are read from %j', (source, modules) => {
    expect(importsOf(source)).toEqual(modules);
  });
});

describe('a fault is found:', () => {
  it.each([
    ['lib/core/a.ts', "import { b } from '../run/b.ts';", /core may not know run/],
    ['lib/core/a.ts', "import type { Clock } from '../ports.ts';", /core may not know ports/],
    ['lib/core/a.ts', "export { b } from '../local/b.ts';", /core may not know adapter/],
    ['lib/core/deep/a.ts', "await import('../../aws/b.ts');", /core may not know adapter/],
    ['lib/core/a.ts', "import { randomUUID } from 'node:crypto';", /core knows no package/],
    ['lib/core/a.ts', "import { DynamoDBClient } from '@aws-sdk/client-dynamodb';", /core knows no package/],
    ['lib/core/a.ts', 'const a = Date.now();', /Date\.now/],
    ['lib/core/a.ts', 'const a = new Date();', /new Date\(\)/],
    ['lib/core/a.ts', 'const a = new Date;', /new Date\(\)/],
    ['lib/core/a.ts', 'const a = Math.random();', /Math\.random/],
    ['lib/core/a.ts', 'setTimeout(a, 1);', /a timer/],
    ['lib/core/a.ts', 'const a = process.env;', /process/],
    ['lib/core/a.ts', 'crypto.randomUUID();', /crypto/],
    ['lib/ports.ts', "import { a } from './run/a.ts';", /ports may not know run/],
    ['lib/ports.ts', "import 'undici';", /ports knows no package/],
    ['lib/run/a.ts', "import { b } from '../local/b.ts';", /run may not know adapter/],
    ['lib/web/a.ts', "import { b } from '../../bin/b.ts';", /adapter may not know bin/],
    ['lib/web/a.ts', "import { b } from '../../lambdas/b.ts';", /adapter may not know lambdas/],
    ['bin/a.ts', "import { b } from '../lambdas/b.ts';", /bin may not know lambdas/],
    ['lib/web/a.ts', "import { b } from '../../test/clock.ts';", /adapter may not know test/],
    ['lib/web/a.ts', 'a;\n'.repeat(351), /351 lines/],
    ['lib/web/utils.ts', '', /its name says nothing/],
    ['lib/web/http-helpers.ts', '', /its name says nothing/],
    ['lib/helpers/a.ts', '', /its name says nothing/],
  ])('%s: %j', (file, source, fault) => {
    expect(faultsOf(file, source)).toEqual([expect.stringMatching(fault)]);
  });

  it('and what is allowed is not', () => {
    expect(
      faultsOf('lib/core/a.ts', "import { b } from './b.ts';\nconst iso = new Date(ms).toISOString(); // not Date.now()"),
    ).toEqual([]);
    expect(
      faultsOf('lib/run/a.ts', "import type { Clock } from '../ports.ts';\nimport { setTimeout } from 'node:timers';"),
    ).toEqual([]);
    expect(faultsOf('lib/local/a.ts', "import { b } from '../run/b.ts';\nimport { c } from '../store/c.ts';")).toEqual([]);
    expect(faultsOf('lambdas/a.ts', "import { b } from '../lib/aws/b.ts';")).toEqual([]);
    expect(faultsOf('lib/web/a.ts', 'a;\n'.repeat(350))).toEqual([]);
  });
});
