import { readFileSync } from 'node:fs';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { durationMs } from '../config/durations.ts';
import type { Output } from './probe.ts';

export interface Io {
  stdout: Output;
  stderr: Output;
  /** Ends what runs until it is told to stop. */
  signal: AbortSignal;
}

type Options = NonNullable<ParseArgsConfig['options']>;
interface Parsed {
  values: Record<string, string | boolean | undefined>;
  positionals: string[];
}

interface Command {
  usage: string;
  summary: string;
  options: Options;
  /** How many names of files it takes. */
  files: number;
  run(parsed: Parsed, io: Io): Promise<number>;
}

/** A command line that says something wrong: one line for stderr. */
class UsageError extends Error {}

const json = { type: 'boolean' } as const;
const text = { type: 'string' } as const;

const COMMANDS: Record<string, Command> = {
  init: {
    usage: 'init',
    summary: 'writes quorumwatch.config.yaml to start from',
    options: {},
    files: 0,
    run: async (_, io) => (await import('./init.ts')).initCommand(io),
  },
  schema: {
    usage: 'schema',
    summary: "prints the configuration's JSON Schema",
    options: {},
    files: 0,
    run: async (_, io) => (await import('./schema.ts')).schemaCommand(io),
  },
  validate: {
    usage: 'validate FILE [--json]',
    summary: 'says what is wrong with a configuration',
    options: { json },
    files: 1,
    run: async ({ values, positionals }, io) =>
      (await import('./validate.ts')).validateCommand({ file: positionals[0] ?? '', json: values.json === true, ...io }),
  },
  probe: {
    usage: 'probe FILE [--node N] [--check C] [--json]',
    summary: 'looks once from here',
    options: { node: text, check: text, json },
    files: 1,
    run: probe,
  },
  local: {
    usage: 'local FILE [--port P] [--dns-port D] [--interval 2s] [--data DIR] [--json]',
    summary: 'runs the whole system on this machine',
    options: { port: text, 'dns-port': text, interval: text, data: text, json },
    files: 1,
    run: local,
  },
  simulate: {
    usage: 'simulate [--seed S] [--runs R] [--rounds K] [--vantages N] [--json]',
    summary: 'looks for a history in which it breaks its rules',
    options: { seed: text, runs: text, rounds: text, vantages: text, json },
    files: 0,
    run: simulate,
  },
};

const DEFAULT_PORT = 8070;
const DEFAULT_DNS_PORT = 8053;
const MAX_PORT = 65_535;

/** Runs a command line; gives the exit code: 0 fine, 1 something is down, unknown or blind, 2 the input is wrong. Never throws for a user's mistake. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const [name = 'help', ...rest] = argv;
  if (['help', '--help', '-h'].includes(name)) return help(io);
  if (['version', '--version'].includes(name)) return printVersion(io);
  try {
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!command) throw new UsageError(`command: "${name}" is not one (write ${Object.keys(COMMANDS).join(', ')})`);
    return await command.run(parse(name, command, rest), io);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.stderr.write(`${error.message}\n`);
    return 2;
  }
}

function help({ stdout }: Io): number {
  const width = Math.max(...Object.values(COMMANDS).map(({ usage }) => usage.length));
  stdout.write('Usage: quorumwatch COMMAND\n\n');
  for (const { usage, summary } of Object.values(COMMANDS)) stdout.write(`  ${usage.padEnd(width)}  ${summary}\n`);
  return 0;
}

function printVersion({ stdout }: Io): number {
  stdout.write(`${version()}\n`);
  return 0;
}

function parse(name: string, { usage, options, files }: Command, args: string[]): Parsed {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true, strict: true });
    if (positionals.length === files) return { values: values as Parsed['values'], positionals };
  } catch (error) {
    const [what = ''] = (error as Error).message.split('. ');
    throw new UsageError(`${name}: ${what[0]?.toLowerCase()}${what.slice(1)} (write quorumwatch ${usage})`);
  }
  throw new UsageError(`${name}: ${files === 0 ? 'takes no file' : 'one file is needed'} (write quorumwatch ${usage})`);
}

async function probe({ values, positionals: [file = ''] }: Parsed, io: Io): Promise<number> {
  const cell = await load(file, io, {});
  if (!cell) return 2;
  const [{ probeCommand }, { createProbe }, { createDial }] = await Promise.all([
    import('./probe.ts'),
    import('../probes/index.ts'),
    import('../probes/dial.ts'),
  ]);
  const resolveText = () => Promise.reject(new Error('secrets are fetched from AWS only (write {env: NAME} to probe from here)'));
  const { node, check } = values as { node?: string; check?: string };
  return probeCommand({
    cell,
    node,
    check,
    json: values.json === true,
    ...io,
    probe: createProbe({ dial: createDial(), resolveText, hidden: cell.hidden }),
  });
}

async function local({ values, positionals: [file = ''] }: Parsed, io: Io): Promise<number> {
  const port = portOf('--port', values.port, DEFAULT_PORT);
  const dnsPort = portOf('--dns-port', values['dns-port'], DEFAULT_DNS_PORT);
  const intervalMs = intervalOf(values.interval);
  const cell = await load(file, io, intervalMs === undefined ? {} : { intervalMs });
  if (!cell) return 2;
  const { localCommand } = await import('./local.ts');
  const dataDir = typeof values.data === 'string' ? values.data : undefined;
  return localCommand({ cell, port, dnsPort, dataDir, json: values.json === true, version: version(), ...io });
}

async function simulate({ values }: Parsed, io: Io): Promise<number> {
  const seed = countOf('--seed', values.seed, { from: 0, to: 2 ** 32 - 1 }) ?? 1;
  const runs = countOf('--runs', values.runs, { from: 1, to: 1_000_000 }) ?? 100;
  const rounds = countOf('--rounds', values.rounds, { from: 1, to: 100_000 }) ?? 60;
  const vantages = countOf('--vantages', values.vantages, { from: 3, to: 9 });
  const { simulateCommand } = await import('./simulate.ts');
  return simulateCommand({ seed, runs, rounds, vantages, json: values.json === true, ...io });
}

async function load(file: string, { stderr }: Io, options: { intervalMs?: number }) {
  const { loadConfig } = await import('../config/load.ts');
  const { faultLine } = await import('../config/faults.ts');
  const loaded = await loadConfig(file, { ...options, target: 'local' });
  if (loaded.ok) return loaded.cell;
  for (const fault of loaded.faults) stderr.write(`${faultLine(fault)}\n`);
  return undefined;
}

function portOf(option: string, value: string | boolean | undefined, preset: number): number {
  if (value === undefined) return preset;
  const port = Number(value);
  if (/^\d+$/.test(String(value)) && port <= MAX_PORT) return port;
  throw new UsageError(`${option}: "${value}" is not a port (write 0 to ${MAX_PORT}; 0 takes any that is free)`);
}

function countOf(
  option: string,
  value: string | boolean | undefined,
  { from, to }: { from: number; to: number },
): number | undefined {
  if (value === undefined) return undefined;
  const count = Number(value);
  if (/^\d+$/.test(String(value)) && count >= from && count <= to) return count;
  throw new UsageError(`${option}: "${value}" is not a whole number from ${from} to ${to} (write ${option} ${from})`);
}

function intervalOf(value: string | boolean | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = durationMs(String(value));
  if (ms >= 1_000) return ms;
  throw new UsageError(`--interval: "${value}" is not a duration of at least 1s (write 2s)`);
}

const version = (): string => JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
