import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createQueue, type QueueOptions } from '../../lib/local/queue.ts';
import { createManualClock } from '../clock.ts';

/** A queue on a clock of its own, with what its handler was given and when (ms after the start). */
function queueOf(options: Partial<QueueOptions> = {}) {
  const clock = createManualClock(0);
  const notes: string[] = [];
  const queue = createQueue<string>({
    name: 'q',
    clock,
    note: (text) => notes.push(text),
    maxConcurrency: 10,
    visibilityTimeoutMs: 30_000,
    maxReceiveCount: 3,
    retentionMs: 300_000,
    ...options,
  });
  const seen: string[] = [];
  const see = async (body: string) => {
    seen.push(`${body}@${clock.now()}`);
  };
  return { clock, notes, queue, seen, see };
}

const at = (delayMs: number, body: string) => ({ body, delayMs });

describe('delay', () => {
  it('is kept for each message, in whole seconds: never late, less than a second early', async () => {
    const { clock, queue, seen, see } = queueOf();
    queue.consume(see);
    expect(await queue.send([at(5_999, 'later'), at(0, 'now'), at(1_000, 'soon')])).toEqual({ failed: [] });
    await queue.send([at(8_000, 'last')]);
    expect(clock.sleepers()).toBe(1); // one timer, whatever waits
    await clock.advance(10_000);
    expect(seen).toEqual(['now@0', 'soon@1000', 'later@5000', 'last@8000']);
  });

  it('up to 900 s is taken, above it nothing of the call is', async () => {
    const { clock, queue, seen, see } = queueOf({ retentionMs: 1_000_000 });
    queue.consume(see);
    await expect(queue.send([at(0, 'a'), at(900_001, 'b')])).rejects.toThrow(
      'q: a delay of 900001 ms (SQS takes at most 900000 ms)',
    );
    await queue.send([at(900_000, 'c')]);
    await clock.advance(900_000);
    expect(seen).toEqual(['c@900000']);
  });

  it('does not lose messages that were sent before anybody consumes', async () => {
    const { clock, queue, seen, see } = queueOf();
    await queue.send([at(2_000, 'second'), at(1_000, 'first')]);
    await clock.advance(20_000);
    queue.consume(see);
    await clock.advance(0);
    expect(seen).toEqual(['first@20000', 'second@20000']);
  });
});

describe('failure', () => {
  it('brings a message back after the visibility timeout, and drops it with a note after maxReceiveCount receives', async () => {
    const { clock, notes, queue, seen, see } = queueOf();
    queue.consume(async (body) => {
      await see(body);
      throw new Error('no');
    });
    await queue.send([at(0, 'a')]);
    await clock.advance(200_000);
    expect(seen).toEqual(['a@0', 'a@30000', 'a@60000']);
    expect(notes).toEqual([
      'q: a message failed (receive 1 of 3): no',
      'q: a message failed (receive 2 of 3): no',
      'q: a message failed (receive 3 of 3): no',
      'q: a message was dropped after 3 failed receives: "a"',
    ]);
    expect(clock.sleepers()).toBe(0);
  });

  it('of a handler that throws before its first await counts too', async () => {
    const { clock, notes, queue } = queueOf({ maxReceiveCount: 1 });
    queue.consume(() => {
      throw new Error('at once');
    });
    await queue.send([at(0, 'a')]);
    await clock.advance(0);
    expect(notes[0]).toBe('q: a message failed (receive 1 of 1): at once');
  });

  it('a handler that outlasts the visibility timeout sees its message again', async () => {
    const { clock, queue, seen, see } = queueOf();
    queue.consume(async (body) => {
      await see(body);
      await clock.sleep(40_000);
    });
    await queue.send([at(0, 'a')]);
    await clock.advance(100_000);
    expect(seen).toEqual(['a@0', 'a@30000']);
  });
});

it('retention counts from enqueueing, delay included', async () => {
  const { clock, notes, queue, seen, see } = queueOf({ retentionMs: 60_000 });
  queue.consume(see);
  await queue.send([at(59_000, 'just'), at(60_000, 'over')]);
  await clock.advance(60_000);
  expect(seen).toEqual(['just@59000']);
  expect(notes).toEqual(['q: a message was dropped, nobody took it for 60 s: "over"']);
});

it('handles at most maxConcurrency messages at once, and the others when a place is free', async () => {
  const { clock, queue, seen, see } = queueOf({ maxConcurrency: 2 });
  let busy = 0;
  let most = 0;
  queue.consume(async (body) => {
    await see(body);
    most = Math.max(most, ++busy);
    await clock.sleep(1_000);
    busy -= 1;
  });
  await queue.send(['a', 'b', 'c', 'd', 'e'].map((body) => at(0, body)));
  await clock.advance(10_000);
  expect(seen).toEqual(['a@0', 'b@0', 'c@1000', 'd@1000', 'e@2000']);
  expect(most).toBe(2);
});

it('a message is a copy: what the sender changes afterwards, the handler does not see', async () => {
  const clock = createManualClock(0);
  const queue = createQueue<{ n: number }>({
    name: 'q',
    clock,
    note: () => {},
    maxConcurrency: 1,
    visibilityTimeoutMs: 1_000,
    maxReceiveCount: 1,
    retentionMs: 60_000,
  });
  const bodies: { n: number }[] = [];
  const body = { n: 1 };
  await queue.send([{ body, delayMs: 1_000 }]);
  body.n = 2;
  queue.consume(async (copy) => void bodies.push(copy));
  await clock.advance(1_000);
  expect(bodies).toEqual([{ n: 1 }]);
});

it('close leaves nothing running: no timer, no waiting message, and it waits for the handler that runs', async () => {
  const { clock, queue, seen, see } = queueOf();
  let finished = false;
  queue.consume(async (body) => {
    await see(body);
    await clock.sleep(5_000);
    await queue.send([at(0, 'from a handler')]);
    finished = true;
  });
  await queue.send([at(0, 'a'), at(20_000, 'b')]);
  await clock.advance(1_000);
  const closed = queue.close().then(() => finished);
  await clock.advance(0);
  expect(clock.sleepers()).toBe(1); // the handler's own
  await clock.advance(60_000);
  expect(await closed).toBe(true);
  expect(seen).toEqual(['a@0']);
  expect(clock.sleepers()).toBe(0);
});

describe('what SQS does rarely', () => {
  /** A small seeded generator (mulberry32): the same seed gives the same run. */
  const randomOf = (seed: number) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const bodies = Array.from({ length: 30 }, (_, n) => `m${n}`);

  async function run(seed: number, chaos: { duplicate: number; fail: number }) {
    const { clock, queue, seen, see } = queueOf({ chaos: { random: randomOf(seed), ...chaos }, maxConcurrency: 3 });
    queue.consume(see);
    const { failed } = await queue.send(bodies.map((body) => at(0, body)));
    await clock.advance(60_000);
    return { failed: failed.map(({ body }) => body), seen: seen.map((text) => text.split('@')[0] ?? '') };
  }

  it('entries of a batch fail one by one: what did not fail is delivered, what did is not', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const { failed, seen } = await run(seed, { duplicate: 0, fail: 0.3 });
        expect([...failed, ...seen].sort()).toEqual([...bodies].sort());
      }),
      { numRuns: 20 },
    ));

  it('everything is delivered at least once, some of it twice, in no order, and one seed gives one run', async () => {
    const { seen } = await run(7, { duplicate: 0.3, fail: 0 });
    expect(new Set(seen)).toEqual(new Set(bodies));
    expect(seen.length).toBeGreaterThan(bodies.length);
    expect([...new Set(seen)]).not.toEqual(bodies);
    expect((await run(7, { duplicate: 0.3, fail: 0 })).seen).toEqual(seen);
  });
});
