import type { Emit, Queue } from '../ports.ts';

const TRIES = 3;

/**
 * Sends messages until every one is accepted: entries of a batch fail one by one, with HTTP 200 (SQS API reference,
 * SendMessageBatch). Throws when some are still refused after three tries.
 */
export async function sendAll<M>(queue: Queue<M>, messages: readonly { body: M; delayMs: number }[]): Promise<void> {
  let left = messages;
  for (let tries = 0; left.length > 0; tries++) {
    if (tries === TRIES) throw new Error(`${left.length} of ${messages.length} messages were not accepted by the queue`);
    ({ failed: left } = await queue.send(left));
  }
}

/**
 * Waits for messages to several regions: one that cannot be reached keeps nothing from the others, and is a note. All of it is
 * done when this resolves: a Lambda freezes what is still under way when its handler returns.
 */
export async function sendToEach(sends: readonly Promise<void>[], emit: Emit): Promise<void> {
  for (const sent of await Promise.allSettled(sends)) {
    if (sent.status === 'rejected')
      emit({ event: 'note', text: `a message was not sent: ${sent.reason?.message ?? sent.reason}` });
  }
}
