/** What people and tools are told of a cell: `GET /api/v1/status`, and everything that is drawn from it. Times are ISO 8601 UTC. */

import type { Act, Acts } from './acts.ts';
import type { CastVote, Vote } from './ballot.ts';
import { type Cell, type Check, type MemberSpec, memberKey, type Policy, type RecordSpec, type Role } from './cell.ts';
import { HOLD_RULES, type HoldRule } from './guard.ts';
import type { Inputs, Read, SwitchState } from './inputs.ts';
import type { Incident, Ledger, Verdict } from './ledger.ts';
import { type Order, ordersOf } from './orders.ts';
import type { ReasonCode } from './reasons.ts';
import { serving } from './serving.ts';
import { tally, verdictOf, worst } from './tally.ts';
import { lastHeardAt, type VantageState, vantageState, votesOf } from './votes.ts';

export interface Status {
  name: string;
  title: string;
  at: string;
  /** `unreachable`: nothing could be read, so nothing below is known. `partly`: some items could not. */
  table: 'ok' | 'partly' | 'unreachable';
  /** Null where there is no ledger to be read. */
  epoch: number | null;
  pausedUntil: string | null;
  quorum: number;
  nodes: NodeStatus[];
  records: RecordStatus[];
  vantages: VantageStatus[];
  /** Open ones, oldest first. */
  incidents: IncidentSummary[];
  /** What people asked for and still holds. */
  orders: Order[];
}

export interface NodeStatus {
  id: string;
  /** The worst of its checks. */
  verdict: Verdict;
  since: string | null;
  checks: CheckStatus[];
}

export interface CheckStatus {
  id: string;
  kind: Check['probe']['kind'];
  /** `down` only while the ledger says so; a quorum of `down` votes that is not committed yet shows as `partial`. */
  verdict: Verdict;
  since: string | null;
  quorum: number;
  /** By vantage: each one that the check is configured for, silent ones as `abstain`. */
  votes: Record<string, VoteStatus>;
}

export interface VoteStatus {
  vote: Vote;
  reason: ReasonCode;
  detail?: string;
  /** Null where nothing was ever observed. */
  observedAt: string | null;
}

export interface VantageStatus {
  id: string;
  state: VantageState;
  lastBallotAt: string | null;
  /** It often says otherwise than all others: the last check it did so of. */
  outlier?: string;
  /** Why it abstains, where it said so itself. */
  reason?: ReasonCode;
  detail?: string;
}

export interface RecordStatus {
  id: string;
  name: string;
  type: RecordSpec['type'];
  policy: Policy;
  ttlSeconds: number;
  /** Where the members' state comes from: Route 53 itself, or what the ledger last knew of it. */
  source: 'route53' | 'ledger';
  /** The values that DNS answers with now, one of them or several; none while a member's state is not known. */
  answers: string[];
  members: MemberStatus[];
}

export interface MemberStatus {
  node: string;
  value: string;
  role?: Role;
  weight?: number;
  /** Null where neither Route 53 nor the ledger can say. */
  inService: boolean | null;
  why: string;
}

export interface IncidentSummary {
  id: string;
  node: string;
  state: Incident['state'];
  openedAt: string;
  closedAt: string | null;
  ackedBy: string | null;
  ackedAt: string | null;
  /** The incidents that it speaks for: they opened together. Absent of all but digests. */
  together?: { id: string; node: string }[];
}

/** What `statusOf` reads: everything that `decide` is given but Route 53's state, which may be unknown. */
export interface Readings extends Pick<Inputs, 'ballots' | 'acts'> {
  ledger: Read<Ledger>;
}

/** ISO 8601 UTC of ms since 1970; null for what never was (undefined, 0). */
export const isoOf = (ms: number | undefined): string | null => (ms ? new Date(ms).toISOString() : null);

/** Everything that is known of a cell at `now`. Unreadable parts show as `abstain`, `missing`, `unknown` or null, never as an error. */
export function statusOf(cell: Cell, readings: Readings, switches: readonly SwitchState[] | undefined, now: number): Status {
  const ledger = readable(readings.ledger);
  const checks = new Map(cell.checks.map((check) => [check.key, checkStatus(cell, check, readings, ledger, now)]));
  return {
    name: cell.name,
    title: cell.title,
    at: new Date(now).toISOString(),
    table: tableState(cell, readings),
    epoch: ledger?.epoch ?? null,
    pausedUntil: ledger?.pausedUntil !== undefined && ledger.pausedUntil > now ? isoOf(ledger.pausedUntil) : null,
    quorum: cell.quorum,
    nodes: cell.nodes.map((node) => {
      const own = node.checks.flatMap((key) => checks.get(key) ?? []);
      const parts = (node.parts ?? []).flatMap((key) => checks.get(key) ?? []);
      return {
        id: node.id,
        verdict: worst(own.map(({ verdict }) => verdict)),
        since: isoOf(ledger?.nodes[node.id]?.at ?? ledger?.bornAt),
        checks: [...own, ...parts],
      };
    }),
    records: cell.records.map((record) => recordStatus(record, ledger, switches, now)),
    vantages: cell.vantages.map((vantage) => vantageStatus(cell, vantage, readings, ledger, now)),
    incidents: Object.values(ledger?.incidents ?? {})
      .filter(({ state }) => state !== 'closed')
      .sort((a, b) => a.openedAt - b.openedAt)
      .map((incident) => incidentSummary(withPendingAck(incident, readings.acts, readings.ledger))),
    orders: ledger ? ordersOf(ledger, now) : [],
  };
}

/** The fields of an incident that lists show. */
export function incidentSummary({ id, node, state, openedAt, closedAt, ackedBy, ackedAt, together }: Incident): IncidentSummary {
  return {
    id,
    node,
    state,
    openedAt: new Date(openedAt).toISOString(),
    closedAt: isoOf(closedAt),
    ackedBy: ackedBy ?? null,
    ackedAt: isoOf(ackedAt),
    ...(together && { together: Object.entries(together.incidents).map(([each, of]) => ({ id: each, node: of })) }),
  };
}

/** The incident as it will be once the arbiters have consumed the acknowledgements that wait in `acts`, if there are any. */
export function withPendingAck<I extends Incident>(incident: I, acts: Read<Acts>, ledger: Read<Ledger>): I {
  if (incident.state === 'closed') return incident;
  return pendingActs(acts, ledger).reduce<I>((known, act) => {
    const isMeant = 'incident' in act && [known.id, known.digest].includes(act.incident);
    if (!isMeant) return known;
    if (act.kind === 'unacknowledge') return withAck(known, undefined);
    return known.ackedBy === undefined ? withAck(known, act) : known;
  }, incident);
}

function withAck<I extends Incident>({ ackedBy: _, ackedAt: __, ...incident }: I, act: Act | undefined): I {
  return { ...incident, ...(act && { ackedBy: act.by, ackedAt: act.at }) } as I;
}

/** Acts that no decision has consumed yet, oldest first. */
export function pendingActs(acts: Read<Acts>, ledger: Read<Ledger>): Act[] {
  const consumed = readable(ledger)?.acts;
  const { acts: all, incarnation } = readable(acts) ?? { acts: [], incarnation: undefined };
  return all.filter(({ seq }) => consumed === undefined || consumed.incarnation !== incarnation || seq > consumed.seq);
}

const readable = <T extends object>(read: Read<T>): T | undefined => (typeof read === 'string' ? undefined : read);

function tableState(cell: Cell, { ballots, acts, ledger }: Readings): Status['table'] {
  const reads: unknown[] = [ledger, acts, ...cell.vantages.map((vantage) => ballots[vantage])];
  if (reads.every((read) => read === 'unreadable')) return 'unreachable';
  return reads.includes('unreadable') ? 'partly' : 'ok';
}

function checkStatus(cell: Cell, check: Check, readings: Readings, ledger: Ledger | undefined, now: number): CheckStatus {
  const entry = ledger?.checks[check.key];
  const votes = votesOf(cell, check, readings.ballots, now);
  const live = verdictOf(tally(votes), check.quorum);
  return {
    id: check.id,
    kind: check.probe.kind,
    verdict: entry?.state === 'down' ? 'down' : live === 'down' ? 'partial' : live,
    since: isoOf(entry?.at ?? ledger?.bornAt),
    quorum: check.quorum,
    votes: Object.fromEntries(Object.entries(votes).map(([vantage, vote]) => [vantage, voteStatus(vote)])),
  };
}

function voteStatus({ vote, reason, detail, observedAt }: CastVote): VoteStatus {
  return { vote, reason, ...(detail === undefined ? {} : { detail }), observedAt: isoOf(observedAt) };
}

function vantageStatus(cell: Cell, id: string, { ballots }: Readings, ledger: Ledger | undefined, now: number): VantageStatus {
  const read = ballots[id] ?? 'missing';
  const ballot = readable(read);
  const state = vantageState(cell, read, now);
  const outlier = ledger?.outliers?.[id];
  const { reason, detail } = (state === 'abstaining' && ballot?.abstention) || {};
  return {
    id,
    state,
    lastBallotAt: ballot ? isoOf(lastHeardAt(ballot)) : null,
    ...(outlier?.reported && { outlier: outlier.check }),
    ...(reason === undefined ? {} : { reason }),
    ...(detail === undefined ? {} : { detail }),
  };
}

function recordStatus(
  record: RecordSpec,
  ledger: Ledger | undefined,
  switches: readonly SwitchState[] | undefined,
  now: number,
): RecordStatus {
  const members = record.members.map((member) => memberStatus(record, member, ledger, switches, now));
  const isKnown = members.every(({ inService }) => inService !== null);
  const answers = isKnown ? serving(record, ({ node }) => members.some((each) => each.node === node && each.inService)) : [];
  return {
    id: record.id,
    name: record.name,
    type: record.type,
    policy: record.policy,
    ttlSeconds: record.ttlMs / 1000,
    source: switches ? 'route53' : 'ledger',
    answers: answers.map(({ value }) => value),
    members,
  };
}

function memberStatus(
  record: RecordSpec,
  { node, value, role, weight }: MemberSpec,
  ledger: Ledger | undefined,
  switches: readonly SwitchState[] | undefined,
  now: number,
): MemberStatus {
  const entry = ledger?.members[memberKey(record.id, node)];
  const actual = switches?.find((each) => each.record === record.id && each.node === node)?.inService;
  // A member without an entry is at rest, which is in service, once the ledger has taken over what Route 53 said at its birth.
  const atRest = ledger?.adoptedAt === undefined ? null : true;
  const inService = actual ?? entry?.confirmed?.inService ?? entry?.inService ?? atRest;

  const why = [entry?.why ?? whyAtRest(inService, ledger !== undefined)];
  if (entry && inService !== entry.inService) why.push(`${inService ? 'leaves' : 'returns'} as soon as Route 53 confirms`);
  if (entry?.held) why.push(`held: ${HOLD_RULES[entry.held as HoldRule] ?? entry.held}`);
  if (entry && !entry.inService && entry.holdUntil > now) {
    why.push(`not back before ${new Date(entry.holdUntil).toISOString().slice(11, 19)}Z`);
  }
  return {
    node,
    value,
    ...(role === undefined ? {} : { role }),
    ...(weight === undefined ? {} : { weight }),
    inService,
    why: why.join('; '),
  };
}

/** What is said of a member that the ledger has nothing to say of. */
function whyAtRest(inService: boolean | null, isLedgerRead: boolean): string {
  if (inService === null) return 'not known yet';
  if (!inService || !isLedgerRead) return 'Route 53 says so';
  return 'nothing speaks against it';
}
