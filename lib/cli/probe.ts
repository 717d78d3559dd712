import type { Cell, Check } from '../core/cell.ts';
import { isGroup } from '../core/groups.ts';
import type { Probe, ProbeResult, Timings } from '../ports.ts';
import { eachConcurrently } from '../probes/run.ts';
import { dim, paint } from './paint.ts';

export interface ProbeCommand {
  cell: Cell;
  /** Only this node's checks. */
  node?: string;
  /** Only checks of this id. */
  check?: string;
  json: boolean;
  stdout: Output;
  /** @default the process's own */
  stderr?: Output;
  probe: Probe;
}

export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
}

interface Row extends Pick<Check, 'node'>, Pick<ProbeResult, 'vote' | 'reason' | 'timings'> {
  check: string;
  detail: string;
}

/** Sockets that one look at everything may have open. */
const CONCURRENCY = 256;

/** `quorumwatch probe`: looks once from here and prints; heartbeats are heard, not looked at. Exit code 0: up or degraded; 1: something is down or could not be seen; 2: no such node or check. */
export async function probeCommand({
  cell,
  node,
  check,
  json,
  stdout,
  stderr = process.stderr,
  probe,
}: ProbeCommand): Promise<number> {
  const probed = { ...cell, checks: cell.checks.filter((each) => each.probe.kind !== 'heartbeat' && !isGroup(each)) };
  const fault = unknownName(probed, node, check);
  if (fault) {
    stderr.write(`${fault}\n`);
    return 2;
  }
  const chosen = probed.checks.filter((candidate) => isChosen(candidate, node, check));
  const rows = await look(chosen, probe);
  stdout.write(json ? `${JSON.stringify(rows, null, 2)}\n` : print(rows, stdout.isTTY === true));
  return rows.every(({ vote }) => vote === 'up' || vote === 'degraded') ? 0 : 1;
}

const isChosen = (candidate: Check, node?: string, check?: string): boolean =>
  (node === undefined || candidate.node === node) && (check === undefined || candidate.id === check);

function unknownName({ nodes, checks }: Cell, node?: string, check?: string): string | undefined {
  const nodeIds = nodes.map(({ id }) => id);
  if (node !== undefined && !nodeIds.includes(node))
    return `--node: there is no node "${node}" (write one of ${nodeIds.join(', ')})`;
  const checkIds = [...new Set(checks.filter((candidate) => isChosen(candidate, node)).map(({ id }) => id))];
  if (check === undefined || checkIds.includes(check)) return undefined;
  const where = node === undefined ? '' : ` of node "${node}"`;
  return `--check: there is no check "${check}"${where} (write one of ${checkIds.join(', ')})`;
}

/** In the cell's order, whatever answered first. */
async function look(checks: readonly Check[], probe: Probe): Promise<Row[]> {
  const results = new Map<string, ProbeResult>();
  const { signal } = new AbortController();
  await eachConcurrently(checks, CONCURRENCY, signal, async (check) => {
    results.set(check.key, await probe(check, signal));
  });
  return checks.flatMap(({ key, node, id }) => {
    const result = results.get(key);
    if (!result) return [];
    const { vote, reason, detail = '', timings } = result;
    return [{ node, check: id, vote, reason, detail, timings: rounded(timings) }];
  });
}

/** To 0.1 ms: more digits are noise. */
function rounded(timings: Timings): Timings {
  return Object.fromEntries(
    Object.entries(timings).map(([phase, ms]) => [phase, Math.round(ms * 10) / 10]),
  ) as unknown as Timings;
}

function print(rows: readonly Row[], colour: boolean): string {
  const width = (column: 'node' | 'check' | 'vote' | 'reason') => Math.max(0, ...rows.map((row) => row[column].length));
  const [nodeWidth, checkWidth, voteWidth, reasonWidth] = [width('node'), width('check'), width('vote'), width('reason')];
  const indent = ' '.repeat(nodeWidth + checkWidth + 4);
  return rows
    .map((row) => {
      const vote = paint(row.vote, row.vote.padEnd(voteWidth), colour);
      const columns = [
        row.node.padEnd(nodeWidth),
        row.check.padEnd(checkWidth),
        vote,
        row.reason.padEnd(reasonWidth),
        row.detail,
      ];
      return `${columns.join('  ').trimEnd()}\n${indent}${dim(timingLine(row.timings), colour)}\n`;
    })
    .join('');
}

const PHASES: [keyof Timings, string][] = [
  ['dnsMs', 'dns'],
  ['connectMs', 'connect'],
  ['tlsMs', 'tls'],
  ['firstByteMs', 'first byte'],
  ['totalMs', 'total'],
];

/** `dns 1.2 · connect 10 · total 12 ms`: the phases that were reached. */
function timingLine(timings: Timings): string {
  const reached = PHASES.flatMap(([phase, name]) => {
    const ms = timings[phase];
    return ms === undefined ? [] : [`${name} ${ms < 10 ? ms.toFixed(1) : Math.round(ms)}`];
  });
  return `${reached.join(' · ')} ms`;
}
