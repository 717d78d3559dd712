import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cell, Check, HeartbeatSpec } from '../../lib/core/cell.ts';
import { decide } from '../../lib/core/decide.ts';
import { alsoFor, failover, hooksOf, started, withoutFirst } from './hook-cells.ts';
import { inputsOf, ledgerOf, memberOf, START_MS } from './invariants/world.ts';
import { type Sight, type Story, storyOf } from './story.ts';

const MINUTE_S = 60;
const NOW = START_MS + 3_600_000;
const HOURLY: HeartbeatSpec = { kind: 'heartbeat', everyMs: 3_600_000, graceMs: 0 };

describe('a fence', () => {
  const fenced = () => started(failover([{}], { fence: 'required' })).failing({ hooks: ['eu'] });
  const masters = (story: Story) => hooksOf(story).filter((line) => line.includes('MASTER'));

  it('keeps the stand-by waiting until the pause is confirmed', () => {
    const story = fenced().rounds(30, { eu: 'ddd' });
    expect(masters(story)).toEqual([]);
    story.failing({}).after(MINUTE_S, { eu: 'ddd' }).rounds(1, { eu: 'ddd' });
    expect(hooksOf(story)).toEqual([
      '6:00 hook role: eu is FAULT of api.example.org',
      '6:10 hook role: us is MASTER of api.example.org',
    ]);
  });

  it('or until nobody could connect to the old one for fenceTimeout', () => {
    expect(masters(fenced().rounds(12, { eu: 'xxx' }))).toEqual(['1:20 hook role: us is MASTER of api.example.org']);
  });

  it('counts anew when the old one answers once, however wrongly', () => {
    const story = fenced().rounds(6, { eu: 'xxx' }).rounds(1, { eu: 'ddx' }).rounds(8, { eu: 'xxx' });
    expect(masters(story)).toEqual(['2:20 hook role: us is MASTER of api.example.org']);
  });

  it('calls the old one until it answers, however long that takes; another’s pause is none of its', () => {
    const story = started(failover([{}], { fence: 'required', nodes: ['eu', 'us', 'ap'] })).failing({ hooks: ['eu'] });
    story.rounds(95, { eu: 'ddd' }).rounds(30, { eu: 'ddd', ap: 'ddd' });
    const told = story.told();
    expect(told.filter((line) => line.includes('hook-failed'))).toHaveLength(1);
    expect(told.filter((line) => line.includes('MASTER'))).toEqual([]);
    story.failing({}).after(MINUTE_S, { eu: 'ddd' }).rounds(1, { eu: 'ddd' });
    expect(hooksOf(story).filter((line) => !line.includes('ap is'))).toEqual([
      expect.stringContaining('eu is FAULT'),
      expect.stringContaining('us is MASTER'),
    ]);
  });

  it('asks a hook that came later, too', () => {
    const story = started(failover([{ nodes: ['us'] }], { fence: 'required' })).rounds(4, { eu: 'ddd' });
    expect(masters(story)).toEqual([]);
    story.deploy(failover([{}], { fence: 'required' })).failing({ hooks: ['eu'] });
    expect(masters(story.rounds(6, { eu: 'ddd' }))).toEqual([]);
    story.failing({}).after(MINUTE_S, { eu: 'ddd' }).rounds(1, { eu: 'ddd' });
    expect(hooksOf(story)).toEqual([expect.stringContaining('eu is FAULT'), expect.stringContaining('us is MASTER')]);
  });

  it('asks it again with every hook, as soon as one was not asked; what others are asked is another matter', () => {
    const both = failover([{ nodes: ['eu', 'us'] }, { id: 'later', nodes: ['eu'] }, { id: 'third', nodes: ['ap'] }], {
      fence: 'required',
      nodes: ['eu', 'us', 'ap'],
    });
    const story = started({ ...both, hooks: both.hooks.filter(({ id }) => id !== 'later') }).failing({ hooks: ['eu'] });
    story.rounds(4, { eu: 'ddd' }).rounds(4, { eu: 'ddd', ap: 'ddd' });
    const calls = () => story.ledger().intents.flatMap((each) => (each.kind === 'hook' && each.node === 'eu' ? [each.hook] : []));
    const [first] = story.ledger().intents.filter((each) => each.kind === 'hook' && each.node === 'eu');
    expect([calls(), (first?.at ?? 0) - START_MS]).toEqual([['role'], 3_620_000]);
    expect(calls()).toEqual(['role']);
    story.deploy(both).rounds(4, { eu: 'ddd', ap: 'ddd' });
    expect(calls()).toEqual(['role', 'later']);
  });

  it('counts what the votes say of the time in which nobody decided', () => {
    const story = fenced().rounds(4, { eu: 'xxx' });
    story
      .deploy({ ...failover([{}], { fence: 'required' }), vantages: [] }, 'arbiters')
      .rounds(3, { eu: 'xxx' })
      .rounds(2);
    story.deploy(failover([{}], { fence: 'required' })).rounds(5, { eu: 'xxx' });
    expect(masters(story)).toEqual([]);
    expect(masters(story.rounds(4, { eu: 'xxx' }))).toHaveLength(1);
  });

  it('waits for who is no member in the configuration of a few vantages alone', () => {
    const story = fenced().rounds(4, { eu: 'ddd' });
    const next = failover([{}], { fence: 'required' });
    const records = next.records.map(withoutFirst);
    story.told();
    story.deploy({ ...next, records, probeHash: 'probe-2' }, 'arbiters').rounds(6, { eu: 'ddd' });
    expect(masters(story)).toEqual([]);
    expect(story.ledger().roles?.api?.master).toBe('eu');
  });

  it('waits for who is no member of the record in the configuration of one arbiter alone', () => {
    const cell = failover([{}], { fence: 'required' });
    const next = { ...cell, configHash: 'config-2', records: cell.records.map(withoutFirst) };
    const story = fenced().rounds(4, { eu: 'ddd' });
    story.told();
    const [call] = story.ledger().intents;
    for (let round = 0; round < 30; round++)
      story.deploy(next, 'arbiters').rounds(1, { eu: 'ddd' }).deploy(cell, 'arbiters').after(0, { eu: 'ddd' });
    expect(masters(story)).toEqual([]);
    expect(story.ledger().intents).toMatchObject([{ kind: 'hook', node: 'eu', id: call?.id }]);
    story.deploy(next).rounds(17, { eu: 'ddd' });
    expect(masters(story)).toEqual([]);
    expect(masters(story.rounds(3, { eu: 'ddd' }))).toHaveLength(1);
  });

  it('drops what it owed to who is no member of that record any more, and nothing else', () => {
    const cell = alsoFor(failover([{}], { nodes: ['eu', 'us', 'ap'] }), 'web');
    const story = started(cell)
      .failing({ hooks: ['eu', 'us'], records: true })
      .rounds(5, { eu: 'ddd' });
    const owed = () =>
      story.ledger().intents.map((each) => (each.kind === 'hook' ? `${each.event} ${each.body.record} ${each.node}` : each.kind));
    const before = owed();
    expect(before).toContain('role api us');
    const [api, web] = cell.records;
    const records = [{ ...api, members: api?.members.filter(({ node }) => node !== 'us') }, web] as Cell['records'];
    story.deploy({ ...cell, records }).rounds(1, { eu: 'ddd' });
    expect(owed().filter((each) => before.includes(each))).toEqual(before.filter((each) => each !== 'role api us'));
    expect(story.ledger().roles?.api?.told).not.toHaveProperty('us');
    expect(story.ledger().roles?.web?.told).toHaveProperty('us');
  });

  it('waits for nobody who is no longer a member, whether a hook is about it or not', () => {
    const cell = failover([{ nodes: ['us'] }], { fence: 'required' });
    const story = started(cell).rounds(4, { eu: 'ddd' });
    expect(masters(story)).toEqual([]);
    story.deploy({ ...cell, records: cell.records.map(withoutFirst) }).rounds(2, { eu: 'ddd' });
    expect(masters(story)).toHaveLength(1);
  });

  it('begins when the last of a quorum at the last of its checks lost it', () => {
    const cell = failover([{}], { fence: 'required' });
    const [api] = cell.checks.filter(({ node }) => node === 'eu');
    const further = { ...api, key: 'eu/p2p', id: 'p2p', hash: 'hash of eu/p2p' } as Check;
    const inputs = inputsOf(cell, NOW, { 'eu/api': ['down', 'down', 'down'] });
    const sinces = { 'eu/api': [9, 50, 20], 'eu/p2p': [5, 5, 5] };
    for (const [index, ballot] of Object.values(inputs.ballots).entries())
      for (const [key, all] of Object.entries(sinces)) {
        if (typeof ballot === 'string' || !ballot.votes['eu/api']) continue;
        const vote = { ...ballot.votes['eu/api'], checkHash: `hash of ${key}`, reason: 'connect-refused' as const };
        ballot.votes[key] = { ...vote, since: NOW - 60_000 + (all[index] ?? 0) * 1_000 };
      }
    const confirmed = { inService: false, version: 2, at: START_MS };
    const ledger = ledgerOf(cell, {
      checks: { 'eu/api': { state: 'down', at: START_MS }, 'eu/p2p': { state: 'down', at: START_MS } },
      members: { 'api/eu': memberOf({ inService: false, confirmed }) },
      roles: { api: { master: 'eu', told: { eu: 'FAULT', us: 'BACKUP' }, unreachableSince: NOW - 55_000 } },
    });
    const decided = decide({ ...cell, checks: [...cell.checks, further] }, inputs, ledger, NOW, { arbiter: 'a0', nonce: 'n' });
    expect(decided.ledger?.roles?.api?.unreachableSince).toBe(NOW - 40_000);
  });

  it('waits for nobody who is no longer a member', () => {
    const story = fenced().rounds(4, { eu: 'ddd' });
    const next = failover([{}], { fence: 'required' });
    const records = next.records.map(withoutFirst);
    story.told();
    expect(masters(story.deploy({ ...next, records }).rounds(2, { eu: 'ddd' }))).toEqual([
      '0:50 hook role: us is MASTER of api.example.org',
    ]);
  });

  it('cannot hear from a node that no hook is about: it waits until nobody connects', () => {
    const lonely = () => started(failover([{ nodes: ['us'] }], { fence: 'required' }));
    expect(masters(lonely().rounds(30, { eu: 'ddd' }))).toEqual([]);
    expect(masters(lonely().rounds(12, { eu: 'xxx' }))).toEqual(['1:20 hook role: us is MASTER of api.example.org']);
  });

  it.each([
    ['a quorum gets no connection', { eu: 'xxd' }, 1],
    ['one of its checks is answered', { 'eu/api': 'xxx', 'eu/p2p': 'ddd' }, 0],
    ['its heartbeat is late, and nothing is answered', { 'eu/api': 'xxx', 'eu/p2p': 'xxx', 'eu/beat': 'ddd' }, 1],
  ])('counts what connects: %s', (_, sight, expected) => {
    const cell = failover([{}], { fence: 'required' });
    const [api] = cell.checks.filter(({ node }) => node === 'eu');
    const further = { ...api, key: 'eu/p2p', id: 'p2p', hash: 'hash of eu/p2p' } as Check;
    const beat = { ...further, key: 'eu/beat', id: 'beat', hash: 'hash of eu/beat', probe: HOURLY };
    const checks = [...cell.checks, further, beat];
    const story = started({ ...cell, checks })
      .failing({ hooks: ['eu'] })
      .rounds(14, sight);
    expect(masters(story)).toHaveLength(expected);
  });

  it.each([
    ['connect-refused', NOW],
    ['connect-failed', NOW],
    ['connect-timeout', NOW],
    ['answer-timeout', undefined],
  ] as const)('takes %s for a connection that nobody got, or not', (reason, since) => {
    const cell = failover([{}], { fence: 'required' });
    const inputs = inputsOf(cell, NOW, { 'eu/api': ['down', 'down', 'down'] });
    for (const ballot of Object.values(inputs.ballots))
      if (typeof ballot !== 'string') Object.assign(ballot.votes['eu/api'] ?? {}, { reason });
    const confirmed = { inService: false, version: 2, at: START_MS };
    const ledger = ledgerOf(cell, {
      checks: { 'eu/api': { state: 'down', at: START_MS } },
      members: { 'api/eu': memberOf({ inService: false, confirmed }) },
      roles: { api: { master: 'eu', told: { eu: 'FAULT', us: 'BACKUP' } } },
    });
    const decided = decide(cell, inputs, ledger, NOW, { arbiter: 'a0', nonce: 'n' }).ledger;
    expect(decided?.roles?.api?.unreachableSince).toBe(since);
  });

  it('cannot tell that nobody connects to a node that is only heard of by heartbeats', () => {
    const cell = failover([{}], { fence: 'required' });
    const checks = cell.checks.map((check) => (check.node === 'eu' ? { ...check, probe: HOURLY } : check));
    const story = started({ ...cell, checks })
      .failing({ hooks: ['eu'] })
      .rounds(30, { eu: 'xxx' });
    expect(masters(story)).toEqual([]);
  });

  it('lets the old one be MASTER again while nobody else is', () => {
    const story = fenced().rounds(4, { eu: 'ddd' }).rounds(3).failing({}).after(MINUTE_S);
    expect(hooksOf(story)).toEqual(['2:10 hook role: eu is MASTER of api.example.org']);
    expect(story.ledger().roles?.api).toEqual({ master: 'eu', told: { eu: 'MASTER', us: 'BACKUP' } });
  });
});

/** Whatever fails in whatever order: one MASTER a record, and none at the epoch of another; with a fence none beside another. */
describe('whatever fails', () => {
  const letters = fc.constantFrom('uuu', 'uuu', 'ddd', 'xxx', 'dxu', 'aaa');
  const moves = fc.array(
    fc.record({
      eu: letters,
      us: letters,
      ap: letters,
      failing: fc.subarray(['eu', 'us', 'ap']),
      rounds: fc.integer({ min: 1, max: 9 }),
    }),
    {
      minLength: 3,
      maxLength: 8,
    },
  );

  it.each([undefined, 'required'])('nobody is told MASTER before the last one is out of the way (fence %s)', (fence) => {
    fc.assert(
      fc.property(moves, (all) => {
        const cell = failover([{}], { nodes: ['eu', 'us', 'ap'], ...(fence && { fence }) });
        const story = storyOf(cell, { hooks: true }).rounds(1);
        let master = 'eu';
        for (const { rounds, failing, ...sight } of all) {
          story.failing({ hooks: failing });
          for (let round = 0; round < rounds; round++) {
            const before = story.ledger();
            story.rounds(1, sight as Sight);
            const { told } = story.ledger().roles?.api ?? { told: {} };
            const now = Object.entries(told).flatMap(([node, role]) => (role === 'MASTER' ? [node] : []));
            expect(now.length).toBeLessThanOrEqual(1);
            if (now[0] === undefined || now[0] === master) continue;
            // The pause of the old one was owed by an earlier decision, and tried.
            const { told: then, unreachableSince } = before.roles?.api ?? { told: {} as Record<string, string> };
            expect(then[master]).not.toBe('MASTER');
            const pause = before.intents.find((intent) => intent.kind === 'hook' && intent.node === master);
            if (fence && pause) expect(unreachableSince).toBeDefined();
            if (pause) expect(pause.tries).toBeGreaterThan(0);
            [master] = now;
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});
