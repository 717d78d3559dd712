import { type ParseArgsConfig, parseArgs } from 'node:util';
import { DEFAULT_FILES, defaultFile } from '../config/default-file.ts';
import { durationMs } from '../config/durations.ts';
import type { Output } from './probe.ts';

export interface Io {
  stdout: Output;
  stderr: Output;
  /** Ends what runs until it is told to stop. */
  signal: AbortSignal;
}

type Options = NonNullable<ParseArgsConfig['options']>;
type Value = string | boolean | readonly (string | boolean)[] | undefined;

export interface Parsed {
  values: Record<string, Value>;
  positionals: string[];
}

/** What a command takes beside its options, and what is said when it is not there. */
interface Words {
  count: number;
  /** Fewer will do, for some options. */
  least?: number;
  else: string;
}

export const NOTHING: Words = { count: 0, else: 'takes no file' };
export const FILE: Words = { count: 1, else: 'one file is needed' };
export const INCIDENT: Words = { count: 1, else: 'one incident is needed' };
export const NODE: Words = { count: 1, else: 'one node is needed' };
export const NODE_AND_SIDE: Words = { count: 2, least: 1, else: 'a node and in or out are needed' };

export interface Command {
  usage: string;
  summary: string;
  options: Options;
  words: Words;
  run(parsed: Parsed, io: Io): Promise<number>;
}

/** A command line that says something wrong: one line for stderr, `path: what is wrong (what to write instead)`. */
export class UsageError extends Error {}

export const flag = { type: 'boolean' } as const;
export const text = { type: 'string' } as const;

/** Throws a `UsageError` for an option or a word that the command does not know, or lacks. */
export function parse(name: string, { usage, options, words }: Command, args: string[]): Parsed {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true, strict: true });
    const { length } = positionals;
    if (length <= words.count && length >= (words.least ?? words.count))
      return { values: values as Parsed['values'], positionals };
  } catch (error) {
    const [what = ''] = (error as Error).message.split('. ');
    throw new UsageError(`${name}: ${what[0]?.toLowerCase()}${what.slice(1)} (write quorumwatch ${usage})`);
  }
  throw new UsageError(`${name}: ${words.else} (write quorumwatch ${usage})`);
}

/** What `multiple` options gave. */
export const listOf = (value: Value): string[] => (Array.isArray(value) ? value.map(String) : []);

/** The configuration: `--config`, or the one of this folder. Throws a `UsageError` where there is none. */
export function configFile({ config }: Parsed['values']): string {
  const file = textOf(config) ?? defaultFile();
  if (file !== undefined) return file;
  throw new UsageError(`--config: there is no ${DEFAULT_FILES[1]} here (write --config FILE)`);
}

export const textOf = (value: Value): string | undefined => (typeof value === 'string' ? value : undefined);

const MAX_PORT = 65_535;

export function portOf(option: string, value: Value, preset: number): number {
  if (value === undefined) return preset;
  const port = Number(value);
  if (/^\d+$/.test(String(value)) && port <= MAX_PORT) return port;
  throw new UsageError(`${option}: "${value}" is not a port (write 0 to ${MAX_PORT}; 0 takes any that is free)`);
}

export function countOf(option: string, value: Value, { from, to }: { from: number; to: number }): number | undefined {
  if (value === undefined) return undefined;
  const count = Number(value);
  if (/^\d+$/.test(String(value)) && count >= from && count <= to) return count;
  throw new UsageError(`${option}: "${value}" is not a whole number from ${from} to ${to} (write ${option} ${from})`);
}

/** `3,17`, or `none`. */
export function numbersOf(option: string, value: Value): number[] | undefined {
  if (value === undefined) return undefined;
  const text = String(value);
  if (text === 'none') return [];
  if (/^\d+(,\d+)*$/.test(text)) return text.split(',').map(Number);
  throw new UsageError(`${option}: "${value}" is not a list of numbers (write ${option} 3,17 or ${option} none)`);
}

export function intervalOf(value: Value): number | undefined {
  if (value === undefined) return undefined;
  const ms = durationMs(String(value));
  if (ms >= 1_000) return ms;
  throw new UsageError(`--interval: "${value}" is not a duration of at least 1s (write 2s)`);
}

/** USD. */
export function priceOf(option: string, value: Value): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(String(value)) && Number(value) > 0) return Number(value);
  throw new UsageError(`${option}: "${value}" is not a price (write USD like 0.08)`);
}
