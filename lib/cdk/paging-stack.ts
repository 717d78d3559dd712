import { createHash } from 'node:crypto';
import { Stack, type StackProps } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type ITopic, Subscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { prefixOf, type TierList, topicName } from '../aws/names.ts';
import type { TierSpec } from '../core/telling.ts';
import type { Deployment } from './deployment.ts';

export interface PagingStackProps extends StackProps {
  deployment: Deployment;
}

/** The topics of one region, tier 1 first. */
export interface Topics {
  tiers: ITopic[];
  quiet: ITopic[];
}

/** One region from which people are paged: a topic for each tier, with everybody who is to hear of it. */
export class PagingStack extends Stack {
  readonly topics: Topics;

  constructor(scope: Construct, id: string, { deployment, ...props }: PagingStackProps) {
    super(scope, id, props);
    const { name, paging } = deployment.cell;
    const make = (list: TierList) => paging[list].map((tier, at) => this.topicOf(name, list, at + 1, tier));
    this.topics = { tiers: make('tiers'), quiet: make('quiet') };
  }

  private topicOf(cell: string, list: TierList, number: number, tier: TierSpec): Topic {
    // No display name: SNS would put it in front of every text message, which is 160 characters long already.
    const topic = new Topic(this, `${list === 'tiers' ? 'Tier' : 'Quiet'}${number}`, {
      topicName: topicName(cell, list, number),
      enforceSSL: true,
    });
    // A policy of our own replaces the owner's default one, by which alarms could publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: {
          ArnLike: { 'aws:SourceArn': `arn:aws:cloudwatch:${this.region}:${this.account}:alarm:${prefixOf(cell)}-*` },
          StringEquals: { 'aws:SourceAccount': this.account },
        },
      }),
    );
    for (const number of tier.sms) subscribe(topic, SubscriptionProtocol.SMS, number);
    for (const address of tier.email) subscribe(topic, SubscriptionProtocol.EMAIL, address);
    for (const url of tier.https) subscribe(topic, SubscriptionProtocol.HTTPS, url);
    return topic;
  }
}

/** Its id follows from the endpoint: who is moved in the list needs not confirm again. */
function subscribe(topic: Topic, protocol: SubscriptionProtocol, endpoint: string): void {
  const hash = createHash('sha256').update(JSON.stringify(endpoint)).digest('hex').slice(0, 8);
  new Subscription(topic, `${protocol}-${hash}`, { topic, protocol, endpoint });
}
