import type { NodeSpec } from './cell.ts';
import { checkStateOf } from './checks.ts';
import { type Draft, tell } from './draft.ts';
import { isDrill } from './drill.ts';
import { closeIncident, incidentOf, mayEnd, openIncident, record } from './incidents.ts';
import type { Evidence, Incident, Verdict } from './ledger.ts';
import { isSettled } from './rollout.ts';
import { worst } from './tally.ts';

/** Takes each node's state from its checks: opens, continues and closes incidents, and stores the evidence with them. */
export function decideNodes(draft: Draft, evidence: readonly Evidence[]): void {
  for (const node of draft.cell.nodes) {
    const to = stateOf(draft, node);
    const from = draft.ledger.nodes[node.id]?.state ?? 'up';
    const open = incidentOf(draft, node.id);
    const ofNode = evidence.filter(({ check }) => node.checks.includes(check));
    if (to !== from) moveNode(draft, node, from, to, ofNode);
    else noteChecks(draft, node, ofNode);
    const hasEnded = endLasting(draft, node);
    const incident = incidentOf(draft, node.id) ?? open;
    // A node also moves without evidence: when the check that was down is no longer configured.
    if (incident && (to !== from || hasEnded || ofNode.length > 0)) record(draft, incident.id, ofNode);
  }
}

/** Nodes that are no longer configured leave the ledger, and so do drills that are over; their incidents close as `removed`. */
export function removeUnconfiguredNodes(draft: Draft): void {
  const configured = new Set(draft.cell.nodes.map(({ id }) => id));
  for (const [id, entry] of Object.entries(draft.ledger.nodes)) {
    if (configured.has(id) || !(isDrill(id) || isSettled(draft))) continue;
    if (entry.incident) {
      closeIncident(draft, entry.incident, 'removed');
      record(draft, entry.incident, []);
    }
    delete draft.ledger.nodes[id];
  }
}

/** The node's state in the ledger: the worst of its checks' states. */
function stateOf(draft: Draft, node: NodeSpec): Verdict {
  if (node.checks.length === 0) return 'up';
  return worst(node.checks.map((key) => checkStateOf(draft.ledger, key)));
}

const isIncident = (state: Verdict): state is 'down' | 'unknown' => state === 'down' || state === 'unknown';

function moveNode(draft: Draft, node: NodeSpec, from: Verdict, to: Verdict, evidence: readonly Evidence[]): void {
  const { ledger, now } = draft;
  const open = incidentOf(draft, node.id);
  const moved = evidence.find((each) => each.to === to)?.check;
  const check = moved ?? node.checks.find((key) => checkStateOf(ledger, key) === to);
  const incident = isIncident(to) ? continueIncident(draft, node, to, open) : lasting(draft, open);
  ledger.nodes[node.id] = { state: to, at: now, ...(incident && { incident: incident.id }) };
  const about = incident ?? open;
  if (about) tell(draft, about.id, `${from} → ${to}`, check);
  if (open && !incident) closeIncident(draft, open.id, 'recovered');
  draft.events.push({
    event: 'transition',
    node: node.id,
    ...(check && { check: check.slice(node.id.length + 1) }),
    from,
    to,
    epoch: ledger.epoch,
    ...(about && { incident: about.id }),
  });
}

function continueIncident(draft: Draft, node: NodeSpec, state: 'down' | 'unknown', open: Incident | undefined): Incident {
  const incident = openIncident(draft, node.id, state, open);
  draft.ledger.incidents[incident.id] = incident;
  return incident;
}

/** The open incident of a node that is well, if it outlasts that. */
const lasting = (draft: Draft, open: Incident | undefined): Incident | undefined =>
  open && !mayEnd(draft, open) ? open : undefined;

/** Ends the incident of a node that came and went, once it has been well for a while; true if it did. */
function endLasting(draft: Draft, node: NodeSpec): boolean {
  const entry = draft.ledger.nodes[node.id];
  if (!entry?.incident || isIncident(entry.state) || lasting(draft, incidentOf(draft, node.id))) return false;
  closeIncident(draft, entry.incident, 'recovered');
  delete entry.incident;
  return true;
}

/** A further check of a node that is in an incident already: no transition of the node, but part of its story. */
function noteChecks(draft: Draft, node: NodeSpec, evidence: readonly Evidence[]): void {
  const incident = incidentOf(draft, node.id);
  if (!incident) return;
  for (const { check, from, to } of evidence) tell(draft, incident.id, `${from} → ${to}`, check);
}
