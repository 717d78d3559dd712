import { describe, expect, it } from 'vitest';
import type { Vote } from '../../lib/core/ballot.ts';
import { voteOf } from '../../lib/core/votes.ts';
import { createQueue, type LocalQueue } from '../../lib/local/queue.ts';
import type { Look, VantageMessage, WakeMessage } from '../../lib/ports.ts';
import { createProber } from '../../lib/run/prober.ts';
import { createManualClock } from '../clock.ts';
import { cellOf, checkOf } from '../core/invariants/world.ts';
import { createMemoryStore } from '../store/memory.ts';
import { cell, createOutbox, passing, START, world } from './prober-world.ts';

describe('second opinions', () => {
  const lookAfter = START;
  const opinion = (checks = ['eu/api'], after = lookAfter): VantageMessage => ({
    kind: 'opinion',
    checks,
    askedBy: 'v1',
    lookAfter: after,
  });

  it('are asked of all others at once, and of everybody again after downFor, by whoever turned down', async () => {
    const { prober, clock, sees, outboxes } = world();
    sees['eu/api'] = 'down';
    await passing(clock, prober.handle({ kind: 'round', due: START }), 0);
    const asked = (vantage: string) => outboxes[vantage]?.sent.map(({ delayMs, body }) => ({ delayMs, ...body }));
    const message = { kind: 'opinion', checks: ['eu/api'], askedBy: 'v0' };
    const again = { ...message, delayMs: 6_000, lookAfter: START + 6_000 };
    expect(asked('v0')).toEqual([again]);
    expect(asked('v1')).toEqual([{ ...message, delayMs: 0, lookAfter: START }, again]);
    expect(asked('v2')).toEqual(asked('v1'));
  });

  it('are asked once an outage, and not by whoever was asked', async () => {
    const first = world();
    first.sees['eu/api'] = 'down';
    for (let round = 0; round < 3; round++)
      await passing(first.clock, first.prober.handle({ kind: 'round', due: first.clock.now() }), 10_000);
    expect(first.outboxes.v1?.sent).toHaveLength(2);

    const second = world();
    second.sees['eu/api'] = 'down';
    await passing(second.clock, second.prober.handle(opinion()), 0);
    expect(second.vote()).toMatchObject({ vote: 'down' });
    expect(Object.values(second.outboxes).flatMap(({ sent }) => sent)).toEqual([]);
    expect(second.arbiters.map(({ sent }) => sent.length)).toEqual([1, 1]);
  });

  it('ask only vantages that look at the check', async () => {
    const of = cellOf({ checks: { 'eu/api': { vantages: ['v0', 'v2'], quorum: 2 } } });
    const { prober, clock, sees, outboxes } = world({ of });
    sees['eu/api'] = 'down';
    await passing(clock, prober.handle({ kind: 'round', due: START }), 0);
    expect(outboxes.v1?.sent).toEqual([]);
    expect(outboxes.v2?.sent).toHaveLength(2);
  });

  it('are coalesced: one look answers everybody who asked before it', async () => {
    const { prober, clock, looks } = world();
    await clock.advance(100);
    await passing(clock, Promise.all([1, 2, 3].map(() => prober.handle(opinion(['eu/api'], START + 50)))), 1_000);
    expect(looks).toHaveLength(1);
    await passing(clock, prober.handle({ ...opinion(['eu/api'], clock.now() + 500) }), 1_000);
    expect(looks.map(({ at }) => at)).toEqual([START + 100, START + 1_600]);
  });

  it('are answered by a round that began since', async () => {
    const { prober, clock, looks } = world();
    await clock.advance(10_000);
    await passing(clock, prober.handle({ kind: 'round', due: START + 10_000 }), 0);
    await passing(clock, prober.handle(opinion(['eu/api'], START + 9_900)), 0);
    await passing(clock, prober.handle(opinion(['eu/api'], START - 1)), 0);
    expect(looks).toHaveLength(1);
  });

  it('cover only checks that are asked of this vantage', async () => {
    const { prober, clock, looks, store } = world();
    await passing(clock, prober.handle(opinion(['eu/none', 'mars/api'])), 0);
    expect(looks).toEqual([]);
    expect(store.calls()).toEqual({});
  });

  it('have a budget a minute, whoever asks, and rounds have none', async () => {
    const { prober, clock, looks } = world();
    for (let asked = 0; asked < 100; asked++) {
      await passing(clock, prober.handle(opinion(['eu/api'], clock.now())), 10);
    }
    expect(looks).toHaveLength(60);
    await passing(clock, prober.handle({ kind: 'round', due: clock.now() }), 0);
    expect(looks).toHaveLength(61);
    await clock.advance(60_000);
    await passing(clock, prober.handle(opinion(['eu/api'], clock.now())), 0);
    expect(looks).toHaveLength(62);
  });

  it('reach the others although one region cannot be reached, and so do wakes', async () => {
    const { ports, clock, sees, outboxes } = world();
    sees['eu/api'] = 'down';
    const gone = {
      async send(): Promise<never> {
        throw new Error('us-east-1 is gone');
      },
    };
    const second = createOutbox<WakeMessage>();
    const prober = createProber({
      ...ports,
      vantages: { ...ports.vantages, v1: gone },
      arbiters: [gone, second],
    });
    await passing(clock, prober.handle({ kind: 'round', due: START }), 0);
    expect(second.sent).toHaveLength(1);
    expect(outboxes.v2?.sent).toHaveLength(2);
    expect(outboxes.v0?.sent).toHaveLength(1);
  });
});

describe('vantages together, over queues that deliver twice, refuse and know no order', () => {
  it('cast every round once, and agree seconds after the first failure', async () => {
    const clock = createManualClock();
    const store = createMemoryStore();
    let seed = 7;
    const random = () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const queue = <M>(name: string): LocalQueue<M> =>
      createQueue<M>({
        name,
        clock,
        note: () => {},
        maxConcurrency: 5,
        visibilityTimeoutMs: 30_000,
        maxReceiveCount: 3,
        retentionMs: 300_000,
        chaos: { random, duplicate: 0.2, fail: 0.2 },
      });
    const vantages = Object.fromEntries(cell.vantages.map((vantage) => [vantage, queue<VantageMessage>(vantage)]));
    const looks: string[] = [];
    let isDown = false;
    for (const vantage of cell.vantages) {
      const look: Look = async (checks) => {
        if (checks.length === 2) looks.push(`${vantage} ${clock.now()}`);
        return new Map(
          checks.map(({ key }) => {
            const vote: Vote = isDown && key === 'eu/api' ? 'down' : 'up';
            return [key, { vote, reason: 'ok', observedAt: clock.now() }];
          }),
        );
      };
      const prober = createProber({ cell, vantage, clock, store, look, vantages, arbiters: [], emit: () => {} });
      vantages[vantage]?.consume(prober.handle);
    }
    const planAll = async () => {
      const scheduledAt = Math.floor(clock.now() / 60_000) * 60_000;
      for (const each of Object.values(vantages)) {
        // Another round of tries where chance refused one message three times in a row.
        for (let tries = 0; tries < 5; tries++) await each.send([{ body: { kind: 'plan', scheduledAt }, delayMs: 0 }]);
      }
    };
    await planAll();
    await clock.advance(60_000);
    await planAll();
    await clock.advance(59_999);
    expect(looks).toHaveLength(18);
    expect(new Set(looks).size).toBe(18);

    isDown = true;
    await clock.advance(10_000);
    const votes = cell.vantages.map((vantage) =>
      voteOf(cell, checkOf(cell, 'eu/api'), vantage, store.items.ballots[vantage] ?? 'missing', clock.now()),
    );
    expect(votes.filter(({ vote }) => vote === 'down').length).toBeGreaterThanOrEqual(cell.quorum);
    await Promise.all(Object.values(vantages).map((each) => each.close()));
  });
});
