import { describe, expect, it } from 'vitest';
import { drillOf } from '../../lib/cli/drill.ts';
import type { Cell } from '../../lib/core/cell.ts';
import { cellOf } from '../core/invariants/world.ts';

const hooked = (...events: string[]): Cell => ({
  ...cellOf(),
  hooks: events.length === 0 ? [] : [{ id: 'bell', events, nodes: [], url: 'https://bell.example' } as Cell['hooks'][number]],
});
const order = (cell: Cell, values: Record<string, string | boolean>) =>
  drillOf({ values } as unknown as Parameters<typeof drillOf>[0], cell, { at: 1, by: 'ann' });
const FLIP = { node: 'eu', flip: true };

describe('an order for a drill', () => {
  it('is of nobody, to the first tier, without hooks and without a flip', () => {
    expect(order(hooked('page'), {})).toEqual({ kind: 'drill', at: 1, by: 'ann', tier: 1, flip: false, hooks: false });
  });

  it('calls the hooks that go with its page', () => {
    expect(order(hooked('page'), { hooks: true })).toMatchObject({ hooks: true });
    expect(order(hooked('page', 'flip'), { ...FLIP, hooks: true })).toMatchObject({ flip: true, hooks: true });
  });

  it.each(['flip', 'role'])(
    'with a flip needs a word that the hooks of a %s are called, too, and waits for no hook of pages',
    (event) => {
      expect(() => order(hooked(event), FLIP)).toThrow('--flip: is real, and so are the calls of bell (write --hooks as well)');
      expect(order(hooked(event), { ...FLIP, hooks: true })).toMatchObject({ flip: true, hooks: false });
    },
  );

  it('with a flip needs no such word where no hook hears of it', () => {
    expect(order(hooked(), FLIP)).toMatchObject({ flip: true, hooks: false });
    expect(order(hooked('page'), FLIP)).toMatchObject({ flip: true, hooks: false });
  });

  it.each([
    [hooked(), { hooks: true }],
    [hooked(), { ...FLIP, hooks: true }],
    [hooked('role'), { hooks: true }],
  ])('that asks for hooks where none would be called is refused', (cell, values) => {
    expect(() => order(cell, values)).toThrow('--hooks: no hook goes with the pages of tier 1 (leave --hooks out)');
  });
});
