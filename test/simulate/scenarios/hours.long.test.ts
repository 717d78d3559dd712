/** Nights as they were (SCENARIOS 1, 4 and 5), told over the handlers that run in production, in virtual time: who is paged, and how often. */
import { describe, expect, it } from 'vitest';
import type { Cell } from '../../../lib/core/cell.ts';
import { messageOf } from '../../../lib/core/messages.ts';
import type { TierSpec } from '../../../lib/core/telling.ts';
import { begin, type Life } from './life.ts';

const MINUTE = 60_000;
const tier = (afterMs: number): TierSpec => ({ afterMs, sms: [], email: ['ops@example.org'], https: [], hooks: [] });
/** Whoever is on call, then a second one, then the whole team, again and again. */
const team = (cell: Cell): Cell => ({
  ...cell,
  paging: {
    ...cell.paging,
    tiers: [tier(0), tier(5 * MINUTE), tier(15 * MINUTE)],
    repeatMs: 10 * MINUTE,
    ackLapsesMs: 120 * MINUTE,
  },
});
/** `tier 2: n0 down` with the minute in which it was sent. */
const told = (life: Life, startMs: number) =>
  life.sent().map(({ at, tier: number, attempt, subject, state }) => {
    const minute = Math.floor((at - startMs) / MINUTE);
    return `${minute} min, tier ${number}${attempt > 1 ? `, attempt ${attempt}` : ''}: ${subject} ${state}`;
  });
const incidentOf = (life: Life) => Object.values(life.world.table.ledger()?.incidents ?? {})[0];
/** The most pages that anybody got. */
const mostOfATier = (life: Life): number =>
  Math.max(0, ...[...Map.groupBy(life.sent(), (page) => page.tier).values()].map((pages) => pages.length));

describe('the only one on call sleeps', () => {
  it('the page climbs to the whole team, and comes again until somebody takes it; how long that took stands in the incident', async () => {
    const life = begin({ as: team });
    const startMs = life.world.timeline.now();
    await life.till('5:00');
    life.down('n0');
    await life.till('45:00');
    expect(told(life, startMs)).toEqual([
      '5 min, tier 1: n0 down',
      expect.stringMatching(/^1[01] min, tier 2: n0 down$/),
      expect.stringMatching(/^2[01] min, tier 3: n0 down$/),
      expect.stringMatching(/^3[012] min, tier 3, attempt 2: n0 down$/),
      expect.stringMatching(/^4[0123] min, tier 3, attempt 3: n0 down$/),
    ]);
    const incident = incidentOf(life);
    life.order({ kind: 'acknowledge', incident: incident?.id ?? '' });
    await life.till('140:00');
    expect(life.sent()).toHaveLength(5);
    const taken = incidentOf(life);
    expect(Math.round(((taken?.ackedAt ?? 0) - (taken?.openedAt ?? 0)) / MINUTE)).toBe(40);
    expect(taken?.timeline).toContainEqual(expect.objectContaining({ what: 'acknowledged', detail: 'ann' }));
    await life.till('170:00');
    expect(life.sent()[5]).toMatchObject({ state: 'down', tier: 3, attempt: 4 });
  });
});

describe('a node that resyncs for hours', () => {
  it('stays out; being right for a moment now and then changes nothing, and whoever took it is left alone', async () => {
    const life = begin();
    await life.till('5:00');
    const over = life.down('n0', { rhythm: { badMs: 590_000, wellMs: 10_000, since: life.world.timeline.now() } });
    await life.till('6:00');
    life.order({ kind: 'acknowledge', incident: incidentOf(life)?.id ?? '' });
    for (let minute = 10; minute <= 180; minute += 5) {
      await life.till(`${minute}:00`);
      expect(life.out()).toEqual(['n0']);
    }
    expect(life.pages()).toEqual(['n0 down']);
    over();
    await life.till('185:00');
    expect([life.pages(), life.out()]).toEqual([['n0 down', 'n0 recovered'], []]);
  });
});

describe('a database that is gone, empty, half there or old', () => {
  it('gone for an hour: no flip, no page of ours, one alarm that nobody is heard, and its end', async () => {
    const life = begin();
    await life.till('5:00');
    const back = life.lose('table');
    life.down('n0');
    await life.till('65:00');
    expect([life.pages(), life.out(), life.notices()]).toEqual([[], [], ['blind ALARM']]);
    back();
    await life.till('70:00');
    expect([life.pages(), life.out(), life.notices()]).toEqual([['n0 down'], ['n0'], ['blind ALARM', 'blind OK']]);
  });

  it.each([
    ['empty', (life: Life) => life.world.table.wipe()],
    ['restored from an old copy', (life: Life) => expect(life.world.table.restore()).toBe(true)],
  ])(
    '%s while a node is out: it stays out, nobody is told that it recovered, and one page at most says again what is so',
    async (_, strike) => {
      const life = begin();
      await life.till('5:00');
      life.down('n0');
      await life.till('9:00');
      expect([life.pages(), life.out()]).toEqual([['n0 down'], ['n0']]);
      strike(life);
      await life.till('13:30');
      expect(life.out()).toEqual(['n0']);
      expect(life.pages().filter((page) => page !== 'n0 down')).toEqual([]);
      expect(life.pages().length).toBeLessThanOrEqual(2);
    },
  );

  it('half there: ballots that cannot be read are silence, never down and never up', async () => {
    const life = begin();
    await life.till('5:00');
    life.down('n0');
    await life.till('6:00');
    const readable = ['v0', 'v1'].map((vantage) => life.world.table.garble(`ballot/${vantage}`));
    life.down('n1');
    await life.till('20:00');
    expect([life.out(), life.verdict('n1/api')]).toEqual([['n0'], 'up']);
    expect(life.notices()).toContain('blind ALARM');
    for (const heal of readable) heal();
    await life.till('25:00');
    expect(life.verdict('n1/api')).toBe('down');
    expect(life.pages()).not.toContain('n0 recovered');
  });

  it('there and gone every two minutes, for an hour: three pages a tier at most, and no flip', async () => {
    const life = begin();
    await life.till('5:00');
    for (let minute = 5; minute < 65; minute += 4) {
      const back = life.lose('table');
      await life.till(`${minute + 2}:00`);
      back();
      await life.till(`${minute + 4}:00`);
    }
    expect(mostOfATier(life) + life.notices().length).toBeLessThanOrEqual(3);
    expect(life.out()).toEqual([]);
  });
});

describe('an hour of', () => {
  it('a node that flaps with every round: three pages a tier at most', async () => {
    const life = begin({ as: (cell) => ({ ...team(cell), records: [] }) });
    await life.till('5:00');
    life.down('n0', { rhythm: { badMs: 20_000, wellMs: 20_000, since: life.world.timeline.now() } });
    await life.till('65:00');
    expect(life.pages()[0]).toBe('n0 down');
    expect(life.sent().some(({ flapping }) => flapping)).toBe(true);
    expect(mostOfATier(life)).toBeLessThanOrEqual(3);
  });

  it('200 nodes that fail within one minute, one after the other: one page a tier, with how many and the first ones', async () => {
    const life = begin({
      nodes: 200,
      as: (cell) => ({ ...team(cell), records: [], paging: { ...team(cell).paging, repeatMs: 120 * MINUTE } }),
    });
    await life.till('5:00');
    for (let node = 0; node < 200; node++) {
      await life.till(`5:${Math.floor((node * 60) / 200)}`);
      life.down(`n${node}`);
    }
    await life.till('30:00');
    const words = life.sent().map((page) => `tier ${page.tier}: ${messageOf(page, '').subject}`);
    expect(words).toEqual([
      expect.stringMatching(/^tier 1: \d+ nodes DOWN \S+: n\d+, n\d+, .* and \d+ more$/),
      expect.stringMatching(/^tier 2: 200 nodes DOWN for [567] min, .* and \d+ more$/),
      expect.stringMatching(/^tier 3: 200 nodes DOWN for 1[567] min, .* and \d+ more$/),
    ]);
    expect(life.sent()[0]?.together?.count).toBeGreaterThan(100);
  });
});

describe('guard.mode report', () => {
  it('says in the incident and in the page what would have been done, and does nothing', async () => {
    const life = begin({ records: { api: { members: ['n0', 'n1', 'n2'], guard: { mode: 'report' } } } });
    await life.till('5:00');
    life.down('n0');
    await life.till('6:00');
    expect([life.out(), life.held('api/n0')]).toEqual([[], 'report']);
    expect(incidentOf(life)?.timeline).toContainEqual(
      expect.objectContaining({ what: 'held: report', detail: 'api.example.org' }),
    );
    const [page] = life.sent();
    expect(page && messageOf(page, '').text).toMatch(/Still in api\.example\.org \(report\)\.$/);
  });
});

describe('website, API and login of one node', () => {
  it('are separate checks, and the page names which failed', async () => {
    const life = begin({ as: (cell) => withChecks(cell, ['api', 'login', 'web']) });
    await life.till('5:00');
    life.world.nature.trouble({ checks: new Set(['n0/login', 'n0/web']), vote: 'down' });
    await life.till('6:00');
    const [page] = life.sent();
    expect(page && messageOf(page, '').text).toMatch(/^n0 DOWN .*: login HTTP 500; web HTTP 500\./);
  });
});

describe('two producers, of which one may produce', () => {
  /** n0 is primary, n1 its stand-by; a hook pauses and resumes them, and the pause must be confirmed. */
  const producers = (cell: Cell): Cell => ({
    ...cell,
    hooks: [{ id: 'producer', events: ['role'], nodes: [], url: 'https://producers.example' }],
    records: cell.records.map((record) => ({
      ...record,
      policy: 'failover',
      fence: { timeoutMs: 60_000 },
      members: record.members.map((member, at) => ({ ...member, role: at === 0 ? 'primary' : 'secondary' })),
    })),
  });
  const roles = (life: Life) => life.world.hooks.taken.map(({ node, role }) => `${node} ${role}`);

  it('the pause comes before the resume, there and back', async () => {
    const life = begin({ nodes: 2, as: producers });
    await life.till('5:00');
    const over = life.down('n0');
    await life.till('30:00');
    expect(roles(life)).toEqual(['n0 FAULT', 'n1 MASTER']);
    over();
    await life.till('40:00');
    expect(roles(life).slice(2)).toEqual(['n1 BACKUP', 'n0 MASTER']);
    expect([...new Set(life.pages())]).toEqual(['n0 down', 'n0 recovered']);
  });

  it('a pause that nobody confirms resumes nobody, however long it takes, and is paged once when it is given up', async () => {
    const life = begin({ nodes: 2, as: producers });
    await life.till('5:00');
    const back = life.lose('hooks');
    const over = life.down('n0');
    await life.till('120:00');
    expect(roles(life)).toEqual([]);
    expect(life.pages().filter((page) => page.includes('hook'))).toEqual(['producer hook-failed']);
    back();
    over();
    await life.till('130:00');
    expect(roles(life).filter((role) => role.endsWith('MASTER'))).toEqual(['n0 MASTER']);
    const epochs = life.world.hooks.taken.filter(({ role }) => role === 'MASTER').map(({ epoch }) => epoch);
    expect(new Set(epochs).size).toBe(epochs.length);
  });
});

/** Every node with these checks; all are required. */
function withChecks(cell: Cell, ids: readonly string[]): Cell {
  const checks = cell.checks.flatMap((check) =>
    ids.map((id) => ({ ...check, id, key: `${check.node}/${id}`, hash: `${check.node}/${id}` })),
  );
  return {
    ...cell,
    checks: checks.sort((one, other) => (one.key < other.key ? -1 : 1)),
    nodes: cell.nodes.map((node) => ({ ...node, checks: ids.map((id) => `${node.id}/${id}`) })),
    records: cell.records.map((record) => ({ ...record, requires: [...ids] })),
  };
}
