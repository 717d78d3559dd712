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

describe('what Route 53 says of a switch', () => {
  it('is adopted when it is another state at a later version', () => {
    expect(after({ inService: true, version: 4 })?.foreign).toBe(true);
  });

  it('is old news at a version that was confirmed already: the answer was on its way while we flipped', () => {
    expect(after({ inService: true, version: 3 })?.foreign).toBeUndefined();
    expect(after({ inService: true, version: 2 })?.foreign).toBeUndefined();
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
