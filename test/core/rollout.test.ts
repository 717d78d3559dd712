/** Arbiters of two configurations that take turns: what the one no longer knows is still the other's. */
import { describe, expect, it } from 'vitest';
import type { Cell } from '../../lib/core/cell.ts';
import { decide } from '../../lib/core/decide.ts';
import { withoutFirst } from './hook-cells.ts';
import { cellOf, inputsOf, ledgerOf, START_MS } from './invariants/world.ts';
import { type Sight, type Story, storyOf } from './story.ts';

const OLD = cellOf({ nodes: { eu: ['api'], us: ['api'] }, records: { api: { members: ['eu', 'us'], guard: { holdMs: 0 } } } });
/** Only the record changes: every vantage is asked the same. */
const NEW: Cell = { ...OLD, records: OLD.records.map(withoutFirst), configHash: 'config-2' };
const WITHOUT_NODE: Cell = {
  ...cellOf({ nodes: { us: ['api'] }, records: { api: { members: ['us'] } } }),
  probeHash: OLD.probeHash,
  configHash: 'config-3',
};

/** Each round is decided by the one, then by the other. */
function takingTurns(story: Story, configurations: Cell[], rounds: number, sight: Sight = {}): Story {
  for (let round = 0; round < rounds; round++)
    for (const cell of configurations) story.deploy(cell, 'arbiters').after(cell === configurations[0] ? 10 : 0, sight);
  return story;
}

const isIn = (story: Story, key: string): boolean => story.ledger().members[key]?.inService ?? true;

describe('while a member is taken off its record', () => {
  it('who still knows it knows that it is out: the other one stays', () => {
    const story = storyOf(OLD).rounds(1).rounds(4, { eu: 'ddd' });
    expect(isIn(story, 'api/eu')).toBe(false);
    takingTurns(story, [NEW, OLD], 3, { eu: 'ddd' });
    takingTurns(story, [NEW, OLD], 6, { eu: 'ddd', us: 'ddd' });
    expect([isIn(story, 'api/eu'), isIn(story, 'api/us')]).toEqual([false, true]);
  });

  it('and then is not: no hand took it out', () => {
    const story = storyOf(OLD).rounds(1).rounds(4, { eu: 'ddd' });
    takingTurns(story, [NEW, OLD], 3, { eu: 'ddd' }).deploy(OLD).rounds(5);
    expect(story.told().filter((line) => line.includes('foreign-hand'))).toEqual([]);
    expect(isIn(story, 'api/eu')).toBe(true);
  });

  it('its flip is owed until nobody knows it any more', () => {
    const story = storyOf(OLD).rounds(1).failing({ flips: true }).rounds(4, { eu: 'ddd' });
    const flips = () => story.ledger().intents.filter(({ kind }) => kind === 'flip').length;
    takingTurns(story, [NEW, OLD], 3, { eu: 'ddd' });
    expect(flips()).toBe(1);
    story.deploy(NEW).rounds(17, { eu: 'ddd' });
    expect(flips()).toBe(1);
    story.rounds(3, { eu: 'ddd' });
    expect(flips()).toBe(0);
  });
});

it('while a node is removed, its incident is neither closed nor opened anew until that has settled', () => {
  const story = storyOf(OLD).rounds(1).rounds(4, { eu: 'ddd' });
  const incident = story.incident('eu');
  takingTurns(story, [WITHOUT_NODE, OLD], 4, { eu: 'ddd' });
  expect(story.incident('eu')).toBe(incident);
  expect(story.told().filter((line) => line.includes('page eu down'))).toHaveLength(1);
  story.deploy(WITHOUT_NODE).rounds(19, { eu: 'ddd' });
  expect(Object.keys(story.ledger().nodes)).not.toContain('eu');
});

it('a check that is removed stays known until nobody decides by it any more', () => {
  const both = cellOf({ nodes: { eu: ['api', 'web'] }, records: {} });
  const one = { ...cellOf({ nodes: { eu: ['api'] }, records: {} }), probeHash: both.probeHash, configHash: 'config-2' };
  const story = storyOf(both).rounds(1).rounds(4, { 'eu/web': 'ddd' });
  takingTurns(story, [one, both], 3, { 'eu/web': 'ddd' });
  const known = () => Object.keys(story.ledger().checks);
  story.deploy(one).rounds(18);
  expect(known()).toEqual(['eu/web']);
  story.rounds(1);
  expect(known()).toEqual([]);
});

describe('after a change Route 53 has to show each member again', () => {
  const EDITED: Cell = { ...OLD, configHash: 'config-2' };
  const unseen = (story: Story) => story.ledger().configuration?.unseen;
  /** The configuration changes, and Route 53 says nothing of these. */
  const edited = (...hidden: string[]) => storyOf(OLD).rounds(1).failing({ unseen: hidden }).deploy(EDITED).rounds(1);

  it('and who was shown, once, is known', () => {
    const story = edited('api/eu', 'api/us');
    expect(unseen(story)).toEqual(['api/eu', 'api/us']);
    expect(unseen(story.failing({ unseen: ['api/us'] }).rounds(1))).toEqual(['api/us']);
    expect(unseen(story.failing({ unseen: ['api/eu', 'api/us'] }).rounds(1))).toEqual(['api/us']);
    expect(story.failing({}).rounds(1).ledger().configuration).not.toHaveProperty('unseen');
    expect(edited().ledger().configuration).not.toHaveProperty('unseen');
  });

  it('and nobody leaves while only such a one would be left', () => {
    const story = edited('api/us').rounds(4, { eu: 'ddd' });
    expect(isIn(story, 'api/eu')).toBe(true);
    expect(isIn(story.failing({}).rounds(1, { eu: 'ddd' }), 'api/eu')).toBe(false);
  });

  it('unless there was no configuration before, or there are no records', () => {
    const first = storyOf(OLD, { born: false })
      .failing({ unseen: ['api/eu', 'api/us'] })
      .rounds(1);
    expect(first.ledger().configuration).toEqual({ hash: OLD.configHash, since: expect.any(Number) });
    const plain = cellOf({ records: {} });
    const next = { ...plain, configHash: 'config-2' };
    const { ledger } = decide(next, inputsOf(next, START_MS), ledgerOf(plain), START_MS, { arbiter: 'a0', nonce: 'n' });
    expect(ledger?.configuration).toEqual({ hash: 'config-2', since: START_MS });
  });
});

it('a ledger that never heard of configurations counts from the first decision', () => {
  const story = storyOf(OLD).rounds(1);
  delete story.ledger().configuration;
  story.deploy(NEW).rounds(1);
  expect(story.ledger().configuration?.hash).toBe('config-2');
});
