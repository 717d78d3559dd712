/** History comes last in a round, and nothing depends on it. */
import { describe, expect, it } from 'vitest';
import { byteOf } from '../../lib/core/history.ts';
import type { History, Look } from '../../lib/ports.ts';
import { createProber } from '../../lib/run/prober.ts';
import { createMemoryHistory } from '../store/memory-history.ts';
import { passing, START, world } from './prober-world.ts';

/** A vantage that keeps history: what it took, and what was done in which order. */
function keeping(history: Pick<History, 'write'> = createMemoryHistory()) {
  const made = world();
  const { ports, clock, sees } = made;
  const order: string[] = [];
  const look: Look = async (checks) =>
    new Map(
      checks.map(({ key }) => {
        const vote = sees[key] ?? 'up';
        return [key, { vote, reason: vote === 'up' ? 'ok' : 'status', tookMs: 80, observedAt: clock.now() }];
      }),
    );
  made.store.intercept(async (method, _, proceed) => {
    order.push(method);
    return proceed();
  });
  for (const [id, queue] of Object.entries(ports.vantages)) {
    const { send } = queue;
    queue.send = (messages) => {
      if (messages.length > 0) order.push(`ask ${id}`);
      return send(messages);
    };
  }
  const kept: Parameters<History['write']>[0][] = [];
  const write: History['write'] = async (round) => {
    order.push('history');
    kept.push(round);
    await history.write(round);
  };
  const prober = createProber({ ...ports, look, history: { write } });
  return {
    ...made,
    prober,
    order,
    kept,
    round: (ms = 0) => passing(clock, prober.handle({ kind: 'round', due: clock.now() }), ms),
  };
}

const hanging: Pick<History, 'write'> = { write: () => new Promise(() => {}) };
const failing: Pick<History, 'write'> = {
  write: async () => {
    throw new Error('no such table');
  },
};

describe('a round', () => {
  it('is kept after its ballot and its second opinions, with the time of each look that was answered', async () => {
    const { sees, order, kept, round } = keeping();
    sees['us/api'] = 'down';
    await round();
    expect(order).toEqual(['readBallot', 'writeBallot', 'ask v0', 'ask v1', 'ask v2', 'history']);
    expect(kept).toMatchObject([{ vantage: 'v0', startedAt: START, took: Uint8Array.of(byteOf(80), 0) }]);
  });

  it('in steady state is still one read and one write of the voting table, and one of history', async () => {
    const { order, round } = keeping();
    for (let rounds = 0; rounds < 3; rounds++) await round(10_000);
    expect(order).toEqual(Array(3).fill(['readBallot', 'writeBallot', 'history']).flat());
  });

  it.each([
    ['fails', failing, 'history: a round was not kept: no such table'],
    ['never ends', hanging, 'history: a round was not kept: no answer within 1 s'],
  ])('whose history %s has voted and asked all the same, and says so', async (_, history, text) => {
    const { sees, events, order, clock, vote, round } = keeping(history);
    sees['us/api'] = 'down';
    await round(1_000);
    expect(clock.now()).toBe(START + 1_000);
    expect(vote('us/api')).toMatchObject({ vote: 'down' });
    expect(order).toContain('ask v1');
    expect(events).toContainEqual({ event: 'note', text });
    // The same round is not looked at again: it has failed in nothing that matters.
    await passing(clock, Promise.resolve(), 9_000);
    expect(order.filter((each) => each === 'writeBallot')).toHaveLength(1);
  });

  it('whose ballot is not cast is not kept', async () => {
    const { store, kept, round } = keeping();
    store.intercept(async () => {
      throw new Error('the table is gone');
    });
    await expect(round()).rejects.toThrow('the table is gone');
    expect(kept).toEqual([]);
  });

  it('of a vantage that abstains is not kept: it does not trust its own clock', async () => {
    const { store, clock, kept, round } = keeping();
    store.serverTime = clock.now() - 60_000;
    await round();
    expect(kept).toEqual([]);
  });
});

it('a second opinion keeps nothing, nor does a drill', async () => {
  const { prober, clock, order, kept } = keeping();
  await passing(clock, prober.handle({ kind: 'opinion', checks: ['eu/api'], askedBy: 'v1', lookAfter: START }), 0);
  await passing(clock, prober.handle({ kind: 'drill', drill: 'DRILL-1', lookAfter: START }), 0);
  expect(order.filter((each) => each === 'writeBallot')).toHaveLength(2);
  expect(kept).toEqual([]);
});
