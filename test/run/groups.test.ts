import { expect, it } from 'vitest';
import type { VantageMessage } from '../../lib/ports.ts';
import { cellOf } from '../core/invariants/world.ts';
import { loneVantage } from './lone-vantage.ts';

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
  const { clock, looks, ballot, ...vantage } = loneVantage(cell, ({ id }, observedAt) =>
    id === 'p2p' ? { vote: 'down', reason: 'connect-refused', observedAt } : { vote: 'up', reason: 'ok', observedAt },
  );
  const handle = (message: VantageMessage) => Promise.all([vantage.handle(message), clock.advance(1)]);
  await handle({ kind: 'round', due: START });
  expect(looks).toEqual([['eu/api', 'eu/p2p']]);
  const { votes } = ballot();
  expect(Object.entries(votes).map(([key, { vote }]) => `${key} ${vote}`)).toEqual(['eu/both down']);

  await handle({ kind: 'opinion', checks: ['eu/both'], askedBy: 'v1', lookAfter: START + 1 });
  expect(looks[1]).toEqual(['eu/api', 'eu/p2p']);
});
