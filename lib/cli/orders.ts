import { userInfo } from 'node:os';
import { durationMs, durationText } from '../config/durations.ts';
import { choices } from '../config/faults.ts';
import { nearestKey } from '../config/nearest.ts';
import type { Act, NewAct } from '../core/acts.ts';
import type { Cell } from '../core/cell.ts';
import { ordersOf } from '../core/orders.ts';
import { pendingActs, statusOf } from '../core/status.ts';
import { parseBy } from '../web/requests.ts';
import { type Io, type Parsed, textOf, UsageError } from './command.ts';
import type { Monitor } from './monitor.ts';
import { orderText } from './status.ts';
import { timeText } from './time-text.ts';

/** A silence, a force or a pause that nobody remembers is an outage that nobody sees. */
const LONGEST_MS = 30 * 86_400_000;
const SHORTEST_MS = 1_000;
/** Long enough for a woken arbiter, which starts cold, and for two looks of a local run's. */
const WAIT_MS = 10_000;
const POLL_MS = 100;
const REASON_MAX_CHARS = 200;
/** Of a force that is ended. */
const OVER = 0;

/** Who gives an order: `--by`, or whoever is signed in to this machine. Throws a `UsageError` for what is no name. */
export function byOf(values: Parsed['values']): string {
  const parsed = parseBy({ by: textOf(values.by) ?? userInfo().username });
  if ('error' in parsed) throw new UsageError(`--${parsed.error}`);
  return parsed.by;
}

/** Until when an order holds: now and `--for`; `end` for `--end`. Throws a `UsageError` unless there is one of them. */
export function untilOf(name: string, { values }: Parsed, now: number): number | 'end' {
  if (values.end === true && values.for === undefined) return 'end';
  if (values.end === true) throw new UsageError(`--end: stands beside --for (write one of them)`);
  if (values.for === undefined) throw new UsageError(`--for: is missing (write quorumwatch ${name} --for 1h, or --end)`);
  return afterFor({ values }, now);
}

/** Now and `--for`. Throws a `UsageError` for what is no duration, or one that nobody would remember. */
export function afterFor({ values }: Pick<Parsed, 'values'>, now: number): number {
  const wanted = String(values.for);
  const ms = durationMs(wanted);
  if (ms >= SHORTEST_MS && ms <= LONGEST_MS) return now + ms;
  throw new UsageError(`--for: "${wanted}" is not a duration from 1s to ${durationText(LONGEST_MS)} (write 1h)`);
}

/** Why: it stands in the incident for those who come later. Throws a `UsageError` without one. */
export function reasonOf({ values }: Parsed): string {
  const reason = textOf(values.reason)?.trim() ?? '';
  const isText = reason !== '' && reason.length <= REASON_MAX_CHARS && !/\p{Cc}/u.test(reason);
  if (isText) return reason;
  throw new UsageError(
    `--reason: is ${reason === '' ? 'missing' : 'too long or not plain text'} (write why, in up to ${REASON_MAX_CHARS} characters)`,
  );
}

/** Throws a `UsageError` for a node that is not configured. */
export function knownNode({ nodes }: Cell, node: string): string {
  const ids = nodes.map(({ id }) => id);
  if (ids.includes(node)) return node;
  throw new UsageError(`node: there is no node "${node}" (write ${nearestKey(node, ids) ?? choices(ids)})`);
}

/** Throws a `UsageError` for a node that is in no record: there is nothing to take it out of. */
export function memberNode(cell: Cell, node: string): string {
  const isMember = cell.records.some(({ members }) => members.some((member) => member.node === knownNode(cell, node)));
  if (isMember) return node;
  const members = [...new Set(cell.records.flatMap((record) => record.members.map((member) => member.node)))];
  const instead = members.length === 0 ? 'the configuration has no records' : `write ${choices(members)}`;
  throw new UsageError(`node: ${node} is a member of no record (${instead})`);
}

/** What was ordered, as `--json` prints it. Times are ISO 8601 UTC. */
export interface Ordered {
  act: Record<string, unknown>;
  /** An arbiter has read it: it is in the ledger. */
  consumed: boolean;
  /** Where the node's members are now, and why. */
  members: { record: string; node: string; inService: boolean | null; why: string }[];
}

/** Writes an act, wakes the arbiters, waits until one has read it, and says what came of it. Gives the exit code, 0. */
export async function orderCommand(monitor: Monitor, act: NewAct, { stdout, stderr, json, signal }: Io & { json: boolean }) {
  const { cell, clock, store } = monitor;
  const accepted = await store.appendAct(act);
  const tick = `they look every ${cell.tickMs / 1_000} s all the same`;
  await monitor.wake().catch(() => stderr.write(`arbiters: none could be woken (${tick})\n`));
  const ordered = await outcome(monitor, accepted, signal);
  const now = new Date(clock.now()).toISOString();
  if (json) stdout.write(`${JSON.stringify(ordered, null, 2)}\n`);
  else stdout.write(`${[sentence(accepted, now), ...consequences(ordered, tick, cell)].join('\n')}\n`);
  return 0;
}

async function outcome(monitor: Monitor, act: Act, signal: AbortSignal): Promise<Ordered> {
  const { cell, clock, store } = monitor;
  const giveUpAt = clock.now() + WAIT_MS;
  for (;;) {
    const { ballots, acts, ledger } = await store.readSnapshot(cell.vantages);
    const consumed =
      ledger !== 'missing' && ledger !== 'unreadable' && !pendingActs(acts, ledger).some(({ seq }) => seq === act.seq);
    if (consumed || clock.now() >= giveUpAt || signal.aborted) {
      const { records } = statusOf(cell, { ballots, acts, ledger }, undefined, clock.now());
      return { act: forPrograms(act), consumed, members: membersOf(records, act) };
    }
    await clock.sleep(POLL_MS, signal).catch(() => undefined);
  }
}

/** What they ask for shows in records. */
const MEMBERS_ACTS: ReadonlySet<Act['kind']> = new Set(['drain', 'restore', 'force']);

const membersOf = (records: ReturnType<typeof statusOf>['records'], act: Act): Ordered['members'] =>
  records.flatMap(({ id, members }) =>
    members.flatMap(({ node, inService, why }) =>
      'node' in act && act.node === node && MEMBERS_ACTS.has(act.kind) ? [{ record: id, node, inService, why }] : [],
    ),
  );

const forPrograms = (act: Act): Record<string, unknown> => ({
  ...act,
  at: new Date(act.at).toISOString(),
  ...('until' in act && act.until !== undefined && { until: act.until === OVER ? null : new Date(act.until).toISOString() }),
});

/** What was asked for. */
function sentence(act: Act, now: string): string {
  const timeOf = (until: number): string => timeText(new Date(until).toISOString(), now);
  switch (act.kind) {
    case 'pause':
      return `Nothing is flipped automatically until ${timeOf(act.until)}; people are paged as ever.`;
    case 'resume':
      return 'The pause is over.';
    case 'drill':
      return 'A fire drill was asked for.';
    case 'silence':
      return `${act.node} pages nobody until ${timeOf(act.until)}.`;
    case 'unsilence':
      return `${act.node} pages people again.`;
    case 'force':
      if (act.until === OVER) return `${act.node} is no longer forced: its checks decide.`;
      return `${act.node} is forced ${act.inService ? 'in' : 'out'} until ${timeOf(act.until)}: ${act.reason}`;
    case 'drain':
      if (act.until !== undefined) return `${act.node} is drained: it stays out until ${timeOf(act.until)}.`;
      return `${act.node} is drained: it stays out until quorumwatch restore ${act.node}.`;
    case 'restore':
      return `${act.node} is given back: its checks decide, and nothing but they.`;
    case 'acknowledge':
      return `${act.incident} is taken by ${act.by}.`;
    case 'unacknowledge':
      return `${act.incident} is nobody's any more: people are paged on.`;
  }
}

function consequences({ consumed, members }: Ordered, tick: string, cell: Cell): string[] {
  if (!consumed) return [`It is written down; no arbiter has read it yet (${tick}).`];
  return members.map(({ record, node, inService, why }) => {
    const name = cell.records.find(({ id }) => id === record)?.name ?? record;
    return `  ${name}: ${node} is ${inService === null ? 'not known' : inService ? 'in service' : 'out of service'}: ${why}`;
  });
}

/**
 * An act that ends a force: one that is over already, so that hold and failback stay as they are. Throws a `UsageError` when the
 * node is not forced; what waits to be read by the arbiters counts.
 */
export async function endOfForce({ store, clock }: Monitor, node: string, base: { at: number; by: string }): Promise<NewAct> {
  const { ledger, acts } = await store.readSnapshot([]);
  const isWaiting = pendingActs(acts, ledger).some((act) => act.kind === 'force' && act.node === node);
  const now = clock.now();
  const orders = typeof ledger === 'string' ? [] : ordersOf(ledger, now).filter((order) => order.node === node);
  if (isWaiting || orders.some(({ kind }) => kind === 'force'))
    return { ...base, kind: 'force', node, inService: true, until: OVER, reason: 'ended' };
  const [other] = orders;
  const instead = other ? `it is ${orderText(other, new Date(now).toISOString())}` : 'nothing is left to end';
  throw new UsageError(`force: there is none of ${node} (${instead})`);
}
