/** S1–S5 and S14: what may make a check `down`. */
import type { Ballot, CastVote } from '../../core/ballot.ts';
import type { Cell, Check } from '../../core/cell.ts';
import type { Evidence, Ledger } from '../../core/ledger.ts';
import { isOfDrill } from './drill-check.ts';
import { count, freshnessMs, type Observed, observe, type Word } from './reading.ts';
import { ledgerBefore, type Step, type Violation } from './step.ts';

/** Evidence that this step's intents store for a transition of this check. */
const evidenceOf = (after: Ledger, check: string): Evidence[] =>
  after.intents.flatMap((intent) =>
    intent.kind === 'record' && intent.epoch === after.epoch
      ? intent.evidence.filter((each) => each.check === check && each.epoch === after.epoch)
      : [],
  );

/** Which rule forbids counting a silence like this one. */
const ruleOfSilence = (silent: Word['silent']): string => {
  if (silent === 'abstained') return 'S5';
  return silent === 'skew' ? 'S14' : 'S4';
};

/** S1–S5, S14: every `down` that this step commits stands on votes that an honest reader of the ballots counts as well. */
export function evidenceViolations(step: Step): Violation[] {
  const { cell, after, now } = step;
  if (!after) return [];
  const found: Violation[] = [];
  for (const check of cell.checks) {
    const from = ledgerBefore(step).checks[check.key];
    if (after.checks[check.key]?.state !== 'down' || from?.state === 'down') continue;
    const say = (rule: string, what: string) => found.push({ rule, at: now, what: `${check.key} went down: ${what}` });
    if (isPart(cell, check)) {
      judgeVotes(step, check, votesFor(step, check), from?.at ?? Number.NEGATIVE_INFINITY, say);
      continue;
    }
    const evidence = evidenceOf(after, check.key);
    if (evidence.length !== 1 || evidence[0]?.to !== 'down') say('S1', `${evidence.length} pieces of evidence for it are stored`);
    for (const { votes } of evidence) judgeVotes(step, check, votes, from?.at ?? Number.NEGATIVE_INFINITY, say);
  }
  return found;
}

/** A group speaks for it: nothing follows from its state, and no incident stores what led to it. The same votes must be there. */
const isPart = ({ nodes }: Cell, { key, node }: Check): boolean =>
  nodes.some(({ id, parts = [] }) => id === node && parts.includes(key));

const votesFor = (step: Step, { key, hash }: Check): Record<string, CastVote> =>
  Object.fromEntries(
    [...(observe(step).words.get(key) ?? [])].map(([vantage, { vote, reason = 'ok', observedAt, since }]) => [
      vantage,
      { vote, reason, observedAt, since, checkHash: hash },
    ]),
  );

function judgeVotes(
  step: Step,
  check: Check,
  votes: Record<string, CastVote>,
  lastTransitionAt: number,
  say: (rule: string, what: string) => void,
): void {
  const { cell, now } = step;
  const words = observe(step).words.get(check.key) ?? new Map<string, Word>();
  const counted: CastVote[] = [];
  for (const [vantage, cast] of Object.entries(votes)) {
    if (cast.vote === 'abstain') continue;
    const word = words.get(vantage);
    if (!word) {
      say('S1', `${vantage} is not asked for this check`);
      continue;
    }
    if (word.silent) say(ruleOfSilence(word.silent), `${vantage} counts as ${cast.vote}, but it is ${word.silent}`);
    else if (word.vote !== cast.vote) say('S4', `${vantage} counts as ${cast.vote}, but it said ${word.vote}`);
    if (word.observedAt !== cast.observedAt || word.since !== cast.since) say('S3', `${vantage}'s vote is not the one it cast`);
    if (cast.checkHash !== check.hash) say('S14', `${vantage} answered another question`);
    if (cast.observedAt + freshnessMs(cell, check) < now) say('S2', `${vantage}'s vote is stale`);
    if (cast.vote === 'down' && cast.observedAt > lastTransitionAt) counted.push(cast);
  }
  if (counted.length < check.quorum) say('S1', `${counted.length} of ${check.quorum} votes down since the last transition`);
  // From when it was a quorum: who has been wrong for long vouches for nothing.
  const begun = counted.map((each) => Math.max(each.since, lastTransitionAt)).sort((one, other) => one - other);
  const spanMs = Math.max(...counted.map((each) => each.observedAt)) - (begun[check.quorum - 1] ?? Number.POSITIVE_INFINITY);
  if (!(spanMs >= check.downForMs)) say('S2', `its votes span ${spanMs} ms of ${check.downForMs}`);
}

/**
 * S4: no state is taken that the votes do not give, and N never shrinks. Soft states may come late, but not unfounded.
 * An arbiter whose configuration is in the minority commits no transition but `down` (DESIGN.md, "Configuration roll-out").
 */
export function stateViolations(step: Step): Violation[] {
  const { cell, after, now } = step;
  if (!after) return [];
  const found: Violation[] = [];
  for (const check of cell.checks) {
    const { key } = check;
    const { state: from = 'up', recovery } = ledgerBefore(step).checks[key] ?? {};
    const to = after.checks[key]?.state ?? 'up';
    if (to === from) continue;
    const { verdicts, minority, blind } = observe(step);
    const verdict = verdicts.get(key);
    const say = (rule: string, what: string) => found.push({ rule, at: now, what: `${key} went from ${from} to ${to}: ${what}` });
    // Who was found out of service has to prove itself too, whatever it was called meanwhile.
    const isOver = (from === 'down' || recovery) && to === 'up' && isHealthy(observe(step), check);
    if (verdict !== to && !isOver) say('S4', `the votes say ${verdict}`);
    if (minority && to !== 'down') say('roll-out', 'this configuration is in the minority');
    if (blind) say('S4', 'fewer than Q vantages are heard');
  }
  return [...found, ...nodeViolations(step, after)];
}

/** A quorum says that it works: `down` is over, and who still says otherwise has to last. */
const isHealthy = ({ words }: Observed, { key, quorum }: Check): boolean =>
  count(words.get(key)?.values() ?? [], 'up', 'degraded') >= quorum;

const WORST_FIRST = ['down', 'unknown', 'partial', 'degraded', 'up'] as const;

/** A node's verdict is the worst of its checks'. */
function nodeViolations({ cell, now }: Step, after: Ledger): Violation[] {
  return cell.nodes.flatMap(({ id, checks }) => {
    const states = checks.map((key) => after.checks[key]?.state ?? 'up');
    const worst = WORST_FIRST.find((state) => states.includes(state)) ?? 'up';
    const state = after.nodes[id]?.state ?? 'up';
    return state === worst ? [] : [{ rule: 'verdict', at: now, what: `${id} is ${state}, the worst of its checks ${worst}` }];
  });
}

/** S4: what a page says of the vote counts all configured vantages, not the ones that were heard. */
export function countViolations({ cell, after, now }: Step): Violation[] {
  const found: Violation[] = [];
  for (const intent of after?.intents ?? []) {
    if (intent.kind !== 'page' || !intent.page.seenBy || intent.epoch !== after?.epoch) continue;
    const { of, down } = intent.page.seenBy;
    const sizes = cell.checks.filter(({ node }) => node === intent.page.subject).map(({ vantages }) => vantages.length);
    if (sizes.length > 0 && (!sizes.includes(of) || down > of))
      found.push({ rule: 'S4', at: now, what: `a page counts ${down} of ${of} vantages; configured are ${sizes.join(' or ')}` });
  }
  return found;
}

/** When a ballot last says anything of this check. */
const lastWordAt = (ballot: Ballot, { key, intervalMs }: Check): number =>
  ballot.votes[key]?.observedAt ?? ballot.rounds[String(intervalMs)]?.startedAt ?? Number.NEGATIVE_INFINITY;

/** S3 for whoever writes ballots: a newer observation is never overwritten by an older one, and `version` grows by exactly 1. */
export function ballotViolations(cell: Cell, before: Ballot | 'missing', after: Ballot, now: number): Violation[] {
  const found: Violation[] = [];
  const say = (what: string) => found.push({ rule: 'S3', at: now, what: `${after.vantage}: ${what}` });
  const version = before === 'missing' ? 0 : before.version;
  if (after.version !== version + 1) say(`version ${after.version} after ${version}`);
  if (before === 'missing') return found;
  for (const check of cell.checks) {
    if (lastWordAt(after, check) < lastWordAt(before, check)) say(`an older vote on ${check.key} replaced a newer one`);
  }
  for (const [key, { observedAt }] of Object.entries(after.votes).filter(([each]) => isOfDrill(each)))
    if (observedAt < (before.votes[key]?.observedAt ?? 0)) say(`an older vote on ${key} replaced a newer one`);
  return found;
}
