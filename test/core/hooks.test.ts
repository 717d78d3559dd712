import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cell, Check, HeartbeatSpec } from '../../lib/core/cell.ts';
import { decide } from '../../lib/core/decide.ts';
import type { SwitchState } from '../../lib/core/inputs.ts';
import { isHandingOver } from '../../lib/core/roles.ts';
import type { HookSpec } from '../../lib/core/telling.ts';
import { cellOf, inputsOf, ledgerOf, memberOf, START_MS } from './invariants/world.ts';
import { type Sight, type Story, storyOf } from './story.ts';

const MINUTE_S = 60;
const NOW = START_MS + 3_600_000;
const HOURLY: HeartbeatSpec = { kind: 'heartbeat', everyMs: 3_600_000, graceMs: 0 };

/** Nodes eu (primary) and us, and whoever else, with these hooks. */
function failover(hooks: Partial<HookSpec>[], { fence, nodes = ['eu', 'us'] }: { fence?: string; nodes?: string[] } = {}): Cell {
  const cell = cellOf({
    nodes: Object.fromEntries(nodes.map((node) => [node, ['api']])),
    records: { api: { members: nodes, guard: { holdMs: 0, maxOut: nodes.length - 1 } } },
  });
  return {
    ...cell,
    records: cell.records.map((record) => ({
      ...record,
      policy: 'failover',
      members: record.members.map((member, at) => ({ ...member, role: at === 0 ? 'primary' : 'secondary' })),
      ...(fence && { fence: { timeoutMs: 60_000 } }),
    })),
    hooks: hooks.map((hook) => ({ id: 'role', events: ['role'], nodes: [], url: 'https://hook.example', ...hook })),
  };
}

const withoutFirst = <R extends { members: unknown[] }>(record: R): R => ({ ...record, members: record.members.slice(1) });

const started = (cell: Cell): Story => {
  const story = storyOf(cell, { hooks: true }).rounds(1);
  story.told();
  return story;
};
/** A second record over the same nodes. */
const alsoFor = (cell: Cell, id: string): Cell => ({
  ...cell,
  records: [...cell.records, ...cell.records.map((record) => ({ ...record, id, name: `${id}.example.org` }))],
});
const hooksOf = (story: Story) => story.told().filter((line) => line.includes(' hook '));

describe('hooks are told', () => {
  const chat = { id: 'talk', events: ['page', 'acknowledged', 'recovered', 'flip', 'held'] };

  it('what they wait for, in words', () => {
    const story = started(failover([chat])).rounds(3, { eu: 'ddd' });
    story.order({ kind: 'acknowledge', incident: story.incident('eu') }).rounds(6);
    expect(hooksOf(story)).toEqual([
      '0:20 hook talk: eu is put out of api.example.org: api down',
      '0:20 hook talk: eu DOWN 01:00Z, 3/3 regions: api HTTP 500. Out of api.example.org; us serves.',
      '0:40 hook talk: eu: acknowledged by ann',
      '0:50 hook talk: eu is put back into api.example.org: recovered',
      '0:50 hook talk: eu UP 01:00Z, recovered after 30 s, acknowledged by ann after 10 s',
    ]);
  });

  it('of a digest and that it is taken, if it speaks for one of their nodes', () => {
    const both = { eu: 'ddd', us: 'ddd' };
    const story = started(failover([{ id: 'mine', events: ['page', 'acknowledged'], nodes: ['us'] }])).rounds(3, both);
    const digest = Object.values(story.ledger().incidents).find(({ together }) => together)?.id ?? '';
    expect(hooksOf(story.order({ kind: 'acknowledge', incident: digest }).rounds(1, both))).toEqual([
      expect.stringContaining('0:20 hook mine: 2 nodes DOWN'),
      '0:40 hook mine: 2 nodes: acknowledged by ann',
    ]);
  });

  it('whom it is about: a node by its id, also where a page says which record it is in; a digest by how many', () => {
    const cell = failover([{ id: 'talk', events: ['page'] }]);
    const about = (story: Story) => story.ledger().intents.flatMap((each) => (each.kind === 'hook' ? [each.body.node] : []));
    const byHand = started(cell)
      .failing({ hooks: ['eu'] })
      .hand('api', 'eu', false)
      .rounds(1);
    expect(about(byHand)).toEqual(['eu']);
    const digest = started(cell)
      .failing({ hooks: ['2 nodes'] })
      .rounds(2, { eu: 'ddd', us: 'ddd' });
    expect(about(digest)).toEqual(['2 nodes']);
  });

  it('of the end of a digest, as of its begin, if it spoke for one of their nodes', () => {
    const hooks = ['us', 'ap'].map((node) => ({ id: `of-${node}`, events: ['page', 'recovered'], nodes: [node] }));
    const story = started(failover(hooks, { nodes: ['eu', 'us', 'ap'] }))
      .rounds(3, { eu: 'ddd', us: 'ddd' })
      .rounds(4);
    expect(hooksOf(story).map((line) => line.replace(/ (DOWN|UP) .*/, ' $1'))).toEqual([
      '0:20 hook of-us: 2 nodes DOWN',
      '0:50 hook of-us: 2 nodes UP',
    ]);
  });

  it('the pages of a quiet tier that names them', () => {
    const cell = failover([{ id: 'late', events: ['role'] }]);
    const quiet = [60_000, 120_000].map((afterMs, at) => ({
      afterMs,
      sms: [],
      email: [],
      https: [],
      hooks: at === 1 ? ['late'] : [],
    }));
    const story = started({ ...cell, paging: { ...cell.paging, quiet } })
      .rounds(18, { eu: 'ddd' })
      .rounds(3);
    const told = hooksOf(story).map((line) => line.replace(/ (DOWN|UP) .*/, ' $1'));
    expect(told.filter((line) => !line.includes(' of '))).toEqual(['2:20 hook late: eu DOWN', '3:20 hook late: eu UP']);
  });

  it('what is held, and by which rule', () => {
    const cell = failover([{ id: 'talk', events: ['held'] }]);
    const story = started(cell).rounds(3, { eu: 'ddd', us: 'ddd' });
    expect(hooksOf(story)).toEqual([
      '0:20 hook talk: eu stays where it is in api.example.org: too few other members are in service and sound',
      '0:20 hook talk: us stays where it is in api.example.org: too few other members are in service and sound',
    ]);
  });

  it('nothing of other nodes', () => {
    const story = started(failover([{ ...chat, nodes: ['us'] }])).rounds(3, { eu: 'ddd' });
    expect(hooksOf(story)).toEqual([]);
  });

  it('the pages of the tiers that name them, and their end; without a tier all pages, and the end once', () => {
    const cell = failover([
      { id: 'late', events: ['role'] },
      { id: 'all', events: ['page', 'recovered'] },
    ]);
    const [first, second] = cell.paging.tiers;
    const tiers = [
      { ...first, hooks: [] },
      { ...second, hooks: ['late'] },
    ] as Cell['paging']['tiers'];
    const story = started({ ...cell, paging: { ...cell.paging, tiers } });
    const told = hooksOf(story.rounds(33, { eu: 'ddd' }).rounds(3)).map((line) => line.replace(/ (DOWN|UP) .*/, ' $1'));
    expect(told.filter((line) => !line.includes(' of '))).toEqual([
      '0:20 hook all: eu DOWN',
      '5:20 hook late: eu DOWN',
      '5:20 hook all: eu DOWN',
      '5:50 hook all: eu UP',
      '5:50 hook late: eu UP',
    ]);
  });

  it('the end by the tiers that are still there', () => {
    const cell = failover([{ id: 'first', events: [] }]);
    const [first, second] = cell.paging.tiers;
    const tiers = [{ ...first, hooks: ['first'] }, second] as Cell['paging']['tiers'];
    const story = started({ ...cell, paging: { ...cell.paging, tiers } }).rounds(33, { eu: 'ddd' });
    expect(story.told()).toContain('5:20 page eu down, tier 2');
    story.deploy({ ...cell, paging: { ...cell.paging, tiers: tiers.slice(0, 1) } }).rounds(3);
    expect(story.told().filter((line) => line.includes('UP') || line.includes('recovered'))).toEqual([
      '5:50 page eu recovered, tier 1',
      '5:50 page eu recovered, tier 2',
      '5:50 hook first: eu UP 01:05Z, recovered after 6 min, nobody acknowledged',
    ]);
  });

  it('pages of nodes that have the name of a hook, like those of any other', () => {
    const story = started(failover([{ id: 'eu', events: ['page'] }])).rounds(3, { eu: 'ddd' });
    expect(hooksOf(story)).toEqual([expect.stringContaining('0:20 hook eu: eu DOWN')]);
  });

  it('again and again while they fail, until they are given up with one page, until they answer again', () => {
    const story = started(failover([{ id: 'talk', events: ['flip'] }])).failing({ hooks: ['eu'] });
    story.rounds(3, { eu: 'ddd' }).rounds(2);
    expect(story.ledger().intents).toMatchObject([{ kind: 'hook', error: 'connection refused' }, { kind: 'hook' }]);
    story.told();
    story.rounds(100);
    expect(story.told().filter((line) => line.includes('hook'))).toEqual(['15:20 page talk hook-failed, tier 1']);
    expect(story.ledger().intents).toEqual([]);
    story.rounds(3, { eu: 'ddd' }).rounds(100);
    expect(story.told().filter((line) => line.includes('hook'))).toEqual([]);
    story.failing({}).rounds(3, { eu: 'ddd' }).rounds(3);
    expect(story.ledger().failedHooks).toEqual({});
  });

  it('that another hook failed, and not that they do themselves', () => {
    const cell = failover([
      { id: 'all', events: ['page'] },
      { id: 'talk', events: ['page'] },
    ]);
    const story = started(cell).failing({ hooks: ['eu'] });
    story.rounds(100, { eu: 'ddd' });
    expect(hooksOf(story)).toEqual([
      '15:20 hook talk: HOOK FAILED: hook all failed for 15 min, page of eu was not told: connection refused',
      '15:20 hook all: HOOK FAILED: hook talk failed for 15 min, page of eu was not told: connection refused',
    ]);
  });

  it('what came later, when the first are given up', () => {
    const cell = failover([{ id: 'talk', events: ['flip'] }]);
    const owed = (epoch: number, at: number) => {
      const life = { id: `life-${epoch}-0`, epoch, at, tries: 1, notBefore: at };
      return { ...life, kind: 'hook', lane: 'hook/talk/eu', hook: 'talk', node: 'eu', event: 'flip', body: {} } as const;
    };
    const now = START_MS + 15 * 60_000;
    const intents = [owed(30, START_MS), owed(31, START_MS + 1)];
    const { ledger } = decide(cell, inputsOf(cell, now), ledgerOf(cell, { intents }), now, { arbiter: 'a0', nonce: 'n' });
    expect(ledger?.intents.filter(({ kind }) => kind === 'hook').map(({ epoch }) => epoch)).toEqual([31]);
  });

  it('nothing of what else is owed: that is owed until it is done', () => {
    const story = started(failover([])).failing({ records: true });
    story.rounds(3, { eu: 'ddd' }).rounds(100, { eu: 'ddd' });
    expect(story.ledger().intents).toMatchObject([{ kind: 'record', error: 'the table is down' }]);
  });

  it('that nobody called them, where no arbiter came to it', () => {
    const cell = failover([{ id: 'talk', events: ['flip'] }]);
    const life = { id: 'life-40-0', epoch: 40, at: START_MS, tries: 0, notBefore: START_MS };
    const owed = { ...life, kind: 'hook', lane: 'hook/talk/eu', hook: 'talk', node: 'eu', event: 'flip', body: {} } as const;
    const now = START_MS + 15 * 60_000;
    const { ledger } = decide(cell, inputsOf(cell, now), ledgerOf(cell, { intents: [owed] }), now, { arbiter: 'a0', nonce: 'n' });
    expect(ledger?.intents).toMatchObject([
      { page: { text: 'hook talk failed for 15 min, flip of eu was not told: no arbiter could call it' } },
    ]);
  });

  it('nothing once they are no longer configured: nobody hears that they failed', () => {
    const [talk, other] = [
      { id: 'talk', events: ['flip'] },
      { id: 'other', events: ['held'] },
    ];
    const story = started(failover([talk, other]))
      .failing({ hooks: ['eu'] })
      .rounds(3, { eu: 'ddd' });
    story.deploy(failover([other])).told();
    story.rounds(100);
    expect(story.told().filter((line) => line.includes('hook'))).toEqual([]);
    expect(story.ledger().intents).toEqual([]);
  });
});

describe('roles', () => {
  it('are told when they change: first to whoever is no longer MASTER, and nothing at birth', () => {
    const story = storyOf(failover([{}]), { born: false, hooks: true })
      .rounds(6)
      .rounds(4, { eu: 'ddd' })
      .rounds(4);
    expect(hooksOf(story)).toEqual([
      '1:10 hook role: eu is FAULT of api.example.org',
      '1:20 hook role: us is MASTER of api.example.org',
      '1:50 hook role: us is BACKUP of api.example.org',
      '2:00 hook role: eu is MASTER of api.example.org',
    ]);
  });

  it('of a stand-by that fails and recovers are told, too', () => {
    const story = started(failover([{}]))
      .rounds(3, { us: 'ddd' })
      .rounds(4);
    expect(hooksOf(story)).toEqual([
      '0:20 hook role: us is FAULT of api.example.org',
      '0:50 hook role: us is BACKUP of api.example.org',
    ]);
  });

  it('follow the flips: what is drained is BACKUP, what is held keeps its role', () => {
    const story = started(failover([{}]))
      .order({ kind: 'drain', node: 'eu' })
      .rounds(3)
      .rounds(3, { us: 'ddd' });
    expect(hooksOf(story)).toEqual([
      '0:10 hook role: eu is BACKUP of api.example.org',
      '0:20 hook role: us is MASTER of api.example.org',
    ]);
  });

  it('are no matter of records that several members answer for', () => {
    const cell = failover([{}]);
    const weighted = { ...cell, records: cell.records.map((record) => ({ ...record, policy: 'weighted' as const })) };
    expect(hooksOf(started(weighted).rounds(4, { eu: 'ddd' }))).toEqual([]);
  });

  it('are one MASTER a record, although several members of a role serve', () => {
    const cell = failover([{}], { nodes: ['eu', 'us', 'ap'] });
    const story = started(cell).rounds(4, { eu: 'ddd' }).rounds(3, { eu: 'ddd', us: 'ddd' });
    expect(hooksOf(story)).toEqual([
      '0:20 hook role: eu is FAULT of api.example.org',
      '0:30 hook role: us is MASTER of api.example.org',
      '1:00 hook role: us is FAULT of api.example.org',
      '1:10 hook role: ap is MASTER of api.example.org',
    ]);
  });

  it('stay where they are while several serve: who is MASTER does not give way to who returns', () => {
    const cell = failover([{}], { nodes: ['eu', 'us', 'ap'] });
    const story = started(cell).rounds(4, { eu: 'ddd' }).rounds(4, { eu: 'ddd', us: 'ddd' });
    story.told();
    expect(hooksOf(story.rounds(6, { eu: 'ddd' }))).toEqual([expect.stringContaining('us is BACKUP')]);
  });

  it('are a part of the incident of their node, where it is in one', () => {
    const cell = failover([{ events: ['role'] }]);
    const story = started(cell)
      .failing({ hooks: ['eu', 'us'], records: true })
      .rounds(3, { eu: 'ddd' })
      .rounds(2);
    const bodies = story.ledger().intents.flatMap((each) => (each.kind === 'hook' ? [each.body] : []));
    const [incident] = Object.values(story.ledger().incidents);
    expect(incident?.timeline.filter(({ what }) => what.startsWith('told'))).toMatchObject([
      { what: 'told FAULT', detail: 'api.example.org' },
    ]);
    expect(bodies.map((body) => [body.node, body.role, Object.hasOwn(body, 'incident') && body.incident])).toEqual([
      ['eu', 'FAULT', incident?.id],
      ['us', 'BACKUP', false],
    ]);
  });

  it('of each record are told for themselves; a call about something else does not stand in their way', () => {
    const cell = alsoFor(failover([{ events: ['role', 'flip'] }]), 'web');
    const story = started(cell)
      .failing({ hooks: ['eu'] })
      .rounds(2, { eu: 'ddd' });
    const owed = () =>
      story
        .ledger()
        .intents.flatMap((each) => (each.kind === 'hook' ? [`${each.event} ${each.body.record} ${each.body.role}`] : []));
    expect(owed()).toEqual(['flip api undefined', 'flip web undefined', 'role api FAULT', 'role web FAULT']);
    story.rounds(3);
    const flips = ['flip api undefined', 'flip web undefined'];
    expect(owed()).toEqual([...flips, ...flips, 'role api MASTER', 'role web MASTER']);
  });

  it('are kept of records that some hook waits for, whichever member it is about, and forgotten with their record', () => {
    const cell = alsoFor(failover([{ nodes: ['us'] }]), 'web');
    const story = started(cell);
    expect(Object.keys(story.ledger().roles ?? {})).toEqual(['api', 'web']);
    story.deploy({ ...cell, records: cell.records.slice(1) }).rounds(1);
    expect(Object.keys(story.ledger().roles ?? {})).toEqual(['web']);
    expect(started(failover([])).ledger().roles).toBeUndefined();
    expect(started(failover([{ nodes: ['nobody'] }])).ledger().roles).toBeUndefined();
  });

  it('are told anew to who was MASTER, was taken off the record and is put back (seed 7000039)', () => {
    const cell = failover([{}], { nodes: ['eu', 'us', 'ap'] });
    const without = { ...cell, records: cell.records.map((record) => ({ ...record, members: record.members.slice(0, 2) })) };
    const story = started(cell).order({ kind: 'drain', node: 'eu' }).order({ kind: 'drain', node: 'us' }).rounds(4);
    expect(story.ledger().roles?.api?.master).toBe('ap');
    story.deploy(without).rounds(2);
    expect(story.ledger().roles?.api).toEqual({ master: 'eu', told: { eu: 'MASTER', us: 'BACKUP' } });
    story.told();
    expect(hooksOf(story.deploy(cell).rounds(3))).toEqual([
      expect.stringContaining('eu is BACKUP'),
      expect.stringContaining('ap is MASTER'),
    ]);
  });

  it('are told to nobody once no hook waits for them', () => {
    const story = started(failover([{}]));
    const { roles } = story.ledger();
    story.deploy(failover([])).rounds(4, { eu: 'ddd' });
    expect(story.ledger().roles).toEqual(roles);
  });

  it('begin with what Route 53 says, and not before it says it', () => {
    const cell = failover([{}]);
    const rolesAt = (switches?: SwitchState[]) => {
      const inputs = { ...inputsOf(cell, START_MS), ...(switches && { switches }) };
      return decide(cell, inputs, 'missing', START_MS, { arbiter: 'a0', nonce: 'n' }).ledger?.roles;
    };
    expect(rolesAt()).toBeUndefined();
    const switches = ['eu', 'us'].map((node) => ({ record: 'api', node, inService: node === 'us', version: 3 }));
    expect(rolesAt(switches)?.api?.master).toBe('us');
  });

  it('are being handed over while any record has no MASTER', () => {
    const story = started(alsoFor(failover([{}]), 'web')).failing({ hooks: ['eu'] });
    expect(isHandingOver(story.ledger())).toBe(false);
    const { roles, ...ledger } = story.ledger();
    expect(isHandingOver(ledger)).toBe(false);
    const waiting = { ...roles, api: { master: 'eu', told: { eu: 'FAULT', us: 'BACKUP' } } } as const;
    expect(isHandingOver({ ...ledger, roles: waiting })).toBe(true);
  });

  it('that could not be told are named in the page', () => {
    const story = storyOf(failover([{}]), { texts: true })
      .rounds(1)
      .failing({ hooks: ['eu'] });
    story.rounds(95, { eu: 'ddd' });
    expect(story.told().filter((line) => line.includes('HOOK'))).toEqual([
      '15:20 tier 1: HOOK FAILED: hook role failed for 15 min, eu was not told that it is FAULT: connection refused',
    ]);
  });

  it('without a fence: the pause was tried before anybody is MASTER', () => {
    const story = started(failover([{}]))
      .failing({ hooks: ['eu'] })
      .rounds(5, { eu: 'ddd' });
    expect(hooksOf(story)).toEqual(['0:30 hook role: us is MASTER of api.example.org']);
    expect(story.ledger().intents).toMatchObject([{ node: 'eu', body: { role: 'FAULT' } }]);
  });
});

it('the roles of a record that is no longer configured leave the ledger', () => {
  const story = started(failover([{}]));
  expect(story.ledger().roles).toHaveProperty('api');
  story.deploy({ ...failover([{}]), records: [], probeHash: 'probe-2' }).rounds(1);
  expect(story.ledger().roles ?? {}).toEqual({});
});

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
