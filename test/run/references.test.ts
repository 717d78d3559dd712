import { expect, it } from 'vitest';
import type { Cell, Check } from '../../lib/core/cell.ts';
import type { VantageMessage } from '../../lib/ports.ts';
import { chainCell } from '../core/chain-world.ts';
import { loneVantage } from './lone-vantage.ts';

/** 2026-01-01T00:00:00Z, where the manual clock starts: v0 is due every 10 s from here. */
const START = 1_767_225_600_000;
const INTERVAL_MS = 10_000;

/** One vantage of a cell with one node and two references, which are 100 blocks ahead. */
function world(intervalMs = INTERVAL_MS) {
  const plain = chainCell(['a']);
  const checks = plain.checks.map((check) => ({ ...check, intervalMs }));
  const references = ['r1', 'r2'].map((node): Check => ({ ...(checks[0] as Check), key: `references/eosio/${node}`, node }));
  const cell: Cell = { ...plain, checks, references };
  const { clock, looks, ballot, ...vantage } = loneVantage(cell, ({ node }, observedAt) => {
    const facts = { height: node === 'a' ? 900 : 1_000, headAt: observedAt - 1_000, chainId: 'aca3' };
    return { vote: 'up', reason: 'ok', observedAt, facts };
  });
  /** Handled while time stands still, but for who waits for no time at all. */
  const handle = (message: VantageMessage) => Promise.all([vantage.handle(message), clock.advance(0)]);
  return { clock, looks, handle, ballot };
}

it('looks at references in a round, compares with them, and has no vote on them', async () => {
  const { handle, looks, ballot } = world();
  await handle({ kind: 'round', due: START });
  expect(looks).toEqual([['a/chain', 'references/eosio/r1', 'references/eosio/r2']]);
  expect(ballot().votes).toMatchObject({
    'a/chain': { vote: 'down', reason: 'behind', detail: '100 blocks behind r2, expected fewer than 16' },
  });
  expect(Object.keys(ballot().votes)).toEqual(['a/chain']);
});

it('does not look at them again for a second opinion: the heads of the round are in the ballot', async () => {
  const { handle, looks, ballot, clock } = world();
  await handle({ kind: 'round', due: START });
  await clock.advance(5_000);
  await handle({ kind: 'opinion', checks: ['a/chain'], askedBy: 'v1', lookAfter: clock.now() });
  expect(looks[1]).toEqual(['a/chain']);
  expect(ballot().votes['a/chain']).toMatchObject({ vote: 'down', reason: 'behind', since: START, observedAt: START + 5_000 });
});

it('leaves them alone in rounds in which no node of a chain is due', async () => {
  const { handle, looks, clock } = world(6 * INTERVAL_MS);
  for (let round = 0; round < 7; round++) {
    const due = START + round * INTERVAL_MS;
    await clock.advance(Math.max(0, due - clock.now()));
    await handle({ kind: 'round', due });
  }
  // The first round of a process asks everything.
  expect(looks.map((asked) => asked.length)).toEqual([3, 0, 0, 0, 0, 0, 3]);
});
