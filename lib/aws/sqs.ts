import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Queue } from '../ports.ts';
import { withinMs } from './limits.ts';

/** SQS API reference, SendMessageBatch: up to 10 messages in a request. */
const BATCH_SIZE = 10;
/** SQS developer guide, "Amazon SQS message timers": the maximum is 15 minutes. */
const MAX_DELAY_MS = 900_000;
/** A queue of a region that is gone must not hold up the others. */
const SEND_TIMEOUT_MS = 2_000;

type Outgoing<M> = { body: M; delayMs: number };

export interface QueueAddress {
  /** Of the queue's own region. */
  client: SQSClient;
  url: string;
}

/**
 * A queue in SQS. Entries of a batch that SQS refuses, with HTTP 200, are given back, as are those of a batch that failed as a
 * whole while another did not; throws when every batch failed, and a RangeError for a delay that SQS would never take.
 */
export function createQueue<M>({ client, url }: QueueAddress): Queue<M> {
  async function sendBatch(batch: readonly Outgoing<M>[]): Promise<Outgoing<M>[]> {
    const Entries = batch.map(({ body, delayMs }, index) => ({
      Id: String(index),
      MessageBody: JSON.stringify(body),
      // A whole number: a message may come up to a second early, never late.
      DelaySeconds: Math.floor(delayMs / 1_000),
    }));
    const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }), withinMs(SEND_TIMEOUT_MS));
    const failed = new Set(Failed.map(({ Id }) => Id));
    return batch.filter((_, index) => failed.has(String(index)));
  }

  return {
    async send(messages) {
      const over = messages.find(({ delayMs }) => delayMs > MAX_DELAY_MS);
      if (over) throw new RangeError(`${url}: a delay of ${over.delayMs} ms (SQS takes at most ${MAX_DELAY_MS} ms)`);
      const batches = Array.from({ length: Math.ceil(messages.length / BATCH_SIZE) }, (_, n) =>
        messages.slice(n * BATCH_SIZE, (n + 1) * BATCH_SIZE),
      );
      const answers = await Promise.allSettled(batches.map(sendBatch));
      const errors = answers.filter((answer) => answer.status === 'rejected');
      if (errors[0] && errors.length === batches.length) throw errors[0].reason;
      return { failed: answers.flatMap((answer, n) => (answer.status === 'fulfilled' ? answer.value : (batches[n] ?? []))) };
    },
  };
}
