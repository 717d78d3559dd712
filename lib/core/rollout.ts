/** What a decision may take from its own configuration while others still run another one. */
import { memberKeysOf } from './cell.ts';
import type { Draft } from './draft.ts';

/** After so many ticks by which nobody decided otherwise, every arbiter that still looks runs this configuration. */
const SETTLED_TICKS = 3;

/** By probe hash: how many heard vantages run that configuration. */
export function configurations({ heard }: Draft): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { probeHash } of heard) counts.set(probeHash, (counts.get(probeHash) ?? 0) + 1);
  return counts;
}

/** During a roll-out the arbiters of the smaller side may still see that something is down, and nothing else. */
export function runsMinorityConfiguration(draft: Draft): boolean {
  const counts = configurations(draft);
  return (counts.get(draft.cell.probeHash) ?? 0) < Math.max(0, ...counts.values());
}

/**
 * Notes by which configuration the ledger is decided: arbiters that take turns with two of them begin the count anew each time. A
 * member that one of them does not know is forgotten, and may be out: after a change Route 53 has to show each.
 */
export function noteConfiguration({ ledger, cell, now }: Draft): void {
  const before = ledger.configuration;
  if (before?.hash === cell.configHash) return;
  const members = memberKeysOf(cell);
  ledger.configuration = { hash: cell.configHash, since: now, ...(before && members.length > 0 && { unseen: members }) };
}

/** Route 53 has shown these members. */
export function noteSeen({ ledger: { configuration } }: Draft, shown: ReadonlySet<string>): void {
  if (!configuration?.unseen) return;
  const unseen = configuration.unseen.filter((key) => !shown.has(key));
  if (unseen.length > 0) configuration.unseen = unseen;
  else delete configuration.unseen;
}

/** Has nobody decided by another configuration for a while? What this one does not know is somebody else's business until then. */
export const isSettled = ({ ledger: { configuration }, cell, now }: Draft): boolean =>
  now - Number(configuration?.since) >= SETTLED_TICKS * cell.tickMs;
