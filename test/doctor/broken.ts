import { expect } from 'vitest';
import type { Account } from './world.ts';

/** What is broken, whose check is to notice it, how it is broken, and what is said of it: the outcome, and each finding in a line. */
type Case = [what: string, id: string, break_: (account: Account) => unknown, said: unknown[]];

/** What was published of somebody to the first paging region. */
const saidOf = (aws: Account['aws'], metric: string, who: string) =>
  aws.cloudWatch.datapoints.filter(
    ({ region, name, dimensions }) => region === 'eu-west-1' && name === metric && Object.values(dimensions).includes(who),
  );

export const BROKEN: Case[] = [
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
    'history that is kept for ever',
    'history',
    ({ truths }) => truths.set('us-east-1', { forgets: undefined }),
    [
      'fails',
      'table quorumwatch-example-history in us-east-1 keeps history for ever, which is paid for (deploy the state stack)',
    ],
  ],
  [
    'history that forgets by something else',
    'history',
    ({ truths }) => truths.set('us-east-1', { forgets: 'ttl' }),
    [
      'fails',
      'table quorumwatch-example-history in us-east-1 keeps history for ever, which is paid for (deploy the state stack)',
    ],
  ],
  [
    'a history table that is not there',
    'history',
    ({ truths, removeHistory }) => {
      truths.set('local', { protected: false });
      return removeHistory();
    },
    ['fails', 'table quorumwatch-example-history in us-east-1 is not there (deploy the state stack)'],
  ],
  [
    'a replica that takes outdated writes',
    'compare-and-set',
    ({ truths }) => truths.set('us-east-2', { careless: true }),
    [
      'fails',
      'table in us-east-2 took a write that had already been overtaken (do not run on this table; destroy and deploy it again)',
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
      'us-east-2 text messages do not reach +12025550100: the account is in the SMS sandbox (verify the number there, or ask AWS to leave the sandbox)',
    ],
  ],
  [
    'a number that was not verified to its end',
    'sms-sandbox',
    ({ aws }) => {
      aws.sns.sandboxed.add('us-east-2');
      aws.sns.sandboxNumbers.set('us-east-2', new Map([['+12025550100', 'Pending']]));
    },
    ['fails', expect.stringContaining('us-east-2 text messages do not reach +12025550100')],
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
    'a topic whose policy was changed by hand',
    'alarm-topics',
    ({ aws }) => {
      for (const topic of aws.sns.topics)
        if (topic.startsWith('arn:aws:sns:eu-west-1:')) aws.sns.attributes.set(topic, { Policy: '{"Statement":[]}' });
    },
    [
      'fails',
      'topic quorumwatch-example-tier-1 in eu-west-1 does not let 11 of 11 alarms publish (give its policy back what the paging stack wrote: cloudwatch.amazonaws.com may publish for the alarms of the cell)',
    ],
  ],
  [
    "a topic that is encrypted with AWS's own key",
    'alarm-topics',
    ({ aws }) => {
      for (const topic of aws.sns.topics)
        if (topic.startsWith('arn:aws:sns:us-east-2:')) aws.sns.attributes.set(topic, { KmsMasterKeyId: 'alias/aws/sns' });
    },
    [
      'fails',
      'topic quorumwatch-example-tier-1 in us-east-2 is encrypted with a key that alarms cannot use (use a key of your own that cloudwatch.amazonaws.com may use, or none)',
    ],
  ],
  [
    'an arbiter that is not heard',
    'metrics',
    ({ aws }) => {
      for (const each of saidOf(aws, 'Tick', 'us-west-2')) each.at -= 3_600_000;
    },
    [
      'fails',
      expect.stringMatching(
        /^eu-west-1 nothing of tick\/us-west-2 has come for 10 min: quorumwatch-example-tick-us-west-2 will fire \(.+\)$/,
      ),
    ],
  ],
  [
    'a vantage that was never heard',
    'metrics',
    ({ aws }) => {
      for (const each of saidOf(aws, 'BallotAge', 'ap-northeast-1')) each.at -= 3_600_000;
    },
    [
      'fails',
      'eu-west-1 nothing of silent/ap-northeast-1 has come for 10 min: quorumwatch-example-silent-ap-northeast-1 will fire (Look at the log of the prober in ap-northeast-1, then at its schedule and queue.)',
    ],
  ],
  [
    'a vantage that votes no more',
    'metrics',
    ({ aws }) => {
      for (const each of saidOf(aws, 'BallotAge', 'ap-northeast-1')) each.value = 3_600;
    },
    [
      'fails',
      expect.stringMatching(
        /^eu-west-1 says that vantage ap-northeast-1 has cast no ballot for \d+ s: quorumwatch-example-silent-ap-northeast-1 will fire \(.+\)$/,
      ),
    ],
  ],
  [
    'a function URL that nobody may ask',
    'metrics',
    ({ aws }) => {
      for (const each of saidOf(aws, 'Web', 'us-east-1')) each.at -= 3_600_000;
    },
    [
      'fails',
      'eu-west-1 nothing of web/us-east-1 has come for 10 min: quorumwatch-example-web-us-east-1 will fire (Look at the log of the web function in us-east-1. Where that is empty, the account or its organisation forbids public function URLs.)',
    ],
  ],
  [
    'an account with little concurrency',
    'lambda-concurrency',
    ({ aws }) => aws.lambda.limits.set('us-east-2', { concurrent: 120, unreserved: 100 }),
    [
      'fails',
      'us-east-2 120 functions may run at a time, 100 of them unreserved; ours reserve 21, and 100 must stay (ask for more under Service Quotas (Lambda, concurrent executions), or deploy with -c reserveConcurrency=false)',
    ],
  ],
  [
    'an account whose concurrency others have reserved',
    'lambda-concurrency',
    ({ aws }) => aws.lambda.limits.set('eu-west-1', { concurrent: 1_000, unreserved: 40 }),
    ['fails', expect.stringContaining('eu-west-1 1000 functions may run at a time, 40 of them unreserved')],
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
    'a switch that takes no updates',
    'switch',
    ({ aws }) => aws.route53.untrue.add('updates'),
    [
      'fails',
      ...[
        'did not take Disabled and Inverted',
        'does not say that it is out',
        'was not called unhealthy by its flags',
        'did not come back',
      ].map((what) => expect.stringContaining(`throwaway switch ${what}`)),
    ],
  ],
  [
    'a switch that does not come back',
    'switch',
    ({ aws }) => aws.route53.untrue.add('returns'),
    ['fails', expect.stringContaining('throwaway switch was not called healthy again without its flags')],
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
