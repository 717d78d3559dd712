import type { Queue } from '../ports.ts';
import type { Invocation, Invocations } from './invocations.ts';
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
  role: Invocation['role'];
  maxConcurrency: number;
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
/** How soon a message is offered again to a Lambda that is throttled or lost. */
const OFFERED_AGAIN_MS = 5_000;

/** SQS: at least once, in no order, and nothing that is older than its retention. */
export function createQueue<M>(options: QueueOptions<M>): FedQueue<M> {
  const { place, role, maxConcurrency, timeline, weather, random, invocations } = options;
  let running = 0;

  function offer(message: Message<M>): void {
    if (message.isDone || timeline.now() >= message.expiresAt || message.receives >= MAX_RECEIVES) return;
    if (weather.dead.has(place) || running >= maxConcurrency) again(message, OFFERED_AGAIN_MS);
    else receive(message);
  }

  const again = (message: Message<M>, inMs: number): void => timeline.at(timeline.now() + inMs, () => offer(message));

  function receive(message: Message<M>): void {
    message.receives++;
    running++;
    let isRunning = true;
    const end = (): void => {
      if (isRunning) running--;
      isRunning = false;
    };
    const work = () => options.handle(message.body);
    const invocation = invocations.start(place, role, work, (error) => {
      end();
      if (error === undefined) message.isDone = !weather.strikes('message delivered twice');
      if (error === undefined && !message.isDone) again(message, random.between(0, 20_000));
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
      // Unless it is done by then, it comes again: after an error, a crash, or while a frozen run still holds it.
      offer(message);
    });
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
        invocations.call('queues', `send to ${role}`, () => {
          const failed = batch.filter(() => weather.strikes('batch entry refused'));
          for (const entry of batch) if (!failed.includes(entry)) deliver(entry.body, entry.delayMs);
          return { answer: { failed } };
        }),
    },
  };
}
