/** The AWS CLI's commands of docs/operating.md, done to the fakes in the state in which people come to need them. */
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { linkKeyName, tableName, topicArn, topicName } from '../../lib/aws/names.ts';
import { createSecrets } from '../../lib/aws/secrets.ts';
import { cellOf, example, NUMBER } from '../cdk/configurations.ts';
import { type Account, startAccount } from '../doctor/world.ts';
import { ONE_TIME_PASSWORD } from '../fakes/sns.ts';
import { ACCOUNT } from '../fakes/wire.ts';
import { aws } from './aws-cli.ts';
import { after, blocksOf, operating } from './commands.ts';

const EXAMPLE = cellOf(example());
const BLOCKS = blocksOf(operating()).filter((commands) => after(commands, 'aws').length > 0);
const LINK_KEY = linkKeyName(EXAMPLE);
/** The example as it was with one replica. */
const OLD_TABLE = tableName({ ...EXAMPLE, arbiters: ['us-east-2'] });

let account: Account;
beforeEach(async () => {
  account = await startAccount(example());
  for (const [name, value] of Object.entries({ '/quorumwatch/slack': 'https://hooks.slack.com/old', '/quorumwatch/hook': 'old' }))
    account.aws.ssm.parameters.set(name, value);
});
afterEach(() => account.close());

/** What a function of that region reads. */
const secretsIn = (region: string) => createSecrets({ clock: account.clock, region });

/** What a block of commands is for. */
interface Purpose {
  before(): unknown;
  /** What doctor, in that block or as it is asked here, says before, and no more after it. */
  finding?: [id: string, what: string];
  after(): unknown;
}

/** By how the first AWS command of the block begins. */
const PURPOSES: Record<string, Purpose> = {
  'ssm put-parameter --region us-east-1 --name /quorumwatch/slack': {
    before() {
      account.aws.ssm.parameters.delete('/quorumwatch/slack');
      for (const region of EXAMPLE.arbiters.slice(1)) account.aws.ssm.write(region, '/quorumwatch/slack', 'there');
    },
    finding: ['secrets', 'secret /quorumwatch/slack in us-east-1 cannot be read'],
    after: async () =>
      expect(await secretsIn('us-east-1').resolveText({ ssm: '/quorumwatch/slack' })).toBe(
        'https://hooks.slack.com/services/T0/B0/X0',
      ),
  },
  'sns confirm-subscription': {
    before() {
      const topic = topicArn('eu-west-1', ACCOUNT, topicName('example', 'tiers', 1));
      const mail = account.aws.sns.subscriptions.find((each) => each.topic === topic && each.protocol === 'email');
      Object.assign(mail ?? {}, { state: 'pending', token: '2336412f37fb687f5d51e6e2425c464de12cb4' });
    },
    finding: ['subscriptions', 'eu-west-1, tier 1: email ops@example.org has not confirmed'],
    after: () => expect(account.aws.sns.subscriptions.filter(({ isKept }) => isKept)).toHaveLength(1),
  },
  'sns get-sms-sandbox-account-status': {
    before() {
      account.aws.sns.sandboxed.add('eu-west-1');
      account.aws.sns.smsAttributes.delete('eu-west-1');
      account.aws.sns.spendQuotas.set('eu-west-1', 50);
      expect(ONE_TIME_PASSWORD).toBe('123456');
    },
    finding: ['sms-sandbox', `eu-west-1 text messages do not reach ${NUMBER}`],
    after: () => expect(account.aws.sns.smsAttributes.get('eu-west-1')).toEqual({ MonthlySpendLimit: '20' }),
  },
  'dynamodb update-table': {
    before: () =>
      new DynamoDBClient({ region: 'us-east-2' }).send(
        new CreateTableCommand({
          TableName: OLD_TABLE,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        }),
      ),
    after: async () => {
      const asked = new DynamoDBClient({ region: 'us-east-2' }).send(new DescribeTableCommand({ TableName: OLD_TABLE }));
      const { Table } = await asked.catch(() => ({ Table: { TableStatus: 'gone' } }));
      expect(['DELETING', 'gone']).toContain(Table?.TableStatus);
    },
  },
  'ssm put-parameter --region us-east-1 --name /quorumwatch/hook': {
    before() {},
    after: async () => {
      expect(await secretsIn('us-east-1').resolveText({ ssm: '/quorumwatch/hook' })).toBe('a new secret');
      expect(await secretsIn('us-east-2').resolveText({ ssm: '/quorumwatch/hook' })).toBe('old');
    },
  },
  'secretsmanager put-secret-value': {
    before() {
      account.aws.secretsManager.secrets.set(LINK_KEY, 'the old key');
      account.aws.secretsManager.regionsOf.set(LINK_KEY, EXAMPLE.arbiters.toSorted());
    },
    after: async () =>
      expect(await secretsIn('us-west-2').secretVersions(LINK_KEY)).toEqual([
        'sixty-four letters that nobody can guess',
        'the old key',
      ]),
  },
};

const beginsWith = (block: readonly string[][], beginning: string): boolean =>
  (after(block, 'aws')[0] ?? []).join(' ').startsWith(beginning);
const blockOf = (beginning: string) => BLOCKS.find((block) => beginsWith(block, beginning)) ?? [];
/** NAME is whatever the output `LinkSecret` says. */
const awsCommandsOf = (block: string[][]): string[][] =>
  after(block, 'aws').map((words) => words.map((word) => (word === 'NAME' ? LINK_KEY : word)));

/** What doctor says of these, each finding in a line. */
async function doctorSays(...ids: string[]): Promise<string[]> {
  const { diagnoses } = await account.doctor(ids);
  return diagnoses.flatMap(({ findings }) => findings.map(({ subject, what }) => `${subject} ${what}`));
}

describe('the commands of the block that begins with', () => {
  it.each(Object.entries(PURPOSES))('aws %s do what people need them for', async (beginning, purpose) => {
    const block = blockOf(beginning);
    const [id, finding] = purpose.finding ?? [];
    const asked = after(block, 'npx', 'quorumwatch', 'doctor').flatMap((words) => words.filter((word) => word !== '--only'));
    const ids = [...new Set([...asked, ...(id === undefined ? [] : [id])])];
    await purpose.before();
    if (id !== undefined) expect(await doctorSays(id)).toEqual([expect.stringContaining(finding ?? '')]);
    for (const words of awsCommandsOf(block)) await aws(...words);
    if (ids.length > 0) expect(await doctorSays(...ids)).toEqual([]);
    await purpose.after();
  });

  it('… are all of them', () => {
    const purposes = BLOCKS.map((block) => Object.keys(PURPOSES).filter((beginning) => beginsWith(block, beginning)));
    expect(purposes).toEqual(Object.keys(PURPOSES).map((beginning) => [beginning]));
  });
});

describe('a slip is found:', () => {
  const TOPIC = topicArn('eu-west-1', ACCOUNT, topicName('example', 'tiers', 1));

  it.each([
    [
      'a flag, and what is missing',
      'sns publish --region eu-west-1 --text b',
      '--text: is not known; Publish.Message: is required',
    ],
    ['no region', 'sns publish --message b', '--region: is missing'],
    ['an operation', 'sns shout', 'aws sns shout: is not known'],
    ['a service', 'weather ask', 'aws weather ask: is not known'],
    ['a token', `sns confirm-subscription --region eu-west-1 --topic-arn ${TOPIC} --token wrong`, 'Invalid parameter: Token'],
    ['a region', `sns confirm-subscription --region us-east-2 --topic-arn ${TOPIC} --token wrong`, 'Invalid parameter: TopicArn'],
    ['a limit', 'sns set-sms-attributes --region us-east-2 --attributes MonthlySpendLimit=20', 'MonthlySpendLimit'],
    ['an attribute', 'sns set-sms-attributes --region us-east-2 --attributes SpendLimit=20', 'Invalid parameter: attributes'],
    [
      'a password',
      'sns verify-sms-sandbox-phone-number --region us-east-2 --phone-number +12025550100 --one-time-password 1',
      'Phone number does not exist',
    ],
    [
      'what is there already',
      'ssm put-parameter --region us-east-1 --name /quorumwatch/hook --type SecureString --value b',
      'The parameter already exists.',
    ],
    [
      'the region of a copy',
      `secretsmanager put-secret-value --region us-west-2 --secret-id ${LINK_KEY} --secret-string b`,
      'replica secret',
    ],
    [
      'what is protected',
      `dynamodb delete-table --region us-east-1 --table-name ${tableName(EXAMPLE)}`,
      'protected against deletion',
    ],
  ])('%s', async (_, command, said) => {
    account.aws.secretsManager.regionsOf.set(LINK_KEY, ['us-east-1', 'us-west-2']);
    await expect(aws(...command.split(' '))).rejects.toThrow(said);
  });
});
