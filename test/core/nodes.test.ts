/** What is said of a node when its state moves: by which check, and in which incident. */
import { describe, expect, it } from 'vitest';
import type { Cell } from '../../lib/core/cell.ts';
import { decide } from '../../lib/core/decide.ts';
import type { QuorumEvent } from '../../lib/core/events.ts';
import type { Inputs } from '../../lib/core/inputs.ts';
import type { Ledger } from '../../lib/core/ledger.ts';
import { cellOf, inputsOf, ledgerOf, START_MS } from './invariants/world.ts';
import { type Story, storyOf } from './story.ts';

const NOW = START_MS + 3_600_000;
const DOWN = { state: 'down', at: START_MS } as const;
const DEGRADED = { state: 'degraded', at: START_MS } as const;
const RECOVERING = { ...DOWN, recovery: { count: 1, at: START_MS } };
const cell = cellOf({ nodes: { eu: ['api', 'p2p'], us: ['api'] }, records: {} });

const transitions = (of: Cell, inputs: Inputs, change: Partial<Ledger> = {}): QuorumEvent[] =>
  decide(of, inputs, ledgerOf(of, change), NOW, { arbiter: 'a0', nonce: 'n' }).events.filter(
    ({ event }) => event === 'transition',
  );
/** Votes of all three vantages, as they have been for longer than any state must last. */
const lasting = (votes: Parameters<typeof inputsOf>[2]): Inputs => {
  const inputs = inputsOf(cell, NOW, votes);
  for (const ballot of Object.values(inputs.ballots))
    if (typeof ballot !== 'string') for (const vote of Object.values(ballot.votes)) vote.since = NOW - 60_000;
  return inputs;
};
const all = (vote: 'down' | 'degraded') => [vote, vote, vote];
const moved = { event: 'transition', node: 'eu', epoch: 42 };

describe('a transition', () => {
  it('names the check that moved the node, not one that was there before, and the incident', () => {
    const inputs = lasting({ 'eu/api': all('degraded'), 'eu/p2p': all('down') });
    expect(transitions(cell, inputs)).toStrictEqual([{ ...moved, check: 'p2p', from: 'up', to: 'down', incident: 'life-42-eu' }]);
  });

  it('names the check that came back, not one that was never away', () => {
    const checks = { 'eu/p2p': DEGRADED };
    expect(transitions(cell, inputsOf(cell, NOW), { checks, nodes: { eu: DEGRADED } })).toStrictEqual([
      { ...moved, check: 'p2p', from: 'degraded', to: 'up' },
    ]);
  });

  it('names the check that keeps it from being well, where the one that was worse came back', () => {
    const checks = { 'eu/api': RECOVERING, 'eu/p2p': DEGRADED };
    expect(transitions(cell, lasting({ 'eu/p2p': all('degraded') }), { checks, nodes: { eu: DOWN } })).toStrictEqual([
      { ...moved, check: 'p2p', from: 'down', to: 'degraded' },
    ]);
  });

  it('names no check of a node that has none left', () => {
    const bare = cellOf({ nodes: { eu: [], us: ['api'] }, records: {} });
    expect(transitions(bare, inputsOf(bare, NOW), { nodes: { eu: DEGRADED } })).toStrictEqual([
      { ...moved, from: 'degraded', to: 'up' },
    ]);
    expect(transitions(bare, inputsOf(bare, NOW))).toEqual([]);
  });

  it('of a further check is none of a node that is as bad already', () => {
    const inputs = lasting({ 'eu/api': all('degraded'), 'eu/p2p': all('degraded') });
    expect(transitions(cell, inputs, { checks: { 'eu/api': DEGRADED }, nodes: { eu: DEGRADED } })).toEqual([]);
  });
});

describe('an incident is recorded', () => {
  const records = (story: Story) => story.ledger().intents.flatMap((each) => (each.kind === 'record' ? [each.evidence] : []));
  const started = () => storyOf(cell).failing({ records: true }).rounds(1).rounds(2, { 'eu/api': 'ddd' });

  it('with the evidence of each check that joins it', () => {
    const story = started().rounds(2, { eu: 'ddd' });
    expect(records(story).map((evidence) => evidence.map(({ check, to }) => `${check} ${to}`))).toEqual([
      ['eu/api down'],
      ['eu/p2p down'],
    ]);
  });

  it('as recovered with the votes that said so', () => {
    const story = started().rounds(2);
    expect(Object.values(story.ledger().incidents)).toMatchObject([{ state: 'closed', closedAs: 'recovered' }]);
    expect(records(story).at(-1)).toMatchObject([{ check: 'eu/api', to: 'up' }]);
  });

  it('as removed without evidence', () => {
    const story = started()
      .deploy(cellOf({ nodes: { us: ['api'] }, records: {} }))
      .rounds(1);
    expect(Object.values(story.ledger().incidents)).toMatchObject([{ state: 'closed', closedAs: 'removed' }]);
    expect(records(story).at(-1)).toEqual([]);
  });

  it('as recovered when what came and went has been well for a while', () => {
    const story = storyOf(cell).rounds(1).rounds(2, { eu: 'ddd' }).rounds(2).rounds(2, { eu: 'ddd' }).rounds(2);
    story.failing({ records: true });
    const flapping = story.incident('eu');
    story.rounds(90);
    expect(story.ledger().incidents[flapping]).toMatchObject({ state: 'closed', closedAs: 'recovered' });
    expect(records(story)).toEqual([[]]);
  });
});
