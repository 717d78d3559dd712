import { describe, expect, it } from 'vitest';
import { voteOf } from '../../lib/core/votes.ts';
import type { Look, VantageMessage } from '../../lib/ports.ts';
import { createProber } from '../../lib/run/prober.ts';
import { createManualClock } from '../clock.ts';
import { cellOf, checkOf } from '../core/invariants/world.ts';
import { cell, createOutbox, passing, START, world } from './prober-world.ts';

describe('planning', () => {
  it('enqueues for itself every due time of the next minute, with the exact delay', async () => {
    const { prober, outboxes } = world({ vantage: 'v1' });
    await prober.handle({ kind: 'plan', scheduledAt: START });
    expect(outboxes.v1?.sent.map(({ body, delayMs }) => [body, delayMs])).toEqual(
      [63_333, 73_333, 83_333, 93_333, 103_333, 113_333].map((delayMs) => [{ kind: 'round', due: START + delayMs }, delayMs]),
    );
    expect(outboxes.v0?.sent).toEqual([]);
  });

  it('of minute after minute plans every due time exactly once, whenever in its minute it is called', async () => {
    const { prober, outboxes, clock } = world();
    for (const lateMs of [0, 59_000, 3_000, 31_000]) {
      const scheduledAt = Math.floor(clock.now() / 60_000) * 60_000;
      await clock.advance(lateMs);
      await prober.handle({ kind: 'plan', scheduledAt });
      await clock.advance(60_000 - lateMs);
    }
    const dues = outboxes.v0?.sent.map(({ body }) => (body.kind === 'round' ? (body.due - START) / 1_000 : 0));
    expect(dues).toEqual(Array.from({ length: 24 }, (_, round) => 60 + 10 * round));
  });

  it('sends what a batch refused again, and only that', async () => {
    const refused = new Set<number>();
    const { ports } = world();
    const flaky = createOutbox<VantageMessage>((body) => {
      if (body.kind !== 'round' || body.due % 20_000 !== 0 || refused.has(body.due)) return false;
      refused.add(body.due);
      return true;
    });
    await createProber({ ...ports, vantages: { v0: flaky } }).handle({ kind: 'plan', scheduledAt: START });
    const dues = flaky.sent.map(({ body }) => (body.kind === 'round' ? body.due - START : 0)).sort((a, b) => a - b);
    expect(dues).toEqual([60_000, 70_000, 80_000, 90_000, 100_000, 110_000]);
    expect(refused.size).toBe(3);
  });

  it('fails when the queue takes nothing at all, so that the message comes again', async () => {
    const { ports } = world();
    const dead = createOutbox<VantageMessage>(() => true);
    const plan = createProber({ ...ports, vantages: { v0: dead } }).handle({ kind: 'plan', scheduledAt: START });
    await expect(plan).rejects.toThrow('6 of 6 messages were not accepted');
  });

  it('that comes late leaves out what is missed', async () => {
    const { prober, outboxes, clock } = world();
    await clock.advance(85_000);
    await prober.handle({ kind: 'plan', scheduledAt: START });
    expect(outboxes.v0?.sent.map(({ delayMs }) => delayMs)).toEqual([5_000, 15_000, 25_000]);
  });

  it.each([
    ['behind', -3_600_000],
    ['ahead', 3_600_000],
  ])('by a clock that is an hour %s is not slept through: the vantage abstains', async (_, aheadMs) => {
    const { prober, store, clock, outboxes, vote } = world();
    store.serverTime = clock.now() - aheadMs;
    await prober.handle({ kind: 'plan', scheduledAt: store.serverTime });
    expect(vote()).toMatchObject({ vote: 'abstain', reason: 'clock' });
    expect(outboxes.v0?.sent).toEqual([]);
  });

  it('that is far too late says nothing, if only the message was late', async () => {
    const { prober, store, clock } = world();
    await clock.advance(200_000);
    store.serverTime = clock.now();
    await prober.handle({ kind: 'plan', scheduledAt: START });
    expect(store.items.ballots).toEqual({});
  });
});

describe('a round', () => {
  it('in steady state is one read and one write, and wakes nobody', async () => {
    const { prober, store, clock, arbiters, outboxes } = world();
    await passing(clock, prober.handle({ kind: 'round', due: clock.now() }), 10_000);
    store.calls();
    for (let round = 0; round < 10; round++) await passing(clock, prober.handle({ kind: 'round', due: clock.now() }), 10_000);
    expect(store.calls()).toEqual({ readBallot: 10, writeBallot: 10 });
    expect(arbiters.flatMap(({ sent }) => sent)).toEqual([]);
    expect(Object.values(outboxes).flatMap(({ sent }) => sent)).toEqual([]);
  });

  it('waits for its due time: a queue may be a second early', async () => {
    const { prober, clock, looks } = world();
    await passing(clock, prober.handle({ kind: 'round', due: START + 700 }), 2_000);
    expect(looks).toEqual([{ at: START + 700, checks: ['eu/api', 'us/api'] }]);
  });

  it('that began on time counts, and one that began later than half an interval abstains without a look', async () => {
    const inTime = world();
    await inTime.clock.advance(5_000);
    await passing(inTime.clock, inTime.prober.handle({ kind: 'round', due: START }));
    expect(inTime.looks).toHaveLength(1);
    const late = world();
    await late.clock.advance(5_001);
    await passing(late.clock, late.prober.handle({ kind: 'round', due: START }), 0);
    expect(late.looks).toEqual([]);
    expect(late.vote()).toMatchObject({ vote: 'abstain', reason: 'late' });
  });

  it('that comes late to another process silences no newer round', async () => {
    const { prober, ports, clock, ballot, vote } = world();
    for (let round = 0; round < 3; round++) await passing(clock, prober.handle({ kind: 'round', due: clock.now() }), 10_000);
    await passing(clock, createProber(ports).handle({ kind: 'round', due: START + 10_000 }), 0);
    expect(ballot().abstention).toBeUndefined();
    expect(vote()).toMatchObject({ vote: 'up' });
  });

  it('that is delivered twice is looked at once', async () => {
    const { prober, clock, looks } = world();
    const twice = Promise.all([prober.handle({ kind: 'round', due: START }), prober.handle({ kind: 'round', due: START })]);
    await passing(clock, twice, 1_000);
    await prober.handle({ kind: 'round', due: START });
    expect(looks).toHaveLength(1);
  });

  it('that failed is done again when it comes again', async () => {
    const { prober, clock, store, looks, vote } = world();
    store.intercept(async () => {
      throw new Error('the table is gone');
    });
    await expect(passing(clock, prober.handle({ kind: 'round', due: START }), 1_000)).rejects.toThrow('the table is gone');
    store.intercept(undefined);
    await passing(clock, prober.handle({ kind: 'round', due: START }), 1_000);
    expect(looks).toHaveLength(2);
    expect(vote()).toMatchObject({ vote: 'up' });
  });

  it('asks the slow checks in their turn, and all of them first', async () => {
    const mixed = cellOf({ nodes: { eu: ['api', 'p2p'] }, checks: { 'eu/p2p': { intervalMs: 30_000 } } });
    const { prober, clock, looks } = world({ of: mixed });
    for (let round = 0; round < 7; round++) await passing(clock, prober.handle({ kind: 'round', due: clock.now() }), 10_000);
    const slow = looks.flatMap(({ at, checks }) => (checks.includes('eu/p2p') ? [(at - START) / 10_000] : []));
    expect(slow[0]).toBe(0);
    expect(slow.slice(1).every((round, index, all) => index === 0 || round - (all[index - 1] ?? 0) === 3)).toBe(true);
    expect(looks.every(({ checks }) => checks.includes('eu/api'))).toBe(true);
  });
});

describe('the clock', () => {
  it.each([
    ['in step', 0, 'up'],
    ['5 s ahead, and up to a second more than a Date header can say', 6_000, 'up'],
    ['5 s behind', -5_000, 'up'],
    ['further ahead', 6_001, 'abstain'],
    ['further behind', -5_001, 'abstain'],
  ])('%s', async (_name, aheadMs, expected) => {
    const { prober, clock, store, vote } = world();
    store.serverTime = clock.now() - aheadMs;
    await passing(clock, prober.handle({ kind: 'round', due: START }), 0);
    expect(vote()).toMatchObject(expected === 'up' ? { vote: 'up' } : { vote: 'abstain', reason: 'clock' });
  });

  it('that was an hour ahead costs no more than the rounds until it was set right', async () => {
    const { ports, clock, store, ballot, vote } = world();
    store.serverTime = START - 3_600_000;
    await passing(clock, createProber(ports).handle({ kind: 'round', due: START }), 0);
    expect(vote()).toMatchObject({ vote: 'abstain', reason: 'clock' });
    const right = createManualClock(START - 3_600_000 + 10_000);
    store.serverTime = right.now();
    const look: Look = async (checks) =>
      new Map(checks.map(({ key }) => [key, { vote: 'up', reason: 'ok', observedAt: right.now() }]));
    await passing(right, createProber({ ...ports, clock: right, look }).handle({ kind: 'round', due: right.now() }), 0);
    expect(ballot().abstention).toBeUndefined();
    expect(voteOf(cell, checkOf(cell, 'eu/api'), 'v0', ballot(), right.now())).toMatchObject({ vote: 'up' });
  });
});

describe('writing', () => {
  it('is tried again after a conflict, and loses no vote of the other writer', async () => {
    const { prober, ports, clock, store, sees, vote, lookTakes } = world();
    sees['us/api'] = 'down';
    await passing(clock, prober.handle({ kind: 'round', due: START }), 0);
    sees['eu/api'] = 'down';
    let isFirst = true;
    store.intercept(async (method, _argument, proceed) => {
      if (method === 'writeBallot' && isFirst) {
        isFirst = false;
        await createProber(ports).handle({ kind: 'opinion', checks: ['eu/api'], askedBy: 'v1', lookAfter: clock.now() });
        delete sees['us/api'];
      }
      return proceed();
    });
    lookTakes(0);
    await passing(clock, prober.handle({ kind: 'opinion', checks: ['us/api'], askedBy: 'v1', lookAfter: clock.now() + 10 }), 20);
    expect(vote('eu/api')).toMatchObject({ vote: 'down' });
    expect(vote('us/api')).toMatchObject({ vote: 'down', observedAt: START + 10 });
  });

  it('gives up when others write without end, and says so', async () => {
    const { prober, clock, store } = world();
    store.intercept(async (method, _argument, proceed) => (method === 'writeBallot' ? 'conflict' : proceed()));
    const round = passing(clock, prober.handle({ kind: 'round', due: START }), 0);
    await expect(round).rejects.toThrow('the ballot of v0 was written by others 24 times in a row');
  });

  it('never overwrites a ballot that it cannot read', async () => {
    const { prober, clock, store } = world();
    store.items.ballots.v0 = 'unreadable';
    const round = passing(clock, prober.handle({ kind: 'round', due: START }), 0);
    await expect(round).rejects.toThrow('the ballot of v0 cannot be read');
    expect(store.calls()).toEqual({ readBallot: 1 });
  });
});

describe('what wakes the arbiters', () => {
  it('a change does, each of them once; so does the end of the outage', async () => {
    const { prober, clock, arbiters, sees } = world();
    const wakes = () => arbiters.map(({ sent }) => sent.splice(0).map(({ body }) => body));
    const round = () => passing(clock, prober.handle({ kind: 'round', due: clock.now() }), 10_000);
    await round();
    expect(wakes()).toEqual([[], []]);
    sees['eu/api'] = 'down';
    await round();
    expect(wakes()).toEqual([[{ kind: 'wake', from: 'v0' }], [{ kind: 'wake', from: 'v0' }]]);
    delete sees['eu/api'];
    for (let rounds = 0; rounds < 5; rounds++) await round();
    expect(wakes().map(({ length }) => length)).toEqual([4, 4]);
    await round();
    expect(wakes()).toEqual([[], []]);
  });
});
