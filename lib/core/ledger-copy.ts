import type { Incident, Ledger } from './ledger.ts';
import { copyOf } from './plain.ts';

/**
 * A copy of the ledger that a decision may write on. What is never changed once it is written is shared, not copied: the lines of
 * timelines, pages, evidence and the bodies of hooks, which are most of a ledger. Whatever compares the two passes over it, too.
 */
export function copyOfLedger(ledger: Ledger): Ledger {
  const { incidents, intents, ...rest } = ledger;
  return {
    ...copyOf(rest),
    incidents: Object.fromEntries(Object.entries(incidents).map(([id, incident]) => [id, copyOfIncident(incident)])),
    intents: intents.map((intent) => ({ ...intent })),
  };
}

function copyOfIncident(incident: Incident): Incident {
  const { timeline, ...rest } = incident;
  return { ...copyOf(rest), timeline: [...timeline] };
}
