/** What this monitor says of itself through the ledger: what lasts and nobody would notice. Silence is what `alarms.ts` watches. */
import type { Ballot, CastVote } from './ballot.ts';
import type { Cell, Check } from './cell.ts';
import { checkStateOf } from './checks.ts';
import type { Draft } from './draft.ts';
import type { Read } from './inputs.ts';
import { type Finding, findingId, findingText, type Inspection } from './inspection.ts';
import { oweNotice } from './paging.ts';
import { configurations } from './rollout.ts';
import { isHealthyQuorum, tally } from './tally.ts';
import { vantageState } from './votes.ts';

/** Configuration skew is normal while a deployment runs; after this it is told. */
const SKEW_PATIENCE_MS = 30 * 60_000;
/** A vantage that abstains for so long is not only cut off for a moment. */
const ABSTENTION_PATIENCE_MS = 15 * 60_000;
/** A new check that no quorum has seen well for so long, and for so many of its rounds, was never right. */
const PROOF_PATIENCE_MS = 15 * 60_000;
const PROOF_PATIENCE_ROUNDS = 3;
/** What is still wrong is told again. */
const REMIND_MS = 24 * 60 * 60_000;
const NAMED = 3;

export function reportSkew(draft: Draft): void {
  const { ledger, now, cell } = draft;
  const isSkewed = [...configurations(draft).keys()].some((hash) => hash !== cell.probeHash);
  if (!isSkewed) {
    delete ledger.skewSince;
    delete ledger.skewPaged;
    return;
  }
  ledger.skewSince ??= now;
  if (ledger.skewPaged || now - ledger.skewSince < SKEW_PATIENCE_MS) return;
  ledger.skewPaged = true;
  oweNotice(draft, 'skew', cell.name, 'vantages have run different configurations for 30 minutes: deploy all stacks');
}

/** A vantage whose clock is wrong, or that cannot read a secret, says so and is not silent: no alarm hears it. */
export function reportAbstaining(draft: Draft): void {
  const { ledger, now, cell, inputs } = draft;
  const before = ledger.abstaining ?? {};
  const abstaining: typeof before = {};
  for (const vantage of cell.vantages) {
    const found = abstentionOf(draft, inputs.ballots[vantage]);
    if (!found) continue;
    const entry = before[vantage] ?? { since: found.since ?? now };
    abstaining[vantage] = entry;
    if (entry.told || now - entry.since < ABSTENTION_PATIENCE_MS) continue;
    entry.told = true;
    oweNotice(draft, 'abstaining', vantage, `vantage ${vantage} has not voted${found.on} for 15 minutes: ${found.why}`);
  }
  if (Object.keys(abstaining).length > 0) ledger.abstaining = abstaining;
  else delete ledger.abstaining;
}

interface Abstention {
  /** ms since 1970, where the ballot itself says so. */
  since?: number;
  on: string;
  why: string;
}

/** Of everything, as the ballot says it now; or of single checks, once that has lasted. */
function abstentionOf({ cell, now }: Draft, ballot: Read<Ballot> | undefined): Abstention | undefined {
  if (typeof ballot !== 'object' || vantageState(cell, ballot, now) === 'stale') return undefined;
  if (ballot.abstention) return { on: '', why: whyOf(ballot.abstention) };
  const lasting = Object.entries(ballot.votes).filter(
    ([, { vote, since }]) => vote === 'abstain' && now - since >= ABSTENTION_PATIENCE_MS,
  );
  const [first] = lasting;
  if (!first) return undefined;
  return { since: first[1].since, on: ` on ${listed(lasting.map(([key]) => key))}`, why: whyOf(first[1]) };
}

const whyOf = ({ reason, detail }: Pick<CastVote, 'reason' | 'detail'>): string =>
  detail === undefined ? reason : `${reason}, ${detail}`;

/** Which checks no quorum has seen well since they are configured: a check that is wrong itself is not an outage of its node. */
export function proveChecks(draft: Draft): void {
  const { cell, ledger, now } = draft;
  const known = ledger.proving?.probeHash === cell.probeHash ? ledger.proving : newProof(draft);
  const awaited = new Set(known.checks);
  const unproven = cell.checks.flatMap((check) => (awaited.has(check.key) && !isSeenWell(draft, check) ? check.key : []));
  ledger.proving = { ...known, checks: unproven };
  if (known.told || now - known.at < proofPatienceMs(cell)) return;
  // What is down has pages of its own, which say so.
  const untold = unproven.filter((key) => !['down', 'unknown'].includes(checkStateOf(ledger, key)));
  if (untold.length === 0) return;
  ledger.proving.told = true;
  const text = `${listed(untold)} never passed since ${untold.length > 1 ? 'they were' : 'it was'} configured`;
  oweNotice(draft, 'never-passed', cell.name, `${text}: look at the votes`);
}

/** A ledger that never heard of proofs, and one of another configuration: what is down already was seen well before. */
function newProof({ cell, ledger, now }: Draft): NonNullable<Draft['ledger']['proving']> {
  const isKnown = (key: string) => checkStateOf(ledger, key) === 'down';
  return { probeHash: cell.probeHash, at: now, checks: cell.checks.map(({ key }) => key).filter((key) => !isKnown(key)) };
}

/** Of the votes as they are now: `up` and `degraded` are well enough. */
const isSeenWell = ({ votes }: Draft, { key, quorum }: Check): boolean => isHealthyQuorum(tally(votes.get(key) ?? {}), quorum);

const proofPatienceMs = ({ checks }: Cell): number =>
  Math.max(PROOF_PATIENCE_MS, PROOF_PATIENCE_ROUNDS * Math.max(0, ...checks.map(({ intervalMs }) => intervalMs)));

/** Tells what keeps pages from people, through whoever can still be reached; once it was seen twice, and daily while it lasts. */
export function reportFindings(draft: Draft): void {
  const { ledger, now, inputs } = draft;
  const { inspection } = inputs;
  if (!inspection) return;
  const before = ledger.inspection?.findings ?? {};
  const findings: typeof before = keepUninspected(before, inspection);
  const due = new Map<string, Finding>();
  for (const finding of inspection.findings) {
    const id = findingId(finding);
    const known = before[id];
    const isDue = known !== undefined && (known.toldAt === undefined || now - known.toldAt >= REMIND_MS);
    if (isDue) due.set(id, finding);
    findings[id] = isDue ? { since: known.since, toldAt: now } : (known ?? { since: now });
  }
  ledger.inspection = { at: now, findings };
  tellFindings(draft, [...due.values()], inspection.heardTiers);
}

/** A region that does not answer says nothing of what was found there. */
function keepUninspected(before: Record<string, { since: number; toldAt?: number }>, { findings }: Inspection) {
  const silent: (string | undefined)[] = findings.filter(({ what }) => what === 'uninspected').map(({ region }) => region);
  return Object.fromEntries(Object.entries(before).filter(([id]) => silent.includes(id.split(' ')[1])));
}

function tellFindings(draft: Draft, findings: readonly Finding[], heardTiers: readonly number[]): void {
  const tier = Math.min(...(heardTiers.length > 0 ? heardTiers : [1]));
  for (const [state, some] of Map.groupBy(findings, ({ what }) => (what === 'alarm-off' ? 'unwatched' : 'unheard'))) {
    oweNotice(draft, state, draft.cell.name, listed(some.map(findingText), '; '), { tier });
  }
}

function listed(items: readonly string[], separator = ', '): string {
  const more = items.length - NAMED;
  return `${items.slice(0, NAMED).join(separator)}${more > 0 ? ` and ${more} more` : ''}`;
}
