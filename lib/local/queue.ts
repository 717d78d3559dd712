import { errorText } from '../core/error-text.ts';
import type { Clock, Queue } from '../ports.ts';

/** SQS developer guide, "Amazon SQS message timers": the maximum is 15 minutes. */
const MAX_DELAY_MS = 900_000;

export interface QueueOptions {
  /** For notes. */
  name: string;
  clock: Clock;
  /** Told of every message that failed or was lost. */
  note: (text: string) => void;
  /** How many messages are handled at once (Lambda developer guide, "Configuring scaling behavior", `MaximumConcurrency`). */
  maxConcurrency: number;
  /** How long a received message stays hidden from further receives (SQS developer guide, "Amazon SQS visibility timeout"). */
  visibilityTimeoutMs: number;
  /** Receives before a message is given up (SQS developer guide, "Using dead-letter queues in Amazon SQS", `maxReceiveCount`). */
  maxReceiveCount: number;
  /** A message's life; `MessageRetentionPeriod` in SQS. */
  retentionMs: number;
  /** What a standard queue does rarely, often: no order, and messages delivered twice or refused with these probabilities. */
  chaos?: { random: () => number; duplicate: number; fail: number };
}

export interface LocalQueue<M> extends Queue<M> {
  /** Hands every message to the handler, one a call. A message is done when its handler resolves. */
  consume(handler: (body: M) => Promise<void>): void;
  /** Ends it: nothing more is delivered; resolves when the running handlers are done. */
  close(): Promise<void>;
}

interface Message {
  /** JSON: what one side changes later, the other does not see. */
  body: string;
  visibleAt: number;
  expiresAt: number;
  receives: number;
}

/** A standard SQS queue in memory, with the Lambda that is fed from it. Rejects a delay over 900 s, which SQS would never take. */
export function createQueue<M>(options: QueueOptions): LocalQueue<M> {
  const { name, clock, note, chaos } = options;
  const messages = new Set<Message>();
  const running = new Set<Promise<void>>();
  const happens = (probability = 0) => chaos !== undefined && chaos.random() < probability;
  let handle: ((body: M) => Promise<void>) | undefined;
  let timer = new AbortController();

  /** Delivers what is visible, as far as concurrency allows, and sets the timer for what is not yet. */
  function deliver(): void {
    timer.abort();
    if (!handle) return;
    for (const message of messages) discardIfOver(message);
    for (const message of visible()) {
      if (running.size >= options.maxConcurrency) break;
      receive(message, handle);
    }
    const next = Math.min(...[...messages].map((message) => message.visibleAt).filter((at) => at > clock.now()));
    if (next === Number.POSITIVE_INFINITY) return;
    timer = new AbortController();
    clock.sleep(next - clock.now(), timer.signal).then(deliver, () => {}); // it only rejects when aborted
  }

  /**
   * Retention counts from enqueueing, delay and redeliveries included (SQS developer guide, "Using dead-letter queues in Amazon
   * SQS": expiration is always based on the original enqueue timestamp).
   */
  function discardIfOver(message: Message): void {
    if (clock.now() < message.visibleAt) return;
    if (clock.now() >= message.expiresAt) {
      messages.delete(message);
      note(`${name}: a message was dropped, nobody took it for ${options.retentionMs / 1_000} s: ${message.body}`);
    } else if (message.receives >= options.maxReceiveCount) {
      messages.delete(message);
      note(`${name}: a message was dropped after ${message.receives} failed receives: ${message.body}`);
    }
  }

  /** Order is best effort only (SQS developer guide, "Amazon SQS standard queues"). */
  function visible(): Message[] {
    const due = [...messages].filter((message) => message.visibleAt <= clock.now());
    const place = new Map(due.map((message) => [message, chaos ? chaos.random() : message.visibleAt]));
    return due.sort((one, other) => (place.get(one) ?? 0) - (place.get(other) ?? 0));
  }

  function receive(message: Message, handler: (body: M) => Promise<void>): void {
    message.receives += 1;
    message.visibleAt = clock.now() + options.visibilityTimeoutMs;
    const run = Promise.resolve()
      .then(() => handler(JSON.parse(message.body)))
      .then(
        () => done(message),
        (error: unknown) => failed(message, error),
      )
      .finally(() => {
        running.delete(run);
        deliver();
      });
    running.add(run);
  }

  /** Delivery is at least once: a message may come again although it was handled (SQS developer guide, "Amazon SQS standard queues"). */
  function done(message: Message): void {
    if (happens(chaos?.duplicate) && message.receives < options.maxReceiveCount) message.visibleAt = clock.now();
    else messages.delete(message);
  }

  /** It comes again after the visibility timeout (Lambda developer guide, "Handling errors for an SQS event source in Lambda"). */
  function failed(message: Message, error: unknown): void {
    const why = errorText(error);
    note(`${name}: a message failed (receive ${message.receives} of ${options.maxReceiveCount}): ${why}`);
  }

  /** `DelaySeconds` is a whole number: a message may come up to a second early, never late. */
  function accept(body: M, delayMs: number): void {
    const now = clock.now();
    const visibleAt = now + Math.floor(delayMs / 1_000) * 1_000;
    messages.add({ body: JSON.stringify(body), visibleAt, expiresAt: now + options.retentionMs, receives: 0 });
  }

  return {
    /** A batch's entries succeed and fail one by one, with HTTP 200 (SQS API reference, SendMessageBatch). */
    async send(batch) {
      const over = batch.find(({ delayMs }) => delayMs > MAX_DELAY_MS);
      if (over) throw new RangeError(`${name}: a delay of ${over.delayMs} ms (SQS takes at most ${MAX_DELAY_MS} ms)`);
      const failed = batch.filter(() => happens(chaos?.fail));
      for (const entry of batch) if (!failed.includes(entry)) accept(entry.body, entry.delayMs);
      deliver();
      return { failed };
    },
    consume(handler) {
      handle = handler;
      deliver();
    },
    async close() {
      handle = undefined;
      timer.abort();
      await Promise.all(running);
    },
  };
}
