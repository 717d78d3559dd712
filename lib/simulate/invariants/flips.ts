/** S7, S8 and S15: what may touch a switch, and in which order; L2 and L3: what is owed stays owed, in lanes of its own. */
import type { Cell } from '../../core/cell.ts';
import type { FlipIntent, HookIntent, Intent, Ledger } from '../../core/ledger.ts';
import { isGivenBackByDrill } from './drill-check.ts';
import { observe } from './reading.ts';
import { type Deed, type History, ledgerBefore, type Step, type Violation } from './step.ts';

/** The flips that this step's decision commits. */
export function newFlips(step: Step): FlipIntent[] {
  const known = new Set(ledgerBefore(step).intents.map(({ id }) => id));
  return (step.after?.intents ?? []).filter((each): each is FlipIntent => each.kind === 'flip' && !known.has(each.id));
}

const isMember = (cell: Cell, record: string, node: string): boolean =>
  cell.records.some(({ id, members }) => id === record && members.some((member) => member.node === node));

/** S8, S15 over one step: a member moves only by one intent, and an intent moves one configured member. */
export function flipViolations(step: Step): Violation[] {
  const { cell, after, now } = step;
  if (!after) return [];
  const found: Violation[] = [];
  const say = (rule: string, what: string) => found.push({ rule, at: now, what });
  const flips = newFlips(step);
  for (const { record, node, inService } of flips) {
    const key = `${record}/${node}`;
    if (!isMember(cell, record, node)) say('S15', `a flip of ${key}, which is no member`);
    if (flips.filter((each) => each.record === record && each.node === node).length > 1)
      say('S15', `two flips of ${key} at once`);
    if (after.members[key]?.inService !== inService) say('S8', `a flip of ${key} to ${inService}, and the ledger says otherwise`);
  }
  for (const [key, member] of Object.entries(after.members)) {
    const earlier = ledgerBefore(step).members[key];
    const flipped = flips.some(({ record, node }) => `${record}/${node}` === key);
    if (flipped || earlier?.inService === member.inService) continue;
    const seen = step.inputs.switches?.find(({ record, node }) => `${record}/${node}` === key);
    if (earlier || !member.inService) {
      if (seen?.inService !== member.inService) say('S8', `${key} moved without an intent, and Route 53 does not show it there`);
    }
  }
  return [...found, ...confirmationViolations(step, after), ...laneViolations(step, after), ...droppedViolations(step, after)];
}

/** S8: the ledger takes Route 53's word from Route 53 alone. */
function confirmationViolations(step: Step, after: Ledger): Violation[] {
  return Object.entries(after.members).flatMap(([key, { confirmed }]) => {
    const earlier = ledgerBefore(step).members[key]?.confirmed;
    if (!confirmed || (earlier?.version === confirmed.version && earlier.inService === confirmed.inService)) return [];
    const seen = step.inputs.switches?.find(({ record, node }) => `${record}/${node}` === key);
    if (seen?.version === confirmed.version && seen.inService === confirmed.inService) return [];
    return [{ rule: 'S8', at: step.now, what: `${key} is taken as confirmed, but Route 53 was not seen to say so` }];
  });
}

/** L3: a lane serves one record, one incident, or one hook and node. */
function laneViolations({ now }: Step, after: Ledger): Violation[] {
  const found: Violation[] = [];
  const subject = (intent: Intent): string => {
    if (intent.kind === 'flip') return `record ${intent.record}`;
    if (intent.kind === 'hook') return `hook ${intent.hook} ${intent.node}`;
    return intent.kind === 'page' ? `page ${intent.page.incident}` : 'incident item';
  };
  const lanes = new Map<string, string>();
  const places = new Map<string, string>();
  for (const intent of after.intents) {
    const what = subject(intent);
    const other = lanes.get(intent.lane);
    if (other !== undefined && other !== what)
      found.push({ rule: 'L3', at: now, what: `${what} and ${other} share the lane ${intent.lane}` });
    lanes.set(intent.lane, what);
    if (intent.kind === 'record') continue;
    if ((places.get(what) ?? intent.lane) !== intent.lane)
      found.push({ rule: 'S7', at: now, what: `${what} has two lanes: no order` });
    places.set(what, intent.lane);
  }
  return found;
}

const isClosed = (ledger: Ledger, incident: string): boolean => (ledger.incidents[incident]?.state ?? 'closed') === 'closed';

/** A role that nobody heard of yet gives way to the one that came after it. */
const isOvertaken = (after: Ledger, { event, hook, node, body }: HookIntent): boolean =>
  event === 'role' &&
  after.intents.some(
    (each) =>
      each.kind === 'hook' &&
      each.epoch === after.epoch &&
      each.hook === hook &&
      each.node === node &&
      each.body.record === body.record,
  );

const TOO_OLD_MS = 15 * 60_000;

/** L2, L3: what was committed is not forgotten, unless something newer took its place, it got too old, or its subject is gone. */
function droppedViolations(step: Step, after: Ledger): Violation[] {
  const kept = new Set(after.intents.map(({ id }) => id));
  const excused = (intent: Intent): boolean => {
    if (intent.kind === 'record' || intent.kind === 'drill') return false;
    if (intent.kind === 'page') return intent.at + TOO_OLD_MS < step.now || isClosed(after, intent.page.incident);
    if (intent.kind === 'hook') {
      const isGone = !step.cell.hooks.some(({ id }) => id === intent.hook);
      return intent.at + TOO_OLD_MS < step.now || isGone || isOvertaken(after, intent);
    }
    return (
      !isMember(step.cell, intent.record, intent.node) ||
      after.members[`${intent.record}/${intent.node}`]?.foreign === true ||
      newFlips(step).some(({ record, node }) => record === intent.record && node === intent.node)
    );
  };
  return ledgerBefore(step)
    .intents.filter((intent) => !kept.has(intent.id) && !excused(intent))
    .map(({ kind, id }) => ({ rule: 'L2', at: step.now, what: `the decision dropped ${kind} ${id}` }));
}

/**
 * S7, S8, S15 over a history: each deed has an intent that was committed before it and not carried out yet, flips follow the
 * order of epochs and are their member's newest at the moment of the call, updates carry the current version, no switch vanishes.
 */
export function deedViolations(history: History): Violation[] {
  const found: Violation[] = [];
  let ledger: Ledger | undefined;
  let known: string[] = [];
  const lastEpoch = new Map<string, number>();
  for (const happening of history) {
    if (happening.kind === 'wiped') {
      ledger = undefined;
      lastEpoch.clear();
    }
    if (happening.kind === 'written') ledger = happening.ledger;
    if (happening.kind === 'step') ledger = happening.step.after ?? ledger;
    if (happening.kind !== 'deed') continue;
    const { deed, switches } = happening;
    const say = (rule: string, what: string) => found.push({ rule, at: deed.at, what: `${deed.kind} ${deed.intent}: ${what}` });
    const intent = ledger?.intents.find(({ id }) => id === deed.intent);
    if (intent?.kind !== deed.kind) say('S8', 'nothing committed asks for it');
    const current = new Map(switches.map(({ record, node, version }) => [`${record}/${node}`, version]));
    if (deed.kind === 'flip') judgeFlip(deed, intent, ledger, lastEpoch, current, say);
    for (const key of known) if (!current.has(key)) say('S15', `the switch of ${key} is gone`);
    known = [...current.keys()];
  }
  return found;
}

function judgeFlip(
  { sent, result, epoch }: Deed & { kind: 'flip' },
  intent: Intent | undefined,
  ledger: Ledger | undefined,
  lastEpoch: Map<string, number>,
  versions: Map<string, number>,
  say: (rule: string, what: string) => void,
): void {
  const key = `${sent.record}/${sent.node}`;
  if (intent?.kind === 'flip') {
    if (`${intent.record}/${intent.node}` !== key || intent.inService !== sent.inService) say('S15', `it changed ${key} instead`);
    if (intent.epoch !== epoch) say('S7', `it ran under epoch ${epoch}, committed was ${intent.epoch}`);
  }
  const newest = ledger?.intents.findLast((each) => each.kind === 'flip' && `${each.record}/${each.node}` === key);
  if (newest && newest.epoch > epoch) say('S7', `epoch ${newest.epoch} had already decided about ${key}`);
  if (result !== 'updated') return;
  if (!Number.isInteger(sent.version)) say('S8', 'an update without version');
  const version = versions.get(key);
  if (version !== undefined && sent.version !== version)
    say('S8', `an update with version ${sent.version} was taken at ${version}`);
  if (epoch < (lastEpoch.get(key) ?? 0)) say('S7', `epoch ${epoch} changed ${key} after epoch ${lastEpoch.get(key)}`);
  lastEpoch.set(key, epoch);
}

/** Was this flip asked for by a person, so that quorum, hold and pauses do not bind it? */
export function isManual(step: Step, { record, node, inService }: Pick<FlipIntent, 'record' | 'node' | 'inService'>): boolean {
  const { manual, fresh } = observe(step).orders;
  const order = manual[node];
  if (order?.kind === 'drain') return !inService;
  if (order?.kind === 'force') return order.inService === inService;
  if (!inService) return false;
  return (
    ledgerBefore(step).members[`${record}/${node}`]?.restored === true || // it outlives its step: back as soon as it is fit
    fresh.some((act) => act.kind === 'restore' && act.node === node) ||
    isGivenBackByDrill(step, node) ||
    (hasDrainEnded(step, node) && !ledgerBefore(step).members[`${record}/${node}`]?.foreign)
  );
}

/** A drain that is over by itself is over like one that somebody ends; what was done by hand outlives it. */
function hasDrainEnded(step: Step, node: string): boolean {
  const drains = [
    ledgerBefore(step).manual[node],
    ...observe(step).orders.fresh.filter((act) => act.kind === 'drain' && act.node === node),
  ];
  return drains.some((each) => each?.kind === 'drain' && each.until !== undefined && each.until <= step.now);
}
