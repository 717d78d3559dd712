import {
  type CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import { GetSMSAttributesCommand, ListSubscriptionsByTopicCommand, type SNSClient } from '@aws-sdk/client-sns';
import { alarmsOf } from '../core/alarms.ts';
import type { Cell } from '../core/cell.ts';
import type { Finding, Inspection } from '../core/inspection.ts';
import { compareSubscriptions, type Subscription, tierLabel } from '../core/subscriptions.ts';
import type { Clock, Outlets } from '../ports.ts';
import { lineOf, withinMs } from './limits.ts';
import { alarmName, alarmPeriodMs, prefixOf, type TierList, topicArn, topicName } from './names.ts';

export interface OutletsOptions {
  cell: Cell;
  /** 12 digits. */
  account: string;
  snsOf: (region: string) => SNSClient;
  cloudWatchOf: (region: string) => CloudWatchClient;
  clock: Pick<Clock, 'now'>;
}

/** Of one region, all its calls together. */
const REGION_TIMEOUT_MS = 6_000;
/** From here on people should raise the limit, before it is reached. */
const SPEND_WARNING_SHARE = 0.8;
const DAY_MS = 86_400_000;

/** Looks whether everybody who is to be paged is subscribed and confirmed, whether texts can be paid, and whether the alarms can act. */
export function createOutlets(options: OutletsOptions): Outlets {
  const { cell } = options;
  return {
    async inspect(): Promise<Inspection> {
      const regions = cell.paging.configured ? cell.paging.regions : [];
      const inspected = await Promise.all(regions.map((region) => inspectRegion(options, region)));
      return {
        findings: inspected.flatMap(({ findings }) => findings),
        heardTiers: [...new Set(inspected.flatMap(({ heardTiers }) => heardTiers))].sort((a, b) => a - b),
      };
    },
  };
}

/** What one subject cannot be asked of is a finding of its own: a missing right must not hide the rest. */
async function inspectRegion(options: OutletsOptions, region: string): Promise<Inspection> {
  const bound = withinMs(REGION_TIMEOUT_MS);
  const heardTiers: number[] = [];
  const trying = async (subject: string, look: () => Promise<Finding[]>): Promise<Finding[]> => {
    try {
      return await look();
    } catch (error) {
      return [{ what: 'uninspected', region, subject, detail: lineOf(error) }];
    }
  };
  const findings = await Promise.all([
    trying('subscriptions', () => subscriptions(options, region, heardTiers, bound)),
    trying('text messages', () => spending(options, region, bound)),
    trying('alarms', () => alarms(options, region, bound)),
  ]);
  return { findings: findings.flat(), heardTiers };
}

type Bound = ReturnType<typeof withinMs>;

async function subscriptions(
  { cell, account, snsOf }: OutletsOptions,
  region: string,
  heardTiers: number[],
  bound: Bound,
): Promise<Finding[]> {
  const tiers = (['tiers', 'quiet'] as const).flatMap((list) =>
    cell.paging[list].map((tier, at) => ({ list, tier, number: at + 1 })),
  );
  const compared = await Promise.all(
    tiers.map(async ({ list, tier, number }) => {
      const arn = topicArn(region, account, topicName(cell.name, list satisfies TierList, number));
      const { findings, isHeard } = compareSubscriptions(
        region,
        tierLabel(list, number),
        tier,
        await subscribed(snsOf(region), arn, bound),
      );
      if (isHeard && list === 'tiers') heardTiers.push(number);
      return findings;
    }),
  );
  return compared.flat();
}

/**
 * All subscriptions of a topic, 100 a page. What is not confirmed has `PendingConfirmation` in place of its ARN, and what was
 * deleted lately `Deleted` (SNS API reference, ListSubscriptionsByTopic; SNS developer guide, "Deleting a subscription").
 */
async function subscribed(sns: SNSClient, TopicArn: string, bound: Bound): Promise<Subscription[]> {
  const found: Subscription[] = [];
  let NextToken: string | undefined;
  do {
    const page = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn, NextToken }), bound);
    for (const { Protocol = '', Endpoint = '', SubscriptionArn = '' } of page.Subscriptions ?? [])
      if (SubscriptionArn !== 'Deleted')
        found.push({ protocol: Protocol, endpoint: Endpoint, confirmed: SubscriptionArn.startsWith('arn:') });
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

/**
 * Publishing over the limit succeeds and nothing is sent (SNS developer guide, "Setting SMS messaging preferences": MonthlySpendLimit,
 * in whole USD, 1 where it was never set). What was spent is a metric of the region (ibid., "Monitoring SMS activity":
 * SMSMonthToDateSpentUSD).
 */
async function spending({ cell, snsOf, cloudWatchOf, clock }: OutletsOptions, region: string, bound: Bound): Promise<Finding[]> {
  const sends = [...cell.paging.tiers, ...cell.paging.quiet].some(({ sms }) => sms.length > 0);
  if (!sends) return [];
  const { attributes } = await snsOf(region).send(new GetSMSAttributesCommand({ attributes: ['MonthlySpendLimit'] }), bound);
  const limit = Number(attributes?.MonthlySpendLimit ?? DEFAULT_SPEND_LIMIT_USD);
  const now = clock.now();
  const statistics = new GetMetricStatisticsCommand({
    Namespace: 'AWS/SNS',
    MetricName: 'SMSMonthToDateSpentUSD',
    StartTime: new Date(now - DAY_MS),
    EndTime: new Date(now),
    Period: 3_600,
    Statistics: ['Maximum'],
  });
  const { Datapoints = [] } = await cloudWatchOf(region).send(statistics, bound);
  // It begins anew with each month, UTC.
  const thisMonth = Datapoints.filter(({ Timestamp }) => Number(Timestamp) >= startOfMonth(now));
  const spent = Math.max(0, ...thisMonth.map(({ Maximum = 0 }) => Maximum));
  if (spent < limit * SPEND_WARNING_SHARE) return [];
  const what = spent < limit ? 'spend-soon' : 'spend';
  return [{ what, region, subject: 'text messages', detail: `USD ${spent.toFixed(2)} of a limit of ${limit}` }];
}

/** SNS developer guide, "Setting SMS messaging preferences": of every account until AWS raises it. */
const DEFAULT_SPEND_LIMIT_USD = 1;

const startOfMonth = (now: number): number => Date.UTC(new Date(now).getUTCFullYear(), new Date(now).getUTCMonth());

type AnyAlarm = Pick<MetricAlarm, 'AlarmName' | 'ActionsEnabled' | 'AlarmActions'>;

/** Every alarm that notifies must be there, with its actions on and the first tier among them. */
async function alarms({ cell, account, cloudWatchOf }: OutletsOptions, region: string, bound: Bound): Promise<Finding[]> {
  const found = new Map(
    (await alarmsNamed(cloudWatchOf(region), prefixOf(cell.name), bound)).map((each) => [each.AlarmName, each]),
  );
  const topic = topicArn(region, account, topicName(cell.name, 'tiers', 1));
  return alarmsOf(cell, { periodMs: alarmPeriodMs }).flatMap(({ id }): Finding[] => {
    const name = alarmName(cell.name, id);
    const alarm = found.get(name);
    if (alarm?.ActionsEnabled !== false && alarm?.AlarmActions?.includes(topic)) return [];
    return [{ what: 'alarm-off', region, subject: `the alarm ${name}` }];
  });
}

/** Composite alarms are given only if they are asked for (CloudWatch API reference, DescribeAlarms: AlarmTypes). */
async function alarmsNamed(client: CloudWatchClient, AlarmNamePrefix: string, bound: Bound): Promise<AnyAlarm[]> {
  const found: AnyAlarm[] = [];
  let NextToken: string | undefined;
  do {
    const AlarmTypes = ['MetricAlarm' as const, 'CompositeAlarm' as const];
    const page = await client.send(new DescribeAlarmsCommand({ AlarmNamePrefix, AlarmTypes, NextToken }), bound);
    found.push(...(page.MetricAlarms ?? []), ...(page.CompositeAlarms ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}
