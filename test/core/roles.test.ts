import { describe, expect, it } from 'vitest';
import { decide } from '../../lib/core/decide.ts';
import type { SwitchState } from '../../lib/core/inputs.ts';
import { isHandingOver } from '../../lib/core/roles.ts';
import { alsoFor, failover, hooksOf, started } from './hook-cells.ts';
import { inputsOf, START_MS } from './invariants/world.ts';
import { storyOf } from './story.ts';

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
