/** S9, S10, S11: when a member may leave and when it may return. */
import type { Cell, RecordSpec } from '../../core/cell.ts';
import type { FlipIntent, Ledger } from '../../core/ledger.ts';
import { isManual, newFlips } from './flips.ts';
import { count, looksDown, observe, requiredOf } from './reading.ts';
import { type History, ledgerBefore, type Step, type Violation } from './step.ts';

const HOUR_MS = 3_600_000;

/** S9–S11 over one step: every flip that it commits was allowed. */
export function guardViolations(step: Step): Violation[] {
  const { cell, after } = step;
  if (!after) return [];
  return newFlips(step).flatMap((flip) => {
    const record = cell.records.find(({ id }) => id === flip.record);
    if (!record) return [];
    const found: Violation[] = [];
    const say = (rule: string, what: string) =>
      found.push({ rule, at: step.now, what: `${flip.record}/${flip.node} to ${flip.inService ? 'in' : 'out'}: ${what}` });
    judgeSurvivors(step, after, record, flip, say);
    if (!isManual(step, flip)) judgeAutomatic(step, after, record, flip, say);
    return found;
  });
}

type Say = (rule: string, what: string) => void;

/** S9 (and S13: manual acts too never go below `minInService`). */
function judgeSurvivors(step: Step, after: Ledger, record: RecordSpec, flip: FlipIntent, say: Say): void {
  if (flip.inService) return;
  const others = record.members.filter(({ node }) => node !== flip.node && servesForSure(after, record, node));
  const fit = isManual(step, flip) ? others : others.filter(({ node }) => !isDoubtful(step, after, record, node));
  if (fit.length < record.guard.minInService)
    say(isManual(step, flip) ? 'S13' : 'S9', `${fit.length} others serve, ${record.guard.minInService} must`);
}

/**
 * In service by Route 53's last confirmed word, and no take-out pending. A member at rest has no entry: it was confirmed in
 * service when Route 53's state was adopted, and whatever moves it since leaves an entry.
 */
function servesForSure(after: Ledger, record: RecordSpec, node: string): boolean {
  const member = after.members[`${record.id}/${node}`];
  const moving = after.intents.some((each) => each.kind === 'flip' && each.record === record.id && each.node === node);
  if (after.adoptedAt === undefined || moving) return false;
  return member === undefined || (member.inService && (member.confirmed?.inService ?? true));
}

/** Down or unknown in a required check, or as a whole: by the ledger or by the votes of now. */
function isDoubtful(step: Step, after: Ledger, record: RecordSpec, node: string): boolean {
  const bad = ['down', 'unknown'];
  return requiredOf(step, record, node).some(
    ({ key }) => bad.includes(after.checks[key]?.state ?? 'up') || bad.includes(observe(step).verdicts.get(key) ?? 'unknown'),
  );
}

function judgeAutomatic(step: Step, after: Ledger, record: RecordSpec, flip: FlipIntent, say: Say): void {
  const member = ledgerBefore(step).members[`${record.id}/${flip.node}`];
  if (record.guard.mode === 'report') say('guard.mode', 'the guard only reports');
  const isGivenBack = observe(step).orders.fresh.some((act) => act.kind === 'restore' && act.node === flip.node);
  if (member?.foreign && (!isGivenBack || isMovedAgain(step, flip))) say('S13', 'somebody moved it by hand');
  if (flip.inService) judgeReturn(step, after, record, flip, say);
  else judgeTakeOut(step, after, record, flip, say);
  const takeOuts = (after.members[`${record.id}/${flip.node}`]?.flaps ?? []).filter((at) => at > step.now - HOUR_MS).length;
  if (!flip.inService && takeOuts < 1 + (member?.flaps ?? []).filter((at) => at > step.now - HOUR_MS).length)
    say('S11', 'the take-out is not remembered as a flap');
  const holdMs = Math.min(record.guard.holdMs * 2 ** Math.max(0, takeOuts - 1), HOUR_MS);
  const heldMs = (after.members[`${record.id}/${flip.node}`]?.holdUntil ?? 0) - step.now;
  if (heldMs !== holdMs) say('S11', `it holds for ${heldMs} ms, not ${holdMs}`);
}

/** Somebody's hand has moved it since the ledger last heard of it: a restore that came before knows nothing of that. */
function isMovedAgain(step: Step, { record, node }: FlipIntent): boolean {
  const confirmed = ledgerBefore(step).members[`${record}/${node}`]?.confirmed;
  const seen = step.inputs.switches?.find((each) => each.record === record && each.node === node);
  return (
    confirmed !== undefined && seen !== undefined && seen.version > confirmed.version && seen.inService !== confirmed.inService
  );
}

function judgeTakeOut(step: Step, after: Ledger, record: RecordSpec, { node }: FlipIntent, say: Say): void {
  const member = ledgerBefore(step).members[`${record.id}/${node}`];
  if (!requiredOf(step, record, node).some(({ key }) => after.checks[key]?.state === 'down'))
    say('S9', 'no required check is down');
  if (member && step.now < member.holdUntil) say('S11', `it holds until ${member.holdUntil}`);
  const out = record.members.filter((each) => isOutByItself(step, after, record, each.node)).length;
  if (out > record.guard.maxOut) say('S10', `${out} would be out, ${record.guard.maxOut} may`);
  const all = step.cell.records.flatMap((each) => each.members.map((one) => looksDown(step, after, each, one.node)));
  const down = all.filter(Boolean).length;
  if (all.length > 3 && down >= 0.55 * all.length)
    say('S10', `${down} of ${all.length} members look down: the monitor may be wrong`);
}

/** Out, and no person wanted it. */
function isOutByItself(step: Step, after: Ledger, record: RecordSpec, node: string): boolean {
  const member = after.members[`${record.id}/${node}`];
  return member?.inService === false && !member.foreign && !observe(step).orders.manual[node];
}

function judgeReturn(step: Step, after: Ledger, record: RecordSpec, { node }: FlipIntent, say: Say): void {
  const member = ledgerBefore(step).members[`${record.id}/${node}`];
  if (looksDown(step, after, record, node)) say('S11', 'it is still down');
  const inService = record.members.filter(
    (each) =>
      each.node !== node &&
      servesForSure(ledgerBefore(step), record, each.node) &&
      after.members[`${record.id}/${each.node}`]?.confirmed?.inService !== false,
  );
  if (inService.every((each) => looksDown(step, after, record, each.node))) return;
  if (member && step.now < member.holdUntil) say('S11', `it holds until ${member.holdUntil}, and others serve`);
  if (record.guard.failback === 'manual') say('S11', 'failback is manual, and others serve');
}

/** S11: `down` ends only after `recover` consecutive healthy quorums, each of votes that were all observed after the last one. */
export function recoveryViolations(step: Step): Violation[] {
  const { cell, after, now } = step;
  const found: Violation[] = [];
  for (const check of cell.checks) {
    const from = ledgerBefore(step).checks[check.key];
    if (from?.state !== 'down') continue;
    const to = after ? after.checks[check.key] : from;
    if (to?.state === 'down' && !to.recovery?.count) continue;
    const say = (what: string) => found.push({ rule: 'S11', at: now, what: `${check.key}: ${what}` });
    const since = from.recovery?.at ?? from.at;
    const news = [...(observe(step).words.get(check.key)?.values() ?? [])].filter(({ observedAt }) => observedAt > since);
    const healthy = news.filter(({ vote }) => vote === 'up' || vote === 'degraded').sort((a, b) => a.observedAt - b.observedAt);
    const proof = healthy[check.quorum - 1];
    const counted = (from.recovery?.count ?? 0) + (proof ? 1 : 0);
    if (to?.state !== 'down') {
      if (!proof) say('down ended without a healthy quorum of new votes');
      if (counted < check.recover) say(`down ended after ${counted} of ${check.recover} healthy quorums`);
      continue;
    }
    const claimed = to.recovery?.count ?? 0;
    if (claimed > counted) say(`${claimed} healthy quorums are counted, there were ${counted}`);
    if (claimed > (from.recovery?.count ?? 0) && proof && (to.recovery?.at ?? 0) < proof.observedAt)
      say('a vote could count for two healthy quorums');
    // In the minority it may commit nothing but `down`, and blind nothing at all, not even that a recovery was interrupted.
    const { minority, sighted } = observe(step);
    if (claimed > 0 && !minority && sighted && count(news, 'down') >= check.quorum)
      say('a quorum voted down, and the healthy ones before still count');
  }
  return found;
}

/** S9 at Route 53 itself, where nobody's hand moves switches: whenever one is taken out, enough others answer at that moment. */
export function answeringViolations(cell: Cell, history: History): Violation[] {
  return history.flatMap((happening) => {
    if (happening.kind !== 'deed' || happening.deed.kind !== 'flip' || happening.deed.sent.inService) return [];
    const { at, sent } = happening.deed;
    const others = happening.switches.filter(
      ({ record, node, inService }) => record === sent.record && node !== sent.node && inService,
    );
    const least = cell.records.find(({ id }) => id === sent.record)?.guard.minInService ?? 1;
    return others.length >= least
      ? []
      : [{ rule: 'S9', at, what: `${sent.node} left ${sent.record} to ${others.length} others, not ${least}` }];
  });
}
