import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect } from 'vitest';
import type { Ballot, CastVote } from '../../lib/core/ballot.ts';
import type { Evidence, Incident, Ledger } from '../../lib/core/ledger.ts';
import type { Clock, Store } from '../../lib/ports.ts';
import { createStore } from '../../lib/store/store.ts';

export const tableName = 'quorumwatch-test';
export const at = Date.UTC(2026, 0, 1);

/** Pauses take no time, and are written down. */
export function instantClock(): Clock & { pausesMs: number[] } {
  const pausesMs: number[] = [];
  return {
    pausesMs,
    now: () => at,
    sleep: async (ms) => {
      pausesMs.push(ms);
    },
  };
}

let ids = 0;
/** Different at each call, in one test run. */
export const nextId = (): string => `id${++ids}`;

/** A store over a cell of its own, so that tests share a table and nothing else. */
export function freshStore(client: DynamoDBClient, cell: string = nextId()): Store & { cell: string } {
  return { cell, ...createStore({ client, table: tableName, cell, randomId: nextId, clock: instantClock() }) };
}

/** What was written, as it is read: with the token of that write. */
export const asRead = <T>(written: T): T & { token: string } => ({ ...written, token: expect.any(String) });

export const ballotOf = (version: number, votes: Record<string, CastVote> = {}, vantage = 'eu-west-1'): Ballot => ({
  schema: 1,
  vantage,
  version,
  probeHash: 'f00d',
  rounds: { 30000: { startedAt: at, asked: 10 } },
  votes,
});

export const downVote = (detail?: string): CastVote => ({
  vote: 'down',
  reason: 'status',
  ...(detail !== undefined && { detail }),
  observedAt: at + 1,
  since: at,
  checkHash: 'beef',
  facts: { head: 7, chain: 'aca3' },
});

export const ledgerOf = (epoch: number, incarnation = 'born1', changes: Partial<Ledger> = {}): Ledger => ({
  schema: 1,
  epoch,
  incarnation,
  bornAt: at,
  checks: {},
  nodes: {},
  members: {},
  incidents: {},
  intents: [],
  leases: {},
  manual: {},
  silences: {},
  ...changes,
});

export const incidentOf = (id: string, epochs: readonly number[], openedAt = at): Incident => ({
  id,
  node: 'eu1',
  state: 'down',
  openedAt,
  timeline: epochs.map((epoch) => ({ at: openedAt + epoch, epoch, what: `epoch ${epoch}` })),
  paging: { tier: 1, attempt: 1, nextAt: at + 300_000 },
});

export const evidenceOf = (epoch: number, check = 'eu1/api', detail?: string): Evidence => ({
  epoch,
  at: at + epoch,
  check,
  from: 'up',
  to: 'down',
  quorum: 2,
  votes: { 'eu-west-1': downVote(detail), 'us-east-2': downVote(detail) },
});

/** A ledger that uses every part of its shape. */
export const fullLedger = (): Ledger => {
  const intent = { lane: 'record/api', epoch: 1, at, tries: 0, notBefore: at };
  return ledgerOf(1, 'born1', {
    adoptedAt: at,
    checks: { 'eu1/api': { state: 'down', at, unknownSince: at, recovery: { count: 1, at } } },
    nodes: { eu1: { state: 'down', at, incident: 'born1-1' } },
    members: {
      'api/eu1': {
        inService: false,
        at,
        why: 'down',
        holdUntil: at + 1,
        flaps: [at],
        confirmed: { inService: true, version: 3, at },
        held: 'S9',
        foreign: true,
        restored: true,
      },
    },
    incidents: { 'born1-1': incidentOf('born1-1', [1]) },
    intents: [
      { ...intent, id: 'i1', kind: 'flip', record: 'api', node: 'eu1', inService: false, reported: true },
      {
        ...intent,
        id: 'i2',
        kind: 'page',
        error: 'nobody took it',
        page: {
          incident: 'born1-1',
          state: 'down',
          tier: 1,
          attempt: 1,
          at,
          subject: 'eu1',
          seenBy: { down: 4, of: 5 },
          failing: [{ check: 'api', detail: 'HTTP 500' }],
          records: [{ name: 'api.example.org', out: true, serves: ['us1'] }],
        },
      },
      { ...intent, id: 'i3', kind: 'hook', hook: 'slack', node: 'eu1', event: 'page', body: { text: 'x', n: 1, deep: [null] } },
      { ...intent, id: 'i4', kind: 'record', incident: 'born1-1', evidence: [evidenceOf(1)], replay: '{"now":1}' },
    ],
    leases: { 'record/api': { by: 'us-east-1', until: at } },
    acts: { incarnation: 'a1', seq: 4 },
    manual: {
      eu1: { kind: 'drain', by: 'ann', at },
      us1: { kind: 'force', inService: true, until: at, by: 'ann', reason: 'test', at },
    },
    pausedUntil: at,
    silences: { eu1: { until: at, by: 'ann' } },
    skewSince: at,
    skewPaged: true,
    roles: { api: { told: { eu1: 'FAULT', us1: 'BACKUP' }, master: 'eu1', asked: ['role'], unreachableSince: at } },
    configuration: { hash: 'config', since: at },
    failedHooks: { slack: at },
  });
};
