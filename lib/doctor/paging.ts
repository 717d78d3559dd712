import {
  GetSMSAttributesCommand,
  GetSMSSandboxAccountStatusCommand,
  GetTopicAttributesCommand,
  ListSMSSandboxPhoneNumbersCommand,
} from '@aws-sdk/client-sns';
import { alarmName, alarmPeriodMs, topicArn, topicName } from '../aws/names.ts';
import { createOutlets } from '../aws/outlets.ts';
import { alarmsOf } from '../core/alarms.ts';
import { FINDINGS, type Finding as Outlet } from '../core/inspection.ts';
import { nightOf } from '../plan/night.ts';
import { SMS_LIMIT_USD, SMS_USD } from '../plan/prices.ts';
import { type Assumption, hasPaging, hasTexts } from './assumption.ts';
import type { Bench, Finding } from './bench.ts';
import { mayPublish } from './topic-policy.ts';

const ADVICE: Record<Outlet['what'], string> = {
  unconfirmed: 'open the mail or the request of AWS, and confirm',
  vanished: 'deploy the paging stacks again',
  spend: 'raise the spend limit',
  'spend-soon': 'raise the spend limit',
  'alarm-off': 'deploy the watch stack, or switch its actions on',
  uninspected: 'use credentials that may read it',
};

/** What the arbiters look at hourly, looked at now. */
async function inspect(bench: Bench, wanted: readonly Outlet['what'][], subjects: readonly string[]): Promise<Finding[]> {
  const { cell, snsOf, cloudWatchOf, clock } = bench;
  const outlets = createOutlets({ cell, account: await bench.account(), snsOf, cloudWatchOf, clock });
  const { findings } = await outlets.inspect();
  return findings
    .filter(({ what, subject }) => wanted.includes(what) || (what === 'uninspected' && subjects.includes(subject)))
    .map(({ what, region, subject, detail }) => ({
      subject: `${region}, ${subject}`,
      what: `${FINDINGS[what]}${detail === undefined ? '' : ` (${detail})`}`,
      todo: ADVICE[what],
    }));
}

/** In the sandbox a number has to be verified. */
async function checkSandbox({ cell, snsOf }: Bench): Promise<Finding[]> {
  const numbers = [...new Set([...cell.paging.tiers, ...cell.paging.quiet].flatMap(({ sms }) => sms))];
  const findings = await Promise.all(
    cell.paging.regions.map(async (region): Promise<Finding[]> => {
      const { IsInSandbox } = await snsOf(region).send(new GetSMSSandboxAccountStatusCommand({}));
      if (!IsInSandbox) return [];
      // Ten at most, which is one page (SNS developer guide, "Using the SMS sandbox").
      const { PhoneNumbers = [] } = await snsOf(region).send(new ListSMSSandboxPhoneNumbersCommand({}));
      const verified = PhoneNumbers.filter(({ Status }) => Status === 'Verified').map(({ PhoneNumber }) => PhoneNumber);
      const unheard = numbers.filter((number) => !verified.includes(number));
      return unheard.map((number) => ({
        subject: region,
        what: `text messages do not reach ${number}: the account is in the SMS sandbox`,
        todo: 'verify the number there, or ask AWS to leave the sandbox',
      }));
    }),
  );
  return findings.flat();
}

async function checkSpendLimit({ cell, snsOf }: Bench): Promise<Finding[]> {
  const { usd, textMessages, hours } = nightOf(cell, SMS_USD);
  const findings = await Promise.all(
    cell.paging.regions.map(async (region): Promise<Finding[]> => {
      const { attributes } = await snsOf(region).send(new GetSMSAttributesCommand({ attributes: ['MonthlySpendLimit'] }));
      const limit = Number(attributes?.MonthlySpendLimit ?? SMS_LIMIT_USD);
      const night = `${hours} h without an answer are ${textMessages} text messages, about USD ${usd.toFixed(2)}`;
      return usd <= limit ? [] : [{ subject: region, what: `the limit is USD ${limit} a month; ${night}`, todo: ADVICE.spend }];
    }),
  );
  return findings.flat();
}

/** Alarms notify the first tier's topic, if its policy and its key let them. */
async function checkTopics(bench: Bench): Promise<Finding[]> {
  const { cell, snsOf } = bench;
  const account = await bench.account();
  const ids = alarmsOf(cell, { periodMs: alarmPeriodMs }).map(({ id }) => id);
  const findings = await Promise.all(
    cell.paging.regions.map(async (region): Promise<Finding[]> => {
      const name = topicName(cell.name, 'tiers', 1);
      const topic = topicArn(region, account, name);
      const { Attributes = {} } = await snsOf(region).send(new GetTopicAttributesCommand({ TopicArn: topic }));
      const alarms = ids.map((id) => `arn:aws:cloudwatch:${region}:${account}:alarm:${alarmName(cell.name, id)}`);
      const mute = alarms.filter((alarm) => !mayPublish(Attributes.Policy ?? '{"Statement":[]}', { topic, alarm, account }));
      const subject = `topic ${name} in ${region}`;
      const unheard = {
        subject,
        what: `does not let ${mute.length} of ${alarms.length} alarms publish`,
        todo: 'give its policy back what the paging stack wrote: cloudwatch.amazonaws.com may publish for the alarms of the cell',
      };
      const closed = {
        subject,
        what: 'is encrypted with a key that alarms cannot use',
        todo: 'use a key of your own that cloudwatch.amazonaws.com may use, or none',
      };
      const isClosed = Attributes.KmsMasterKeyId?.endsWith(AWS_KEY) ?? false;
      return [...(mute.length > 0 ? [unheard] : []), ...(isClosed ? [closed] : [])];
    }),
  );
  return findings.flat();
}

/** Its policy lets no other service use it (SNS developer guide, "Configuring encryption": compatibility with event sources). */
const AWS_KEY = 'alias/aws/sns';

export const PAGING_ASSUMPTIONS: Assumption[] = [
  {
    id: 'subscriptions',
    claim: 'Everybody who is to be paged is subscribed, and has confirmed.',
    source: 'SNS developer guide, "Confirming a subscription"',
    proof: "compares each topic's subscriptions with the configuration",
    concerns: hasPaging,
    check: (bench) => inspect(bench, ['unconfirmed', 'vanished'], ['subscriptions']),
  },
  {
    id: 'sms-sandbox',
    claim: 'Text messages reach every number of the configuration.',
    source: 'SNS developer guide, "Using the SMS sandbox"; API reference, GetSMSSandboxAccountStatus, ListSMSSandboxPhoneNumbers',
    proof: 'asks each paging region whether the account is in the sandbox, and which numbers are verified there',
    concerns: hasTexts,
    check: checkSandbox,
  },
  {
    id: 'sms-limit',
    claim: 'The spend limit outlasts a night in which nobody answers, and is not used up.',
    source: 'SNS developer guide, "Setting SMS messaging preferences": MonthlySpendLimit',
    proof: 'compares the limit of each paging region with such a night, and with what was spent this month',
    concerns: hasTexts,
    check: async (bench) => [
      ...(await checkSpendLimit(bench)),
      ...(await inspect(bench, ['spend', 'spend-soon'], ['text messages'])),
    ],
  },
  {
    id: 'alarms',
    claim: 'Every alarm is there and may act: its actions are on, and notify the first tier.',
    source: 'CloudWatch API reference, DescribeAlarms: ActionsEnabled, AlarmActions',
    proof: 'asks each paging region for its alarms',
    concerns: hasPaging,
    check: (bench) => inspect(bench, ['alarm-off'], ['alarms']),
  },
  {
    id: 'alarm-topics',
    claim: "The first tier's topic takes what alarms publish.",
    source: 'SNS API reference, GetTopicAttributes: Policy, KmsMasterKeyId; IAM user guide, "Policy evaluation logic"',
    proof: 'asks each paging region for the policy and the key of the topic, and judges each alarm by them',
    concerns: hasPaging,
    check: checkTopics,
  },
];
