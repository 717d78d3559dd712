import { expect } from 'vitest';
import { readEnvironment } from '../../lib/aws/environment.ts';
import { readVantageMessage } from '../../lib/aws/messages.ts';
import type { FunctionRole } from '../../lib/aws/names.ts';
import { functionName, linkKeyName, tableName, vantageQueueName, wakeQueueName } from '../../lib/aws/names.ts';
import { deadlineMs, HISTORY_WRITE_MS } from '../../lib/core/schedule.ts';
import { functionOf } from './policies.ts';
import type { Rule } from './rules.ts';
import { ACCOUNT, only, type Resource, type Synthesis, type Template, templateOf } from './synthesis.ts';

/** Functions, and what feeds them. */

interface Placed {
  stack: string;
  region: string;
  template: Template;
  role: FunctionRole;
  id: string;
  handler: Resource;
}

const functions = (synthesis: Synthesis): Placed[] => {
  const { vantages, arbiters, paging } = synthesis.cell;
  const place = (stack: string, region: string, role: FunctionRole): Placed => {
    const template = templateOf(synthesis, stack);
    const [id, handler] = functionOf(template, role);
    return { stack, region, template, role, id, handler };
  };
  return [
    ...vantages.map((region) => place(`Vantage-${region}`, region, 'prober')),
    ...arbiters.flatMap((region) => (['arbiter', 'web'] as const).map((role) => place(`Arbiter-${region}`, region, role))),
    ...paging.regions.map((region) => place(`Watch-${region}`, region, 'gate')),
  ];
};

const fed = (synthesis: Synthesis): Placed[] =>
  functions(synthesis).filter(({ role }) => role === 'prober' || role === 'arbiter');

/** Tokens as they could turn out. */
const settled = (variables: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, typeof value === 'string' ? value : 'https://token']));

/** Everybody by the function's URL; and the API before it, where the page has a name of its own, but no other API, of whomever. */
function callersOfWeb({ cell }: Synthesis, template: Template, region: string): object[] {
  const byUrl = [
    { Action: 'lambda:InvokeFunctionUrl', Principal: '*', FunctionUrlAuthType: 'NONE' },
    { Action: 'lambda:InvokeFunction', Principal: '*', InvokedViaFunctionUrl: true },
  ];
  if (cell.domain === undefined) return byUrl;
  const api = { Ref: only(template, 'AWS::ApiGatewayV2::Api')[0] };
  const SourceArn = { 'Fn::Join': ['', [`arn:aws:execute-api:${region}:${ACCOUNT}:`, api, '/*/*']] };
  return [...byUrl, { Action: 'lambda:InvokeFunction', Principal: 'apigateway.amazonaws.com', SourceArn }];
}

export const FUNCTION_RULES: Rule[] = [
  {
    title: 'functions run on arm64 with the Node of the bundles, and keep their logs for a month',
    check(synthesis) {
      for (const { template, role, handler } of functions(synthesis)) {
        expect(handler.Properties).toMatchObject({
          FunctionName: functionName(synthesis.cell.name, role),
          Architectures: ['arm64'],
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
        });
        const log = template.Resources[handler.Properties.LoggingConfig.LogGroup.Ref];
        expect(log?.Properties.RetentionInDays).toBe(30);
        expect(log?.DeletionPolicy).toBe('Delete');
      }
    },
  },
  {
    title: 'concurrency is reserved for each function apart',
    check(synthesis) {
      const reserved = Object.fromEntries(
        functions(synthesis).map(({ role, handler }) => [role, handler.Properties.ReservedConcurrentExecutions]),
      );
      expect(reserved).toEqual({ prober: 10, arbiter: 5, web: 5, gate: 1 });
    },
  },
  {
    title: 'a prober may run as long as its slowest round and a cold start, and no message is seen twice meanwhile',
    check(synthesis) {
      const { cell } = synthesis;
      const longestMs = Math.max(...cell.checks.map(({ intervalMs }) => deadlineMs(cell, intervalMs)));
      for (const { role, template, handler } of fed(synthesis)) {
        const timeout = handler.Properties.Timeout;
        if (role === 'prober') expect(timeout * 1_000).toBeGreaterThanOrEqual(longestMs + HISTORY_WRITE_MS + 5_000);
        expect(only(template, 'AWS::SQS::Queue')[1].Properties.VisibilityTimeout).toBe(6 * timeout);
      }
    },
  },
  {
    title: 'functions are told what they read',
    check(synthesis) {
      const { cell } = synthesis;
      for (const { region, role, handler } of functions(synthesis)) {
        const told = readEnvironment(role, settled(handler.Properties.Environment.Variables));
        expect(told).toMatchObject({ role, cell: cell.name, account: ACCOUNT, table: tableName(cell) });
        expect(told.tableRegions.toSorted()).toEqual(cell.arbiters.toSorted());
        if (cell.arbiters.includes(region)) expect(told.tableRegions[0]).toBe(region);
        expect(told.linkBase).toBe(role === 'arbiter' ? `https://${cell.domain ?? 'token'}` : '');
        expect(told.linkKey).toBe(role === 'prober' || role === 'gate' ? undefined : linkKeyName(cell));
        if (role !== 'web') expect(told.beatKey).toBeUndefined();
      }
    },
  },
  {
    title: 'an arbiter links to the web part of its own region, and both have one key',
    check(synthesis) {
      for (const region of synthesis.cell.arbiters) {
        const template = templateOf(synthesis, `Arbiter-${region}`);
        const [url] = only(template, 'AWS::Lambda::Url');
        const variables = (role: FunctionRole) => functionOf(template, role)[1].Properties.Environment.Variables;
        const { QUORUMWATCH_LINK_BASE: base, QUORUMWATCH_LINK_KEY: key } = variables('arbiter');
        const host = { 'Fn::Select': [2, { 'Fn::Split': ['/', { 'Fn::GetAtt': [url, 'FunctionUrl'] }] }] };
        const { domain } = synthesis.cell;
        expect(base).toEqual(domain === undefined ? { 'Fn::Join': ['', ['https://', host]] } : `https://${domain}`);
        expect(key).toBe(linkKeyName(synthesis.cell));
        expect(variables('web').QUORUMWATCH_LINK_KEY).toEqual(key);
        expect(Object.keys(template.Outputs ?? {})).toContain('Url');
      }
    },
  },
  {
    title: 'the web part answers everybody through its URL, and only through it',
    check(synthesis) {
      for (const { region, template, role, id } of functions(synthesis)) {
        const permissions = Object.values(template.Resources).filter(
          ({ Type, Properties }) => Type === 'AWS::Lambda::Permission' && Properties.FunctionName['Fn::GetAtt'][0] === id,
        );
        const given = permissions.map(({ Properties: { FunctionName: _, ...who } }) => who);
        expect(given).toEqual(role === 'web' ? callersOfWeb(synthesis, template, region) : []);
      }
    },
  },
  {
    title: 'queues forget after five minutes, and speak TLS only',
    check(synthesis) {
      for (const { role, template } of fed(synthesis)) {
        const name = role === 'prober' ? vantageQueueName : wakeQueueName;
        const [id, queue] = only(template, 'AWS::SQS::Queue', { QueueName: name(synthesis.cell.name) });
        expect(queue.Properties.MessageRetentionPeriod).toBe(300);
        const [, policy] = only(template, 'AWS::SQS::QueuePolicy', { Queues: [{ Ref: id }] });
        expect(policy.Properties.PolicyDocument.Statement).toMatchObject([
          { Effect: 'Deny', Action: 'sqs:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
        ]);
      }
    },
  },
  {
    title: 'a prober is given one message at a time, an arbiter ten at once, and each says which failed',
    check(synthesis) {
      for (const { role, template, id } of fed(synthesis)) {
        const [, source] = only(template, 'AWS::Lambda::EventSourceMapping');
        expect(source.Properties).toEqual({
          BatchSize: role === 'prober' ? 1 : 10,
          EventSourceArn: { 'Fn::GetAtt': [only(template, 'AWS::SQS::Queue')[0], 'Arn'] },
          FunctionName: { Ref: id },
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          ScalingConfig: { MaximumConcurrency: role === 'prober' ? 10 : 2 },
        });
      }
    },
  },
  {
    title: 'every minute a vantage plans and an arbiter looks, without tries',
    check(synthesis) {
      for (const { role, template } of fed(synthesis)) {
        const [, schedule] = only(template, 'AWS::Scheduler::Schedule');
        const { ScheduleExpression, FlexibleTimeWindow, Target } = schedule.Properties;
        expect(ScheduleExpression).toBe('cron(* * * * ? *)');
        expect(FlexibleTimeWindow).toEqual({ Mode: 'OFF' });
        expect(Target.RetryPolicy).toEqual({ MaximumRetryAttempts: 0 });
        expect(Target.Arn).toEqual({ 'Fn::GetAtt': [only(template, 'AWS::SQS::Queue')[0], 'Arn'] });
        const sent = Target.Input.replace('<aws.scheduler.scheduled-time>', '2026-03-22T18:59:00Z');
        if (role === 'prober')
          expect(readVantageMessage(sent)).toEqual({ kind: 'plan', scheduledAt: Date.UTC(2026, 2, 22, 18, 59) });
        else expect(JSON.parse(sent)).toEqual({ kind: 'tick', from: 'scheduler' });
      }
    },
  },
];
