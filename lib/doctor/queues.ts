import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { prefixOf, vantageQueueName, wakeQueueName } from '../aws/names.ts';
import { createQueue } from '../aws/sqs.ts';
import { sendAll } from '../run/send.ts';
import { type Assumption, always } from './assumption.ts';
import type { Bench, Finding } from './bench.ts';

const DELAY_MS = 3_000;
/** A message may come up to a second early: its delay is in whole seconds. Later than this, rounds would be late. */
const EARLIEST_MS = DELAY_MS - 1_000;
const LATEST_MS = DELAY_MS + 5_000;
const GIVE_UP_MS = 30_000;
const PAUSE_MS = 200;

/** Every queue is where its name says. */
async function checkQueues({ cell, sqsOf }: Bench): Promise<Finding[]> {
  const wanted = [
    ...cell.vantages.map((region) => ({ region, name: vantageQueueName(cell.name), stack: 'vantage' })),
    ...cell.arbiters.map((region) => ({ region, name: wakeQueueName(cell.name), stack: 'arbiter' })),
  ];
  const findings = await Promise.all(
    wanted.map(async ({ region, name, stack }): Promise<Finding[]> => {
      try {
        await sqsOf(region).send(new GetQueueUrlCommand({ QueueName: name }));
        return [];
      } catch (error) {
        if (!(error instanceof QueueDoesNotExist)) throw error;
        return [{ subject: `queue ${name}`, what: `is not in ${region}`, todo: `deploy the ${stack} stack there` }];
      }
    }),
  );
  return findings.flat();
}

/** A throwaway queue, and one message whose delay is measured. */
async function checkDelay({ cell, clock, id, sqsOf, undo }: Bench): Promise<Finding[]> {
  const [region = ''] = cell.vantages;
  const client = sqsOf(region);
  const QueueName = `${prefixOf(cell.name)}-doctor-${id}`;
  const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName }));
  undo(`queue ${QueueName} in ${region}`, () => client.send(new DeleteQueueCommand({ QueueUrl })));
  const sentAt = clock.now();
  await sendAll(createQueue({ client, url: QueueUrl }), [{ body: { doctor: id }, delayMs: DELAY_MS }]);
  const subject = `queue in ${region}`;
  while (clock.now() - sentAt < GIVE_UP_MS) {
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
    const tookMs = clock.now() - sentAt;
    if (Messages.length === 0) await clock.sleep(PAUSE_MS);
    else if (tookMs >= EARLIEST_MS && tookMs <= LATEST_MS) return [];
    else
      return [
        {
          subject,
          what: `delivered a delay of ${DELAY_MS / 1_000} s after ${tookMs / 1_000} s`,
          todo: 'look at the AWS health dashboard',
        },
      ];
  }
  return [{ subject, what: `delivered nothing within ${GIVE_UP_MS / 1_000} s`, todo: 'look at the AWS health dashboard' }];
}

export const QUEUE_ASSUMPTIONS: Assumption[] = [
  {
    id: 'queues',
    claim: 'Every vantage and every arbiter has its queue, under the name that follows from the configuration.',
    source: 'SQS API reference, GetQueueUrl',
    proof: 'asks each region for its queues by name',
    concerns: always,
    check: checkQueues,
  },
  {
    id: 'queue-delay',
    claim: 'A delayed message comes when it is due: that is what rounds are timed by.',
    source: 'SQS developer guide, "Amazon SQS message timers"',
    proof: `sends a message with a delay of ${DELAY_MS / 1_000} s to a throwaway queue and measures when it comes`,
    concerns: always,
    check: checkDelay,
  },
];
