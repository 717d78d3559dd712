import { SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../lib/aws/limits.ts';
import { PLAN_INPUT, readVantageMessage, TICK_INPUT } from '../../lib/aws/messages.ts';
import { queueUrl } from '../../lib/aws/names.ts';
import { createQueue } from '../../lib/aws/sqs.ts';
import { sendAll, sendToEach } from '../../lib/run/send.ts';
import { type FakeAws, startAws } from '../fakes/aws.ts';
import { createSteppingClock } from './clock.ts';

let aws: FakeAws;
const clock = createSteppingClock();
beforeEach(async () => {
  aws = await startAws(clock.now);
});
afterEach(() => aws.close());

function openQueue(region = 'eu-west-1') {
  const url = queueUrl(region, '123456789012', 'quorumwatch-example-vantage');
  aws.sqs.create(url);
  const client = new SQSClient({ region, useQueueUrlAsEndpoint: false, ...aws.client, ...limits(200, 1) });
  return { url, queue: createQueue<number>({ client, url }) };
}
const numbers = (count: number) => Array.from({ length: count }, (_, body) => ({ body, delayMs: 0 }));

describe('a queue', () => {
  it('takes any number of messages, ten a request', async () => {
    const { queue, url } = openQueue();
    expect(await queue.send(numbers(23))).toEqual({ failed: [] });
    expect(
      aws.sqs
        .messages(url)
        .map(({ body }) => Number(body))
        .sort((a, b) => a - b),
    ).toEqual(numbers(23).map(({ body }) => body));
    expect(aws.calls).toHaveLength(3);
  });

  it('takes none without asking', async () => {
    expect(await openQueue().queue.send([])).toEqual({ failed: [] });
    expect(aws.calls).toEqual([]);
  });

  it.each([
    [0, 0],
    [999, 0],
    [1_000, 1_000],
    [899_999, 899_000],
    [900_000, 900_000],
  ])('delays by whole seconds, never longer than asked: %i ms is %i', async (delayMs, waitedMs) => {
    const { queue, url } = openQueue();
    await queue.send([{ body: 1, delayMs }]);
    expect((aws.sqs.messages(url)[0]?.visibleAt ?? 0) - clock.now()).toBe(waitedMs);
  });

  it('refuses at once what SQS would refuse', async () => {
    await expect(openQueue().queue.send([{ body: 1, delayMs: 900_001 }])).rejects.toThrow(RangeError);
    expect(aws.calls).toEqual([]);
  });

  it('gives back the entries that failed inside an answer of 200', async () => {
    const { queue, url } = openQueue();
    aws.sqs.refuse(2);
    const { failed } = await queue.send(numbers(5));
    expect(failed).toEqual(numbers(2));
    expect(aws.sqs.messages(url)).toHaveLength(3);
  });

  it('has them all in the end, when they are sent again', async () => {
    const { queue, url } = openQueue();
    aws.sqs.refuse(4);
    await sendAll(queue, numbers(12));
    expect(new Set(aws.sqs.messages(url).map(({ body }) => body)).size).toBe(12);
  });

  it('is asked in its own region', async () => {
    const { queue } = openQueue('sa-east-1');
    await queue.send(numbers(1));
    expect(aws.calls.map(({ region, operation }) => [region, operation])).toEqual([['sa-east-1', 'SendMessageBatch']]);
  });

  it('that is not there is an error', async () => {
    const client = new SQSClient({ region: 'eu-west-1', useQueueUrlAsEndpoint: false, ...aws.client });
    const queue = createQueue({ client, url: queueUrl('eu-west-1', '123456789012', 'gone') });
    await expect(queue.send(numbers(1))).rejects.toThrow('The specified queue does not exist.');
  });

  it.each(['refused', 'hanging', 'failing'] as const)(
    'of a region that is %s is an error in time, and keeps nothing from others',
    async (how) => {
      const [lost, other] = [openQueue('us-east-1'), openQueue('us-east-2')];
      aws.fail(how, { region: 'us-east-1' });
      const notes: string[] = [];
      const startedAt = performance.now();
      await sendToEach([sendAll(lost.queue, numbers(1)), sendAll(other.queue, numbers(1))], (event) => {
        if (event.event === 'note') notes.push(event.text);
      });
      expect(performance.now() - startedAt).toBeLessThan(2_000);
      expect(notes).toEqual([expect.stringMatching(/^a message was not sent: /)]);
      expect(aws.sqs.messages(other.url)).toHaveLength(1);
    },
  );
});

describe('what Scheduler sends', () => {
  it('is understood: the time of the invocation plans the rounds', () => {
    const delivered = PLAN_INPUT.replace('<aws.scheduler.scheduled-time>', '2026-01-01T00:01:00Z');
    expect(readVantageMessage(delivered)).toEqual({ kind: 'plan', scheduledAt: Date.UTC(2026, 0, 1, 0, 1) });
    expect(JSON.parse(TICK_INPUT)).toEqual({ kind: 'tick', from: 'scheduler' });
  });

  it.each([
    [PLAN_INPUT, /^plan: scheduledTime is <aws/],
    ['{"kind":"wake","from":"web"}', /^message: is of no kind that a prober knows/],
    ['not JSON', /JSON/],
  ])('or refused: %s', (body, message) => {
    expect(() => readVantageMessage(body)).toThrow(message);
  });
});
