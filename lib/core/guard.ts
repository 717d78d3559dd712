import { memberKey, type RecordSpec } from './cell.ts';
import { checkStateOf } from './checks.ts';
import type { Draft } from './draft.ts';
import { drillRequirement } from './drill.ts';
import type { Intent, MemberEntry, Verdict } from './ledger.ts';
import { isReturning } from './returning.ts';
import { worst } from './tally.ts';

/** Rules that hold a flip back, as `hold` events name them, with what they say to people. */
export const HOLD_RULES = {
  minInService: 'too few other members are in service and sound',
  maxOut: 'as many members as allowed are out already',
  massFailure: 'more than half of all members look down at once: a fault of the checks is likelier',
  hold: 'it was flipped a short while ago',
  failback: 'it returns only when somebody says so (quorumwatch restore)',
  report: 'guard.mode is report',
  pause: 'somebody paused all automatic acts',
  birth: 'this ledger is new and watches for three rounds first',
  orders: 'what people asked for cannot be read',
  rollout: 'most vantages run another configuration',
  foreign: 'somebody flipped it by hand (quorumwatch restore gives it back)',
} as const;

export type HoldRule = keyof typeof HOLD_RULES;

/** Rules that will not let go by themselves within minutes: somebody should know. */
const WORTH_A_PAGE: ReadonlySet<string | undefined> = new Set<HoldRule>([
  'minInService',
  'maxOut',
  'massFailure',
  'orders',
  'report',
]);

/** Is it kept in service although it should leave, by a rule that people should hear of? */
export function isTakeOutHeld(draft: Draft, record: RecordSpec, node: string): boolean {
  const entry = memberOf(draft, record, node);
  return entry?.inService === true && WORTH_A_PAGE.has(entry.held);
}

/** Kubernetes' node controller stops evicting when 55 % of a zone looks unhealthy (`--unhealthy-zone-threshold`). */
const MASS_FAILURE_SHARE = 0.55;
/** Below this many members a share says nothing. */
const MASS_FAILURE_MEMBERS = 3;
/** Flaps within this time lengthen the hold, which never grows beyond it. */
export const FLAP_WINDOW_MS = 3_600_000;

/** Those that the node has: there is a verdict of each. */
const requiredChecks = (draft: Draft, record: RecordSpec, node: string): string[] =>
  [...record.requires.map((id) => `${node}/${id}`), ...drillRequirement(draft.ledger, node)].filter((key) => draft.live.has(key));

/** Only a committed `down` of a required check makes a member unfit. */
export const isUnfit = (draft: Draft, record: RecordSpec, node: string): boolean =>
  requiredChecks(draft, record, node).some((key) => checkStateOf(draft.ledger, key) === 'down');

/** Is every required check that is down on its way back? Then only `recover` is still to be met: no reason to begin a take-out. */
export const isRecovering = (draft: Draft, record: RecordSpec, node: string): boolean =>
  requiredChecks(draft, record, node)
    .map((key) => draft.ledger.checks[key])
    .every((entry) => entry?.state !== 'down' || (entry.recovery?.count ?? 0) > 0);

/** Worse of what is committed and what the votes say now, over the required checks. */
function worstNow(draft: Draft, record: RecordSpec, node: string): Verdict {
  const keys = requiredChecks(draft, record, node);
  return worst(keys.flatMap((key) => [checkStateOf(draft.ledger, key), draft.live.get(key) as Verdict]));
}

/** Fit to return: no required check is down or unknown, and none still owes healthy quorums. */
export function isWell(draft: Draft, record: RecordSpec, node: string): boolean {
  const hasProvenItself = requiredChecks(draft, record, node).every((key) => !draft.ledger.checks[key]?.recovery);
  return hasProvenItself && isSound(draft, record, node);
}

/** Can this member be relied on while another is taken out? */
function isSound(draft: Draft, record: RecordSpec, node: string): boolean {
  const verdict = worstNow(draft, record, node);
  return verdict !== 'down' && verdict !== 'unknown';
}

export const memberOf = (draft: Draft, record: RecordSpec, node: string): MemberEntry | undefined =>
  draft.ledger.members[memberKey(record.id, node)];

export const isFlipOf = (intent: Intent, record: RecordSpec, node: string): boolean =>
  intent.kind === 'flip' && intent.record === record.id && intent.node === node;

/** Is a flip of this member committed, but not known to have happened? */
export const isFlipPending = (draft: Draft, record: RecordSpec, node: string): boolean =>
  draft.ledger.intents.some((intent) => isFlipOf(intent, record, node));

/** In service by what Route 53 last confirmed; pending take-outs count as out already, pending returns not as in yet. */
export function isInService(draft: Draft, record: RecordSpec, node: string): boolean {
  const entry = memberOf(draft, record, node);
  if (!entry) return true;
  return entry.inService && (entry.confirmed?.inService ?? true) && !isFlipPending(draft, record, node);
}

const isSeen = ({ ledger }: Draft, record: RecordSpec, node: string): boolean =>
  !ledger.configuration?.unseen?.includes(memberKey(record.id, node));

/** S9: would enough others go on serving? Binds manual acts too. */
export function leavesEnough(draft: Draft, record: RecordSpec, node: string): boolean {
  const others = record.members.filter((member) => member.node !== node);
  const serving = others.filter(
    ({ node: other }) =>
      isSeen(draft, record, other) &&
      isInService(draft, record, other) &&
      !isReturning(draft.ledger, memberKey(record.id, other)) &&
      isSound(draft, record, other),
  );
  return serving.length >= record.guard.minInService;
}

/** S11's exception: whoever is in service is down, or nobody is. */
export const isAllDown = (draft: Draft, record: RecordSpec): boolean =>
  record.members.filter(({ node }) => isInService(draft, record, node)).every(({ node }) => isUnfit(draft, record, node));

/** The first rule that holds an automatic take-out back; S9 comes first, for it wins over all shares. */
export function takeOutHold(draft: Draft, record: RecordSpec, node: string): HoldRule | undefined {
  if (!leavesEnough(draft, record, node)) return 'minInService';
  if (looksLikeMassFailure(draft)) return 'massFailure';
  if (countOut(draft, record) >= record.guard.maxOut) return 'maxOut';
  return isOnHold(draft, record, node) ? 'hold' : undefined;
}

/** The first rule that holds an automatic return back. */
export function returnHold(draft: Draft, record: RecordSpec, node: string): HoldRule | undefined {
  const { restored } = memberOf(draft, record, node) ?? {};
  if (isAllDown(draft, record) || restored) return undefined;
  if (isOnHold(draft, record, node)) return 'hold';
  return record.guard.failback === 'manual' ? 'failback' : undefined;
}

/** How long a member stays put after a flip: each take-out within the hour doubles it, up to an hour. */
export const holdMs = (record: RecordSpec, flaps: number): number =>
  Math.min(FLAP_WINDOW_MS, record.guard.holdMs * 2 ** Math.max(0, flaps - 1));

const isOnHold = (draft: Draft, record: RecordSpec, node: string): boolean =>
  draft.now < (memberOf(draft, record, node)?.holdUntil ?? 0);

function countOut(draft: Draft, record: RecordSpec): number {
  const isByHand = (node: string) => draft.ledger.manual[node] || memberOf(draft, record, node)?.foreign;
  return record.members.filter(({ node }) => !isByHand(node) && !isInService(draft, record, node)).length;
}

function looksLikeMassFailure(draft: Draft): boolean {
  const members = draft.cell.records.flatMap((record) => record.members.map(({ node }) => worstNow(draft, record, node)));
  const down = members.filter((verdict) => verdict === 'down').length;
  return members.length > MASS_FAILURE_MEMBERS && down / members.length >= MASS_FAILURE_SHARE;
}
