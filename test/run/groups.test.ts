import { expect, it } from 'vitest';
import type { Ballot } from '../../lib/core/ballot.ts';
import type { Observation } from '../../lib/core/merge.ts';
import type { Queue, VantageMessage } from '../../lib/ports.ts';
import { createProber } from '../../lib/run/prober.ts';
import { createManualClock } from '../clock.ts';
import { cellOf } from '../core/invariants/world.ts';
import { createMemoryStore } from '../store/memory.ts';

/** 2026-01-01T00:00:00Z, where the manual clock starts: v0 is due every 10 s from here. */
const START = 1_767_225_600_000;

it('looks at the parts of a group that is due, also from where nobody asks for them by themselves', async () => {
  const cell = cellOf({
    nodes: { eu: ['api', 'p2p', 'both'] },
    checks: {
      'eu/both': { probe: { kind: 'all', of: ['eu/api', 'eu/p2p'] } },
      'eu/p2p': { vantages: ['v1', 'v2'] },
    },
  });
  const clock = createManualClock();
  const store = createMemoryStore();
  const looks: string[][] = [];
  const nobody: Queue<VantageMessage> = { send: async () => ({ failed: [] }) };
  const prober = createProber({
    cell,
    vantage: 'v0',
    clock,
    store,
    look: async (asked) => {
      looks.push(asked.map(({ key }) => key));
      const seen = (id: string): Observation =>
        id === 'p2p'
          ? { vote: 'down', reason: 'connect-refused', observedAt: clock.now() }
          : { vote: 'up', reason: 'ok', observedAt: clock.now() };
      return new Map(asked.map(({ key, id }) => [key, seen(id)]));
    },
    vantages: Object.fromEntries(cell.vantages.map((each) => [each, nobody])),
    arbiters: [],
    emit: () => undefined,
  });
  const handle = (message: VantageMessage) => Promise.all([prober.handle(message), clock.advance(1)]);
  await handle({ kind: 'round', due: START });
  expect(looks).toEqual([['eu/api', 'eu/p2p']]);
  const { votes } = store.items.ballots.v0 as Ballot;
  expect(Object.entries(votes).map(([key, { vote }]) => `${key} ${vote}`)).toEqual(['eu/both down']);

  await handle({ kind: 'opinion', checks: ['eu/both'], askedBy: 'v1', lookAfter: START + 1 });
  expect(looks[1]).toEqual(['eu/api', 'eu/p2p']);
});
