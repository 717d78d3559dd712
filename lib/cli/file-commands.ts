import {
  type Command,
  countOf,
  FILE,
  flag,
  type Io,
  intervalOf,
  NOTHING,
  numbersOf,
  type Parsed,
  portOf,
  priceOf,
  text,
  textOf,
  UsageError,
} from './command.ts';
import { version } from './version.ts';

/** The commands over a configuration alone. */
export const FILE_COMMANDS: Record<string, Command> = {
  init: {
    usage: 'init',
    summary: 'writes quorumwatch.config.yaml to start from',
    options: {},
    words: NOTHING,
    run: async (_, io) => (await import('./init.ts')).initCommand(io),
  },
  schema: {
    usage: 'schema',
    summary: "prints the configuration's JSON Schema",
    options: {},
    words: NOTHING,
    run: async (_, io) => (await import('./schema.ts')).schemaCommand(io),
  },
  validate: {
    usage: 'validate FILE [--json]',
    summary: 'says what is wrong with a configuration',
    options: { json: flag },
    words: FILE,
    run: async ({ values, positionals }, io) =>
      (await import('./validate.ts')).validateCommand({ file: positionals[0] ?? '', json: values.json === true, ...io }),
  },
  plan: {
    usage: 'plan FILE [--sms-price USD] [--json]',
    summary: 'says what would be deployed where, and what it costs',
    options: { 'sms-price': text, json: flag },
    words: FILE,
    run: plan,
  },
  probe: {
    usage: 'probe FILE|URL [--node N] [--check C] [--json]',
    summary: 'looks once from here; of a URL it prints a configuration',
    options: { node: text, check: text, json: flag },
    words: FILE,
    run: async (parsed, io) => (await import('./probe-here.ts')).probeHere(parsed, io),
  },
  local: {
    usage: 'local FILE [--port P] [--dns-port D] [--interval 2s] [--data DIR] [--children] [--json]',
    summary: 'runs the whole system on this machine',
    options: { port: text, 'dns-port': text, interval: text, data: text, children: flag, json: flag },
    words: FILE,
    run: local,
  },
  app: {
    usage: 'app',
    summary: 'the CDK app of a configuration, for cdk.json: { "app": "npx quorumwatch app" }',
    options: {},
    words: NOTHING,
    run: async (_, io) => (await import('./app.ts')).appCommand(io),
  },
  simulate: {
    usage: 'simulate [--seed S] [--runs R] [--rounds K] [--vantages N] [--only FAULTS] [--json]',
    summary: 'looks for a history in which it breaks its rules',
    options: { seed: text, runs: text, rounds: text, vantages: text, only: text, json: flag },
    words: NOTHING,
    run: simulate,
  },
};

const DEFAULT_PORT = 8070;
const DEFAULT_DNS_PORT = 8053;

async function plan({ values, positionals: [file = ''] }: Parsed, io: Io): Promise<number> {
  const { SMS_USD } = await import('../plan/prices.ts');
  const smsUsd = priceOf('--sms-price', values['sms-price']) ?? SMS_USD;
  const { loadCell } = await import('./load-cell.ts');
  const cell = await loadCell(file, io, {});
  if (!cell) return 2;
  const { planCommand } = await import('./plan.ts');
  return planCommand({ cell, smsUsd, json: values.json === true, ...io });
}

async function local({ values, positionals: [file = ''] }: Parsed, io: Io): Promise<number> {
  const port = portOf('--port', values.port, DEFAULT_PORT);
  const dnsPort = portOf('--dns-port', values['dns-port'], DEFAULT_DNS_PORT);
  if (port === dnsPort && port !== 0)
    throw new UsageError(`--port: ${port} is the DNS server's port as well (write another one, or 0 for any that is free)`);
  const intervalMs = intervalOf(values.interval);
  const { loadCell } = await import('./load-cell.ts');
  const cell = await loadCell(file, io, { target: 'local', ...(intervalMs !== undefined && { intervalMs }) });
  if (!cell) return 2;
  const { localCommand } = await import('./local.ts');
  const dataDir = textOf(values.data);
  return localCommand({
    cell,
    file,
    port,
    dnsPort,
    ...(dataDir !== undefined && { dataDir }),
    children: values.children === true,
    json: values.json === true,
    version: version(),
    ...io,
  });
}

async function simulate({ values }: Parsed, io: Io): Promise<number> {
  const seed = countOf('--seed', values.seed, { from: 0, to: 2 ** 32 - 1 }) ?? 1;
  const runs = countOf('--runs', values.runs, { from: 1, to: 1_000_000 }) ?? 100;
  const rounds = countOf('--rounds', values.rounds, { from: 1, to: 100_000 }) ?? 60;
  const vantages = countOf('--vantages', values.vantages, { from: 3, to: 9 });
  const only = numbersOf('--only', values.only);
  const { simulateCommand } = await import('./simulate.ts');
  return simulateCommand({ seed, runs, rounds, vantages, only, json: values.json === true, ...io });
}
