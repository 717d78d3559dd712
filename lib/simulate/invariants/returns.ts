/** S11's exception, and what a birth takes over: members that must not stay where they are. */
import type { RecordSpec } from '../../core/cell.ts';
import type { Ledger } from '../../core/ledger.ts';
import { isManual, newFlips } from './flips.ts';
import { observe, requiredOf } from './reading.ts';
import { ledgerBefore, type Step, type Violation } from './step.ts';

/** When every member in service is down, one that met `recover` returns at once. */
export function exceptionViolations(step: Step): Violation[] {
  const { cell, after, now } = step;
  if (!after || Object.values(after.members).every(({ inService }) => inService)) return [];
  if (after.adoptedAt === undefined || now < after.bornAt + 3 * cell.intervalMs || step.inputs.acts === 'unreadable') return [];
  const { sighted, minority, blind, orders } = observe(step);
  if (minority || blind || !sighted || orders.pausedUntil > now) return [];
  return cell.records.flatMap((record) => {
    const inService = record.members.filter(({ node }) => serves(after, record, node));
    if (record.guard.mode === 'report' || !inService.every(({ node }) => isDown(step, after, record, node))) return [];
    const left = record.members.filter(({ node }) => isProven(step, after, record, node) && !orders.manual[node]);
    return left.map(({ node }) => ({
      rule: 'S11',
      at: now,
      what: `${record.id}/${node} is well, the others are down, and it stays out`,
    }));
  });
}

const isMoving = (after: Ledger, record: RecordSpec, node: string): boolean =>
  after.intents.some((each) => each.kind === 'flip' && each.record === record.id && each.node === node);

function serves(after: Ledger, record: RecordSpec, node: string): boolean {
  const member = after.members[`${record.id}/${node}`];
  return member === undefined || isMoving(after, record, node) || (member.inService && (member.confirmed?.inService ?? true));
}

const isDown = (step: Step, after: Ledger, record: RecordSpec, node: string): boolean =>
  requiredOf(step, record, node).some(({ key }) => after.checks[key]?.state === 'down');

/** Out, by nobody's hand, with every required check up in the ledger and by the votes of now. */
function isProven(step: Step, after: Ledger, record: RecordSpec, node: string): boolean {
  const member = after.members[`${record.id}/${node}`];
  if (!member || member.inService || member.foreign || isMoving(after, record, node)) return false;
  return requiredOf(step, record, node).every(({ key }) => {
    const { state = 'up', recovery } = after.checks[key] ?? {};
    return state === 'up' && !recovery && observe(step).verdicts.get(key) === 'up';
  });
}

/** S12: a new ledger takes over what Route 53 says, whatever it would like to be so. */
export function adoptionViolations(step: Step): Violation[] {
  const { cell, after, now, inputs } = step;
  if (!after || after.adoptedAt === undefined || ledgerBefore(step).adoptedAt !== undefined) return [];
  return (inputs.switches ?? []).flatMap(({ record, node, inService }) => {
    const isMember = cell.records.some(({ id, members }) => id === record && members.some((each) => each.node === node));
    // Somebody may have forced it in meanwhile: it was taken over, and moves by an intent.
    const isMoved = newFlips(step).some((flip) => flip.record === record && flip.node === node && isManual(step, flip));
    if (!isMember || inService || isMoved || after.members[`${record}/${node}`]?.inService === false) return [];
    return [{ rule: 'S12', at: now, what: `${record}/${node} is out of service, and the new ledger takes it for in service` }];
  });
}
