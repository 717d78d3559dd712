import type { Act, Acts } from './acts.ts';
import { memberKey } from './cell.ts';
import { spokenFor } from './digests.ts';
import { type Draft, tell } from './draft.ts';
import { beginDrill } from './drill-course.ts';
import { oweHooks } from './hooks.ts';
import { incidentById, release } from './incidents.ts';
import type { Read } from './inputs.ts';
import type { Incident, MemberEntry } from './ledger.ts';
import { endSilences, forgetSilences } from './silences.ts';

/** Applies the acts that the ledger has not seen yet, in order, and ends what has expired. */
export function consumeActs(draft: Draft, acts: Read<Acts>): void {
  const { ledger, now } = draft;
  if (typeof acts !== 'string') {
    const seen = ledger.acts?.incarnation === acts.incarnation ? ledger.acts.seq : 0;
    const fresh = acts.acts.filter(({ seq }) => seq > seen);
    for (const act of fresh) apply(draft, act);
    const last = fresh.at(-1);
    if (last) ledger.acts = { incarnation: acts.incarnation, seq: last.seq };
  }
  if (now >= (ledger.pausedUntil ?? Number.POSITIVE_INFINITY)) resume(draft);
  for (const [node, manual] of Object.entries(ledger.manual)) {
    if (now < (manual.until ?? Number.POSITIVE_INFINITY)) continue;
    delete ledger.manual[node];
    if (manual.kind === 'drain') letBack(draft, node, ({ foreign }) => !foreign);
  }
  forgetSilences(ledger, now);
}

function apply(draft: Draft, act: Act): void {
  const { ledger } = draft;
  switch (act.kind) {
    case 'acknowledge':
      acknowledge(draft, act.incident, act.by, act.at);
      break;
    case 'unacknowledge':
      unacknowledge(draft, act.incident, act.by);
      break;
    case 'drain': {
      const { by, at, until } = act;
      ledger.manual[act.node] = { kind: 'drain', by, at, ...(until !== undefined && { until }) };
      break;
    }
    case 'force': {
      const { inService, until, by, reason, at } = act;
      ledger.manual[act.node] = { kind: 'force', inService, until, by, reason, at };
      break;
    }
    case 'restore':
      restore(draft, act.node);
      break;
    case 'silence':
      ledger.silences[act.node] = { until: act.until, by: act.by };
      break;
    case 'unsilence':
      endSilences(draft, act.node);
      break;
    case 'pause':
      ledger.pausedUntil = act.until;
      ledger.pause = { by: act.by, at: act.at, reminders: 0 };
      break;
    case 'drill':
      beginDrill(draft, act);
      break;
    case 'resume':
      resume(draft);
      break;
  }
}

function resume({ ledger }: Draft): void {
  delete ledger.pausedUntil;
  delete ledger.pause;
}

/** The incident, and those that it speaks for. */
const withItsOwn = (draft: Draft, incident: Incident): Incident[] => [incident, ...spokenFor(draft, incident)];

/** The first to acknowledge has it; a closed or unknown incident stays as it is. */
function acknowledge(draft: Draft, id: string, by: string, at: number): void {
  const incident = incidentById(draft.ledger.incidents, id);
  if (!incident || incident.state === 'closed' || incident.ackedAt !== undefined) return;
  for (const each of withItsOwn(draft, incident)) {
    if (each.ackedAt !== undefined) continue;
    Object.assign(each, { ackedBy: by, ackedAt: at });
    tell(draft, each.id, 'acknowledged', by);
  }
  const nodes = Object.values(incident.together?.incidents ?? { [id]: incident.node });
  oweHooks(draft, 'acknowledged', incident.node, { text: `${incident.node}: acknowledged by ${by}`, incident: id, by }, nodes);
}

/** Gives an incident back to the pages: the next one is due at once. */
function unacknowledge(draft: Draft, id: string, by: string): void {
  const incident = incidentById(draft.ledger.incidents, id);
  if (incident?.ackedAt === undefined) return;
  for (const each of withItsOwn(draft, incident)) release(draft, each, 'acknowledgement withdrawn', by);
}

/** Gives a node back to the automatic: drains, forces and foreign hands end, and its return waits for nothing but its health. */
function restore(draft: Draft, node: string): void {
  delete draft.ledger.manual[node];
  letBack(draft, node, () => true);
}

/** A drain that is over by itself says nothing of what somebody did by hand: only `restore` undoes that. */
function letBack({ cell, ledger }: Draft, node: string, mayReturn: (entry: MemberEntry) => boolean): void {
  for (const record of cell.records) {
    const entry = ledger.members[memberKey(record.id, node)];
    if (!entry || !mayReturn(entry)) continue;
    delete entry.foreign;
    delete entry.untold;
    if (!entry.inService) entry.restored = true;
  }
}
