import { SNSClient } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../lib/aws/limits.ts';
import { type TierList, topicArn, topicName } from '../../lib/aws/names.ts';
import { createPager } from '../../lib/aws/sns.ts';
import type { Page } from '../../lib/core/ledger.ts';
import { messageOf } from '../../lib/core/messages.ts';
import type { PagingSpec, TierSpec } from '../../lib/core/telling.ts';
import { type FakeAws, startAws } from '../fakes/aws.ts';
import { START } from './clock.ts';

const REGIONS = ['eu-west-1', 'us-east-2'];
const LINK = 'https://q.example.org/i/abcdefghijklmnop';
const ACCOUNT = '123456789012';
const tier = (afterMs: number): TierSpec => ({ afterMs, sms: [], email: ['ops@example.org'], https: [], hooks: [] });
const paging: PagingSpec = {
  configured: true,
  regions: REGIONS,
  timezone: 'UTC',
  tiers: [tier(0), tier(300_000)],
  quiet: [tier(900_000)],
  repeatMs: 600_000,
  ackLapsesMs: 14_400_000,
};
const topicOf = (region: string, list: TierList, number: number) => topicArn(region, ACCOUNT, topicName('example', list, number));

const page: Page = {
  incident: 'born1-2-eu1',
  state: 'down',
  tier: 1,
  attempt: 1,
  at: START,
  subject: 'eu1',
  seenBy: { down: 4, of: 5 },
  failing: [{ check: 'api', detail: 'HTTP 500, expected 2xx' }],
  records: [{ name: 'api.example.org', out: true, serves: ['us1'] }],
  openedAt: START,
};

let aws: FakeAws;
beforeEach(async () => {
  aws = await startAws();
  for (const region of REGIONS) {
    for (const number of [1, 2]) aws.sns.topics.add(topicOf(region, 'tiers', number));
    aws.sns.topics.add(topicOf(region, 'quiet', 1));
  }
});
afterEach(() => aws.close());

const publish = (changes: Partial<Page> = {}, configured = true) => {
  const changed = { ...page, ...changes };
  const clientOf = (region: string) => new SNSClient({ region, ...aws.client, ...limits(1_000) });
  const pager = createPager({ cell: { name: 'example', paging: { ...paging, configured } }, account: ACCOUNT, clientOf });
  return pager.publish(changed, messageOf(changed, LINK));
};

describe('a page', () => {
  it('goes to its tier in the first region, each protocol with its own text', async () => {
    await publish();
    const [sent] = aws.sns.published;
    expect(aws.sns.published).toHaveLength(1);
    expect(sent).toMatchObject({
      region: 'eu-west-1',
      topic: topicOf('eu-west-1', 'tiers', 1),
      subject: 'eu1 DOWN 00:00Z, 4/5 regions',
      attributes: { 'AWS.SNS.SMS.SMSType': 'Transactional' },
    });
    expect(sent?.texts.sms).toBe(messageOf(page, LINK).text);
    expect(sent?.texts.default).toBe(sent?.texts.sms);
    expect(JSON.parse(sent?.texts.https ?? '')).toEqual({
      schema: 1,
      kind: 'page',
      cell: 'example',
      incident: 'born1-2-eu1',
      state: 'down',
      list: 'tiers',
      tier: 1,
      attempt: 1,
      at: '2026-01-01T00:00:00.000Z',
      subject: 'eu1',
      text: messageOf(page, LINK).text,
      link: LINK,
      seenBy: { down: 4, of: 5 },
      failing: page.failing,
      records: page.records,
      openedAt: '2026-01-01T00:00:00.000Z',
    });
  });

  it('of a quiet tier goes to its own topic', async () => {
    await publish({ quiet: true });
    expect(aws.sns.published.map(({ topic }) => topic)).toEqual([topicOf('eu-west-1', 'quiet', 1)]);
    await expect(publish({ quiet: true, tier: 2 })).rejects.toThrow('quiet has no tier 2 (1 are configured)');
  });

  it('says in its mail all that is known', async () => {
    await publish({ records: [...page.records, { name: 'rpc.example.org', out: false, serves: [], held: 'minInService' }] });
    expect(aws.sns.published[0]?.texts.email).toBe(
      [
        'eu1 DOWN 00:00Z, 4/5 regions',
        'Since 2026-01-01 00:00Z.',
        '4 of 5 regions see it down.',
        'What fails:\n- api: HTTP 500, expected 2xx',
        'Records:\n- api.example.org: taken out, served by us1\n- rpc.example.org: still in, held by minInService: too few other members are in service and sound; also served by nobody else',
        `Look at it and acknowledge:\n${LINK}`,
        'example, incident born1-2-eu1, opened 2026-01-01T00:00:00.000Z. Tier 1, attempt 1, decided 2026-01-01T00:00:00.000Z.',
      ].join('\n\n'),
    );
  });

  it('that it is over says for how long it was, and who took it', async () => {
    await publish({
      state: 'recovered',
      at: START + 90_000,
      ackedBy: 'ana',
      ackedAt: START + 30_000,
      failing: [],
      seenBy: undefined,
    });
    const { email = '', https = '' } = aws.sns.published[0]?.texts ?? {};
    expect(email).toContain('recovered after 2 min, acknowledged by ana after 30 s.');
    expect(email).toContain(`What happened:\n${LINK}`);
    expect(JSON.parse(https)).toMatchObject({ state: 'recovered', ackedBy: 'ana', ackedAt: '2026-01-01T00:00:30.000Z' });
  });

  it('of a name that SNS would not take as a subject is taken', async () => {
    await publish({ subject: `nœud\n${'x'.repeat(200)}` });
    expect(aws.sns.published).toHaveLength(1);
  });

  it.each(['refused', 'hanging', 'failing'] as const)('goes by the second region when the first is %s', async (how) => {
    aws.fail(how, { service: 'sns', region: 'eu-west-1' });
    const startedAt = performance.now();
    await publish({ tier: 2 });
    expect(performance.now() - startedAt).toBeLessThan(2_500);
    expect(aws.sns.published.map(({ region, topic }) => [region, topic])).toEqual([
      ['us-east-2', topicOf('us-east-2', 'tiers', 2)],
    ]);
  });

  it('that pages may not arrive goes out in every region, and has to arrive in one', async () => {
    await publish({ state: 'unheard' });
    expect(aws.sns.published.map(({ region }) => region)).toEqual(REGIONS);
    aws.fail('refused', { service: 'sns', region: 'eu-west-1' });
    await publish({ state: 'unheard' });
    expect(aws.sns.published.map(({ region }) => region)).toEqual([...REGIONS, 'us-east-2']);
  });

  it('fails when nobody took it, and says why', async () => {
    aws.sns.topics.clear();
    await expect(publish()).rejects.toThrow(/^SNS in eu-west-1: .*Topic does not exist.*; SNS in us-east-2: /);
  });

  it('of a tier without a topic fails: it must not be lost in silence', async () => {
    await expect(publish({ tier: 3 })).rejects.toThrow('tiers has no tier 3 (2 are configured)');
  });

  it('goes nowhere where nobody is configured', async () => {
    await publish({}, false);
    expect(aws.calls).toEqual([]);
  });
});
