/** The node of a fire drill and its check, which is judged like any other. */
import type { Cell, Check } from '../../core/cell.ts';
import type { Drill, Ledger } from '../../core/ledger.ts';
import { ledgerBefore, type Step } from './step.ts';

/** Is it a drill whose node has this id? No node that is configured has capital letters. */
export const isOfDrill = (node: string): boolean => node.startsWith('DRILL');

const nodeOf = ({ node }: Pick<Drill, 'node'>): string => (node === undefined ? 'DRILL' : `DRILL-${node}`);

export const drillUnderWay = ({ drill }: Ledger): Drill | undefined => (drill?.endedAt === undefined ? drill : undefined);

/** The drill of this member that was under way before the step, if it is to take it out. */
function flippingDrill(step: Step, node: string): Drill | undefined {
  const drill = drillUnderWay(ledgerBefore(step));
  return drill?.flip && drill.node === node ? drill : undefined;
}

const endsNow = ({ after }: Step): boolean => after?.drill?.endedAt !== undefined;

/** What keeps a member out of service of which somebody asked for that, until the drill ends. */
export function drillRequired(step: Step, node: string): string | undefined {
  const drill = flippingDrill(step, node);
  return drill && !endsNow(step) ? `${nodeOf(drill)}/drill` : undefined;
}

/** Whoever was out for a drill that ends in this step is back at once. */
export const isGivenBackByDrill = (step: Step, node: string): boolean => flippingDrill(step, node) !== undefined && endsNow(step);

/** The last one of each cell. After a restore the same id may come again, for another node. */
const withCheck = new WeakMap<Cell, { id: string; node: string; cell: Cell }>();

/** The step with the node and the check of the drill that was under way before it. */
export function withDrill(step: Step): Step {
  const drill = drillUnderWay(ledgerBefore(step));
  if (!drill) return step;
  const node = nodeOf(drill);
  const known = withCheck.get(step.cell);
  if (known?.id === drill.id && known.node === node) return { ...step, cell: known.cell };
  const { cell } = step;
  const check: Check = {
    key: `${node}/drill`,
    node,
    id: 'drill',
    hash: `drill ${drill.id}`,
    intervalMs: cell.intervalMs + 1,
    timeoutMs: 1_000,
    attempts: 1,
    downForMs: 2_000,
    recover: 1,
    vantages: cell.vantages,
    quorum: cell.quorum,
    severity: 'critical',
    probe: { kind: 'tcp', host: '127.0.0.1', port: 1, allowPrivate: true, expect: { time: {} } },
  };
  const extended = {
    ...cell,
    checks: [...cell.checks, check],
    nodes: [...cell.nodes, { id: node, checks: [check.key], dependsOn: [] }],
  };
  withCheck.set(cell, { id: drill.id, node, cell: extended });
  return { ...step, cell: extended };
}
