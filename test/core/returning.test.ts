/** Members that are back while their alarm may still keep them out: nobody leaves for their sake. */
import { describe, expect, it } from 'vitest';
import type { Ledger } from '../../lib/core/ledger.ts';
import { guarded } from './decide-cells.ts';
import { withoutFirst } from './hook-cells.ts';
import { type Story, storyOf } from './story.ts';

const quick = guarded({ holdMs: 0 });
const returning = (story: Story): Ledger['returning'] => story.ledger().returning;
const isIn = (story: Story, key: string): boolean => story.ledger().members[key]?.inService ?? true;
/** eu was down, and is back; nobody knows what its alarm was told. */
const back = () => storyOf(quick).failing({ alarms: true }).rounds(1).rounds(4, { eu: 'ddd' }).rounds(3);

describe('a member that is back', () => {
  it('is returning since it was put back, until it is known to have returned', () => {
    const story = back();
    const { at } = story.ledger().members['api/eu'] ?? {};
    expect([isIn(story, 'api/eu'), returning(story)]).toEqual([true, { 'api/eu': at }]);
    expect(returning(story.failing({}).rounds(1))).toBeUndefined();
  });

  it('is relied on by nobody before', () => {
    const story = back().rounds(30, { us: 'ddd' });
    expect([isIn(story, 'api/us'), story.ledger().members['api/us']?.held]).toEqual([true, 'minInService']);
    expect(isIn(story.failing({}).rounds(1, { us: 'ddd' }), 'api/us')).toBe(false);
  });

  it('is no longer returning when it leaves again; another one is', () => {
    const three = guarded({ holdMs: 0, maxOut: 2 }, ['ap', 'eu', 'us']);
    const story = storyOf(three).failing({ alarms: true }).rounds(1).rounds(4, { ap: 'ddd', eu: 'ddd' }).rounds(3);
    expect(Object.keys(returning(story) ?? {})).toEqual(['api/ap', 'api/eu']);
    story.rounds(4, { eu: 'ddd' });
    expect([isIn(story, 'api/eu'), Object.keys(returning(story) ?? {})]).toEqual([false, ['api/ap']]);
  });

  it('stays returning after its entry is at rest', () => {
    const story = back().rounds(400);
    expect([story.ledger().members, Object.keys(returning(story) ?? {})]).toEqual([{}, ['api/eu']]);
  });
});

it('at birth every member in service is returning: nobody knows what alarms were told by a ledger that is gone', () => {
  const story = storyOf(quick, { born: false }).failing({ alarms: true }).hand('api', 'eu', false).rounds(1);
  expect(returning(story)).toEqual({ 'api/us': story.ledger().adoptedAt });
});

describe('a hand', () => {
  it('that puts a member in begins a return, and one that takes it out ends it', () => {
    const story = storyOf(quick).failing({ alarms: true }).rounds(1).hand('api', 'eu', false).rounds(1);
    expect(returning(story)).toBeUndefined();
    story.hand('api', 'eu', true).rounds(1);
    expect(returning(story)).toEqual({ 'api/eu': story.ledger().members['api/eu']?.at });
    expect(returning(story.hand('api', 'eu', false).rounds(1))).toBeUndefined();
  });
});

it('a member that is forgotten while it is out is returning, should it ever come back', () => {
  const without = { ...quick, records: quick.records.map(withoutFirst), configHash: 'config-2' };
  const story = storyOf(quick).failing({ alarms: true }).rounds(1).rounds(4, { eu: 'ddd' });
  story.deploy(without).rounds(19);
  expect([story.ledger().members['api/eu'], Object.keys(returning(story) ?? {})]).toEqual([undefined, ['api/eu']]);
  const well = back().failing({}).rounds(1).deploy(without).rounds(19);
  expect([well.ledger().members['api/eu'], returning(well)]).toEqual([undefined, undefined]);
});

// Seed 500001563 with 5 vantages: an entry that was at rest at once, and a list of switches that was two minutes old.
it('a list from before a return is no hand that took the member out: its entry stays while lists may be so old', () => {
  const story = storyOf(quick, { born: false }).hand('api', 'eu', false).rounds(1);
  while (!isIn(story, 'api/eu')) story.rounds(1);
  expect(Object.keys(story.rounds(29).ledger().members)).toEqual(['api/eu']);
  expect(story.rounds(1).ledger().members).toEqual({});
});
