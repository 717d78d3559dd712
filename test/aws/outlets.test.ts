import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { SNSClient } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../lib/aws/limits.ts';
import { alarmName, topicArn, topicName } from '../../lib/aws/names.ts';
import { createOutlets } from '../../lib/aws/outlets.ts';
import { alarmsOf } from '../../lib/core/alarms.ts';
import { findingText } from '../../lib/core/inspection.ts';
import { cellOf } from '../config/cell.ts';
import { type FakeAws, startAws } from '../fakes/aws.ts';
import type { FakeSubscription } from '../fakes/sns.ts';
import { ACCOUNT } from '../fakes/wire.ts';
import { START as MONTH } from './clock.ts';

/** Noon of the first of the month. */
const NOON = MONTH + 12 * 3_600_000;
const REGIONS = ['eu-west-1', 'us-east-2'];
const cell = cellOf(`
name: example
vantages: [eu-west-1, us-east-2, ap-northeast-1]
nodes: { eu1: { url: "http://127.0.0.1", checks: { api: { type: http } } } }
paging:
  regions: [${REGIONS.join(', ')}]
  tiers:
    - { sms: ["+4915112345678"], email: [ops@example.org] }
    - { after: 5m, email: [all@example.org], https: [https://events.example.org/sns?key=secret] }
`);
const arnOf = (region: string, tier: number) => topicArn(region, ACCOUNT, topicName(cell.name, 'tiers', tier));

let aws: FakeAws;
beforeEach(async () => {
  aws = await startAws(() => NOON);
  for (const region of REGIONS) {
    for (const [index, { sms, email, https }] of cell.paging.tiers.entries()) {
      const topic = arnOf(region, index + 1);
      aws.sns.topics.add(topic);
      for (const [protocol, endpoints] of Object.entries({ sms, email, https }))
        for (const endpoint of endpoints) aws.sns.subscriptions.push({ topic, protocol, endpoint, state: 'confirmed' });
    }
    for (const { id, suppressor } of alarmsOf(cell, { periodMs: 60_000 })) {
      const alarm = { region, isComposite: suppressor !== undefined, actionsEnabled: true, actions: [arnOf(region, 1)] };
      aws.cloudWatch.alarms.push({ ...alarm, name: alarmName(cell.name, id) });
      // The alarm of the metric, which tells nobody.
      if (suppressor)
        aws.cloudWatch.alarms.push({ ...alarm, name: `${alarmName(cell.name, id)}-metric`, isComposite: false, actions: [] });
    }
    aws.sns.smsAttributes.set(region, { MonthlySpendLimit: '50' });
  }
});
afterEach(() => aws.close());

async function inspect(of = cell) {
  const outlets = createOutlets({
    cell: of,
    account: ACCOUNT,
    snsOf: (region) => new SNSClient({ region, ...aws.client, ...limits(1_000) }),
    cloudWatchOf: (region) => new CloudWatchClient({ region, ...aws.client, ...limits(1_000) }),
    clock: { now: () => NOON },
  });
  const { findings, heardTiers } = await outlets.inspect();
  return { texts: findings.map(findingText), heardTiers };
}

const at = (region: string, endpoint: string): FakeSubscription => {
  const found = aws.sns.subscriptions.find((each) => each.topic.includes(region) && each.endpoint === endpoint);
  if (!found) throw new Error(`nobody is subscribed as ${endpoint} in ${region}`);
  return found;
};
const spent = (region: string, value: number, at = NOON - 60_000) =>
  aws.cloudWatch.datapoints.push({
    region,
    namespace: 'AWS/SNS',
    name: 'SMSMonthToDateSpentUSD',
    dimensions: {},
    value,
    at,
  });

describe('what keeps pages from people', () => {
  it('is nothing where all are confirmed, paid and armed', async () => {
    spent('eu-west-1', 39);
    expect(await inspect()).toEqual({ texts: [], heardTiers: [1, 2] });
  });

  it('unconfirmed: who has not confirmed', async () => {
    at('eu-west-1', 'ops@example.org').state = 'pending';
    expect((await inspect()).texts).toEqual(['eu-west-1, tier 1: email ops@example.org has not confirmed its subscription']);
  });

  it('vanished: who is gone, deleted lately or not listed any more', async () => {
    at('us-east-2', 'all@example.org').state = 'deleted';
    aws.sns.subscriptions.splice(aws.sns.subscriptions.indexOf(at('us-east-2', '+4915112345678')), 1);
    expect((await inspect()).texts).toEqual([
      'us-east-2, tier 1: sms ..5678 is not subscribed any more: deploy again',
      'us-east-2, tier 2: email all@example.org is not subscribed any more: deploy again',
    ]);
  });

  it('unconfirmed: names no path of a URL, and tells which tiers are still heard', async () => {
    for (const region of REGIONS) {
      at(region, '+4915112345678').state = 'deleted';
      at(region, 'ops@example.org').state = 'pending';
    }
    at('eu-west-1', 'https://events.example.org/sns?key=secret').state = 'pending';
    const { texts, heardTiers } = await inspect();
    expect(texts).toContain('eu-west-1, tier 2: https events.example.org has not confirmed its subscription');
    expect(heardTiers).toEqual([2]);
  });

  it('is found on the second page of a long list', async () => {
    const others = Array.from({ length: 120 }, (_, n) => ({
      topic: arnOf('eu-west-1', 1),
      protocol: 'email',
      endpoint: `somebody${n}@example.org`,
      state: 'confirmed' as const,
    }));
    aws.sns.subscriptions.unshift(...others);
    expect((await inspect()).texts).toEqual([]);
  });

  it('spend: the limit of text messages, before and after it is reached', async () => {
    spent('eu-west-1', 40);
    spent('us-east-2', 50.004);
    spent('eu-west-1', 49, MONTH - 60_000);
    expect((await inspect()).texts).toEqual([
      'eu-west-1, text messages will soon not be sent any more this month: raise the spend limit (USD 40.00 of a limit of 50)',
      'us-east-2, text messages are not sent any more this month: raise the spend limit (USD 50.00 of a limit of 50)',
    ]);
  });

  it('spend: a limit of USD 1 where nobody set one; nothing where no text messages are sent', async () => {
    aws.sns.smsAttributes.clear();
    spent('eu-west-1', 1);
    expect((await inspect()).texts).toEqual([expect.stringContaining('USD 1.00 of a limit of 1')]);
    const [first, ...rest] = cell.paging.tiers;
    if (!first) throw new Error('there is no tier');
    const silent = { ...cell, paging: { ...cell.paging, tiers: [{ ...first, sms: [] }, ...rest] } };
    expect((await inspect(silent)).texts).toEqual([]);
  });

  it('alarm-off: an alarm that is missing, whose actions are off, or that tells somebody else', async () => {
    const telling = aws.cloudWatch.alarms.filter(({ region, actions }) => region === 'us-east-2' && actions.length > 0);
    const [off, deaf, gone] = telling;
    if (!off || !deaf || !gone) throw new Error('too few alarms');
    off.actionsEnabled = false;
    deaf.actions = [arnOf('us-east-2', 2)];
    aws.cloudWatch.alarms.splice(aws.cloudWatch.alarms.indexOf(gone), 1);
    const what = 'will tell nobody: it is missing, or its actions are off';
    expect((await inspect()).texts).toEqual([off, deaf, gone].map(({ name }) => `us-east-2, the alarm ${name} ${what}`));
  });

  it('uninspected: a region that does not answer says nothing of its subscriptions, and hides nothing of the other', async () => {
    aws.fail('refused', { region: 'eu-west-1' });
    const { texts, heardTiers } = await inspect();
    expect(texts).toEqual([
      expect.stringMatching(/^eu-west-1, subscriptions cannot be inspected \(/),
      expect.stringMatching(/^eu-west-1, text messages cannot be inspected \(/),
      expect.stringMatching(/^eu-west-1, alarms cannot be inspected \(/),
    ]);
    expect(heardTiers).toEqual([1, 2]);
  });

  it('is nothing where nobody is configured', async () => {
    expect(await inspect({ ...cell, paging: { ...cell.paging, configured: false } })).toEqual({ texts: [], heardTiers: [] });
    expect(aws.calls).toEqual([]);
  });
});
