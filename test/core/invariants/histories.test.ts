/** Rules that a single step cannot show: every one is shown a history, or a second look, that breaks it. */
import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../lib/core/decide.ts';
import type { Ledger } from '../../../lib/core/ledger.ts';
import { chainViolations, purityViolations } from '../../../lib/simulate/invariants/epochs.ts';
import { ballotViolations } from '../../../lib/simulate/invariants/evidence.ts';
import { deedViolations } from '../../../lib/simulate/invariants/flips.ts';
import { answeringViolations } from '../../../lib/simulate/invariants/guard.ts';
import { pagingViolations } from '../../../lib/simulate/invariants/pages.ts';
import type { Happening, Step } from '../../../lib/simulate/invariants/step.ts';
import { comeBack, flipOf, NOW, pageOf, SEEN, takeOut } from './made.ts';
import { ballotOf, castOf, cellOf, checkOf } from './world.ts';

describe('S17', () => {
  it('is broken by a decision that is another one the second time, and by one that writes on its inputs', () => {
    const step = takeOut();
    let calls = 0;
    expect(purityViolations(step, () => step.decision)).toEqual([]);
    expect(purityViolations(step, (): Decision => ({ events: [{ event: 'note', text: `${calls++}` }] }))).toHaveLength(1);
    const writes = (_cell: unknown, inputs: Step['inputs']): Decision => {
      inputs.acts = 'missing';
      return step.decision;
    };
    expect(() => purityViolations(step, writes)).toThrow(TypeError);
  });

  it('is broken by a ledger that does not survive being stored', () => {
    const step = takeOut();
    step.after.pausedUntil = Number.NaN;
    expect(purityViolations(step, () => step.decision)).toMatchObject([{ rule: 'S17', what: 'the ledger is not plain JSON' }]);
  });
});

describe('S3 of ballots', () => {
  const cell = cellOf();
  const before = ballotOf(cell, 'v0', SEEN, { 'eu/api': castOf(checkOf(cell, 'eu/api'), 'down', SEEN + 5) });

  it('is kept by a later round, and broken by an older vote or a version that was not read', () => {
    const after = { ...ballotOf(cell, 'v0', SEEN + 10), version: 2 };
    expect(ballotViolations(cell, before, after, NOW)).toEqual([]);
    expect(ballotViolations(cell, before, { ...after, version: 3 }, NOW)).toMatchObject([{ rule: 'S3' }]);
    const older = { ...ballotOf(cell, 'v0', SEEN), version: 2 };
    expect(ballotViolations(cell, before, older, NOW)).toMatchObject([{ rule: 'S3', what: /older vote on eu\/api/ }]);
  });
});

describe('histories', () => {
  const step = takeOut();
  const committed: Happening = { kind: 'step', step };
  const switches = ['eu', 'us'].map((node) => ({ record: 'api', node, inService: true, version: 1 }));
  const flipped = (change: object = {}, sent: object = {}): Happening => ({
    kind: 'deed',
    deed: {
      kind: 'flip',
      at: NOW,
      intent: 'life-42-1',
      epoch: 42,
      sent: { record: 'api', node: 'eu', inService: false, version: 1, ...sent },
      result: 'updated',
      ...change,
    } as never,
    switches,
  });
  const paged = (change: object = {}, deed: object = {}): Happening => ({
    kind: 'deed',
    deed: { kind: 'page', at: NOW, intent: 'life-42-2', page: pageOf(change), ...deed },
    switches,
  });
  const written = (change: Partial<Ledger>): Happening => ({ kind: 'written', at: NOW, ledger: { ...step.after, ...change } });
  const first: Happening = { kind: 'step', step: { ...step, after: { ...step.after, epoch: 1 } } };

  it('that break nothing pass', () => {
    expect(chainViolations([first, written({ epoch: 2 }), { kind: 'wiped', at: NOW }, written({ epoch: 1 })])).toEqual([]);
    expect(deedViolations([committed, flipped(), paged()])).toEqual([]);
    expect(pagingViolations([committed, paged({}, { crashed: true }), paged()])).toEqual([]);
  });

  it.each<[string, Happening[], RegExp]>([
    ['an epoch left out', [first, written({ epoch: 3 })], /epoch 3 was written after 1/],
    ['an epoch decided twice', [first, written({ epoch: 2 }), written({ epoch: 2 })], /epoch 2 was written after 2/],
  ])('S6: %s', (_name, history, what) => {
    expect(chainViolations(history)).toMatchObject([{ rule: 'S6', what: expect.stringMatching(what) }]);
  });

  it.each<[string, string, Happening[], RegExp]>([
    ['a flip before its commit', 'S8', [flipped(), committed], /nothing committed asks for it/],
    ['a page that nothing asks for', 'S8', [committed, paged({}, { intent: 'x' })], /nothing committed asks for it/],
    ['a flip done twice', 'S8', [committed, flipped(), written({ intents: [] }), flipped()], /nothing committed asks/],
    ['a flip of another switch', 'S15', [committed, flipped({}, { node: 'us' })], /changed api\/us instead/],
    ['a flip the other way', 'S15', [committed, flipped({}, { inService: true })], /instead/],
    ['a flip under an old epoch', 'S7', [committed, flipped({ epoch: 41 })], /ran under epoch 41/],
    [
      'a flip that a newer one overtook',
      'S7',
      [
        committed,
        written({ intents: [...step.after.intents, { ...flipOf(0, 'eu', true), id: 'life-43-0', epoch: 43 }] }),
        flipped(),
      ],
      /epoch 43 had already decided/,
    ],
    ['a flip without version', 'S8', [committed, flipped({}, { version: undefined })], /without version/],
    ['a flip with an old version', 'S8', [committed, paged(), flipped({}, { version: 0 })], /version 0 was taken at 1/],
    [
      'a switch deleted',
      'S15',
      [committed, paged(), { ...paged(), switches: switches.slice(1) } as Happening],
      /api\/eu is gone/,
    ],
  ])('deeds: %s (%s)', (_name, rule, history, what) => {
    expect(deedViolations(history)).toContainEqual({ rule, at: NOW, what: expect.stringMatching(what) });
  });

  it('S9: a flip that leaves nobody to answer is found at Route 53 itself', () => {
    expect(answeringViolations(step.cell, [flipped()])).toEqual([]);
    const alone = { ...flipped(), switches: switches.map((each) => ({ ...each, inService: each.node === 'eu' })) } as Happening;
    expect(answeringViolations(step.cell, [alone])).toMatchObject([{ rule: 'S9', what: 'eu left api to 0 others, not 1' }]);
  });

  it.each<[string, Happening[], RegExp]>([
    ['committed twice', [committed, committed], /was committed twice/],
    ['sent twice without a crash', [committed, paged(), paged()], /was sent twice/],
    ['good news first', [committed, paged({ state: 'recovered' })], /before any bad news/],
    ['good news of nothing', [{ kind: 'step', step: comeBack() }], /follows no bad news/],
  ])('S16: %s', (_name, history, what) => {
    expect(pagingViolations(history)).toContainEqual({ rule: 'S16', at: NOW, what: expect.stringMatching(what) });
  });
});
