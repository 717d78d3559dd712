import type { Cell } from './cell.ts';
import { checksInTrouble } from './checks.ts';
import { type Draft, tell } from './draft.ts';
import { openIncidents } from './incidents.ts';
import type { Incident } from './ledger.ts';

/** The nodes that this one cannot work without, the nearest first. */
function dependenciesOf(cell: Cell, node: string): string[] {
  const found: string[] = [];
  const queue = [node];
  for (const id of queue) {
    for (const next of cell.nodes.find((each) => each.id === id)?.dependsOn ?? []) {
      if (next === node || found.includes(next)) continue;
      found.push(next);
      queue.push(next);
    }
  }
  return found;
}

/** Notes whether an incident is explained by another node that is down; when that one is back and this one is not, it is paged. */
export function noteDependency(draft: Draft, incident: Incident): void {
  const { cell, ledger, now } = draft;
  const cause = dependenciesOf(cell, incident.node).find((id) => ledger.nodes[id]?.state === 'down');
  if (cause === incident.behind) return;
  if (cause !== undefined) {
    incident.behind = cause;
    tell(draft, incident.id, 'behind', `${cause}, which is down`);
  } else if (!isReturning(draft, incident.node)) {
    tell(draft, incident.id, 'no longer behind', incident.behind);
    delete incident.behind;
    incident.paging.nextAt = Math.max(now, incident.paging.nextAt);
  }
}

/** Is every check that is down on its way back? */
const isReturning = (draft: Draft, node: string): boolean =>
  checksInTrouble(draft, node).every(({ key }) => (draft.ledger.checks[key]?.recovery?.count ?? 0) > 0);

/** The nodes that are in trouble and depend on one of these. */
export function nodesBehind(draft: Draft, nodes: readonly string[]): string[] {
  const waiting = openIncidents(draft).filter(({ behind }) => behind !== undefined);
  return waiting.map(({ node }) => node).filter((node) => dependenciesOf(draft.cell, node).some((id) => nodes.includes(id)));
}
