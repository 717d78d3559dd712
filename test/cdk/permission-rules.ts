import { expect } from 'vitest';
import type { FunctionRole } from '../../lib/aws/names.ts';
import {
  beatKeyName,
  historyTableName,
  linkKeyName,
  metricNamespace,
  stateRegion,
  tableName,
  topicArn,
  topicName,
  vantageQueueName,
  wakeQueueName,
} from '../../lib/aws/names.ts';
import { isHeartbeat } from '../../lib/core/heartbeats.ts';
import { allows, feedOf, functionOf, logOf, type Request, roleOf, statementsOf } from './policies.ts';
import type { Rule } from './rules.ts';
import { ACCOUNT, type Resource, resourcesOf, type Synthesis, templateOf } from './synthesis.ts';

/** What each role may do, and what it may not. */

const may = (role: Resource, ...requests: Request[]): void => {
  for (const request of requests) expect(allows(role, request), `${JSON.stringify(request)} is allowed`).toBe(true);
};
const mayNot = (role: Resource, ...requests: Request[]): void => {
  for (const request of requests) expect(allows(role, request), `${JSON.stringify(request)} is allowed`).toBe(false);
};

const arn = (service: string, region: string, name: string): string => `arn:aws:${service}:${region}:${ACCOUNT}:${name}`;

/** A request for items with these partition keys, to every replica. */
const items = ({ cell }: Synthesis, action: string, ...keys: string[]): Request[] =>
  cell.arbiters.map((region) => ({
    action: `dynamodb:${action}`,
    resource: arn('dynamodb', region, `table/${tableName(cell)}`),
    ...(keys.length > 0 && { context: { 'dynamodb:LeadingKeys': keys } }),
  }));

/** The same of the history table, which is in one region. */
const history = ({ cell }: Synthesis, action: string, ...keys: string[]): Request => ({
  action: `dynamodb:${action}`,
  resource: arn('dynamodb', stateRegion(cell.arbiters), `table/${historyTableName(cell)}`),
  ...(keys.length > 0 && { context: { 'dynamodb:LeadingKeys': keys } }),
});

const send = ({ cell }: Synthesis, to: 'vantages' | 'arbiters'): Request[] =>
  cell[to].map((region) => ({
    action: 'sqs:SendMessage',
    resource: arn('sqs', region, to === 'vantages' ? vantageQueueName(cell.name) : wakeQueueName(cell.name)),
  }));

const publish = (synthesis: Synthesis): Request[] => onTopics(synthesis, 'sns:Publish');

/** Whether pages reach people, and the alarms can act. */
const inspect = (synthesis: Synthesis): Request[] => [
  ...onTopics(synthesis, 'sns:ListSubscriptionsByTopic'),
  ...['sns:GetSMSAttributes', 'cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricStatistics'].map((action) => ({
    action,
    resource: '*',
  })),
];

const onTopics = ({ cell }: Synthesis, action: string): Request[] =>
  cell.paging.regions.flatMap((region) =>
    (['tiers', 'quiet'] as const).flatMap((list) =>
      cell.paging[list].map((_, at) => ({
        action,
        resource: topicArn(region, ACCOUNT, topicName(cell.name, list, at + 1)),
      })),
    ),
  );

const flips: Request[] = [
  { action: 'route53:ListHealthChecks', resource: '*' },
  ...['GetHealthCheck', 'UpdateHealthCheck', 'ListTagsForResources'].map((call) => ({
    action: `route53:${call}`,
    resource: 'arn:aws:route53:::healthcheck/some-id',
  })),
];

const measure = (namespace: string): Request => ({
  action: 'cloudwatch:PutMetricData',
  resource: '*',
  context: { 'cloudwatch:namespace': [namespace] },
});

const writeLog = (log: string): Request[] =>
  ['CreateLogStream', 'PutLogEvents'].map((call) => ({ action: `logs:${call}`, resource: log }));

const feed = (queue: string): Request[] =>
  ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((call) => ({ action: `sqs:${call}`, resource: queue }));

/** Every action that a role may have a statement for. */
const ACTIONS: Record<FunctionRole, string[]> = {
  prober: [
    ...['logs:CreateLogStream', 'logs:PutLogEvents', 'ssm:GetParameter', 'secretsmanager:GetSecretValue'],
    ...['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:SendMessage'],
    ...['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:BatchGetItem'],
  ],
  arbiter: [
    ...['logs:CreateLogStream', 'logs:PutLogEvents', 'ssm:GetParameter', 'secretsmanager:GetSecretValue'],
    ...[
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:SendMessage',
      'sns:Publish',
      'cloudwatch:PutMetricData',
    ],
    ...['sns:ListSubscriptionsByTopic', 'sns:GetSMSAttributes', 'cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricStatistics'],
    ...['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
    ...['route53:ListHealthChecks', 'route53:GetHealthCheck', 'route53:UpdateHealthCheck', 'route53:ListTagsForResources'],
  ],
  web: [
    ...['logs:CreateLogStream', 'logs:PutLogEvents', 'secretsmanager:GetSecretValue', 'sqs:SendMessage'],
    ...['dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
  ],
  gate: ['logs:CreateLogStream', 'logs:PutLogEvents', 'cloudwatch:DescribeAlarms', 'cloudwatch:GetMetricData'],
};

/** What any role of ours must not be able to do. */
const NOBODY: Request[] = [
  { action: 'route53:DeleteHealthCheck', resource: 'arn:aws:route53:::healthcheck/some-id' },
  { action: 'route53:ChangeResourceRecordSets', resource: 'arn:aws:route53:::hostedzone/Z1' },
  { action: 'dynamodb:DeleteItem', resource: '*' },
  { action: 'ssm:GetParameter', resource: arn('ssm', 'eu-west-1', 'parameter/somebody/else') },
  { action: 'secretsmanager:GetSecretValue', resource: arn('secretsmanager', 'eu-west-1', 'secret:other-AbCdEf') },
  { action: 'logs:PutLogEvents', resource: arn('logs', 'eu-west-1', 'log-group:other') },
];

export const PERMISSION_RULES: Rule[] = [
  {
    title: 'a prober casts its own ballot, sends to the queues, and can do nothing else',
    check(synthesis) {
      const { cell } = synthesis;
      for (const vantage of cell.vantages) {
        const template = templateOf(synthesis, `Vantage-${vantage}`);
        const prober = roleOf(template, 'prober');
        const ballot = `ballot/${cell.name}/${vantage}`;
        may(prober, ...writeLog(logOf(template, 'prober')), ...feed(arn('sqs', vantage, vantageQueueName(cell.name))));
        may(prober, ...items(synthesis, 'GetItem', ballot), ...items(synthesis, 'PutItem', ballot));
        may(prober, ...send(synthesis, 'vantages'), ...send(synthesis, 'arbiters'));
        mayNot(prober, ...NOBODY, ...flips, ...publish(synthesis), measure(metricNamespace(cell.name)));
        const others = [...cell.vantages.filter((each) => each !== vantage), 'x'].map((each) => `ballot/${cell.name}/${each}`);
        for (const key of [
          ...others,
          `ballot/other/${vantage}`,
          `ledger/${cell.name}`,
          `acts/${cell.name}`,
          `incident/${cell.name}`,
        ])
          mayNot(prober, ...items(synthesis, 'PutItem', key), ...items(synthesis, 'PutItem', ballot, key));
        mayNot(prober, ...items(synthesis, 'PutItem'), ...items(synthesis, 'GetItem'), ...items(synthesis, 'Scan'));
      }
    },
  },
  {
    title: 'history is added to by its prober, read by the web part, and nobody does anything else with it',
    check(synthesis) {
      const { cell } = synthesis;
      const ACTIONS_OF_TABLES = [
        'GetItem',
        'BatchGetItem',
        'Query',
        'Scan',
        'PutItem',
        'UpdateItem',
        'DeleteItem',
        'BatchWriteItem',
      ];
      const keyOf = (vantage: string): string => `history/${cell.name}/${vantage}`;
      const others = (but: string): string[] => ACTIONS_OF_TABLES.filter((action) => action !== but);
      for (const vantage of cell.vantages) {
        const prober = roleOf(templateOf(synthesis, `Vantage-${vantage}`), 'prober');
        const own = keyOf(vantage);
        may(prober, history(synthesis, 'PutItem', own));
        mayNot(prober, ...others('PutItem').map((action) => history(synthesis, action, own)), history(synthesis, 'PutItem'));
        for (const key of [...cell.vantages.filter((each) => each !== vantage).map(keyOf), `history/other/${vantage}`])
          mayNot(prober, history(synthesis, 'PutItem', key), history(synthesis, 'PutItem', own, key));
        // The voting table holds none of it, and history no votes.
        mayNot(prober, ...items(synthesis, 'PutItem', own), history(synthesis, 'PutItem', `ballot/${cell.name}/${vantage}`));
      }
      for (const region of cell.arbiters) {
        const template = templateOf(synthesis, `Arbiter-${region}`);
        const [web, arbiter] = [roleOf(template, 'web'), roleOf(template, 'arbiter')];
        for (const vantage of cell.vantages) {
          may(web, history(synthesis, 'Query', keyOf(vantage)));
          mayNot(web, ...others('Query').map((action) => history(synthesis, action, keyOf(vantage))));
          mayNot(arbiter, ...ACTIONS_OF_TABLES.map((action) => history(synthesis, action, keyOf(vantage))));
        }
        mayNot(
          web,
          history(synthesis, 'Query'),
          history(synthesis, 'Query', 'history/other/x'),
          history(synthesis, 'Query', keyOf('x'), 'x'),
        );
      }
    },
  },
  {
    title: 'a prober reads the secrets of its own checks',
    check(synthesis) {
      for (const vantage of synthesis.cell.vantages) {
        const prober = roleOf(templateOf(synthesis, `Vantage-${vantage}`), 'prober');
        const asked = JSON.stringify(synthesis.cell.checks);
        const parameter = { action: 'ssm:GetParameter', resource: arn('ssm', vantage, 'parameter/plain/key') };
        const secret = {
          action: 'secretsmanager:GetSecretValue',
          resource: arn('secretsmanager', vantage, 'secret:plain/body-AbCdEf'),
        };
        (asked.includes('"ssm":"/plain/key"') ? may : mayNot)(prober, parameter);
        (asked.includes('"secretsManager":"plain/body"') ? may : mayNot)(prober, secret);
        mayNot(prober, { ...secret, resource: `${secret.resource}more` });
      }
    },
  },
  {
    title: 'an arbiter reads the votes, writes ledger and incidents, pages, flips and measures',
    check(synthesis) {
      const { cell } = synthesis;
      const ballots = cell.vantages.map((vantage) => `ballot/${cell.name}/${vantage}`);
      for (const region of cell.arbiters) {
        const template = templateOf(synthesis, `Arbiter-${region}`);
        const arbiter = roleOf(template, 'arbiter');
        const ledger = `ledger/${cell.name}`;
        const linkKey = arn('secretsmanager', region, `secret:${linkKeyName(cell)}-AbCdEf`);
        may(arbiter, ...writeLog(logOf(template, 'arbiter')), ...feed(arn('sqs', region, wakeQueueName(cell.name))));
        may(arbiter, ...items(synthesis, 'BatchGetItem', ...ballots, `acts/${cell.name}`, ledger));
        may(arbiter, ...items(synthesis, 'GetItem', ledger), ...items(synthesis, 'PutItem', ledger));
        may(arbiter, ...items(synthesis, 'UpdateItem', `incident/${cell.name}`));
        may(arbiter, ...send(synthesis, 'vantages'));
        may(arbiter, measure(metricNamespace(cell.name)), { action: 'secretsmanager:GetSecretValue', resource: linkKey });
        (cell.paging.configured ? may : mayNot)(arbiter, ...publish(synthesis), ...inspect(synthesis));
        (cell.records.length > 0 ? may : mayNot)(arbiter, ...flips);
        mayNot(arbiter, ...NOBODY, measure('Quorumwatch/other'), { action: 'sns:Publish', resource: '+12025550100' });
        for (const key of [...ballots, `acts/${cell.name}`, 'ledger/other']) mayNot(arbiter, ...items(synthesis, 'PutItem', key));
        mayNot(arbiter, ...items(synthesis, 'BatchGetItem', 'ballot/other/x'), ...items(synthesis, 'BatchGetItem'));
      }
    },
  },
  {
    title: 'an arbiter reads the secrets of its hooks, and nobody else does',
    check(synthesis) {
      const hookSecret = (region: string) => ({
        action: 'ssm:GetParameter',
        resource: arn('ssm', region, 'parameter/quorumwatch/slack'),
      });
      for (const region of synthesis.cell.vantages)
        mayNot(roleOf(templateOf(synthesis, `Vantage-${region}`), 'prober'), hookSecret(region));
      for (const region of synthesis.cell.arbiters)
        mayNot(roleOf(templateOf(synthesis, `Arbiter-${region}`), 'web'), hookSecret(region));
      for (const region of synthesis.cell.arbiters) {
        const arbiter = roleOf(templateOf(synthesis, `Arbiter-${region}`), 'arbiter');
        const hooks = JSON.stringify(synthesis.cell.hooks);
        for (const path of ['slack', 'hook']) {
          const request = { action: 'ssm:GetParameter', resource: arn('ssm', region, `parameter/quorumwatch/${path}`) };
          (hooks.includes(`"/quorumwatch/${path}"`) ? may : mayNot)(arbiter, request);
        }
      }
    },
  },
  {
    title: 'the web part reads, writes acts and beats, and never the ledger',
    check(synthesis) {
      const { cell } = synthesis;
      for (const region of cell.arbiters) {
        const template = templateOf(synthesis, `Arbiter-${region}`);
        const web = roleOf(template, 'web');
        const [acts, ledger, incident] = [`acts/${cell.name}`, `ledger/${cell.name}`, `incident/${cell.name}`];
        may(web, ...writeLog(logOf(template, 'web')));
        may(web, ...items(synthesis, 'BatchGetItem', `ballot/${cell.name}/${cell.vantages[0]}`, acts, ledger));
        may(
          web,
          ...items(synthesis, 'Query', incident),
          ...items(synthesis, 'GetItem', acts),
          ...items(synthesis, 'PutItem', acts),
        );
        may(web, ...send(synthesis, 'arbiters'));
        const linkKey = arn('secretsmanager', region, `secret:${linkKeyName(cell)}-AbCdEf`);
        may(web, { action: 'secretsmanager:GetSecretValue', resource: linkKey });
        mayNot(
          web,
          ...NOBODY,
          ...flips,
          ...publish(synthesis),
          ...send(synthesis, 'vantages'),
          measure(metricNamespace(cell.name)),
        );
        for (const key of [ledger, incident, `ballot/${cell.name}/x`, 'acts/other', 'beat/other/x'])
          mayNot(web, ...items(synthesis, 'PutItem', key), ...items(synthesis, 'UpdateItem', key));
        mayNot(web, ...items(synthesis, 'Query'), ...items(synthesis, 'Scan'));
      }
    },
  },
  {
    title: 'heartbeats are read by the probers that judge one, written by the web part, and both only where there are any',
    check(synthesis) {
      const { cell } = synthesis;
      const heartbeats = cell.checks.filter(isHeartbeat);
      const [beat, foreign] = [`beat/${cell.name}/cron/nightly`, 'beat/other/cron/nightly'];
      for (const vantage of cell.vantages) {
        const prober = roleOf(templateOf(synthesis, `Vantage-${vantage}`), 'prober');
        const judges = heartbeats.some(({ vantages }) => vantages.includes(vantage));
        (judges ? may : mayNot)(prober, ...items(synthesis, 'BatchGetItem', beat));
        mayNot(prober, ...items(synthesis, 'BatchGetItem'), ...items(synthesis, 'BatchGetItem', beat, foreign));
        for (const write of ['PutItem', 'UpdateItem']) mayNot(prober, ...items(synthesis, write, beat));
      }
      for (const region of cell.arbiters) {
        const template = templateOf(synthesis, `Arbiter-${region}`);
        const [web, arbiter] = [roleOf(template, 'web'), roleOf(template, 'arbiter')];
        (heartbeats.length > 0 ? may : mayNot)(web, ...items(synthesis, 'UpdateItem', beat));
        mayNot(web, ...items(synthesis, 'UpdateItem'), ...items(synthesis, 'UpdateItem', foreign));
        for (const action of ['BatchGetItem', 'UpdateItem', 'PutItem']) mayNot(arbiter, ...items(synthesis, action, beat));
      }
    },
  },
  {
    title: 'what links follow from is one secret in every arbiter region, so are tokens of heartbeats, for the web part alone',
    check(synthesis) {
      const { cell } = synthesis;
      const name = beatKeyName(cell);
      const secrets = resourcesOf(templateOf(synthesis, 'State'), 'AWS::SecretsManager::Secret');
      const own = synthesis.places.State?.region;
      const others = cell.arbiters.filter((region) => region !== own).toSorted();
      const made = secrets.map(([, { Properties, DeletionPolicy }]) => [
        Properties.Name,
        Properties.ReplicaRegions?.map(({ Region }: { Region: string }) => Region) ?? [],
        DeletionPolicy,
      ]);
      const heard = cell.checks.some(isHeartbeat);
      expect(made).toEqual([[linkKeyName(cell), others, 'Delete'], ...(heard ? [[name, others, 'Delete']] : [])]);
      for (const region of cell.arbiters) {
        const template = templateOf(synthesis, `Arbiter-${region}`);
        const request = {
          action: 'secretsmanager:GetSecretValue',
          resource: arn('secretsmanager', region, `secret:${name}-AbCdEf`),
        };
        (heard ? may : mayNot)(roleOf(template, 'web'), request);
        mayNot(roleOf(template, 'arbiter'), request);
        const { QUORUMWATCH_BEAT_KEY: told } = functionOf(template, 'web')[1].Properties.Environment.Variables;
        expect(told).toBe(heard ? name : undefined);
      }
      for (const vantage of cell.vantages) {
        const resource = arn('secretsmanager', vantage, `secret:${name}-AbCdEf`);
        mayNot(roleOf(templateOf(synthesis, `Vantage-${vantage}`), 'prober'), {
          action: 'secretsmanager:GetSecretValue',
          resource,
        });
      }
    },
  },
  {
    title: 'the scheduler sends to one queue',
    check(synthesis) {
      for (const [id, template] of Object.entries(synthesis.stacks)) {
        for (const [, { Properties }] of resourcesOf(template, 'AWS::Scheduler::Schedule')) {
          const role = template.Resources[Properties.Target.RoleArn['Fn::GetAtt'][0]];
          if (!role) throw new Error(`${id}: the schedule has no role`);
          may(role, { action: 'sqs:SendMessage', resource: feedOf(template) });
          mayNot(
            role,
            { action: 'sqs:SendMessage', resource: 'other' },
            { action: 'sqs:ReceiveMessage', resource: feedOf(template) },
          );
        }
      }
    },
  },
  {
    title: 'a role is Lambda’s for the functions that have it, or the scheduler’s for this account, and nobody else’s',
    check({ stacks }) {
      for (const template of Object.values(stacks)) {
        const has = (type: string, roleOf: (resource: Resource) => unknown): unknown[] =>
          resourcesOf(template, type).map(([, resource]) => roleOf(resource));
        const functions = has('AWS::Lambda::Function', ({ Properties }) => Properties.Role['Fn::GetAtt'][0]);
        const schedules = has('AWS::Scheduler::Schedule', ({ Properties }) => Properties.Target.RoleArn['Fn::GetAtt'][0]);
        for (const [id, role] of resourcesOf(template, 'AWS::IAM::Role')) {
          expect([functions.includes(id), schedules.includes(id)], id).toContain(true);
          const assumed = { Effect: 'Allow', Action: 'sts:AssumeRole' };
          const trust = schedules.includes(id)
            ? {
                ...assumed,
                Principal: { Service: 'scheduler.amazonaws.com' },
                Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } },
              }
            : { ...assumed, Principal: { Service: 'lambda.amazonaws.com' } };
          expect(role.Properties.AssumeRolePolicyDocument.Statement, id).toEqual([trust]);
        }
      }
    },
  },
  {
    title: 'a gate looks at alarms and what they look at, and can do nothing else',
    check(synthesis) {
      const { name, paging } = synthesis.cell;
      for (const region of paging.regions) {
        const template = templateOf(synthesis, `Watch-${region}`);
        const gate = roleOf(template, 'gate');
        may(gate, ...writeLog(logOf(template, 'gate')));
        may(gate, ...['DescribeAlarms', 'GetMetricData'].map((call) => ({ action: `cloudwatch:${call}`, resource: '*' })));
        mayNot(gate, ...NOBODY, ...flips, ...publish(synthesis), measure(metricNamespace(name)));
        mayNot(gate, ...send(synthesis, 'vantages'), ...items(synthesis, 'GetItem', `ledger/${name}`));
      }
    },
  },
  {
    title: 'whoever may do anything with items names their keys, and none of another cell',
    check({ stacks }) {
      const foreign = ['ballot', 'ledger', 'acts', 'beat', 'incident', 'history'].flatMap((kind) => [
        `${kind}/other`,
        `${kind}/other/x`,
      ]);
      const roles = Object.values(stacks).flatMap((template) => resourcesOf(template, 'AWS::IAM::Role'));
      for (const [, role] of roles) {
        const requests = statementsOf(role).flatMap(({ Action, Resource }) =>
          [Action].flat().flatMap((action) => [Resource].flat().map((resource) => ({ action, resource: String(resource) }))),
        );
        for (const request of requests.filter(({ action }) => action.startsWith('dynamodb:')))
          mayNot(role, request, ...foreign.map((key) => ({ ...request, context: { 'dynamodb:LeadingKeys': [key] } })));
      }
    },
  },
  {
    title: 'no role has an action that it does not need',
    check(synthesis) {
      const { vantages, arbiters, paging } = synthesis.cell;
      const placed: [string, FunctionRole][] = [
        ...vantages.map((region): [string, FunctionRole] => [`Vantage-${region}`, 'prober']),
        ...arbiters.map((region): [string, FunctionRole] => [`Arbiter-${region}`, 'arbiter']),
        ...arbiters.map((region): [string, FunctionRole] => [`Arbiter-${region}`, 'web']),
        ...paging.regions.map((region): [string, FunctionRole] => [`Watch-${region}`, 'gate']),
      ];
      for (const [stack, role] of placed) {
        const statements = statementsOf(roleOf(templateOf(synthesis, stack), role));
        const actions = statements.flatMap(({ Action }) => Action).filter((action) => !ACTIONS[role].includes(action));
        expect(actions, `of the ${role}`).toEqual([]);
      }
    },
  },
  {
    title: 'no statement allows every action, and only four everything',
    check({ stacks }) {
      for (const template of Object.values(stacks)) {
        for (const [id, role] of resourcesOf(template, 'AWS::IAM::Role')) {
          expect(role.Properties.ManagedPolicyArns, id).toBeUndefined();
          for (const statement of statementsOf(role)) {
            expect([statement.Action].flat().filter((action) => action.includes('*'))).toEqual([]);
            const isForAll = [statement.Resource].flat().includes('*');
            expect(isForAll, statement.Sid).toBe(['FindSwitches', 'Hear', 'Inspect', 'Measure'].includes(statement.Sid));
          }
        }
        expect(resourcesOf(template, 'AWS::IAM::Policy')).toEqual([]);
      }
    },
  },
];
