import type { Cell } from './cell.ts';
import { checksInTrouble } from './checks.ts';
import { type Draft, tell } from './draft.ts';
import { openIncidents } from './incidents.ts';
import type { Incident } from './ledger.ts';

/** The nodes that this one cannot work without, the nearest first. */
function dependenciesOf({ nodes }: Cell, node: string): string[] {
  const found = new Set([node]);
  for (const next of found) {
    for (const { dependsOn } of nodes.filter(({ id }) => id === next)) for (const id of dependsOn) found.add(id);
  }
  return [...found].slice(1);
}

/** Notes whether an incident is explained by another node that is down; when that one is back and this one is not, it is paged. */
export function noteDependency(draft: Draft, incident: Incident): void {
  const { cell, ledger } = draft;
  const cause = dependenciesOf(cell, incident.node).find((id) => ledger.nodes[id]?.state === 'down');
  if (cause === incident.behind) return;
  if (cause !== undefined) {
    incident.behind = cause;
    tell(draft, incident.id, 'behind', `${cause}, which is down`);
  } else if (!isReturning(draft, incident.node)) {
    tell(draft, incident.id, 'no longer behind', incident.behind);
    delete incident.behind;
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
