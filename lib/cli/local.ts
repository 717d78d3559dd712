import { setTimeout as wait } from 'node:timers/promises';
import type { Cell } from '../core/cell.ts';
import type { QuorumEvent } from '../core/events.ts';
import { startLocal } from '../local/runtime.ts';
import type { Output } from './probe.ts';

export interface LocalCommand {
  cell: Cell;
  /** The configuration, for the commands that people are told of. */
  file: string;
  port: number;
  dnsPort: number;
  dataDir?: string;
  /** Each part a process of its own. */
  children: boolean;
  json: boolean;
  version: string;
  stdout: Output;
  stderr: Output;
  /** Ends the run. */
  signal: AbortSignal;
}

/** Whatever still runs this long after Ctrl-C is left behind. */
const CLOSE_TIMEOUT_MS = 5_000;

/** `quorumwatch local`: runs the whole system here until the signal. Exit code 2 when a port is taken. */
export async function localCommand({ json, stdout, stderr, signal, ...options }: LocalCommand): Promise<number> {
  const say = (text: string) => stdout.write(`${text}\n`);
  const print = (event: string, fields: object) => say(JSON.stringify({ at: new Date().toISOString(), event, ...fields }));
  const emit = json
    ? ({ event, ...fields }: QuorumEvent) => print(event, forPrograms(fields))
    : (event: QuorumEvent) => tell(event, say);
  try {
    const runtime = await startLocal({ ...options, emit });
    const { url, dnsPort, beatUrls } = runtime;
    if (json) print('ready', { url, dnsPort });
    else welcome(options, url, dnsPort, say);
    for (const beat of beatUrls) emit({ event: 'note', text: `heartbeats of ${beat.check} go to ${beat.url}` });
    await aborted(signal);
    await Promise.race([runtime.close(), wait(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
    return 0;
  } catch (error) {
    stderr.write(`${portFault(error as NodeJS.ErrnoException, options)}\n`);
    return 2;
  }
}

function portFault(error: NodeJS.ErrnoException, { port, dnsPort }: Pick<LocalCommand, 'port' | 'dnsPort'>): string {
  const isPort = ['EADDRINUSE', 'EACCES'].includes(error.code ?? '');
  if (!isPort) return `local: ${error.message} (look at the line above, or report it)`;
  const taken = (error as { port?: number }).port;
  const option = taken === dnsPort ? '--dns-port' : '--port';
  const what = error.code === 'EACCES' ? 'may not be opened' : 'is in use';
  return `${option}: ${taken ?? port} ${what} (write another one, or 0 for any that is free)`;
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Times as ISO 8601, as everywhere outside. */
function forPrograms(fields: object): object {
  const text = (key: string, value: unknown) =>
    ['observedAt', 'since'].includes(key) && typeof value === 'number' ? new Date(value).toISOString() : value;
  return JSON.parse(JSON.stringify(fields, text));
}

function welcome(
  { cell, file }: Pick<LocalCommand, 'cell' | 'file'>,
  url: string,
  dnsPort: number,
  say: (text: string) => void,
): void {
  say(
    `${cell.title}: ${cell.checks.length} checks, ${cell.vantages.length} vantages, quorum ${cell.quorum}, every ${cell.intervalMs / 1_000} s${slower(cell)}`,
  );
  say(`  look at   ${url}`);
  for (const { name, type } of cell.records) say(`  ask       dig @127.0.0.1 -p ${dnsPort} +short ${name} ${type}`);
  say(`  act       quorumwatch status --config ${file} --endpoint ${url}`);
  say('  stop      Ctrl-C');
}

/** Checks with an interval of their own keep their multiple of it, whatever `--interval` says. */
function slower({ checks, intervalMs }: Cell): string {
  const own = [...Map.groupBy(checks, (check) => check.intervalMs)].filter(([ms]) => ms !== intervalMs);
  return own.map(([ms, each]) => `, ${each.length} of them every ${ms / 1_000} s`).join('');
}

/** What people want to read as it happens; ballots are many, the page shows them. */
function tell(event: QuorumEvent, say: (text: string) => void): void {
  const line = lineOf(event);
  if (line) say(`${new Date().toISOString().slice(11, 19)}  ${line}`);
}

function lineOf(event: QuorumEvent): string | undefined {
  switch (event.event) {
    case 'transition':
      return `${event.node}: ${event.from} → ${event.to}${event.check ? ` (${event.check})` : ''}`;
    case 'page':
      return `page, tier ${event.tier}: ${event.text}`;
    case 'flip':
      return `${event.record}: ${event.node} is ${event.inService ? 'back in' : 'out of'} service`;
    case 'hold':
      return `${event.record}: ${event.node} stays where it is: ${event.why} (${event.rule})`;
    case 'hook':
      return `hook ${event.hook} for ${event.node}: HTTP ${event.status}`;
    case 'note':
      return event.text;
    case 'ballot':
      return undefined;
  }
}
