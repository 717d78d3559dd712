/** Histories that once broke a rule, shrunk to what matters. */
import { describe, expect, it } from 'vitest';
import { decide } from '../../lib/core/decide.ts';
import type { PageIntent } from '../../lib/core/ledger.ts';
import { createDeeds } from '../../lib/simulate/deeds.ts';
import { createDrive, type Sight } from './invariants/drive.ts';
import { intentOf, pageOf } from './invariants/made.ts';
import { cellOf, ledgerOf } from './invariants/world.ts';

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
  it.each([
    ['in one history, though the table was replaced once', false, ['S16']],
    ['again in the next one', true, []],
  ])('a page sent twice: %s', (_, isReplaced, broken) => {
    const found: string[] = [];
    const deeds = createDeeds(
      (rule) => void found.push(rule),
      () => 0,
    );
    const life = { dead: false, frozenUntil: 0, troubled: false, onDeath: () => {} };
    const page = pageOf();
    const ledger = {
      ...ledgerOf(cellOf()),
      intents: [intentOf<PageIntent>(0, { kind: 'page', lane: 'page/incident-eu', page })],
    };
    deeds.forget();
    for (const isFirst of [true, false]) {
      if (!isFirst && isReplaced) deeds.forget();
      if (isFirst || isReplaced) deeds.ledgerWritten(undefined, ledger, true, {} as never);
      deeds.paged({ place: 'a0', role: 'arbiter', life }, page, deeds.replaced());
    }
    expect(found).toEqual(broken);
  });

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

describe('S13', () => {
  it('a restore ends what was done by hand, and a member that is down leaves with the same decision', () => {
    const drive = grownUp({ nodes: { eu: ['api'], us: ['api'], ap: ['api'] } });
    const isDown = seeing({ 'eu/api': 'down' });
    for (let round = 0; round < 9; round++) drive.round(isDown);
    drive.hand('api', 'eu', true);
    drive.round(isDown);
    expect(drive.ledger()?.members['api/eu']).toMatchObject({ inService: true, foreign: true });
    for (let round = 0; round < 9; round++) drive.round(isDown);
    drive.order({ kind: 'restore', node: 'eu', at: drive.now(), by: 'ann' });
    drive.round(isDown);
    expect(drive.switches()).toContainEqual(expect.objectContaining({ node: 'eu', inService: false }));
    expect(drive.violations()).toEqual([]);
  });

  it('and without a restore it stays where somebody put it', () => {
    const drive = grownUp({});
    const isDown = seeing({ 'eu/api': 'down' });
    for (let round = 0; round < 9; round++) drive.round(isDown);
    drive.hand('api', 'eu', true);
    for (let round = 0; round < 20; round++) drive.round(isDown);
    expect(drive.switches()).toContainEqual(expect.objectContaining({ node: 'eu', inService: true }));
    expect(drive.violations()).toEqual([]);
  });
});

describe('S7', () => {
  const out = { record: 'api', node: 'eu', inService: false, version: 1 };
  const before = [{ ...out, inService: true, isAlarmed: false, isExcused: false }];

  /** Two flips, the later epoch first; `replaced`: the table was, between the first one's last look at the ledger and its update. */
  function flipTwice(replaced: boolean): string[] {
    const found: string[] = [];
    const deeds = createDeeds(
      (rule) => void found.push(rule),
      () => 0,
    );
    const drive = grownUp({});
    const isDown = seeing({ 'eu/api': 'down' });
    let committed = drive.ledger();
    while (!committed?.intents.some(({ kind }) => kind === 'flip')) {
      for (const vantage of ['v0', 'v1', 'v2']) drive.look(vantage, isDown);
      committed = drive.decide().after ?? committed;
      drive.advance(10_000);
    }
    const ledgerOf = (epoch: number) => ({
      ...structuredClone(committed),
      intents: committed.intents.flatMap((each) => (each.kind === 'flip' ? [{ ...each, id: `flip of ${epoch}`, epoch }] : [])),
    });
    for (const epoch of [9, 5]) {
      const ledger = ledgerOf(epoch);
      const table = deeds.replaced();
      deeds.ledgerWritten(undefined, ledger, true, {} as never);
      if (epoch === 9 && replaced) deeds.forget();
      deeds.flipped({ arbiter: 'a0', ledger, isChecked: true, table, minInService: 0 }, out, 'updated', before);
    }
    return found;
  }

  it('a flip of a history that is gone is compared with nothing', () => {
    expect(flipTwice(true)).toEqual([]);
  });

  it('an earlier decision of the same history is', () => {
    expect(flipTwice(false)).toEqual(['S7']);
  });
});

describe('S12', () => {
  it('a member that was found out of service, and forced in meanwhile, was taken over', () => {
    const drive = grownUp({});
    drive.wipe();
    drive.hand('api', 'eu', false);
    for (let round = 0; round < 4; round++) {
      for (const vantage of ['v0', 'v1', 'v2']) drive.look(vantage, up);
      drive.decide('a0', { switches: false });
      drive.advance(10_000);
    }
    const until = drive.now() + 600_000;
    drive.order({ kind: 'force', node: 'eu', inService: true, until, reason: 'it works', at: drive.now(), by: 'ann' });
    drive.round(up);
    expect(drive.switches()).toContainEqual(expect.objectContaining({ node: 'eu', inService: true }));
    expect(drive.violations()).toEqual([]);
  });

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
