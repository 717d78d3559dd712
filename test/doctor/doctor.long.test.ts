import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { topicArn } from '../../lib/aws/names.ts';
import type { Assumption } from '../../lib/doctor/assumption.ts';
import { ASSUMPTIONS } from '../../lib/doctor/assumptions.ts';
import { diagnose } from '../../lib/doctor/run.ts';
import { example, SMALL } from '../cdk/configurations.ts';
import { resourcesOf, synthesise, synthesised, templateOf } from '../cdk/synthesis.ts';
import { ACCOUNT } from '../fakes/wire.ts';
import { BROKEN } from './broken.ts';
import { type Account, CELL, startAccount } from './world.ts';

let account: Account;
beforeEach(async () => {
  account = await startAccount();
});
afterEach(() => account.close());

const CLEAN = { healthChecks: 0, alarms: 0, queues: 0 };

/** What one assumption's check says: its outcome, and each finding in a line. */
async function proof(id: string) {
  const { code, diagnoses } = await account.doctor([id]);
  expect(code).toBe(diagnoses[0]?.outcome === 'holds' ? 0 : 1);
  expect(account.leftovers()).toEqual(CLEAN);
  return [
    diagnoses[0]?.outcome,
    ...(diagnoses[0]?.findings ?? []).map(({ subject, what, todo }) => `${subject} ${what} (${todo})`),
  ];
}

describe('quorumwatch doctor', () => {
  it('proves every assumption where everything is as it should be, and leaves nothing behind', async () => {
    const { code, diagnoses } = await account.doctor();
    expect(diagnoses.map(({ id, outcome, findings }) => ({ id, outcome, findings }))).toEqual(
      ASSUMPTIONS.map(({ id }) => ({ id, outcome: 'holds', findings: [] })),
    );
    expect(code).toBe(0);
    expect(account.leftovers()).toEqual(CLEAN);
  });
});

it('lambda-concurrency counts in every region what the templates reserve there', async () => {
  // It pages from a region that does nothing else.
  await account.close();
  account = await startAccount(SMALL);
  const synthesis = synthesise(SMALL);
  const reserved = new Map<string, number>();
  for (const [id, { region = '' }] of Object.entries(synthesis.places))
    for (const [, { Properties }] of resourcesOf(templateOf(synthesis, id), 'AWS::Lambda::Function'))
      reserved.set(region, (reserved.get(region) ?? 0) + Properties.ReservedConcurrentExecutions);
  for (const region of reserved.keys()) account.aws.lambda.limits.set(region, { concurrent: 10, unreserved: 10 });
  const [, ...said] = await proof('lambda-concurrency');
  const counted = said.map((line) => /^(\S+) .*; ours reserve (\d+),/.exec(line ?? '')?.slice(1));
  expect(counted.toSorted()).toEqual([...reserved].map(([region, count]) => [region, String(count)]).toSorted());
});

describe('doctor notices', () => {
  it.each(BROKEN)('%s', async (_, id, break_, said) => {
    await break_(account);
    expect(await proof(id)).toEqual(said);
  });

  it('knows of every assumption a way in which it fails', () => {
    expect(ASSUMPTIONS.map(({ id }) => id).filter((id) => !BROKEN.some((each) => each[1] === id))).toEqual([]);
  });
});

describe('doctor takes away what it made', () => {
  it('also when a check fails in the middle', async () => {
    account.aws.fail('failing', { service: 'monitoring', region: 'us-east-1' });
    const [outcome] = await proof('switch');
    expect(outcome).toBe('unknown');
    const undone = account.aws.calls.map(({ operation }) => operation).filter((operation) => operation.startsWith('Delete'));
    expect(undone).toEqual(['DeleteHealthCheck', 'DeleteAlarms']);
  });

  it('also when somebody stops it', async () => {
    account.aws.route53.untrue.add('flags');
    const stop = new AbortController();
    const { sleep } = account.clock;
    // The waiting for Route 53.
    account.clock.sleep = (ms, signal) => {
      if (ms > 5_000) stop.abort();
      return sleep(ms, signal);
    };
    const { code, diagnoses, err } = await account.doctor(['switch', 'clocks'], stop.signal);
    expect(diagnoses.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['clocks', 'holds'],
      ['switch', 'unknown'],
    ]);
    expect({ code, err }).toEqual({
      code: 1,
      err: 'waiting for Route 53 to call the throwaway switch unhealthy: some minutes\n',
    });
    expect(account.leftovers()).toEqual(CLEAN);
  });

  it('and says what it could not', async () => {
    account.aws.fail('failing', { service: 'monitoring', region: 'us-east-2' });
    const { code, diagnoses } = await account.doctor(['switch']);
    expect(diagnoses[0]?.findings[1]).toMatchObject({
      subject: expect.stringMatching(/^alarm quorumwatch-doctor-[0-9a-f]{8}-switch-doctor\.doctor in us-east-2$/),
      what: expect.stringMatching(/^was left behind: /),
      todo: 'delete it by hand',
    });
    expect(code).toBe(1);
  });
});

it('what was left behind is a finding, also where the assumption holds', async () => {
  const leaving: Assumption = {
    id: 'leaving',
    claim: '',
    source: '',
    proof: '',
    concerns: () => true,
    async check({ undo }) {
      undo('a thing', () => Promise.reject(new Error('it is stuck')));
      return [];
    },
  };
  const { cell, clock } = account;
  const options = { cell, clock, id: 'id', readSecret: async () => '', progress: () => {} };
  const diagnoses = await diagnose([leaving], options, () => {}, new AbortController().signal);
  const findings = [{ subject: 'a thing', what: 'was left behind: it is stuck', todo: 'delete it by hand' }];
  expect(diagnoses).toMatchObject([{ outcome: 'fails', findings }]);
});

it.each([
  ['the only replica', 'table: { replicas: [eu-west-1] }', 'eu-west-1'],
  ['the replica that writes first', '', 'us-east-1'],
])('an outdated write is tried through %s, too', async (_, replicas, careless) => {
  const yaml = replicas === '' ? CELL : CELL.replace(/^table:.*$/m, replicas);
  const other = await startAccount(yaml);
  expect((await other.doctor(['compare-and-set'])).diagnoses).toMatchObject([{ outcome: 'holds' }]);
  other.truths.set(careless, { careless: true });
  const { diagnoses } = await other.doctor(['compare-and-set']);
  await other.close();
  const subject = `table in ${careless}`;
  const findings = [expect.objectContaining({ subject, what: 'took a write that had already been overtaken' })];
  expect(diagnoses).toMatchObject([{ outcome: 'fails', findings }]);
});

describe('the policy that the stacks give the first tier’s topic', () => {
  /** As it is once deployed: `Ref` of a topic is its ARN. */
  function policies(): Map<string, { Statement: { Sid: string }[] }> {
    const { stacks, places } = synthesised(example());
    const paging = Object.entries(stacks).filter(([stack]) => stack.startsWith('Paging-'));
    return new Map(
      paging.map(([stack, { Resources }]) => {
        const [id, topic] = Object.entries(Resources).find(([, { Properties }]) => /-tier-1$/.test(Properties.TopicName)) ?? [];
        const arn = topicArn(places[stack]?.region ?? '', ACCOUNT, topic?.Properties.TopicName);
        const policy = Object.values(Resources).find(
          ({ Type, Properties }) => Type === 'AWS::SNS::TopicPolicy' && Properties.Topics[0].Ref === id,
        );
        const text = JSON.stringify(policy?.Properties.PolicyDocument).replaceAll(`{"Ref":"${id}"}`, JSON.stringify(arn));
        return [arn, JSON.parse(text)];
      }),
    );
  }

  it('lets every alarm publish, by the statement that names alarms', async () => {
    const deployed = await startAccount(example());
    const asked = async () => (await deployed.doctor(['alarm-topics'])).diagnoses[0]?.findings.map(({ what }) => what);
    const given = policies();
    expect([...given.keys()].every((arn) => deployed.aws.sns.topics.has(arn)) && given.size).toBe(2);
    for (const [arn, policy] of given) deployed.aws.sns.attributes.set(arn, { Policy: JSON.stringify(policy) });
    expect(await asked()).toEqual([]);
    for (const [arn, { Statement }] of given) {
      const Policy = JSON.stringify({ Statement: Statement.filter(({ Sid }) => Sid !== 'Alarms') });
      deployed.aws.sns.attributes.set(arn, { Policy });
    }
    expect(await asked()).toEqual(['does not let 13 of 13 alarms publish', 'does not let 13 of 13 alarms publish']);
    await deployed.close();
  });
});

it('a secret is read where its check is, and nowhere else', async () => {
  const four = CELL.replace('ap-northeast-1]', 'ap-northeast-1, sa-east-1]').replace(
    'type: http, headers',
    'type: http, vantages: [us-east-2, ap-northeast-1, sa-east-1], headers',
  );
  const other = await startAccount(four);
  await other.doctor(['secrets']);
  const regions = other.aws.calls.filter(({ service }) => service === 'ssm').map(({ region }) => region);
  await other.close();
  expect(regions.toSorted()).toEqual(['ap-northeast-1', 'sa-east-1', 'us-east-2']);
});

it('an assumption that there is not is wrong input', async () => {
  await expect(account.doctor(['weather'])).rejects.toThrow(
    '--only: "weather" is not one (write table-mode, history, compare-and-set, clocks,',
  );
});

it('what does not concern a cell is not asked', async () => {
  const plain = await startAccount(`
name: plain
vantages: [eu-west-1, us-east-2, ap-northeast-1]
nodes: { n1: { url: https://n1.example.org, checks: { api: { type: http } } } }
`);
  plain.truths.set('eu-west-1', { consistency: 'EVENTUAL' });
  const { diagnoses, code } = await plain.doctor();
  await plain.close();
  expect(diagnoses.map(({ id }) => id)).toEqual([
    'table-mode',
    'history',
    'compare-and-set',
    'clocks',
    'queues',
    'queue-delay',
    'metrics',
    'lambda-concurrency',
  ]);
  expect(code).toBe(0);
});
