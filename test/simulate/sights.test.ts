/** Whoever says that a check is down must have seen what makes it so: groups by their parts, heads by the others'. */
import { describe, expect, it } from 'vitest';
import type { Cell, Check, ProbeSpec } from '../../lib/core/cell.ts';
import type { Observation } from '../../lib/core/merge.ts';
import { createCells } from '../../lib/simulate/cells.ts';
import { createRandom } from '../../lib/simulate/random.ts';
import { createSights, type Sights } from '../../lib/simulate/sights.ts';

const AT = 1_000_000;

/** The first life with these kinds of checks. */
function cellWith(...kinds: ProbeSpec['kind'][]): Cell {
  for (let seed = 0; seed < 1_000; seed++) {
    const [cell] = createCells(createRandom(seed), 3);
    if (cell && kinds.every((kind) => cell.checks.some(({ probe }) => probe.kind === kind)) && cell.nodes.length > 2) return cell;
  }
  throw new Error(`no life has ${kinds.join(' and ')}`);
}

const first = (cell: Cell, kind: ProbeSpec['kind']): Check => {
  const check = cell.checks.find(({ probe }) => probe.kind === kind);
  if (!check) throw new Error(`no ${kind}`);
  return check;
};

/** What one look at all of it sees: up but for these. */
function lookAt(cell: Cell, otherwise: Record<string, Partial<Observation>>): ReadonlyMap<string, Observation> {
  const looked = cell.checks.filter(({ probe }) => !('of' in probe));
  return new Map(looked.map(({ key }) => [key, { vote: 'up', reason: 'ok', observedAt: AT, ...otherwise[key] }]));
}

describe('a group is seen down', () => {
  const DOWN = { vote: 'down', reason: 'status' } as const;

  it.each([
    ['any', 1, false],
    ['any', 2, true],
    ['all', 0, false],
    ['all', 1, true],
  ] as const)('%s of its parts, with %i down: %s', (kind, count, isDown) => {
    const cell = cellWith(kind, 'tcp');
    const group = cell.checks.find(({ probe, id }) => probe.kind === kind && id === 'service') ?? first(cell, kind);
    const parts = 'of' in group.probe ? (group.probe.of ?? []) : [];
    const sights = createSights();
    sights.looked(cell, 'v0', lookAt(cell, Object.fromEntries(parts.slice(0, count).map((key) => [key, DOWN]))));
    expect(parts).toHaveLength(2);
    expect(sights.sawDown('v0', group.key, AT)).toBe(isDown);
    expect(sights.sawDown('v1', group.key, AT)).toBe(false);
  });
});

describe('a head is seen to be behind', () => {
  const cell = cellWith('eosio');
  const chains = cell.checks.filter(({ probe }) => probe.kind === 'eosio');
  const [mine, ...others] = chains;
  const limit = mine?.probe.kind === 'eosio' ? (mine.probe.expect.blocksBehind.down ?? 0) : 0;
  const sawBehind = (sights: Sights): boolean => sights.sawDown('v0', mine?.key ?? '', AT);
  const headOf = (height: number, observedAt = AT) => ({ observedAt, facts: { height, headAt: AT } });

  it.each([
    ['two others by the limit', 2, 0, true],
    ['one other alone', 1, 0, false],
    ['two others by one block less', 2, 1, false],
  ])('%s', (_, ahead, less, isDown) => {
    const heads = chains.map(({ key }) => {
      const isAhead = others.slice(0, ahead).some((each) => each.key === key);
      return [key, headOf(isAhead ? 100 + limit - less : 100)] as const;
    });
    const sights = createSights();
    sights.looked(cell, 'v0', lookAt(cell, Object.fromEntries(heads)));
    expect(sawBehind(sights)).toBe(isDown);
  });

  // Seed 5000414 with 5 vantages: a second opinion that was merged after a round that had begun before it.
  it.each([
    ['others that were seen by a look that is merged before it', AT - 300, true],
    ['others that were seen two seconds after it', AT + 2_000, false],
  ])('%s', (_, seenAt, isDown) => {
    const sights = createSights();
    sights.looked(cell, 'v0', new Map([[mine?.key ?? '', { vote: 'up', reason: 'ok', ...headOf(100) }]]));
    const ahead = others.map(({ key }) => [key, { vote: 'up', reason: 'ok', ...headOf(100 + limit, seenAt) }] as const);
    sights.looked(cell, 'v0', new Map(ahead));
    expect(sawBehind(sights)).toBe(isDown);
  });

  // Seed 7000265 with 7 vantages.
  it('also beside a head of the time when its clock was an hour ahead', () => {
    const sights = createSights();
    const seeing = (key: string, head: object) =>
      sights.looked(cell, 'v0', new Map([[key, { vote: 'up', reason: 'ok', ...head }]]) as never);
    seeing(mine?.key ?? '', headOf(100, AT + 3_600_000));
    for (const { key } of others) seeing(key, headOf(100 + limit));
    seeing(mine?.key ?? '', headOf(100));
    expect(sawBehind(sights)).toBe(true);
  });
});
