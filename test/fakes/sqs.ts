import { createHash, randomUUID } from 'node:crypto';
import type { AwsAnswer, AwsRequest, FakeService, Need } from './aws.ts';
import { ACCOUNT, json } from './wire.ts';

export interface QueuedMessage {
  messageId: string;
  body: string;
  sentAt: number;
  visibleAt: number;
  receives: number;
}

interface Entry {
  Id: string;
  MessageBody: string;
  DelaySeconds?: number;
}

/** SQS API reference, SendMessageBatch: up to 10 messages. */
const MAX_BATCH = 10;
/** SQS API reference, SendMessageBatchRequestEntry, DelaySeconds: 0 to 900. */
const MAX_DELAY_S = 900;

/** SQS (AWS JSON 1.0): queues have to be made before they take messages. */
export function createSqs(now: () => number) {
  const { ok, error } = json('1.0');
  const queues = new Map<string, QueuedMessage[]>();
  let refused = 0;
  let swallows = false;
  let earlierMs = 0;

  function sendBatch({ QueueUrl, Entries }: { QueueUrl: string; Entries: Entry[] }): AwsAnswer {
    const queue = queues.get(QueueUrl);
    if (!queue) return error('com.amazonaws.sqs#QueueDoesNotExist', 'The specified queue does not exist.');
    if (Entries.length === 0) return error('com.amazonaws.sqs#EmptyBatchRequest', 'There should be at least one entry.');
    if (Entries.length > MAX_BATCH) return error('com.amazonaws.sqs#TooManyEntriesInBatchRequest', `${Entries.length} entries`);
    if (new Set(Entries.map(({ Id }) => Id)).size < Entries.length)
      return error('com.amazonaws.sqs#BatchEntryIdsNotDistinct', 'Ids');
    const Successful: object[] = [];
    const Failed: object[] = [];
    // "Because the batch request can result in a combination of successful and unsuccessful actions, you should check for batch
    // errors even when the call returns an HTTP status code of 200" (SQS API reference, SendMessageBatch).
    for (const { Id, MessageBody, DelaySeconds = 0 } of Entries) {
      const isValid = Number.isInteger(DelaySeconds) && DelaySeconds >= 0 && DelaySeconds <= MAX_DELAY_S;
      if (!isValid)
        Failed.push({ Id, SenderFault: true, Code: 'InvalidParameterValue', Message: `DelaySeconds ${DelaySeconds}` });
      else if (refused > 0) {
        refused--;
        Failed.push({ Id, SenderFault: false, Code: 'InternalError', Message: 'try again' });
      } else {
        const messageId = randomUUID();
        const visibleAt = now() + DelaySeconds * 1_000 - earlierMs;
        if (!swallows) queue.push({ messageId, body: MessageBody, sentAt: now(), visibleAt, receives: 0 });
        Successful.push({ Id, MessageId: messageId, MD5OfMessageBody: md5(MessageBody) });
      }
    }
    return ok({ Successful, Failed });
  }

  /** A queue of the asker's own account and of the region that was asked (SQS API reference, GetQueueUrl). */
  function urlOf(region: string, name: string): AwsAnswer {
    const QueueUrl = [...queues.keys()].find((url) => new URL(url).host.includes(`.${region}.`) && url.endsWith(`/${name}`));
    return QueueUrl === undefined
      ? error('com.amazonaws.sqs#QueueDoesNotExist', 'The specified queue does not exist.')
      : ok({ QueueUrl });
  }

  function make(region: string, name: string): AwsAnswer {
    const QueueUrl = `https://sqs.${region}.amazonaws.com/${ACCOUNT}/${name}`;
    queues.set(QueueUrl, queues.get(QueueUrl) ?? []);
    return ok({ QueueUrl });
  }

  /** Long polling waits for what is not due yet; here nobody waits (SQS API reference, ReceiveMessage). */
  function take(url: string): AwsAnswer {
    const due = (queues.get(url) ?? []).find(({ visibleAt }) => visibleAt <= now());
    const Messages = due
      ? [{ MessageId: due.messageId, ReceiptHandle: due.messageId, Body: due.body, MD5OfBody: md5(due.body) }]
      : [];
    return ok(due ? { Messages } : {});
  }

  function remove(url: string): AwsAnswer {
    return queues.delete(url) ? ok({}) : error('com.amazonaws.sqs#QueueDoesNotExist', 'The specified queue does not exist.');
  }

  return {
    /** By URL. */
    queues,
    /** Makes a queue, known by its URL. */
    create: (url: string) => void queues.set(url, []),
    /** Somebody else sends a message: the scheduler, or a test. */
    send(url: string, body: string) {
      const queue = queues.get(url);
      if (!queue) throw new Error(`there is no queue ${url}`);
      queue.push({ messageId: randomUUID(), body, sentAt: now(), visibleAt: now(), receives: 0 });
    },
    /** What is in a queue, visible or not, oldest first. */
    messages: (url: string): readonly QueuedMessage[] => queues.get(url) ?? [],
    /** What is sent from now on is lost, unlike with the real one. */
    swallow: () => {
      swallows = true;
    },
    /** What is sent from now on comes so much before its time, unlike with the real one. */
    hasten: (ms: number) => {
      earlierMs = ms;
    },
    /** So many entries of batches are refused next. */
    refuse: (count: number) => {
      refused = count;
    },
    /**
     * Takes up to so many visible messages; they come again unless they are deleted in time (SQS developer guide, "Amazon SQS
     * visibility timeout": delivery is at least once).
     */
    receive(url: string, max: number, visibilityTimeoutMs = 60_000): QueuedMessage[] {
      const visible = (queues.get(url) ?? []).filter(({ visibleAt }) => visibleAt <= now()).slice(0, max);
      for (const message of visible) {
        message.receives++;
        message.visibleAt = now() + visibilityTimeoutMs;
      }
      return visible;
    },
    delete(url: string, messageId: string) {
      queues.set(
        url,
        (queues.get(url) ?? []).filter((message) => message.messageId !== messageId),
      );
    },
    /** A batch needs what a single message needs. */
    needOf({ target = '', region, body }: AwsRequest): Need {
      const { QueueUrl, QueueName } = JSON.parse(body);
      const queue = QueueUrl === undefined ? `${ACCOUNT}:${QueueName}` : new URL(QueueUrl).pathname.slice(1).replace('/', ':');
      return { operation: target, action: `sqs:${target.replace(/Batch$/, '')}`, resources: [`arn:aws:sqs:${region}:${queue}`] };
    },
    answer({ target, region, body }: AwsRequest) {
      if (target === 'CreateQueue') return make(region, JSON.parse(body).QueueName);
      if (target === 'DeleteQueue') return remove(JSON.parse(body).QueueUrl);
      if (target === 'ReceiveMessage') return take(JSON.parse(body).QueueUrl);
      if (target === 'GetQueueUrl') return urlOf(region, JSON.parse(body).QueueName);
      return target === 'SendMessageBatch' ? sendBatch(JSON.parse(body)) : error('InvalidAction', `${target}`);
    },
  } satisfies FakeService & Record<string, unknown>;
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
