import { describe, expect, it } from 'vitest';
import type { Act, Acts } from '../../lib/core/acts.ts';
import { consumeActs } from '../../lib/core/consume.ts';
import { createDraft } from '../../lib/core/draft.ts';
import type { ActiveSilence, Read } from '../../lib/core/inputs.ts';
import type { Incident, Ledger } from '../../lib/core/ledger.ts';
import { cellOf, ledgerOf, memberOf, START_MS } from './invariants/world.ts';

const cell = cellOf();
const NOW = START_MS + 3_600_000;
const by = { at: NOW - 1_000, by: 'ann' };
const actsOf = (acts: Act[], incarnation = 'acts'): Acts => ({ schema: 1, incarnation, version: acts.length, acts });

function after(acts: Read<Acts>, ledger: Ledger = ledgerOf(cell), silences?: ActiveSilence[]): Ledger {
  const draft = createDraft(cell, { ballots: {}, acts: 'missing', ...(silences && { silences }) }, ledger, NOW);
  consumeActs(draft, acts);
  return draft.ledger;
}

describe('acts', () => {
  it('are applied in order, each once', () => {
    const acts = actsOf([
      { ...by, seq: 1, kind: 'drain', node: 'eu' },
      { ...by, seq: 2, kind: 'restore', node: 'eu' },
    ]);
    const first = after(actsOf(acts.acts.slice(0, 1)));
    expect(first.manual).toEqual({ eu: { kind: 'drain', ...by } });
    const second = after(acts, first);
    expect(second).toMatchObject({ manual: {}, acts: { incarnation: 'acts', seq: 2 } });
    expect(after(acts, { ...second, manual: first.manual }).manual).toEqual(first.manual);
  });

  it('of a new item count from its beginning', () => {
    const ledger = { ...ledgerOf(cell), acts: { incarnation: 'acts', seq: 9 } };
    const acts: Act[] = [{ ...by, seq: 1, kind: 'drain', node: 'eu' }];
    expect(after(actsOf(acts), ledger).manual).toEqual({});
    expect(after(actsOf(acts, 'acts-2'), ledger)).toMatchObject({ manual: { eu: {} }, acts: { incarnation: 'acts-2', seq: 1 } });
  });

  it('of people unheard of change nothing: no acts, no such incident', () => {
    expect(after('missing')).toEqual({ ...ledgerOf(cell), epoch: 42 });
    const acknowledged = after(actsOf([{ ...by, seq: 1, kind: 'acknowledge', incident: 'none' }]));
    expect(acknowledged.incidents).toEqual({});
  });

  it('of an incident that every object knows change nothing, least of all every object', () => {
    const acts = (['acknowledge', 'unacknowledge'] as const).map(
      (kind, at): Act => ({ ...by, seq: at + 1, kind, incident: '__proto__' }),
    );
    expect(after(actsOf(acts)).incidents).toEqual({});
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('end at their time, and not before', () => {
    const limited = (until: number): Act[] => [
      { ...by, seq: 1, kind: 'pause', until },
      { ...by, seq: 2, kind: 'force', node: 'eu', inService: false, until, reason: 'test' },
      { ...by, seq: 3, kind: 'silence', node: 'eu', until },
      { ...by, seq: 4, kind: 'drain', node: 'us', until },
    ];
    const begun = { pausedUntil: NOW + 1, manual: { eu: {}, us: { kind: 'drain' } }, silences: { eu: {} } };
    expect(after(actsOf(limited(NOW + 1)))).toMatchObject(begun);
    const over = after(actsOf(limited(NOW)));
    expect([over.manual, over.silences]).toEqual([{}, {}]);
    expect(over.pausedUntil).toBeUndefined();
  });

  it('a force that ends leaves its member to the guard: it returns like any other', () => {
    const out = memberOf({ inService: false, holdUntil: NOW + 1 });
    const until = NOW + 5;
    const forced = after(
      actsOf([{ ...by, seq: 1, kind: 'force', node: 'eu', inService: false, until, reason: 'test' }]),
      ledgerOf(cell, { members: { 'api/eu': out } }),
    );
    expect(forced.manual).toEqual({ eu: { kind: 'force', ...by, inService: false, until, reason: 'test' } });
    const over = after('missing', {
      ...forced,
      manual: { eu: { kind: 'force', ...by, inService: false, until: NOW, reason: 'test' } },
    });
    expect([over.manual, over.members['api/eu']]).toEqual([{}, out]);
  });

  it('a drain that ends gives the node back, but not what somebody did by hand meanwhile', () => {
    const out = { ...memberOf({ inService: false }), holdUntil: NOW + 1 };
    const drained: Act[] = [{ ...by, seq: 1, kind: 'drain', node: 'eu', until: NOW }];
    const ended = after(actsOf(drained), ledgerOf(cell, { members: { 'api/eu': out } }));
    expect(ended.members['api/eu']).toMatchObject({ restored: true });
    const byHand = after(actsOf(drained), ledgerOf(cell, { members: { 'api/eu': { ...out, foreign: true } } }));
    expect(byHand.members['api/eu']).toEqual({ ...out, foreign: true });
  });

  it('resume: ends a pause before its time', () => {
    const paused = after(actsOf([{ ...by, seq: 1, kind: 'pause', until: NOW + 1 }]));
    expect(paused.pause).toEqual({ ...by, reminders: 0 });
    const { pause, pausedUntil } = after(actsOf([{ ...by, seq: 2, kind: 'resume' }]), paused);
    expect({ pause, pausedUntil }).toEqual({});
  });

  it('unsilence: ends what somebody asked for, and the configured silences that are on, until the last of them is over', () => {
    const sunday: ActiveSilence[] = [5, 9, 7].map((ms) => ({ id: 'sunday', nodes: [], until: NOW + ms }));
    const silenced = ledgerOf(cell, { silences: { eu: { until: NOW + 5, by: 'ann' } } });
    const ended = after(actsOf([{ ...by, seq: 1, kind: 'unsilence', node: 'eu' }]), silenced, sunday);
    expect([ended.silences, ended.unsilenced]).toEqual([{}, { eu: NOW + 9 }]);
    expect(after('missing', { ...ended, unsilenced: { eu: NOW } }).unsilenced).toEqual({});
    expect(after(actsOf([{ ...by, seq: 1, kind: 'unsilence', node: 'eu' }]), silenced).unsilenced).toBeUndefined();
  });

  it('restore: ends drain, force and a foreign hand, and lets a member return without hold', () => {
    const ledger = ledgerOf(cell, {
      manual: { eu: { kind: 'drain', ...by } },
      members: { 'api/eu': memberOf({ inService: false, foreign: true }), 'api/us': memberOf({ foreign: true }) },
    });
    const restored = after(actsOf([{ ...by, seq: 1, kind: 'restore', node: 'eu' }]), ledger);
    expect(restored.manual).toEqual({});
    expect(after(actsOf([{ ...by, seq: 1, kind: 'restore', node: 'us' }]), ledger).members['api/us']).toEqual(memberOf());
    expect(restored.members['api/eu']).toEqual(memberOf({ inService: false, restored: true }));
    expect(restored.members['api/us']).toEqual(memberOf({ foreign: true }));
  });

  describe('of an incident that speaks for others', () => {
    const incidentOf = (id: string, change: Partial<Incident> = {}): Incident => ({
      id,
      node: id,
      state: 'down',
      openedAt: NOW,
      timeline: [],
      paging: { tier: 1, attempt: 1, nextAt: NOW },
      ...change,
    });
    const hooked = { ...cell, hooks: [{ id: 'chat', events: ['acknowledged'], nodes: [], url: 'https://chat.example' }] };
    const ackedBy = (given: Partial<Incident>, kinds: ('acknowledge' | 'unacknowledge')[]) => {
      const incidents = {
        all: incidentOf('all', {
          together: { at: NOW, incidents: { free: 'eu', taken: 'us', over: 'ap', gone: 'sa' } },
          ...given,
        }),
        free: incidentOf('free'),
        taken: incidentOf('taken', { ackedBy: 'bob', ackedAt: NOW - 9 }),
        over: incidentOf('over', { state: 'closed' }),
      };
      const draft = createDraft(hooked, { ballots: {}, acts: 'missing' }, ledgerOf(cell, { incidents }), NOW);
      consumeActs(draft, actsOf(kinds.map((kind, index): Act => ({ ...by, seq: index + 1, kind, incident: 'all' }))));
      const { ledger } = draft;
      return { by: Object.values(ledger.incidents).map((each) => each.ackedBy), hooks: ledger.intents.length };
    };

    it('acknowledge: takes those that are open and nobody has, and says so once', () => {
      expect(ackedBy({}, ['acknowledge'])).toEqual({ by: ['ann', 'ann', 'bob', undefined], hooks: 1 });
      expect(ackedBy({}, ['acknowledge', 'acknowledge']).hooks).toBe(1);
      expect(ackedBy({ state: 'closed' }, ['acknowledge'])).toEqual({ by: [undefined, undefined, 'bob', undefined], hooks: 0 });
    });

    it('unacknowledge: gives all of them back, if somebody had it', () => {
      expect(ackedBy({}, ['unacknowledge']).by).toEqual([undefined, undefined, 'bob', undefined]);
      expect(ackedBy({}, ['acknowledge', 'unacknowledge']).by).toEqual([undefined, undefined, undefined, undefined]);
    });
  });

  it('acknowledge: the first has it, and a closed incident stays as it is', () => {
    const incident = (state: 'down' | 'closed') => ({
      id: 'one',
      node: 'eu',
      state,
      openedAt: NOW,
      timeline: [],
      paging: { tier: 1, attempt: 1, nextAt: NOW },
    });
    const acts = actsOf([
      { at: NOW - 5, by: 'ann', seq: 1, kind: 'acknowledge', incident: 'one' },
      { at: NOW - 4, by: 'bob', seq: 2, kind: 'acknowledge', incident: 'one' },
    ]);
    const open = after(acts, ledgerOf(cell, { incidents: { one: incident('down') } }));
    expect(open.incidents.one).toMatchObject({ ackedBy: 'ann', ackedAt: NOW - 5 });
    expect(open.incidents.one?.timeline).toHaveLength(1);
    const closed = after(acts, ledgerOf(cell, { incidents: { one: incident('closed') } }));
    expect(closed.incidents.one).toEqual(incident('closed'));
    const given = after(
      actsOf([...acts.acts, { at: NOW - 1, by: 'cy', seq: 3, kind: 'unacknowledge', incident: 'one' }]),
      ledgerOf(cell, { incidents: { one: incident('down') } }),
    );
    expect(given.incidents.one).toMatchObject({ timeline: [{ what: 'acknowledged' }, { what: 'acknowledgement withdrawn' }] });
    expect(given.incidents.one).not.toHaveProperty('ackedBy');
  });
});
