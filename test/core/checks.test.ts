/** How a check's state follows its votes, where it is told by times, or by who voted. */
import { describe, expect, it } from 'vitest';
import { checkStateOf, checksInTrouble, decideChecks, isCheckAtRest } from '../../lib/core/checks.ts';
import { createDraft } from '../../lib/core/draft.ts';
import type { Inputs } from '../../lib/core/inputs.ts';
import { two } from './decide-cells.ts';
import { ballotOf, castOf, cellOf, checkOf, FRESH_MS, inputsOf, ledgerOf, START_MS } from './invariants/world.ts';
import { type Story, storyOf } from './story.ts';

const NOW = START_MS + 3_600_000;
const states = (story: Story) => story.told().filter((line) => line.includes('→'));
const entryOf = (story: Story) => story.ledger().checks['eu/api'];

describe('recovery', () => {
  it('counts from the newest vote that made the last quorum', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' });
    story.after(10, { eu: 'u--' }).after(3, { eu: '-u-' });
    expect(entryOf(story)?.recovery?.count).toBe(1);
    expect(entryOf(story.after(1, { eu: 'u--' }))?.recovery?.count).toBe(1);
    story.told();
    expect(states(story.after(1, { eu: '-u-' }))).toEqual(['0:35 eu down → up']);
  });

  it('is not told by votes that say something else, however new', () => {
    const story = storyOf(cellOf({ vantages: 5 }))
      .rounds(1)
      .rounds(2, { eu: 'ddddd' })
      .after(10, { eu: 'uuudd' });
    expect(entryOf(story)?.recovery?.count).toBe(1);
    expect(entryOf(story.after(5, { eu: 'u--dd' }))?.recovery?.count).toBe(1);
  });

  it('begins anew after a relapse, and votes from before that count no more', () => {
    const story = storyOf(cellOf({ checks: { 'eu/api': { recover: 3 } } })).rounds(1);
    story.rounds(2, { eu: 'ddd' }).rounds(1);
    expect(entryOf(story)?.recovery?.count).toBe(1);
    story.after(10, { eu: 'dd-' }).after(5, { eu: 'dd-' });
    expect(entryOf(story)?.recovery?.count).toBe(0);
    expect(entryOf(story.after(3, { eu: 'ud-' }))?.recovery?.count).toBe(0);
  });

  it('is to degraded where just a quorum says so', () => {
    const story = storyOf(two).rounds(1).rounds(2, { eu: 'ddd' }).rounds(2, { eu: 'ggu' });
    expect(states(story)).toEqual(['0:20 eu up → down', '0:40 eu down → degraded']);
  });

  it('of what was found outside goes on while nobody can say, which is told', () => {
    const story = storyOf(two, { born: false }).hand('api', 'eu', false).rounds(1).rounds(4, { eu: 'aaa' });
    expect(states(story)).toEqual(['0:40 eu up → unknown']);
    expect(story.ledger().checks['eu/api']).toMatchObject({ recovery: { count: 0 } });
  });
});

describe('a soft state', () => {
  it('has to last for two rounds and downFor, and no longer', () => {
    const story = storyOf(two).rounds(1).rounds(3, { eu: 'ggg' });
    expect(states(story.after(4, { eu: 'ggg' }))).toEqual([]);
    expect(states(story.after(1, { eu: 'ggg' }))).toEqual(['0:35 eu up → degraded']);
  });

  it('is true at once where nobody knew', () => {
    const story = storyOf(two).rounds(1).rounds(5, { eu: 'aaa' }).rounds(1, { eu: 'ggg' });
    expect(states(story)).toEqual(['0:40 eu up → unknown', '1:00 eu unknown → degraded']);
  });
});

describe('silence', () => {
  it('counts from when it began: what was heard in between ends it', () => {
    const story = storyOf(two).rounds(1);
    for (let times = 0; times < 3; times++) story.rounds(3, { eu: 'aau' }).rounds(1);
    expect(states(story)).toEqual([]);
    expect(states(story.rounds(4, { eu: 'aau' }))).toEqual(['2:40 eu up → unknown']);
  });

  it.each([
    ['ends with votes of a quorum, those of another configuration among them', 'skew', []],
    ['goes on where a vantage of our own did not ask', 'unfinished', ['unknown']],
  ])('%s', (_, third, expected) => {
    const cell = cellOf({ vantages: 4 });
    const check = checkOf(cell, 'eu/api');
    const other = (vantage: string) => ({ ...ballotOf(cell, vantage, NOW), probeHash: 'another' });
    const own = ballotOf(cell, 'v2', NOW, { [check.key]: castOf(check, 'abstain', NOW) });
    // Nothing is known of the fourth.
    const ballots: Inputs['ballots'] = {
      v0: ballotOf(cell, 'v0', NOW),
      v1: other('v1'),
      v2: third === 'skew' ? other('v2') : own,
    };
    const ledger = ledgerOf(cell, { checks: { [check.key]: { state: 'up', at: START_MS, unknownSince: NOW - 30_000 } } });
    const draft = createDraft(cell, { ballots, acts: 'missing' }, ledger, NOW);
    const moves = decideChecks(draft, false).filter((each) => each.check === check.key);
    expect(moves.map(({ to }) => to)).toEqual(expected);
    if (expected.length === 0) expect(draft.ledger.checks[check.key]).toStrictEqual({ state: 'up', at: START_MS });
  });
});

it('a check of which the ledger says nothing is up', () => {
  expect(checkStateOf(ledgerOf(two), 'eu/api')).toBe('up');
});

describe('what does not change', () => {
  it('is no transition', () => {
    expect(decideChecks(createDraft(two, inputsOf(two, NOW), ledgerOf(two), NOW), false)).toEqual([]);
  });

  it.each([
    ['ddd', 2],
    ['aaa', 4],
  ])('is no commit: votes that go on to be %s', (letters, rounds) => {
    const story = storyOf(two).rounds(1).rounds(rounds, { eu: letters });
    const { epoch } = story.ledger();
    expect(story.rounds(4, { eu: letters }).ledger().epoch).toBe(epoch);
  });
});

it('an entry rests when a vote as old as its last transition counts no more', () => {
  const check = checkOf(two, 'eu/api');
  const draft = createDraft(two, inputsOf(two, NOW), ledgerOf(two), NOW);
  const atRest = (ageMs: number) => isCheckAtRest(draft, check, { state: 'up', at: NOW - ageMs });
  expect([atRest(FRESH_MS), atRest(FRESH_MS + 1)]).toEqual([false, true]);
});

it('a node is in trouble by the checks that are down or unknown, and by no part of a group', () => {
  const plain = cellOf({ nodes: { ap: ['api'], eu: ['api', 'p2p', 'web'], us: ['api'] } });
  const nodes = plain.nodes.map((node) => (node.id === 'eu' ? { ...node, parts: ['eu/p2p'] } : node));
  const failing = { state: 'down', at: START_MS } as const;
  const checks = { 'eu/api': failing, 'eu/p2p': failing, 'eu/web': { ...failing, state: 'unknown' as const }, 'us/api': failing };
  const cell = { ...plain, nodes };
  const draft = createDraft(cell, inputsOf(cell, NOW), ledgerOf(cell, { checks }), NOW);
  const trouble = (node: string) => checksInTrouble(draft, node).map(({ key }) => key);
  expect([trouble('ap'), trouble('eu'), trouble('us')]).toEqual([[], ['eu/api', 'eu/web'], ['us/api']]);
});
