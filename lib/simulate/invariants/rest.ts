/** "Rest" in DESIGN.md: an entry that leaves the ledger is forgotten, so that it may leave only when nothing can be held against it. */
import { freshnessMs } from './reading.ts';
import { ledgerBefore, type Step, type Violation } from './step.ts';

const HOUR_MS = 3_600_000;

/** An entry leaves only when it is up, owes nothing, and its hold, its flap hour and the freshness window are over. */
export function restViolations(step: Step): Violation[] {
  const { cell, after, now } = step;
  if (!after || typeof step.before === 'string') return [];
  const found: Violation[] = [];
  const say = (what: string) => found.push({ rule: 'rest', at: now, what });
  const before = ledgerBefore(step);
  for (const check of cell.checks) {
    const entry = before.checks[check.key];
    if (!entry || after.checks[check.key]) continue;
    if (entry.state !== 'up') say(`${check.key} left the ledger ${entry.state}`);
    else if (now - entry.at <= freshnessMs(cell, check))
      say(`${check.key} left the ledger ${now - entry.at} ms after a transition`);
  }
  for (const record of cell.records) {
    for (const { node } of record.members) {
      const key = `${record.id}/${node}`;
      const member = before.members[key];
      if (!member || after.members[key]) continue;
      const owes = after.intents.some((each) => each.kind === 'flip' && each.record === record.id && each.node === node);
      if (!member.inService || member.confirmed?.inService === false || owes) say(`${key} left the ledger out of service`);
      if (now < member.holdUntil) say(`${key} left the ledger during its hold`);
      if (member.flaps.some((at) => at + HOUR_MS > now)) say(`${key} left the ledger within its flap hour`);
    }
  }
  return found;
}
