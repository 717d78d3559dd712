import {
  GetSMSAttributesCommand,
  GetSMSSandboxAccountStatusCommand,
  ListSMSSandboxPhoneNumbersCommand,
} from '@aws-sdk/client-sns';
import { createOutlets } from '../aws/outlets.ts';
import { FINDINGS, type Finding as Outlet } from '../core/inspection.ts';
import { nightOf } from '../plan/night.ts';
import { SMS_LIMIT_USD, SMS_USD } from '../plan/prices.ts';
import { type Assumption, hasPaging, hasTexts } from './assumption.ts';
import type { Bench, Finding } from './bench.ts';

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

/** In the sandbox a number has to be verified; of those that are secrets only how many there are is compared. */
async function checkSandbox({ cell, snsOf }: Bench): Promise<Finding[]> {
  const texts = [...cell.paging.tiers, ...cell.paging.quiet].flatMap(({ sms }) => sms);
  const named = [...new Set(texts.filter((text) => typeof text === 'string'))];
  const secrets = new Set(texts.filter((text) => typeof text !== 'string').map((text) => JSON.stringify(text))).size;
  const findings = await Promise.all(
    cell.paging.regions.map(async (region): Promise<Finding[]> => {
      const { IsInSandbox } = await snsOf(region).send(new GetSMSSandboxAccountStatusCommand({}));
      if (!IsInSandbox) return [];
      // Ten at most, which is one page (SNS developer guide, "Using the SMS sandbox").
      const { PhoneNumbers = [] } = await snsOf(region).send(new ListSMSSandboxPhoneNumbersCommand({}));
      const verified = PhoneNumbers.filter(({ Status }) => Status === 'Verified').map(({ PhoneNumber }) => PhoneNumber);
      const unheard = named.filter((number) => !verified.includes(number));
      const others = verified.length - (named.length - unheard.length);
      const missing = others < secrets ? [...unheard, 'every number that is a secret'] : unheard;
      return missing.map((number) => ({
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
];
