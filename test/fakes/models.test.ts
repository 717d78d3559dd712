import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { BatchGetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Route53Client, UpdateHealthCheckCommand } from '@aws-sdk/client-route-53';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { expect, it } from 'vitest';
import { requestFaults } from './models.ts';

/** As if the types had not stopped it. */
const loose = <T>(input: object): T => input as T;

it.each([
  ['a whole one', new PublishCommand({ TopicArn: 'arn', Message: 'm', Subject: 's' }), []],
  ['without what is required', new PublishCommand(loose({ TopicArn: 'arn' })), ['Publish.Message: is required']],
  ['with a member that is not known', new PublishCommand(loose({ Message: 'm', Topic: 'arn' })), ['Publish.Topic: is not known']],
  [
    'deep inside',
    new SendMessageBatchCommand(loose({ QueueUrl: 'q', Entries: [{ Id: '1', MessageBody: 'b', Delay: 3 }, { Id: '2' }] })),
    ['SendMessageBatch.Entries[0].Delay: is not known', 'SendMessageBatch.Entries[1].MessageBody: is required'],
  ],
  [
    'of another kind',
    new GetParameterCommand(loose({ Name: 7, WithDecryption: 'yes' })),
    ['Name', 'WithDecryption'].map((name) => `GetParameter.${name}: is of another kind`),
  ],
  [
    'in a map of lists',
    new BatchGetItemCommand(loose({ RequestItems: { t: { Keys: [{ pk: { S: 'a' } }], Consistent: true }, u: {} } })),
    ['BatchGetItem.RequestItems.t.Consistent: is not known', 'BatchGetItem.RequestItems.u.Keys: is required'],
  ],
  [
    'of times',
    new PutMetricDataCommand(loose({ Namespace: 'n', MetricData: [{ MetricName: 'm', Timestamp: 7 }] })),
    ['PutMetricData.MetricData[0].Timestamp: is of another kind'],
  ],
  [
    'over HTTP and XML',
    new UpdateHealthCheckCommand(loose({ Disabled: true })),
    ['UpdateHealthCheck.HealthCheckId: is required'],
  ],
])('a request %s', (_, command, faults) => {
  expect(requestFaults(command)).toEqual(faults);
});

it('watches every client: they are made from one class', () => {
  const bases = [SNSClient, DynamoDBClient, Route53Client].map(({ prototype }) => Object.getPrototypeOf(prototype));
  expect(new Set(bases).size).toBe(1);
});
