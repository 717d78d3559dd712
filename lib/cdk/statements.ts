import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { metricNamespace, topicArn, topicName, vantageQueueName, wakeQueueName } from '../aws/names.ts';
import { type Deployment, historyTableArn, queueArn, tableArns } from './deployment.ts';

/** What our functions may do, one statement for each purpose. What is not here is refused. */

const allow = (
  sid: string,
  actions: string[],
  resources: string[],
  conditions?: Record<string, Record<string, unknown>>,
): PolicyStatement => new PolicyStatement({ sid, actions, resources, ...(conditions && { conditions }) });

/**
 * Items of the voting table with these partition keys. `Null` too: a request without a key passes every `ForAllValues` condition
 * (IAM user guide, "Set operators for multivalued context keys").
 */
export const onItems = (sid: string, deployment: Deployment, actions: string[], keys: string[]): PolicyStatement =>
  allow(sid, actions, tableArns(deployment), withKeys(keys));

const withKeys = (keys: string[]) => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys },
  Null: { 'dynamodb:LeadingKeys': 'false' },
});

/** A prober adds to its own history, and reads none; the web part reads all of it. */
export const onHistory = (deployment: Deployment, action: 'PutItem' | 'Query', vantage: string): PolicyStatement =>
  allow(
    'History',
    [`dynamodb:${action}`],
    [historyTableArn(deployment)],
    withKeys([`history/${deployment.cell.name}/${vantage}`]),
  );

/** What Lambda does in the function's name to feed it (Lambda developer guide, "Using Lambda with Amazon SQS"). */
export const receive = (deployment: Deployment, region: string, name: string): PolicyStatement =>
  allow('Receive', ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [queueArn(region, deployment, name)]);

/** A prober's second opinions from the other vantages, and its own rounds; an arbiter's drills. */
export const sendToVantages = (deployment: Deployment): PolicyStatement =>
  allow(
    'SendToVantages',
    ['sqs:SendMessage'],
    deployment.cell.vantages.map((region) => queueArn(region, deployment, vantageQueueName(deployment.cell.name))),
  );

export const wakeArbiters = (deployment: Deployment): PolicyStatement =>
  allow(
    'WakeArbiters',
    ['sqs:SendMessage'],
    deployment.cell.arbiters.map((region) => queueArn(region, deployment, wakeQueueName(deployment.cell.name))),
  );

/**
 * Of either kind, as far as there are any. What is encrypted with the services' own keys (`aws/ssm`, `aws/secretsmanager`) needs no
 * right to the key: their policies let everybody of the account use them through the service (Systems Manager user guide,
 * "Restricting decryption of SecureString parameter values"; Secrets Manager user guide, "Secret encryption and decryption"). Keys of
 * one's own do, and these services decrypt with them in the reader's name, each in the region of what it keeps.
 */
export function readSecrets({ secretKeys }: Deployment, arns: readonly string[]): PolicyStatement[] {
  const parameters = arns.filter((arn) => arn.startsWith('arn:aws:ssm:'));
  const secrets = arns.filter((arn) => !parameters.includes(arn));
  const placeOf = (arn: string): { service: string; region: string } => {
    const [, , service = '', region = ''] = arn.split(':');
    return { service, region };
  };
  const places = [...parameters, ...secrets].map(placeOf);
  const keys = secretKeys.filter((key) => places.some(({ region }) => region === placeOf(key).region));
  const services = [...new Set(places.map(({ service, region }) => `${service}.${region}.amazonaws.com`))];
  const through = { StringEquals: { 'kms:ViaService': services } };
  return [
    ...(parameters.length > 0 ? [allow('ReadParameters', ['ssm:GetParameter'], parameters)] : []),
    ...(secrets.length > 0 ? [allow('ReadSecrets', ['secretsmanager:GetSecretValue'], secrets)] : []),
    ...(keys.length > 0 ? [allow('Decrypt', ['kms:Decrypt'], keys, through)] : []),
  ];
}

/** Heartbeats of every check: probers read them, the web part alone writes them. */
export const onBeats = (deployment: Deployment, action: 'BatchGetItem' | 'UpdateItem'): PolicyStatement =>
  onItems('Beats', deployment, [`dynamodb:${action}`], [`beat/${deployment.cell.name}/*`]);

/** The topics of every tier, as far as anybody is configured. */
export const publishPages = (deployment: Deployment): PolicyStatement[] =>
  deployment.cell.paging.configured ? [allow('Page', ['sns:Publish'], topicArns(deployment))] : [];

function topicArns({ cell, account }: Deployment): string[] {
  const { name, paging } = cell;
  return paging.regions.flatMap((region) =>
    (['tiers', 'quiet'] as const).flatMap((list) =>
      paging[list].map((_, at) => topicArn(region, account, topicName(name, list, at + 1))),
    ),
  );
}

/** Whether pages reach people, and the alarms can act. Only subscriptions are a topic's own: the rest takes no resource. */
export function inspectOutlets(deployment: Deployment): PolicyStatement[] {
  if (!deployment.cell.paging.configured) return [];
  return [
    allow('FindSubscriptions', ['sns:ListSubscriptionsByTopic'], topicArns(deployment)),
    // Composite alarms are given only to who may describe all alarms (CloudWatch API reference, DescribeAlarms).
    allow('Inspect', ['sns:GetSMSAttributes', 'cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricStatistics'], ['*']),
  ];
}

/** What alarms look at, and whether they are there: neither takes a resource. */
export const lookAtAlarms = (): PolicyStatement =>
  allow('Hear', ['cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricData'], ['*']);

/**
 * The switches: ids are random, and tags limit nothing on health checks (Service authorization reference, "Amazon Route 53").
 * Listing takes no resource at all.
 */
export const flipSwitches = ({ cell }: Deployment): PolicyStatement[] =>
  cell.records.length === 0
    ? []
    : [
        allow('FindSwitches', ['route53:ListHealthChecks'], ['*']),
        allow(
          'FlipSwitches',
          ['route53:GetHealthCheck', 'route53:UpdateHealthCheck', 'route53:ListTagsForResources'],
          ['arn:aws:route53:::healthcheck/*'],
        ),
      ];

/** Metrics have no ARN: the namespace is the limit (CloudWatch user guide, "Using condition keys to limit access to namespaces"). */
export const publishMetrics = ({ cell }: Deployment): PolicyStatement =>
  allow('Measure', ['cloudwatch:PutMetricData'], ['*'], {
    StringEquals: { 'cloudwatch:namespace': metricNamespace(cell.name) },
  });
