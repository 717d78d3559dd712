import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { BatchGetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Route53Client, UpdateHealthCheckCommand } from '@aws-sdk/client-route-53';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { requestFaults } from './models.ts';
import { wireFaults } from './wire-models.ts';

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

describe('on the wire, whoever sent it, a request', () => {
  const url = new URL('http://fake/2013-04-01/healthcheck/abc');
  const entry = 'MessageAttributes.entry.1.Name=a&MessageAttributes.entry.1.Value.';
  const xml = (inside: string) => `<?xml version="1.0"?><R xmlns="https://route53.amazonaws.com/doc/2013-04-01/">${inside}</R>`;
  const put = (datum: object) => JSON.stringify({ Namespace: 'n', MetricData: [datum] });

  it.each([
    ['in JSON', 'monitoring', 'PutMetricData', put({ MetricName: 'm', Timestamp: 7, Value: 1 }), []],
    [
      'in JSON, wrong',
      'monitoring',
      'PutMetricData',
      put({ Name: 'm', Timestamp: 'today' }),
      ['[0].MetricName: is required', '[0].Name: is not known', '[0].Timestamp: is of another kind'].map(
        (fault) => `PutMetricData.MetricData${fault}`,
      ),
    ],
    [
      'in JSON, in maps',
      'dynamodb',
      'BatchGetItem',
      '{"RequestItems":{"t":{"Keys":[{"pk":{"S":"a"}}],"Consistent":true}}}',
      ['BatchGetItem.RequestItems.t.Consistent: is not known'],
    ],
    ['in a form', 'sns', 'Publish', `Action=Publish&Version=2010-03-31&Message=m&${entry}DataType=String`, []],
    [
      'in a form, wrong',
      'sns',
      'Publish',
      `Action=Publish&Topic=t&${entry}Type=String`,
      [
        '.Message: is required',
        '.Topic: is not known',
        '.MessageAttributes.a.DataType: is required',
        '.MessageAttributes.a.Type: is not known',
      ].map((fault) => `Publish${fault}`),
    ],
    ['in XML', 'route53', 'UpdateHealthCheck', xml('<HealthCheckVersion>3</HealthCheckVersion><Disabled>true</Disabled>'), []],
    [
      'in XML, wrong',
      'route53',
      'UpdateHealthCheck',
      xml('<Version>3</Version><Disabled>yes</Disabled>'),
      ['UpdateHealthCheck.Version: is not known', 'UpdateHealthCheck.Disabled: is of another kind'],
    ],
    [
      'in XML, in lists',
      'route53',
      'ListTagsForResources',
      xml('<ResourceIds><ResourceId>a</ResourceId><ResourceId>b</ResourceId></ResourceIds>'),
      [],
    ],
    ['that is none', 'sqs', 'SendMessages', '{}', ['sqs: knows no SendMessages']],
  ])('%s', (_, service, operation, body, faults) => {
    expect(wireFaults({ service, operation, url, body })).toEqual(faults);
  });
});
