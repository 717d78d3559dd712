import type { Cell, Check } from '../core/cell.ts';
import { looksFor, withGroups } from '../core/groups.ts';
import type { Probe, ProbeResult, Timings } from '../ports.ts';
import { eachConcurrently } from '../probes/run.ts';
import { print } from './probe-view.ts';

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

/** What `--json` prints of a check: part of the outside face. */
export interface Row extends Pick<Check, 'node'>, Pick<ProbeResult, 'vote' | 'reason' | 'timings'> {
  check: string;
  detail: string;
}

/** A row with what only people read. */
export type Seen = Row & Pick<ProbeResult, 'explained'>;

/** Sockets that one look at everything may have open. */
const CONCURRENCY = 256;

/**
 * `quorumwatch probe`: looks once from here and prints; heartbeats, and groups with one, are heard, not looked at. Exit code 0: up or
 * degraded; 1: something is down or could not be seen, parts of groups aside; 2: no such node or check.
 */
export async function probeCommand(command: ProbeCommand): Promise<number> {
  const { cell, node, check, json, stdout, stderr = process.stderr, probe } = command;
  const probed = { ...cell, checks: cell.checks.filter((each) => isLookedAt(cell, each)) };
  const fault = unknownName(probed, node, check);
  if (fault) {
    stderr.write(`${fault}\n`);
    return 2;
  }
  const chosen = probed.checks.filter((candidate) => isChosen(candidate, node, check));
  const rows = await look(probed, chosen, probe);
  stdout.write(json ? `${JSON.stringify(rows.map(rowOf), null, 2)}\n` : print(rows, stdout.isTTY === true, Date.now()));
  const parts = cell.nodes.flatMap((each) => each.parts ?? []);
  return rows.every((row) => parts.includes(`${row.node}/${row.check}`) || isWell(row)) ? 0 : 1;
}

const isWell = ({ vote }: Row): boolean => vote === 'up' || vote === 'degraded';

const isLookedAt = (cell: Cell, check: Check): boolean =>
  looksFor(cell, [check]).every(({ probe }) => probe.kind !== 'heartbeat');

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
async function look(cell: Cell, chosen: readonly Check[], probe: Probe): Promise<Seen[]> {
  const results = new Map<string, ProbeResult>();
  const { signal } = new AbortController();
  await eachConcurrently(looksFor(cell, chosen), CONCURRENCY, signal, async (check) => {
    results.set(check.key, await probe(check, signal));
  });
  const observed = new Map([...results].map(([key, result]) => [key, { ...result, observedAt: 0 }]));
  const all = withGroups(cell, observed);
  return chosen.flatMap((check) => {
    const said = all.get(check.key);
    if (!said) return [];
    const { vote, reason, detail = '' } = said;
    const { timings, explained } = results.get(check.key) ?? { timings: slowest(cell, check, results) };
    return [
      { node: check.node, check: check.id, vote, reason, detail, timings: rounded(timings), ...(explained && { explained }) },
    ];
  });
}

/** A group took as long as the slowest of what was looked at for it. */
const slowest = (cell: Cell, group: Check, results: ReadonlyMap<string, ProbeResult>): Timings => ({
  totalMs: Math.max(0, ...looksFor(cell, [group]).map(({ key }) => results.get(key)?.timings.totalMs ?? 0)),
});

const rowOf = ({ node, check, vote, reason, detail, timings }: Seen): Row => ({ node, check, vote, reason, detail, timings });

/** To 0.1 ms: more digits are noise. */
function rounded(timings: Timings): Timings {
  return Object.fromEntries(
    Object.entries(timings).map(([phase, ms]) => [phase, Math.round(ms * 10) / 10]),
  ) as unknown as Timings;
}
