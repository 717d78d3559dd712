import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ASSUMPTIONS } from '../../lib/doctor/assumptions.ts';
import { type Account, startAccount } from './world.ts';

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

type Case = [what: string, id: string, break_: (account: Account) => unknown, said: unknown[]];

const BROKEN: Case[] = [
  [
    'a table that is eventually consistent',
    'table-mode',
    ({ truths }) => truths.set('us-east-2', { consistency: 'EVENTUAL' }),
    ['fails', 'table in us-east-2 is eventually consistent: arbiters would decide twice (destroy and deploy it again)'],
  ],
  [
    'a table that anybody can delete',
    'table-mode',
    ({ truths }) => truths.set('us-west-2', { protected: false }),
    ['fails', 'table in us-west-2 can be deleted by mistake (deploy without -c protect=false)'],
  ],
  [
    'a replica that takes outdated writes',
    'compare-and-set',
    ({ truths }) => truths.set('us-east-2', { careless: true }),
    [
      'fails',
      'table in us-east-2 took a write that another replica had already overtaken (do not run on this table; destroy and deploy it again)',
    ],
  ],
  [
    'a replica that is late',
    'compare-and-set',
    ({ truths }) => truths.set('us-west-2', { blind: true }),
    [
      'fails',
      ...['us-east-1', 'us-east-2', 'us-west-2'].map((by) =>
        expect.stringContaining(`table in us-west-2 did not show what ${by} had just written`),
      ),
    ],
  ],
  [
    'replicas whose clocks differ',
    'clocks',
    ({ truths }) => truths.set('us-west-2', { offMs: -9_000 }),
    [
      'fails',
      'replicas say times that are 9000 ms apart (wait; vantages abstain meanwhile)',
      'this machine is 9 s ahead (set its clock by NTP)',
    ],
  ],
  [
    'a vantage that is not deployed',
    'queues',
    ({ aws, vantageQueue }) => aws.sqs.queues.delete(vantageQueue('us-east-2')),
    ['fails', 'queue quorumwatch-example-vantage is not in us-east-2 (deploy the vantage stack there)'],
  ],
  [
    'messages that never come',
    'queue-delay',
    ({ aws }) => aws.sqs.swallow(),
    ['fails', 'queue in eu-west-1 delivered nothing within 30 s (look at the AWS health dashboard)'],
  ],
  [
    'messages that come too early',
    'queue-delay',
    ({ aws }) => aws.sqs.hasten(3_000),
    ['fails', 'queue in eu-west-1 delivered a delay of 3 s after 0 s (look at the AWS health dashboard)'],
  ],
  [
    'messages that come too late',
    'queue-delay',
    ({ aws }) => aws.sqs.hasten(-10_000),
    ['fails', expect.stringMatching(/^queue in eu-west-1 delivered a delay of 3 s after 13/)],
  ],
  [
    'mail that nobody confirmed',
    'subscriptions',
    ({ aws }) => {
      for (const each of aws.sns.subscriptions) if (each.protocol === 'email') each.state = 'pending';
    },
    [
      'fails',
      'eu-west-1, tier 1: email ops@example.org has not confirmed its subscription (open the mail or the request of AWS, and confirm)',
      'us-east-2, tier 1: email ops@example.org has not confirmed its subscription (open the mail or the request of AWS, and confirm)',
    ],
  ],
  [
    'the SMS sandbox',
    'sms-sandbox',
    ({ aws }) => aws.sns.sandboxed.add('us-east-2'),
    [
      'fails',
      'us-east-2 text messages reach verified numbers only: the account is in the SMS sandbox (verify the numbers there, or ask AWS to leave the sandbox)',
    ],
  ],
  [
    'a spend limit that one night uses up',
    'sms-limit',
    ({ aws }) => aws.sns.smsAttributes.delete('eu-west-1'),
    [
      'fails',
      'eu-west-1 the limit is USD 1 a month; 8 h without an answer are 16 text messages, about USD 1.28 (raise the spend limit)',
    ],
  ],
  [
    'an alarm whose actions are off',
    'alarms',
    ({ aws }) => {
      for (const each of aws.cloudWatch.alarms) if (each.name.endsWith('blind')) each.actionsEnabled = false;
    },
    [
      'fails',
      'eu-west-1, the alarm quorumwatch-example-blind will tell nobody: it is missing, or its actions are off (deploy the watch stack, or switch its actions on)',
      expect.stringContaining('us-east-2, the alarm quorumwatch-example-blind'),
    ],
  ],
  [
    'an arbiter that is not heard',
    'metrics',
    ({ aws }) => {
      const at = aws.cloudWatch.datapoints.findIndex(({ dimensions }) => dimensions.region === 'us-west-2');
      aws.cloudWatch.datapoints.splice(at, 1);
    },
    [
      'fails',
      expect.stringMatching(
        /^eu-west-1 nothing of tick\/us-west-2 has come for 10 min: quorumwatch-example-tick-us-west-2 will fire \(.+\)$/,
      ),
    ],
  ],
  [
    'an account with little concurrency',
    'lambda-concurrency',
    ({ aws }) => aws.lambda.limits.set('us-east-2', { concurrent: 110, unreserved: 100 }),
    [
      'fails',
      'us-east-2 110 functions may run at a time, 100 of them unreserved; ours reserve 20, and 100 must stay (ask for more under Service Quotas (Lambda, concurrent executions), or deploy with -c reserveConcurrency=false)',
    ],
  ],
  [
    'an account with too few health checks, one of which is missing',
    'health-checks',
    ({ aws, switches }) => {
      aws.route53.limits.healthChecks = 1;
      aws.route53.checks.delete(switches.get('api/us1')?.id ?? '');
    },
    [
      'fails',
      'Route 53 1 of 1 health checks are used, and 1 switches are still to come (ask for more under Service Quotas (Route 53, health checks))',
      'switch of api/us1 is not there (deploy the records stack)',
    ],
  ],
  [
    'a secret that is not there',
    'secrets',
    ({ aws }) => aws.secretsManager.secrets.delete('example/hook'),
    [
      'fails',
      ...['us-east-1', 'us-east-2', 'us-west-2'].map((region) =>
        expect.stringMatching(new RegExp(`^secret example/hook in ${region} cannot be read: `)),
      ),
    ],
  ],
  [
    'a switch whose flags do nothing',
    'switch',
    ({ aws }) => aws.route53.untrue.add('flags'),
    ['fails', 'throwaway switch was not called unhealthy by its flags alone (set guard.mode: report, and report it)'],
  ],
  [
    'a switch that takes outdated updates',
    'switch',
    ({ aws }) => aws.route53.untrue.add('versions'),
    [
      'fails',
      'throwaway switch took an update whose version was outdated: two arbiters could overrule each other (set guard.mode: report, and report it)',
      'throwaway switch does not say that it is out of service after it was flipped (set guard.mode: report, and report it)',
      'throwaway switch was not called unhealthy by its flags alone (set guard.mode: report, and report it)',
    ],
  ],
  [
    'a switch whose metric does nothing',
    'switch',
    ({ aws }) => aws.route53.untrue.add('alarms'),
    ['fails', 'throwaway switch was not called unhealthy by its metric alone (set guard.mode: report, and report it)'],
  ],
  [
    'health checks of which Route 53 says nothing',
    'switch',
    ({ aws }) => aws.route53.untrue.add('published'),
    [
      'unknown',
      expect.stringMatching(/^switch cannot be asked: Route 53 published nothing of health check \S+ within 10 min \(.+\)$/),
    ],
  ],
  [
    'a service that does not answer',
    'health-checks',
    ({ aws }) => aws.fail('failing', { service: 'route53' }),
    ['unknown', expect.stringMatching(/^health-checks cannot be asked: .+ \(see that it is deployed, and that you may ask\)$/)],
  ],
];

describe('doctor notices', () => {
  it.each(BROKEN)('%s', async (_, id, break_, said) => {
    break_(account);
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
    expect(account.aws.calls.map(({ operation }) => operation)).toContain('DeleteHealthCheck');
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

it('an assumption that there is not is wrong input', async () => {
  await expect(account.doctor(['weather'])).rejects.toThrow(
    '--only: "weather" is not one (write table-mode, compare-and-set, clocks,',
  );
});

it('what does not concern a cell is not asked', async () => {
  const plain = await startAccount(`
name: plain
vantages: [eu-west-1, us-east-2, ap-northeast-1]
nodes: { n1: { url: https://n1.example.org, checks: { api: { type: http } } } }
`);
  const { diagnoses, code } = await plain.doctor();
  await plain.close();
  expect(diagnoses.map(({ id }) => id)).toEqual([
    'table-mode',
    'compare-and-set',
    'clocks',
    'queues',
    'queue-delay',
    'metrics',
    'lambda-concurrency',
  ]);
  expect(code).toBe(0);
});
