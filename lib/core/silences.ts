import { type Draft, tell } from './draft.ts';
import type { Incident, Ledger } from './ledger.ts';
import { dateTime } from './times.ts';

/** Until when nobody is paged about this node, and why: the silence that lasts longest; nothing when none is on. */
export function silenceOf({ ledger, inputs }: Draft, node: string): { until: number; why: string } | undefined {
  const asked = ledger.silences[node];
  const configured = (inputs.silences ?? []).filter(({ nodes, until }) => {
    return (nodes.length === 0 || nodes.includes(node)) && until > (ledger.unsilenced?.[node] ?? 0);
  });
  const all = [
    ...(asked ? [{ until: asked.until, why: `by ${asked.by}` }] : []),
    ...configured.map(({ id, until }) => ({ until, why: `by ${id}` })),
  ];
  return all.sort((a, b) => b.until - a.until)[0];
}

/** Ends every silence of a node that is on now. */
export function endSilences({ ledger, inputs }: Draft, node: string): void {
  delete ledger.silences[node];
  const ends = (inputs.silences ?? []).map(({ until }) => until);
  if (ends.length > 0) ledger.unsilenced = { ...ledger.unsilenced, [node]: Math.max(...ends) };
}

/** What is over leaves the ledger. */
export function forgetSilences({ silences, unsilenced }: Ledger, now: number): void {
  for (const [node, { until }] of Object.entries(silences)) if (now >= until) delete silences[node];
  for (const [node, until] of Object.entries(unsilenced ?? {})) if (now >= until) delete unsilenced?.[node];
}

/** Writes into an incident's timeline when a silence begins to hide it, and when it ends. */
export function noteSilence(draft: Draft, incident: Incident): void {
  const silence = silenceOf(draft, incident.node);
  if (silence?.until === incident.silencedUntil) return;
  if (silence) {
    incident.silencedUntil = silence.until;
    tell(draft, incident.id, 'silenced', `${silence.why}, until ${dateTime(silence.until, draft.cell.paging.timezone)}`);
  } else {
    delete incident.silencedUntil;
    tell(draft, incident.id, 'silence over');
  }
}
