/** S13: what people asked for binds the next decision. */
import { isDeepStrictEqual } from 'node:util';
import { isOfDrill } from './drill-check.ts';
import { isManual, newFlips } from './flips.ts';
import { freshActs, observe } from './reading.ts';
import { configuredSilence } from './silences.ts';
import { ledgerBefore, type Step, type Violation } from './step.ts';

/** S13 over one step. `minInService` of manual acts is judged beside S9, in guard.ts. */
export function manualViolations(step: Step): Violation[] {
  const { now, after } = step;
  const found: Violation[] = [];
  const say = (what: string) => found.push({ rule: 'S13', at: now, what });
  const last = freshActs(step).at(-1);
  if (last && typeof step.before !== 'string') {
    if (!after) say(`act ${last.seq} (${last.kind}) got no epoch`);
    else if (after.acts?.seq !== last.seq) say(`act ${last.seq} (${last.kind}) was accepted, consumed is ${after.acts?.seq}`);
  }
  if (!after) return found;
  const { orders } = observe(step);
  for (const flip of newFlips(step)) {
    const order = orders.manual[flip.node];
    const to = flip.inService ? 'in' : 'out';
    if (isManual(step, flip)) continue;
    if (orders.pausedUntil > now) say(`${flip.node} was moved ${to} during a pause`);
    if (order) say(`${flip.node} was moved ${to} against a ${order.kind}`);
  }
  for (const [node, order] of Object.entries(orders.manual))
    if (typeof step.before !== 'string' && after.manual[node]?.kind !== order.kind)
      say(`the ${order.kind} of ${node} is forgotten`);
  for (const node of Object.keys(after.manual)) if (!orders.manual[node]) say(`${node} is still under an order that is over`);
  return [...found, ...silenceViolations(step), ...incidentViolations(step), ...acknowledgementViolations(step)];
}

/** S13: a silence keeps pages of the node's own state back. A drill is nobody's state. */
function silenceViolations(step: Step): Violation[] {
  const { now, after } = step;
  const { silencedUntil } = observe(step).orders;
  return (after?.intents ?? []).flatMap((intent) => {
    if (intent.kind !== 'page' || intent.epoch !== after?.epoch) return [];
    const { state, subject } = intent.page;
    const isSilenced = (silencedUntil[subject] ?? 0) > now || configuredSilence(step, subject);
    if ((state !== 'down' && state !== 'unknown') || !isSilenced || isOfDrill(subject)) return [];
    return [{ rule: 'S13', at: now, what: `${subject} is silenced, and a page says ${state}` }];
  });
}

/** A node that is down or unknown has an open incident, silenced or not. */
function incidentViolations({ after, now }: Step): Violation[] {
  return Object.entries(after?.nodes ?? {}).flatMap(([node, { state, incident }]) => {
    if (state !== 'down' && state !== 'unknown') return [];
    const open = after?.incidents[incident ?? ''];
    return open && open.state !== 'closed'
      ? []
      : [{ rule: 'S13', at: now, what: `${node} is ${state} without an open incident` }];
  });
}

/** Who took an incident keeps it until it closes or the acknowledgement lapses, whoever decides next. */
function acknowledgementViolations(step: Step): Violation[] {
  const { cell, after, now } = step;
  if (!after) return [];
  return Object.values(ledgerBefore(step).incidents).flatMap((incident) => {
    const later = after.incidents[incident.id];
    if (!later || incident.ackedAt === undefined || incident.ackedAt + cell.paging.ackLapsesMs <= now) return [];
    const same = isDeepStrictEqual([incident.ackedBy, incident.ackedAt], [later.ackedBy, later.ackedAt]);
    return same || isGivenBack(step, incident.id)
      ? []
      : [{ rule: 'S13', at: now, what: `${incident.id} lost its acknowledgement` }];
  });
}

/** Somebody withdrew the acknowledgement, of this incident or of one that speaks for it. */
const isGivenBack = (step: Step, id: string): boolean =>
  freshActs(step).some((act) => {
    if (act.kind !== 'unacknowledge') return false;
    const { together } = ledgerBefore(step).incidents[act.incident] ?? {};
    return act.incident === id || together?.incidents[id] !== undefined;
  });
