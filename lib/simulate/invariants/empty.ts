/** S12: what nobody could read, and what is not there, changes nothing in DNS. */
import { isDeepStrictEqual } from 'node:util';
import type { Ledger } from '../../core/ledger.ts';
import { isManual, newFlips } from './flips.ts';
import { observe } from './reading.ts';
import { ledgerBefore, type Step, type Violation } from './step.ts';

/** S12 over one step: unreadable state, birth, the rounds after birth, blindness, and a minority configuration. */
export function emptyViolations(step: Step): Violation[] {
  const { after, before, now, cell } = step;
  if (!after) return [];
  const found: Violation[] = [];
  const say = (what: string) => found.push({ rule: 'S12', at: now, what });
  const flips = newFlips(step);
  if (before === 'unreadable') say('a ledger was written over one that could not be read');
  const missed = step.cell.records.flatMap(({ id, members }) => members.filter(({ node }) => !isShown(step, id, node)));
  if (ledgerBefore(step).adoptedAt === undefined && after.adoptedAt !== undefined && missed.length > 0)
    say(`Route 53's state was adopted, and it showed no switch of ${missed.map(({ node }) => node).join(', ')}`);
  if (before === 'missing') {
    if (after.epoch !== 1 || after.bornAt !== now) say('a missing ledger was not born anew');
    if (!after.incarnation.includes(step.me.nonce)) say('the new incarnation is not the drawn one');
    if (flips.length > 0) say('a birth flips');
    return found;
  }
  const old = ledgerBefore(step);
  const automatic = flips.filter((flip) => !isManual(step, flip));
  if (flips.length > 0 && step.inputs.acts === 'unreadable') say('a flip although nobody knows what people ordered');
  if (automatic.length > 0 && now < old.bornAt + 3 * cell.intervalMs) say('a flip within three rounds of birth');
  if (automatic.length > 0 && after.adoptedAt === undefined) say("a flip before Route 53's state was adopted");
  if (automatic.length > 0 && observe(step).minority) say('a flip by a configuration in the minority');
  return [...found, ...blindViolations(step)];
}

const isShown = ({ inputs }: Step, record: string, node: string): boolean =>
  (inputs.switches ?? []).some((each) => each.record === record && each.node === node);

/** With fewer than Q vantages heard, nothing changes that votes decide. Pages of what is open go on, and so do people's orders. */
function blindViolations(step: Step): Violation[] {
  const { cell, after, now } = step;
  if (!after || !observe(step).blind) return [];
  const found: Violation[] = [];
  const say = (what: string) => found.push({ rule: 'S12', at: now, what: `blind, and ${what}` });
  const old = ledgerBefore(step);
  if (newFlips(step).some((flip) => !isManual(step, flip))) say('an automatic flip');
  const verdictsOf = (ledger: Ledger) => [
    ...cell.checks.map(({ key }) => ledger.checks[key]?.state ?? 'up'),
    ...cell.nodes.map(({ id }) => ledger.nodes[id]?.state ?? 'up'),
  ];
  if (!isDeepStrictEqual(verdictsOf(old), verdictsOf(after))) say('a state changed');
  for (const { id, state } of Object.values(old.incidents)) {
    const later = after.incidents[id]?.state ?? 'closed';
    if (later !== state) say(`${id} turned from ${state} to ${later}`);
  }
  return found;
}
