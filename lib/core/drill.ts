/**
 * Fire drills: an outage of a node that does not exist, down the whole path. A drill has a check and a node of its own, so that what
 * happens to real nodes meanwhile is decided, paged and shown as ever; and only one that was asked to flip touches a member.
 */
import type { Cell, Check } from './cell.ts';
import type { Drill, Intent, Ledger } from './ledger.ts';

/** No node that is configured has capital letters in its id: pages of a drill say by their subject what they are. */
const SUBJECT = 'DRILL';
const CHECK_ID = 'drill';
/** Nobody listens there (IANA, TCP port 1: tcpmux): a look at it fails at once, without leaving the machine. */
const TARGET = { host: '127.0.0.1', port: 1 };
const TIMEOUT_MS = 1_000;
const DOWN_FOR_MS = 2_000;
export type DrillRef = Pick<Drill, 'id' | 'node'>;

export const drillSubject = ({ node }: Pick<Drill, 'node'>): string => (node === undefined ? SUBJECT : `${SUBJECT}-${node}`);

/** Is this the node of a drill, and of nothing else? */
export const isDrill = (subject: string): boolean => subject === SUBJECT || subject.startsWith(`${SUBJECT}-`);

export const drillKey = (drill: DrillRef): string => `${drillSubject(drill)}/${CHECK_ID}`;

/** Is this vote one of a drill's? Rounds do not ask for it, and must not drop it. */
export const isDrillKey = (key: string): boolean => isDrill(key.slice(0, key.indexOf('/')));

/** What every vantage looks at for a drill. Its cadence is nobody else's: it adds nothing to what rounds are asked. */
export function drillCheck(cell: Cell, drill: DrillRef): Check {
  return {
    key: drillKey(drill),
    node: drillSubject(drill),
    id: CHECK_ID,
    hash: `drill ${drill.id}`,
    intervalMs: cell.intervalMs + 1,
    timeoutMs: TIMEOUT_MS,
    attempts: 1,
    downForMs: DOWN_FOR_MS,
    recover: 1,
    vantages: cell.vantages,
    quorum: cell.quorum,
    severity: 'critical',
    probe: { kind: 'tcp', ...TARGET, allowPrivate: true, expect: { time: {} } },
  };
}

/** The cell with the node of a drill that is under way. */
export function withDrill(cell: Cell, drill: (DrillRef & Pick<Drill, 'endedAt'>) | undefined): Cell {
  if (!drill || drill.endedAt !== undefined) return cell;
  const check = drillCheck(cell, drill);
  const node = { id: check.node, checks: [check.key], dependsOn: [], policy: 'tiers' as const };
  return { ...cell, nodes: [...cell.nodes, node], checks: [...cell.checks, check] };
}

/** The drill's check, if it is to keep this member out of service: only one that was asked to flip does, until it ends. */
export function drillRequirement({ drill }: Ledger, node: string): string[] {
  return drill?.flip && drill.node === node && drill.endedAt === undefined ? [drillKey(drill)] : [];
}

/** Notes a hop of a drill that was carried out. Changes `next`. */
export function noteDrillHop({ drill }: Ledger, intent: Intent, now: number): void {
  if (!drill) return;
  const note = (hop: keyof Drill['hops']) => {
    drill.hops[hop] ??= now;
  };
  if (intent.kind === 'drill' && intent.drill === drill.id) note('asked');
  if (intent.kind === 'page' && intent.page.subject === drillSubject(drill)) {
    if (intent.page.state === 'down') note('paged');
    if (intent.page.state === 'recovered') note('over');
  }
  if (intent.kind === 'hook' && intent.event === 'page' && intent.node === drillSubject(drill)) note('hooked');
  if (intent.kind === 'flip' && drill.flip && intent.node === drill.node && intent.at > drill.startedAt)
    note(intent.inService ? 'in' : 'out');
}
