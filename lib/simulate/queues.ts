import type { Queue } from '../ports.ts';
import type { Invocations } from './invocations.ts';
import type { Random } from './random.ts';
import type { Timeline } from './timeline.ts';
import type { Weather } from './weather.ts';

/** A standard SQS queue with the Lambda that it feeds. */
export interface FedQueue<M> {
  /** As its senders see it. */
  port: Queue<M>;
  /** What the Scheduler sends: no invocation waits for it. */
  deliver(body: M, delayMs: number): void;
}

export interface QueueOptions<M> {
  /** The place that handles its messages. */
  place: string;
  role: 'prober' | 'arbiter';
  maxConcurrency: number;
  /** How many messages that wait a run is given at most: one look of an arbiter answers them all. */
  batchSize: number;
  handle: (body: M) => Promise<void>;
  /** A run was killed, and with it the memory of its process. */
  onCrash: () => void;
  timeline: Timeline;
  weather: Weather;
  random: Random;
  invocations: Invocations;
}

interface Message<M> {
  body: M;
  expiresAt: number;
  receives: number;
  isDone: boolean;
}

/** Longer than any run that is not stuck, and the function's own timeout: that is at most as long (Lambda developer guide, "Using Lambda with Amazon SQS"). */
const VISIBILITY_TIMEOUT_MS = 60_000;
const RETENTION_MS = 300_000;
const MAX_RECEIVES = 3;
/** How soon the next messages are handed out after a run has ended. */
const POLL_MS = 5;
/** How soon a message is offered again to a Lambda that is lost. */
const OFFERED_AGAIN_MS = 5_000;

/** SQS: at least once, in no order, and nothing that is older than its retention. */
export function createQueue<M>(options: QueueOptions<M>): FedQueue<M> {
  const { place, role, maxConcurrency, batchSize, timeline, weather, random, invocations } = options;
  const sending = `send to ${role}` as const;
  let running = 0;
  let waiting: Message<M>[] = [];

  const isOver = ({ isDone, expiresAt, receives }: Message<M>): boolean =>
    isDone || timeline.now() >= expiresAt || receives >= MAX_RECEIVES;

  function offer(message: Message<M>): void {
    if (isOver(message)) return;
    if (weather.dead.has(place)) {
      again(message, OFFERED_AGAIN_MS);
    } else {
      waiting.push(message);
      serve();
    }
  }

  /** Hands out what waits while there is somebody to take it. */
  function serve(): void {
    while (running < maxConcurrency) {
      waiting = waiting.filter((message) => !isOver(message));
      const [first, ...rest] = waiting.splice(0, batchSize);
      if (!first) return;
      receive([first, ...rest]);
    }
  }

  const again = (message: Message<M>, inMs: number): void => timeline.at(timeline.now() + inMs, () => offer(message));

  function receive(batch: readonly [Message<M>, ...Message<M>[]]): void {
    for (const message of batch) message.receives++;
    running++;
    let isRunning = true;
    const end = (): void => {
      if (isRunning) running--;
      isRunning = false;
      if (waiting.length > 0) timeline.at(timeline.now() + POLL_MS, serve);
    };
    const work = () => options.handle(batch[0].body);
    const invocation = invocations.start(place, role, work, (error) => {
      if (error === undefined) for (const message of batch) settle(message);
      end();
    });
    const die = (): void => {
      end();
      options.onCrash();
    };
    invocation.life.onDeath = die;
    if (invocation.life.dead) die();
    timeline.at(timeline.now() + VISIBILITY_TIMEOUT_MS, () => {
      // Whoever was frozen meanwhile goes on with what it knew: worse than being killed.
      if (isRunning && invocation.life.frozenUntil === 0) {
        invocation.life.dead = true;
        die();
      }
      // What is not done by then comes again: after an error, a crash, or while a frozen run still holds it.
      const open = batch.filter((message) => !isOver(message));
      for (const message of open) offer(message);
      return open.length === 0 ? 'idle' : undefined;
    });
  }

  function settle(message: Message<M>): void {
    message.isDone = !weather.strikes('message delivered twice');
    if (!message.isDone) again(message, random.between(0, 20_000));
  }

  function deliver(body: M, delayMs: number): void {
    if (weather.strikes('message lost')) return;
    const message: Message<M> = {
      body,
      expiresAt: timeline.now() + RETENTION_MS,
      receives: 0,
      isDone: false,
    };
    // `DelaySeconds` is whole: a message may come up to a second early.
    let wait = Math.floor(delayMs / 1_000) * 1_000 + random.between(5, 50);
    if (weather.strikes('messages reordered')) wait += random.between(0, 8_000);
    if (weather.strikes('message late')) wait += random.between(10_000, 290_000);
    again(message, wait);
    // Before the first run has ended: two of them overlap.
    if (weather.strikes('message delivered twice at once')) again(message, wait + random.between(0, 300));
  }

  return {
    deliver,
    port: {
      send: (batch) =>
        invocations.call('queues', sending, () => {
          const failed = batch.filter(() => weather.strikes('batch entry refused'));
          for (const entry of batch) if (!failed.includes(entry)) deliver(entry.body, entry.delayMs);
          return { answer: { failed } };
        }),
    },
  };
}
