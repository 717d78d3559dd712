import type { Act, Acts } from './acts.ts';
import { memberKey } from './cell.ts';
import { type Draft, tell } from './draft.ts';
import { oweHooks } from './hooks.ts';
import type { Read } from './inputs.ts';

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
  if (ledger.pausedUntil !== undefined && now >= ledger.pausedUntil) delete ledger.pausedUntil;
  for (const [node, manual] of Object.entries(ledger.manual)) {
    if (manual.kind === 'force' && now >= manual.until) delete ledger.manual[node];
  }
  for (const [node, { until }] of Object.entries(ledger.silences)) if (now >= until) delete ledger.silences[node];
}

function apply(draft: Draft, act: Act): void {
  const { ledger } = draft;
  switch (act.kind) {
    case 'acknowledge':
      acknowledge(draft, act.incident, act.by, act.at);
      break;
    case 'drain':
      ledger.manual[act.node] = { kind: 'drain', by: act.by, at: act.at };
      break;
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
    case 'pause':
      ledger.pausedUntil = act.until;
      break;
  }
}

/** The first to acknowledge has it; a closed or unknown incident stays as it is. */
function acknowledge(draft: Draft, id: string, by: string, at: number): void {
  const incident = draft.ledger.incidents[id];
  if (!incident || incident.state === 'closed' || incident.ackedAt !== undefined) return;
  Object.assign(incident, { ackedBy: by, ackedAt: at });
  tell(draft, id, 'acknowledged', by);
  oweHooks(draft, 'acknowledged', incident.node, { text: `${incident.node}: acknowledged by ${by}`, incident: id, by });
}

/** Gives a node back to the automatic: drains, forces and foreign hands end, and its return waits for nothing but its health. */
function restore(draft: Draft, node: string): void {
  delete draft.ledger.manual[node];
  for (const record of draft.cell.records) {
    const entry = draft.ledger.members[memberKey(record.id, node)];
    if (!entry) continue;
    delete entry.foreign;
    if (!entry.inService) entry.restored = true;
  }
}
