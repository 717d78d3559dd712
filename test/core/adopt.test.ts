import { describe, expect, it } from 'vitest';
import { decide } from '../../lib/core/decide.ts';
import type { Inputs, SwitchState } from '../../lib/core/inputs.ts';
import type { Ledger } from '../../lib/core/ledger.ts';
import { cellOf, inputsOf, ledgerOf, memberOf, START_MS } from './invariants/world.ts';

const cell = cellOf();
const NOW = START_MS + 3_600_000;

/** The ledger after Route 53 said this of eu, whose last confirmed state is out of service at version 3, since so long. */
function after(state: Pick<SwitchState, 'inService' | 'version'>, record = 'api', sinceMs = 60_000) {
  const confirmed = { inService: false, version: 3, at: NOW - sinceMs };
  const members = { 'api/eu': memberOf({ inService: false, holdUntil: NOW + 60_000, flaps: [NOW - sinceMs], confirmed }) };
  const ledger = ledgerOf(cell, { members });
  const us = { record: 'api', node: 'us', inService: true, version: 1 };
  const inputs = { ...inputsOf(cell, NOW), switches: [{ record, node: 'eu', ...state }, us] };
  return decide(cell, inputs, ledger, NOW, { arbiter: 'a0', nonce: 'n' }).ledger?.members['api/eu'] ?? members['api/eu'];
}

const decided = (ledger: Ledger | 'missing', switches: SwitchState[], of = cell) =>
  decide(of, { ...inputsOf(of, NOW), switches }, ledger, NOW, { arbiter: 'a0', nonce: 'n' });
const switchOf = (record: string, node: string, inService = true, version = 1) => ({ record, node, inService, version });

describe('at birth', () => {
  const both = cellOf({ records: { api: { members: ['eu', 'us'] }, web: { members: ['eu', 'us'] } } });
  const all = both.records.flatMap(({ id, members }) => members.map(({ node }) => switchOf(id, node)));

  it('nothing is adopted from a list that lacks a member of any record', () => {
    for (const lacking of [all.slice(0, 3), all.slice(1), all.slice(2)])
      expect(decided('missing', lacking, both).ledger?.adoptedAt).toBeUndefined();
    expect(decided('missing', all, both).ledger?.adoptedAt).toBe(NOW);
  });

  it('who is out has to prove itself, and who is in has not', () => {
    const { ledger } = decided('missing', [switchOf('api', 'eu', false, 3), switchOf('api', 'us')]);
    const confirmed = { inService: false, version: 3, at: NOW };
    const entry = { inService: false, at: NOW, why: 'found out of service', holdUntil: 0, flaps: [], confirmed };
    expect(ledger?.members).toEqual({ 'api/eu': entry });
    expect(Object.keys(ledger?.checks ?? {})).toEqual(['eu/api']);
  });
});

it('a hand is told with what it did, and kept of a member that nothing was known of', () => {
  const { members: _, ...rest } = ledgerOf(cell);
  const { ledger, events } = decided({ ...rest, members: {} }, [switchOf('api', 'eu', false, 4), switchOf('api', 'us')]);
  expect(ledger?.members['api/eu']).toEqual({
    inService: false,
    at: NOW,
    why: 'taken out by hand',
    holdUntil: 0,
    flaps: [],
    confirmed: { inService: false, version: 4, at: NOW },
    foreign: true,
    held: 'foreign',
  });
  expect(events).toContainEqual({
    event: 'note',
    text: 'api.example.org: eu was taken out by hand; it is left so until quorumwatch restore eu',
  });
  expect(ledger?.intents).toMatchObject([
    { page: { state: 'foreign-hand', subject: 'api/eu', text: 'api.example.org: eu was taken out by hand' } },
    { kind: 'hook' },
  ]);
});

describe('what Route 53 says of a switch', () => {
  it('is adopted when it is another state at a later version', () => {
    expect(after({ inService: true, version: 4 })?.foreign).toBe(true);
  });

  it('is old news at a version that was confirmed already: the answer was on its way while we flipped', () => {
    expect(after({ inService: true, version: 3 })?.foreign).toBeUndefined();
    expect(after({ inService: true, version: 2 })?.foreign).toBeUndefined();
    expect(after({ inService: true, version: 3 }, 'api', 600_000)).toMatchObject({ inService: false, confirmed: { version: 3 } });
  });

  it('is no hand when the state is the one that we made', () => {
    expect(after({ inService: false, version: 9 })?.foreign).toBeUndefined();
  });

  it('is of a switch that was made anew when its version is lower, long after the flip: nobody’s hand, and decided again', () => {
    const anew = { inService: true, version: 1 };
    expect(after(anew, 'api', 299_000)).toMatchObject({ inService: false, confirmed: { version: 3 } });
    const entry = after(anew, 'api', 300_000);
    expect(entry).toMatchObject({ inService: true, holdUntil: 0, confirmed: anew });
    expect(entry?.foreign).toBeUndefined();
    expect(entry?.why).toBe('its switch was made anew');
    const confirmed = { inService: false, version: 3, at: NOW - 300_000 };
    const ledger = ledgerOf(cell, { members: { 'api/eu': memberOf({ inService: false, confirmed }) } });
    const anewAt = decided(ledger, [switchOf('api', 'eu')]);
    expect(anewAt.events).toEqual([
      { event: 'note', text: 'api.example.org: the switch of eu was made anew; what was decided is decided again' },
    ]);
    expect(anewAt.ledger?.returning).toEqual({ 'api/eu': NOW });
  });

  it('is ignored of who is no member any more', () => {
    const switches = [switchOf('api', 'gone', false, 4), switchOf('api', 'eu'), switchOf('api', 'us')];
    expect(decided(ledgerOf(cell), switches).events).toEqual([]);
  });

  it('is ignored of records that are not ours', () => {
    expect(after({ inService: true, version: 4 }, 'other')?.foreign).toBeUndefined();
  });

  it('is told when a quorum is heard, not before: it may be the arbiters of another table, to which the vantages have moved', () => {
    const confirmed = { inService: false, version: 3, at: NOW - 60_000 };
    const before = ledgerOf(cell, { members: { 'api/eu': memberOf({ inService: false, confirmed }) } });
    const switches = [{ record: 'api', node: 'eu', inService: true, version: 4 }];
    const at = (ledger: Ledger, ballots: Inputs['ballots']) =>
      decide(cell, { ...inputsOf(cell, NOW), ballots, switches }, ledger, NOW, { arbiter: 'a0', nonce: 'n' }).ledger ?? ledger;
    const pages = ({ intents }: Ledger) => intents.flatMap((intent) => (intent.kind === 'page' ? [intent.page.state] : []));
    const blind = at(before, {});
    expect([blind.members['api/eu']?.foreign, pages(blind)]).toEqual([true, []]);
    const heard = at(blind, inputsOf(cell, NOW).ballots);
    expect(pages(heard)).toEqual(['foreign-hand']);
    expect(pages(at({ ...heard, intents: [] }, inputsOf(cell, NOW).ballots))).toEqual([]);
  });
});
