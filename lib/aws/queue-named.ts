import { GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Queue } from '../ports.ts';
import { withinMs } from './limits.ts';
import { createQueue } from './sqs.ts';

const TIMEOUT_MS = 3_000;

/** The queue of that name, for whoever does not know the account that it is in. Rejects where there is none. */
export async function queueNamed<M>(client: SQSClient, name: string): Promise<Queue<M>> {
  const { QueueUrl = '' } = await client.send(new GetQueueUrlCommand({ QueueName: name }), withinMs(TIMEOUT_MS));
  return createQueue<M>({ client, url: QueueUrl });
}
