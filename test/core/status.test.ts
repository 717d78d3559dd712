import { describe, expect, it } from 'vitest';
import type { Act, Acts } from '../../lib/core/acts.ts';
import type { Ballot, CastVote } from '../../lib/core/ballot.ts';
import type { Cell } from '../../lib/core/cell.ts';
import type { Read } from '../../lib/core/inputs.ts';
import type { Incident, Ledger, MemberEntry } from '../../lib/core/ledger.ts';
import { type Readings, statusOf, withPendingAck } from '../../lib/core/status.ts';
import { cellOf } from '../config/cell.ts';

const NOW = Date.UTC(2026, 0, 1, 12);
const BORN = NOW - 3_600_000;
const VANTAGES = ['a-1', 'b-1', 'c-1'];

const cell: Cell = cellOf(`
name: example
vantages: [a-1, b-1, c-1]
interval: 10s
nodes:
  eu1: { url: http://eu1.example.org, checks: { api: { type: http }, p2p: { type: tcp, port: 9876 } } }
  us1: { url: http://us1.example.org, checks: { api: { type: http } } }
records:
  api:
    name: api.example.org
    zone: example.org
    type: A
    policy: failover
    members:
      - { node: eu1, value: 203.0.113.10, role: primary }
      - { node: us1, value: 198.51.100.7, role: secondary }
`);

const hashOf = (key: string): string => cell.checks.find((check) => check.key === key)?.hash ?? '';

const down = (key: string): Record<string, CastVote> => ({
  [key]: {
    vote: 'down',
    reason: 'status',
    detail: 'got 500',
    observedAt: NOW - 1_000,
    since: NOW - 9_000,
    checkHash: hashOf(key),
  },
});

const ballot = (vantage: string, votes: Record<string, CastVote> = {}): Ballot => ({
  schema: 1,
  vantage,
  version: 1,
  probeHash: cell.probeHash,
  rounds: { 10000: { startedAt: NOW - 2_000, asked: 3 } },
  votes,
});

const ledger = (changes: Partial<Ledger> = {}): Ledger => ({
  schema: 1,
  epoch: 7,
  incarnation: 'born1',
  bornAt: BORN,
  adoptedAt: BORN,
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

const incident: Incident = {
  id: 'born1-2',
  node: 'eu1',
  state: 'down',
  openedAt: NOW - 60_000,
  timeline: [],
  paging: { tier: 1, attempt: 1, nextAt: NOW },
};

const acts = (seq: number, incarnation = 'acts1'): Acts => ({
  schema: 1,
  incarnation,
  version: 1,
  acts: [{ kind: 'acknowledge', incident: 'born1-2', by: 'ana', at: NOW - 500, seq }],
});

function readings(votes: Record<string, Record<string, CastVote>> = {}, changes: Partial<Readings> = {}): Readings {
  const ballots = Object.fromEntries(VANTAGES.map((id): [string, Read<Ballot>] => [id, ballot(id, votes[id])]));
  return { ballots, acts: 'missing', ledger: ledger(), ...changes };
}

const member = (changes: Partial<MemberEntry> = {}): MemberEntry => ({
  inService: false,
  at: NOW,
  why: 'api HTTP 500',
  holdUntil: 0,
  flaps: [],
  ...changes,
});

const eu1 = (given: Readings) => {
  const node = statusOf(cell, given, undefined, NOW).nodes.find(({ id }) => id === 'eu1');
  const checks = Object.fromEntries((node?.checks ?? []).map((check) => [check.id, check]));
  return { node, api: checks.api, p2p: checks.p2p };
};

describe('verdicts', () => {
  it('shows a healthy cell as up, with a vote of every vantage and times in ISO 8601 UTC', () => {
    const { node, api } = eu1(readings());
    expect(node).toMatchObject({ verdict: 'up', since: '2026-01-01T11:00:00.000Z' });
    const up = { vote: 'up', reason: 'ok', observedAt: '2026-01-01T11:59:58.000Z' };
    expect(api?.votes).toStrictEqual({ 'a-1': up, 'b-1': up, 'c-1': up });
  });

  it('says down only while the ledger has it committed', () => {
    const votes = Object.fromEntries(VANTAGES.map((id) => [id, down('eu1/api')]));
    expect(eu1(readings(votes)).api?.verdict).toBe('partial');
    const committed = ledger({ checks: { 'eu1/api': { state: 'down', at: NOW - 5_000 } } });
    expect(eu1(readings(votes, { ledger: committed })).api).toMatchObject({ verdict: 'down', since: '2026-01-01T11:59:55.000Z' });
    // Until `recover` quorums it stays down, though everybody says up.
    expect(eu1(readings({}, { ledger: committed })).api?.verdict).toBe('down');
  });

  it('takes a node from the worst of its checks', () => {
    const { node, api, p2p } = eu1(readings({ 'a-1': down('eu1/api') }));
    expect([node?.verdict, api?.verdict, p2p?.verdict]).toEqual(['partial', 'partial', 'up']);
    expect(api?.votes['a-1']).toMatchObject({ vote: 'down', reason: 'status', detail: 'got 500' });
  });

  it.each(['missing', 'unreadable'] as const)('reads everything from the votes while the ledger is %s', (read) => {
    const { node, api } = eu1(readings({ 'a-1': down('eu1/api') }, { ledger: read }));
    expect(node).toMatchObject({ verdict: 'partial', since: null });
    expect(api?.since).toBeNull();
  });
});

describe('the table', () => {
  it('is unreachable when nothing can be read, and then nothing is known', () => {
    const ballots = Object.fromEntries(VANTAGES.map((id) => [id, 'unreadable' as const]));
    const status = statusOf(cell, { ballots, acts: 'unreadable', ledger: 'unreadable' }, undefined, NOW);
    expect(status).toMatchObject({ table: 'unreachable', epoch: null, incidents: [], orders: [] });
    expect(status.nodes.map(({ verdict }) => verdict)).toEqual(['unknown', 'unknown']);
    expect(status.vantages.map(({ state }) => state)).toEqual(['missing', 'missing', 'missing']);
    expect(status.nodes[0]?.checks[0]?.votes['a-1']).toEqual({ vote: 'abstain', reason: 'unreadable', observedAt: null });
    expect(status.records[0]?.members.map(({ inService }) => inService)).toEqual([null, null]);
    expect(status.records[0]?.answers).toEqual([]);
  });

  it('is partly readable when one item is not', () => {
    expect(statusOf(cell, readings({}, { acts: 'unreadable' }), undefined, NOW).table).toBe('partly');
    expect(statusOf(cell, readings(), undefined, NOW).table).toBe('ok');
  });
});

describe('vantages', () => {
  it('say nothing of an abstention that is too old to count', () => {
    const given = readings();
    given.ballots['b-1'] = { ...ballot('b-1'), rounds: {}, abstention: { reason: 'late', detail: '9 s', at: NOW - 600_000 } };
    delete given.ballots['c-1'];
    expect(statusOf(cell, given, undefined, NOW).vantages.slice(1)).toStrictEqual([
      { id: 'b-1', state: 'stale', lastBallotAt: '2026-01-01T11:50:00.000Z' },
      { id: 'c-1', state: 'missing', lastBallotAt: null },
    ]);
  });

  it('say when they were last heard, and why they abstain', () => {
    const given = readings();
    given.ballots['b-1'] = { ...ballot('b-1'), abstention: { reason: 'canaries', detail: '2 of 3', at: NOW - 1_000 } };
    given.ballots['c-1'] = 'missing';
    expect(statusOf(cell, given, undefined, NOW).vantages).toEqual([
      { id: 'a-1', state: 'up', lastBallotAt: '2026-01-01T11:59:58.000Z' },
      { id: 'b-1', state: 'abstaining', lastBallotAt: '2026-01-01T11:59:59.000Z', reason: 'canaries', detail: '2 of 3' },
      { id: 'c-1', state: 'missing', lastBallotAt: null },
    ]);
  });
});

describe('records', () => {
  const recordOf = (changes: Partial<Ledger>, inService?: [eu1: boolean, us1: boolean]) => {
    const switches =
      inService && ['eu1', 'us1'].map((node, i) => ({ record: 'api', node, inService: inService[i] === true, version: 1 }));
    const [record] = statusOf(cell, readings({}, { ledger: ledger(changes) }), switches, NOW).records;
    return { answers: record?.answers, source: record?.source, whys: record?.members.map(({ why }) => why), record };
  };

  it('answer with the primary while it is in service, else with the secondary, and with the primary when nobody is', () => {
    expect(recordOf({}, [true, true]).answers).toEqual(['203.0.113.10']);
    expect(recordOf({}, [false, true]).answers).toEqual(['198.51.100.7']);
    expect(recordOf({}, [false, false]).answers).toEqual(['203.0.113.10']);
  });

  it('believe Route 53 before the ledger, and the ledger where Route 53 does not answer', () => {
    const members = { 'api/eu1': member() };
    expect(recordOf({ members }, [true, true])).toMatchObject({ answers: ['203.0.113.10'], source: 'route53' });
    expect(recordOf({ members }, [true, true]).whys?.[0]).toBe('api HTTP 500; leaves as soon as Route 53 confirms');
    const back = { 'api/eu1': member({ inService: true, why: 'recovered' }) };
    expect(recordOf({ members: back }, [false, true]).whys?.[0]).toBe('recovered; returns as soon as Route 53 confirms');
    expect(recordOf({ members })).toMatchObject({ answers: ['198.51.100.7'], source: 'ledger' });
    const confirmed = { inService: true, version: 3, at: NOW };
    expect(recordOf({ members: { 'api/eu1': member({ confirmed }) } }).answers).toEqual(['203.0.113.10']);
  });

  it('say why a member is where it is', () => {
    expect(recordOf({}, [true, true]).whys).toEqual(['nothing speaks against it', 'nothing speaks against it']);
    expect(recordOf({ members: { 'api/eu1': member({ holdUntil: NOW + 60_000 }) } }, [false, true]).whys?.[0]).toBe(
      'api HTTP 500; not back before 12:01:00Z',
    );
    const held = member({ inService: true, why: 'in service', held: 'minInService' });
    expect(recordOf({ members: { 'api/eu1': held } }, [true, true]).whys?.[0]).toBe(
      'in service; held: too few other members are in service and sound',
    );
  });

  it('show value, role and weight of a member, and how long an answer may be kept', () => {
    const { record } = recordOf({}, [true, true]);
    expect(record).toMatchObject({ id: 'api', name: 'api.example.org', type: 'A', policy: 'failover', ttlSeconds: 30 });
    expect(record?.members[0]).toStrictEqual({
      node: 'eu1',
      value: '203.0.113.10',
      role: 'primary',
      inService: true,
      why: 'nothing speaks against it',
    });
    const weighted = {
      ...cell,
      records: cell.records.map((each) => ({ ...each, members: [{ node: 'eu1', value: '203.0.113.10', weight: 0 }] })),
    };
    const [member] = statusOf(weighted, readings(), undefined, NOW).records[0]?.members ?? [];
    expect(member).toMatchObject({ weight: 0 });
    expect(member).not.toHaveProperty('role');
  });

  it('say that Route 53 says so where the ledger cannot explain it', () => {
    expect(recordOf({}, [false, true]).whys?.[0]).toBe('Route 53 says so');
    const switches = [
      { record: 'other', node: 'eu1', inService: false, version: 1 },
      { record: 'api', node: 'eu1', inService: true, version: 1 },
    ];
    const [record] = statusOf(cell, readings({}, { ledger: 'missing' }), switches, NOW).records;
    expect(record?.members.map(({ inService, why }) => [inService, why])).toEqual([
      [true, 'Route 53 says so'],
      [null, 'not known yet'],
    ]);
    expect(record?.answers).toEqual([]);
  });

  it('name no time of a return that may happen now', () => {
    expect(recordOf({ members: { 'api/eu1': member({ holdUntil: NOW }) } }, [false, true]).whys?.[0]).toBe('api HTTP 500');
  });

  it('do not guess before the ledger has taken over what Route 53 said', () => {
    const [record] = statusOf(
      cell,
      readings({}, { ledger: { ...ledger(), adoptedAt: undefined } as Ledger }),
      undefined,
      NOW,
    ).records;
    expect(record?.members[0]).toMatchObject({ inService: null, why: 'not known yet' });
  });
});

describe('incidents', () => {
  const open = (given: Partial<Readings>) => statusOf(cell, readings({}, given), undefined, NOW).incidents[0];
  const withIncident = ledger({ incidents: { 'born1-2': incident } });

  it('are the open ones of the ledger', () => {
    expect(open({ ledger: withIncident })).toEqual({
      id: 'born1-2',
      node: 'eu1',
      state: 'down',
      openedAt: '2026-01-01T11:59:00.000Z',
      closedAt: null,
      ackedBy: null,
      ackedAt: null,
    });
    const closed = { ...incident, state: 'closed' as const, closedAt: NOW };
    expect(open({ ledger: ledger({ incidents: { 'born1-2': closed } }) })).toBeUndefined();
  });

  it('show an acknowledgement that no arbiter has consumed yet, and none that was consumed and lapsed', () => {
    const consumed = ledger({ incidents: { 'born1-2': incident }, acts: { incarnation: 'acts1', seq: 4 } });
    expect(open({ ledger: withIncident, acts: acts(1) })).toMatchObject({ ackedBy: 'ana', ackedAt: '2026-01-01T11:59:59.500Z' });
    expect(open({ ledger: consumed, acts: acts(5) })?.ackedBy).toBe('ana');
    expect(open({ ledger: consumed, acts: acts(4) })?.ackedBy).toBeNull();
    expect(open({ ledger: consumed, acts: acts(1, 'acts2') })?.ackedBy).toBe('ana');
  });

  it('come oldest first, a digest with those that it speaks for', () => {
    const older: Incident = { ...incident, id: 'born1-1', openedAt: NOW - 90_000, node: 'us1', digest: 'born1-3' };
    const together = { at: NOW, incidents: { 'born1-1': 'us1', 'born1-2': 'eu1' } };
    const digest: Incident = { ...incident, id: 'born1-3', openedAt: NOW - 30_000, node: '2 nodes', together };
    const incidents = { 'born1-3': digest, 'born1-2': incident, 'born1-1': older };
    const all = statusOf(cell, readings({}, { ledger: ledger({ incidents }) }), undefined, NOW).incidents;
    expect(all.map(({ id }) => id)).toEqual(['born1-1', 'born1-2', 'born1-3']);
    expect(all[0]).not.toHaveProperty('together');
    expect(all[2]?.together).toEqual([
      { id: 'born1-1', node: 'us1' },
      { id: 'born1-2', node: 'eu1' },
    ]);
  });

  it('show what people asked for of them and of their digest, the first who took it, and that it was given back', () => {
    const by = (...orders: { kind: 'acknowledge' | 'unacknowledge' | 'drain'; of?: string; by: string }[]): Acts => ({
      ...acts(0),
      acts: orders.map(({ kind, of = 'born1-2', by: who }, at): Act => {
        const base = { by: who, at: NOW - 500, seq: at + 1 };
        return kind === 'drain' ? { ...base, kind, node: 'born1-2' } : { ...base, kind, incident: of };
      }),
    });
    const ackedBy = (given: Acts) => open({ ledger: withIncident, acts: given })?.ackedBy;
    expect(ackedBy(by({ kind: 'drain', by: 'ana' }, { kind: 'acknowledge', of: 'born1-9', by: 'ana' }))).toBeNull();
    expect(ackedBy(by({ kind: 'acknowledge', by: 'ana' }, { kind: 'acknowledge', by: 'bob' }))).toBe('ana');
    expect(ackedBy(by({ kind: 'acknowledge', by: 'ana' }, { kind: 'unacknowledge', by: 'bob' }))).toBeNull();
    const spokenFor = { ...incident, digest: 'born1-3' };
    const taken = by({ kind: 'acknowledge', of: 'born1-3', by: 'ana' });
    expect(withPendingAck(spokenFor, taken, 'missing')).toMatchObject({ ackedBy: 'ana', ackedAt: NOW - 500 });
    const closed = { ...spokenFor, state: 'closed' as const };
    expect(withPendingAck(closed, taken, 'unreadable')).toBe(closed);
  });
});

it('a pause is shown until it is over', () => {
  const until = (pausedUntil: number) =>
    statusOf(cell, readings({}, { ledger: ledger({ pausedUntil }) }), undefined, NOW).pausedUntil;
  expect([until(NOW + 1_000), until(NOW)]).toEqual(['2026-01-01T12:00:01.000Z', null]);
});
