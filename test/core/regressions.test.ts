/** Histories that once broke a rule, shrunk to what matters. */
import { describe, expect, it } from 'vitest';
import { decide } from '../../lib/core/decide.ts';
import { createDrive, type Sight } from './invariants/drive.ts';
import { cellOf } from './invariants/world.ts';

const up: Sight = () => 'up';
const seeing =
  (votes: Record<string, 'down' | 'abstain'>): Sight =>
  (_, check) =>
    votes[check] ?? 'up';

/** A drive past its birth. */
function grownUp(plan: Parameters<typeof cellOf>[0]) {
  const drive = createDrive(cellOf(plan), decide);
  for (let round = 0; round < 4; round++) drive.round(up);
  return drive;
}

describe('S16', () => {
  it('a node that recovers is paged once, though two arbiters decide in the same millisecond', () => {
    const drive = grownUp({ checks: { 'eu/api': { recover: 1 } } });
    drive.round(seeing({ 'eu/api': 'down' }));
    drive.round(seeing({ 'eu/api': 'down' }));
    for (const vantage of ['v0', 'v1', 'v2']) drive.look(vantage, up);
    drive.decide('a0');
    drive.decide('a1');
    expect(drive.violations()).toEqual([]);
  });

  it('a node that is unknown, then down, then unknown in one incident is paged with growing attempts', () => {
    const drive = grownUp({ nodes: { eu: ['api', 'p2p'], us: ['api', 'p2p'] } });
    for (let round = 0; round < 5; round++) drive.round(seeing({ 'eu/api': 'abstain' }));
    for (let round = 0; round < 3; round++) drive.round(seeing({ 'eu/api': 'abstain', 'eu/p2p': 'down' }));
    for (let round = 0; round < 5; round++) drive.round(seeing({ 'eu/api': 'abstain' }));
    expect(drive.violations()).toEqual([]);
  });
});

describe('S12', () => {
  it('a birth flips nothing, though orders of an earlier life are still there', () => {
    const drive = grownUp({});
    drive.wipe();
    drive.order({ kind: 'drain', node: 'eu', at: drive.now(), by: 'ann' });
    drive.round(up);
    expect(drive.violations()).toEqual([]);
  });

  it("Route 53's state is not adopted from a list that shows no switch", () => {
    const cell = cellOf();
    const switchless = createDrive(cell, (given, inputs, ...rest) => decide(given, { ...inputs, switches: [] }, ...rest));
    switchless.round(up);
    expect(switchless.ledger()?.adoptedAt).toBeUndefined();
  });
});
