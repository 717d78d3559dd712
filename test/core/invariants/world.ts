/** Small cells and ballots for tests of decisions. */
import type { Ballot, CastVote, Vote } from '../../../lib/core/ballot.ts';
import { type Cell, type Check, type GuardSpec, memberKey } from '../../../lib/core/cell.ts';
import type { Inputs } from '../../../lib/core/inputs.ts';
import type { Ledger, MemberEntry } from '../../../lib/core/ledger.ts';
import { NO_LEDGER } from '../../../lib/simulate/invariants/step.ts';

/** 2026-01-01T00:00:00Z. */
export const START_MS = 1_767_225_600_000;
export const INTERVAL_MS = 10_000;
/** 2 × interval + attempts × timeout + 2 s. */
export const FRESH_MS = 26_000;
export const DOWN_FOR_MS = 5_000;
export const HOLD_MS = 60_000;
export const PROBE_HASH = 'probe-1';
export const CONFIG_HASH = 'config-1';

export interface CellPlan {
  vantages?: number;
  /** By node: the ids of its checks. */
  nodes?: Record<string, string[]>;
  /** By record: its members, in order. */
  records?: Record<string, { members: string[]; requires?: string[]; guard?: Partial<GuardSpec> }>;
  /** What differs from the usual, by check key. */
  checks?: Record<string, Partial<Check>>;
}

const CHECK: Omit<Check, 'key' | 'node' | 'id' | 'hash' | 'vantages' | 'quorum'> = {
  intervalMs: INTERVAL_MS,
  timeoutMs: 2_000,
  attempts: 2,
  downForMs: DOWN_FOR_MS,
  recover: 2,
  severity: 'critical',
  probe: { kind: 'tcp', host: 'node.example', port: 80, allowPrivate: false, expect: { time: {} } },
};

/** A cell; without a plan: three vantages, two nodes with one check each, one record over both. */
export function cellOf({ vantages: size = 3, nodes = { eu: ['api'], us: ['api'] }, records, checks = {} }: CellPlan = {}): Cell {
  const vantages = Array.from({ length: size }, (_, index) => `v${index}`);
  const quorum = Math.floor(size / 2) + 1;
  const all = Object.entries(nodes).flatMap(([node, ids]) =>
    ids.map((id): Check => {
      const key = `${node}/${id}`;
      return { ...CHECK, key, node, id, hash: `hash of ${key}`, vantages, quorum, ...checks[key] };
    }),
  );
  const plans = Object.entries(records ?? { api: { members: Object.keys(nodes) } });
  return {
    name: 'test',
    title: 'test',
    vantages,
    arbiters: ['a0', 'a1'],
    intervalMs: INTERVAL_MS,
    tickMs: 60_000,
    quorum,
    nodes: Object.entries(nodes).map(([id, ids]) => ({ id, checks: ids.map((check) => `${id}/${check}`).sort(), dependsOn: [] })),
    checks: all.sort((a, b) => (a.key < b.key ? -1 : 1)),
    records: plans.map(([id, { members, requires, guard }]) => ({
      id,
      name: `${id}.example.org`,
      zone: 'example.org',
      type: 'A',
      ttlMs: 30_000,
      policy: 'multivalue',
      requires: requires ?? [...new Set(all.map((check) => check.id))],
      members: members.map((node, index) => ({ node, value: `192.0.2.${index + 1}` })),
      guard: {
        minInService: 1,
        maxOut: Math.max(1, Math.floor(members.length / 2)),
        holdMs: HOLD_MS,
        failback: 'auto',
        mode: 'act',
        ...guard,
      },
    })),
    paging: {
      configured: true,
      regions: ['r1', 'r2'],
      timezone: 'UTC',
      tiers: [
        { afterMs: 0, sms: [], email: ['ops@example.org'], https: [], hooks: ['chat'] },
        { afterMs: 300_000, sms: [], email: ['all@example.org'], https: [], hooks: [] },
      ],
      quiet: [],
      repeatMs: 600_000,
      ackLapsesMs: 14_400_000,
    },
    hooks: [
      { id: 'chat', events: ['page', 'recovered'], nodes: [], url: 'https://chat.example/hook' },
      { id: 'role', events: ['role'], nodes: [], url: 'https://role.example/hook' },
    ],
    silences: [],
    canaries: [],
    probeHash: PROBE_HASH,
    configHash: CONFIG_HASH,
  };
}

/** The check of this key; throws where a test names one that is not there. */
export function checkOf(cell: Cell, key: string): Check {
  const check = cell.checks.find((each) => each.key === key);
  if (!check) throw new Error(`no check ${key}`);
  return check;
}

/** A vote on a check, seen just then unless told since when. */
export const castOf = (check: Check, vote: Vote, observedAt: number, since = observedAt): CastVote => ({
  vote,
  reason: vote === 'up' ? 'ok' : vote === 'abstain' ? 'unfinished' : 'connect-refused',
  observedAt,
  since,
  checkHash: check.hash,
});

/** A ballot of a vantage that found everything up in the round that started then, but for these votes. */
export function ballotOf(cell: Cell, vantage: string, startedAt: number, votes: Record<string, CastVote> = {}): Ballot {
  const rounds: Ballot['rounds'] = {};
  for (const check of cell.checks) {
    if (!check.vantages.includes(vantage)) continue;
    const round = rounds[check.intervalMs] ?? { startedAt, asked: 0 };
    round.asked++;
    rounds[check.intervalMs] = round;
  }
  return { schema: 1, vantage, version: 1, probeHash: cell.probeHash, rounds, votes };
}

/** Inputs in which every vantage voted like this on one check, and up on all others. Down since long before. */
export function inputsOf(cell: Cell, observedAt: number, votes: Record<string, Vote[]> = {}): Inputs {
  const ballots = cell.vantages.map((vantage, index) => {
    const listed = Object.entries(votes).flatMap(([key, all]) => {
      const vote = all[index];
      return vote ? [[key, castOf(checkOf(cell, key), vote, observedAt, observedAt - 20_000)] as const] : [];
    });
    return [vantage, ballotOf(cell, vantage, observedAt, Object.fromEntries(listed))] as const;
  });
  return { ballots: Object.fromEntries(ballots), acts: 'missing' };
}

/** A member in service for a long time, as Route 53 confirmed. */
export const memberOf = (change: Partial<MemberEntry> = {}): MemberEntry => ({
  inService: true,
  at: START_MS,
  why: 'adopted',
  holdUntil: 0,
  flaps: [],
  confirmed: { inService: true, version: 1, at: START_MS },
  ...change,
});

/** A ledger at rest, an hour old: all members in service, Route 53 adopted. */
export function ledgerOf(cell: Cell, change: Partial<Ledger> = {}): Ledger {
  const members = cell.records.flatMap(({ id, members }) =>
    members.map(({ node }) => [memberKey(id, node), memberOf()] as const),
  );
  return {
    ...structuredClone(NO_LEDGER),
    epoch: 41,
    incarnation: 'life',
    bornAt: START_MS,
    adoptedAt: START_MS,
    configuration: { hash: cell.configHash, since: 0 },
    ...change,
    members: { ...Object.fromEntries(members), ...change.members },
  };
}
