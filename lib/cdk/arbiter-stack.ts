import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { TICK_INPUT } from '../aws/messages.ts';
import { linkKeyName, tableName, wakeQueueName } from '../aws/names.ts';
import { MEMORY_MB, RESERVED } from '../aws/sizes.ts';
import type { Deployment } from './deployment.ts';
import { Feed } from './feed.ts';
import { Handler } from './handler.ts';
import { nearestFirst } from './nearest.ts';
import { secretArns } from './secrets.ts';
import {
  flipSwitches,
  inspectOutlets,
  onItems,
  publishMetrics,
  publishPages,
  readSecrets,
  receive,
  sendToVantages,
} from './statements.ts';
import { Web } from './web.ts';

export interface ArbiterStackProps extends StackProps {
  deployment: Deployment;
}

/** The least that Lambda allows of a queue. */
const AT_A_TIME = 2;
/** A wake says only that there is something to see: ten of them are seen at one look. */
const BATCH_SIZE = 10;
/** A few acts of at most ten seconds in a lane; six times this is as long as a wake is kept. */
const TIMEOUT_SECONDS = 50;

/** A region that decides: its wake queue, its arbiter, its web part. */
export class ArbiterStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, ...props }: ArbiterStackProps) {
    super(scope, id, props);
    const { cell, account } = deployment;
    const queueName = wakeQueueName(cell.name);
    const linkKey = { secretsManager: linkKeyName(cell) };
    const web = new Web(this, 'Web', { deployment, region: this.region });
    const arbiter = new Handler(this, 'Arbiter', {
      deployment,
      description: `Quorumwatch ${cell.name}: decides, pages and flips.`,
      environment: {
        role: 'arbiter',
        cell: cell.name,
        account,
        table: tableName(cell),
        tableRegions: nearestFirst(this.region, cell.arbiters),
        linkBase: web.url,
        linkKey: linkKey.secretsManager,
      },
      statements: [
        receive(deployment, this.region, queueName),
        onItems(
          'Snapshot',
          deployment,
          ['dynamodb:BatchGetItem'],
          [`ballot/${cell.name}/*`, `acts/${cell.name}`, `ledger/${cell.name}`],
        ),
        onItems('Ledger', deployment, ['dynamodb:GetItem', 'dynamodb:PutItem'], [`ledger/${cell.name}`]),
        onItems('Incidents', deployment, ['dynamodb:UpdateItem'], [`incident/${cell.name}`]),
        ...publishPages(deployment),
        ...inspectOutlets(deployment),
        ...flipSwitches(deployment),
        publishMetrics(deployment),
        sendToVantages(deployment),
        ...readSecrets(deployment, secretArns([cell.hooks, cell.ping, linkKey], this.region, account)),
      ],
      timeoutSeconds: TIMEOUT_SECONDS,
      memoryMb: MEMORY_MB.arbiter,
      concurrency: RESERVED.arbiter,
    });
    arbiter.acknowledge(
      'AwsSolutions-IAM5[Resource::*]',
      'Listing health checks and looking at alarms and limits takes no resource; metrics have none, and their namespace is the condition.',
    );
    if (cell.records.length > 0)
      arbiter.acknowledge(
        'AwsSolutions-IAM5[Resource::arn:aws:route53:::healthcheck/*]',
        'Ids of health checks are random and their tags limit nothing: the arbiter itself refuses what is not tagged as its own.',
      );
    new Feed(this, 'Feed', {
      queueName,
      function: arbiter.function,
      timeoutSeconds: TIMEOUT_SECONDS,
      batchSize: BATCH_SIZE,
      concurrency: AT_A_TIME,
      everyMinute: TICK_INPUT,
    });
    new CfnOutput(this, 'Url', { value: web.url, description: 'The status page.' });
  }
}
