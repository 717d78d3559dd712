import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Cell } from '../core/cell.ts';
import { errorText } from '../core/error-text.ts';
import { configurationOf, type Target } from './configuration.ts';
import { fromEnv } from './env.ts';
import type { Fault, Problem } from './faults.ts';
import { pathText } from './faults.ts';
import { readModule } from './read-module.ts';
import { hiddenTexts, redacted } from './redact.ts';
import { resolve } from './resolve.ts';
import { isEnabled, type Rule } from './rules.ts';
import { CHECK_RULES } from './rules-checks.ts';
import { PAGING_RULES } from './rules-paging.ts';
import { RECORD_RULES } from './rules-records.ts';
import { SOCKET_RULES } from './rules-sockets.ts';
import { VOTING_RULES } from './rules-voting.ts';
import type { Config } from './schema.ts';
import { shape } from './shape.ts';
import { placed, type Read, refuse, type Source } from './source.ts';
import { warningsOf } from './warnings.ts';
import { readYaml } from './yaml.ts';

export interface LoadOptions {
  env?: Readonly<Record<string, string | undefined>>;
  /** In place of the top interval alone: timeouts stay, checks with an interval of their own keep their multiple. */
  intervalMs?: number;
  /** `aws`, the default, also refuses what Lambda cannot reach. */
  target?: Target;
}

export type Loaded = { ok: true; cell: Cell; config: Config; warnings: Fault[] } | { ok: false; faults: Fault[] };

const RULES: readonly Rule[] = [...VOTING_RULES, ...CHECK_RULES, ...SOCKET_RULES, ...RECORD_RULES, ...PAGING_RULES];

/** Reads a configuration (YAML, JSON or TypeScript, by the file's name) and gives its cell, or everything that is wrong with it. Never throws. */
export async function loadConfig(file: string, options: LoadOptions = {}): Promise<Loaded> {
  const read = await readSource(file);
  return 'data' in read ? resolveSource(read, options) : { ok: false, faults: read.faults };
}

/** The same for a source that is already read: pure. */
export function resolveSource(source: Source, { env = process.env, intervalMs, target = 'aws' }: LoadOptions = {}): Loaded {
  const { data, taken, problems: unset } = fromEnv(source.data, env);
  const missing = new Set(unset.map(({ path }) => pathText(path)));
  const shaped = shape(data, taken);
  const malformed = [...unset, ...shaped.problems.filter(({ path }) => !missing.has(pathText(path)))];
  const faulty = new Set(malformed.map(({ path }) => path[0]));
  const configuration = shaped.config === undefined ? undefined : configurationOf(shaped.config, target, intervalMs);
  const broken: Problem[] =
    configuration === undefined
      ? []
      : RULES.filter(({ id, needs }) => isEnabled(id) && !needs.some((key) => faulty.has(key))).flatMap(({ check }) => [
          ...check(configuration),
        ]);
  const problems = redacted([...malformed, ...broken], taken, env);
  if (problems.length > 0 || configuration === undefined) return { ok: false, faults: placed(problems, source) };
  return {
    ok: true,
    cell: { ...resolve(configuration), hidden: hiddenTexts(taken, env) },
    config: configuration.config,
    warnings: placed(warningsOf(configuration), source),
  };
}

/** Reads a file by its extension. */
export async function readSource(file: string): Promise<Read> {
  const extension = extname(file);
  if (['.ts', '.mts', '.js', '.mjs'].includes(extension)) return readModule(file);
  if (!['.yaml', '.yml', '.json'].includes(extension)) {
    return refuse(
      file,
      `${extension === '' ? 'a name without ending' : extension} is not an ending of a configuration`,
      'write .yaml, .json or .ts',
    );
  }
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => error);
  if (typeof text !== 'string')
    return refuse(file, unreadable(text), 'name a file that can be read, or write one with quorumwatch init');
  return extension === '.json' ? readJson(file, text) : sourceOf(file, text);
}

/** YAML text as a source. */
export function sourceOf(file: string, text: string): Read {
  const read = readYaml(file, text);
  return 'data' in read ? read : { faults: placed(read.problems, { file, data: {}, lines: read.lines }) };
}

/** JSON is YAML, which knows lines; what YAML allows beyond JSON is refused. */
function readJson(file: string, text: string): Read {
  const read = sourceOf(file, text);
  if (!('data' in read)) return read;
  try {
    JSON.parse(text);
    return read;
  } catch (error) {
    const words = errorText(error);
    const line = /\(line (\d+) column \d+\)/.exec(words)?.[1];
    return refuse(
      file,
      `${line === undefined ? '' : `line ${line}: `}this is not JSON: ${words.replace(/ in JSON at position.*/s, '')}`,
      'write JSON, or rename the file to .yaml',
    );
  }
}

function unreadable({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'this is a directory';
  if (code === 'EACCES') return 'the file may not be read';
  return `the file cannot be read: ${message}`;
}
