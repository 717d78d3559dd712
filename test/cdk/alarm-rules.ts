import { expect } from 'vitest';
import { alarmName, metricNamespace, prefixOf, topicArn, topicName, zoneOfDomain } from '../../lib/aws/names.ts';
import { gateMs } from '../../lib/aws/sizes.ts';
import { alarmsOf } from '../../lib/core/alarms.ts';
import { functionOf } from './policies.ts';
import type { Rule } from './rules.ts';
import { ACCOUNT, only, resourcesOf, templateOf } from './synthesis.ts';

/** Who is paged, and what watches the watcher. */

export const ALARM_RULES: Rule[] = [
  {
    title: 'every tier has a topic in every paging region, with everybody who is to hear of it, and no display name',
    check(synthesis) {
      const { name, paging } = synthesis.cell;
      for (const region of paging.regions) {
        const template = templateOf(synthesis, `Paging-${region}`);
        for (const list of ['tiers', 'quiet'] as const) {
          for (const [at, { sms, email, https }] of paging[list].entries()) {
            const [id, topic] = only(template, 'AWS::SNS::Topic', { TopicName: topicName(name, list, at + 1) });
            expect(topic.Properties.DisplayName).toBeUndefined();
            const subscribed = resourcesOf(template, 'AWS::SNS::Subscription')
              .filter(([, { Properties }]) => Properties.TopicArn.Ref === id)
              .map(([, { Properties }]) => `${Properties.Protocol} ${Properties.Endpoint}`);
            const wanted = [
              ...sms.map((number) => `sms ${number}`),
              ...email.map((address) => `email ${address}`),
              ...https.map((url) => `https ${url}`),
            ];
            expect(subscribed.toSorted()).toEqual(wanted.toSorted());
          }
        }
        expect(resourcesOf(template, 'AWS::SNS::Topic')).toHaveLength(paging.tiers.length + paging.quiet.length);
      }
    },
  },
  {
    title: 'topics take from the alarms of this cell and over TLS only',
    check(synthesis) {
      const { cell } = synthesis;
      for (const region of cell.paging.regions) {
        const template = templateOf(synthesis, `Paging-${region}`);
        for (const [id] of resourcesOf(template, 'AWS::SNS::Topic')) {
          const [, policy] = only(template, 'AWS::SNS::TopicPolicy', { Topics: [{ Ref: id }] });
          const source = `arn:aws:cloudwatch:${region}:${ACCOUNT}:alarm:${prefixOf(cell.name)}-*`;
          expect(policy.Properties.PolicyDocument.Statement).toMatchObject([
            { Effect: 'Deny', Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
            {
              Effect: 'Allow',
              Action: 'sns:Publish',
              Principal: { Service: 'cloudwatch.amazonaws.com' },
              Condition: { ArnLike: { 'aws:SourceArn': source }, StringEquals: { 'aws:SourceAccount': ACCOUNT } },
            },
          ]);
        }
      }
    },
  },
  {
    title: 'each thing that can fall silent has an alarm in every paging region, and missing data breaches all but one',
    check(synthesis) {
      const { cell } = synthesis;
      for (const region of cell.paging.regions) {
        const template = templateOf(synthesis, `Watch-${region}`);
        for (const spec of alarmsOf(cell, { periodMs: 60_000 })) {
          const name = alarmName(cell.name, spec.id);
          const [, alarm] = only(template, 'AWS::CloudWatch::Alarm', { AlarmName: spec.suppressor ? `${name}-metric` : name });
          expect(alarm.Properties).toMatchObject({
            Namespace: metricNamespace(cell.name),
            MetricName: spec.metric,
            Statistic: spec.statistic,
            ComparisonOperator: spec.comparison,
            Threshold: spec.threshold,
            Period: 60,
            EvaluationPeriods: spec.evaluationPeriods,
            DatapointsToAlarm: spec.datapointsToAlarm,
            TreatMissingData: spec.ignoresSilence ? 'notBreaching' : 'breaching',
          });
          const dimensions = (alarm.Properties.Dimensions ?? []).map(({ Name, Value }: Record<string, string>) => [Name, Value]);
          expect(Object.fromEntries(dimensions)).toEqual(spec.dimensions);
        }
      }
    },
  },
  {
    title: 'alarms tell the first tier in their own region when they begin and when they are over, suppressed ones once',
    check(synthesis) {
      const { cell } = synthesis;
      for (const region of cell.paging.regions) {
        const template = templateOf(synthesis, `Watch-${region}`);
        const tier1 = topicArn(region, ACCOUNT, topicName(cell.name, 'tiers', 1));
        only(templateOf(synthesis, `Paging-${region}`), 'AWS::SNS::Topic', { TopicName: topicName(cell.name, 'tiers', 1) });
        for (const spec of alarmsOf(cell, { periodMs: 60_000 })) {
          const name = alarmName(cell.name, spec.id);
          const [, notifying] = only(template, `AWS::CloudWatch::${spec.suppressor ? 'Composite' : ''}Alarm`, {
            AlarmName: name,
          });
          expect(notifying.Properties.AlarmActions, name).toEqual([tier1]);
          expect(notifying.Properties.OKActions, name).toEqual([tier1]);
          expect(notifying.Properties.AlarmDescription).toContain(spec.todo);
          if (!spec.suppressor) continue;
          const [metric, { Properties }] = only(template, 'AWS::CloudWatch::Alarm', { AlarmName: `${name}-metric` });
          expect(Properties.AlarmActions).toBeUndefined();
          const kind = spec.suppressor === 'blind' ? 'Alarm' : 'CompositeAlarm';
          const [suppressor] = only(template, `AWS::CloudWatch::${kind}`, { AlarmName: alarmName(cell.name, spec.suppressor) });
          expect(notifying.Properties).toMatchObject({
            AlarmRule: { 'Fn::Join': ['', ['ALARM("', { 'Fn::GetAtt': [metric, 'Arn'] }, '")']] },
            ActionsSuppressor: { 'Fn::GetAtt': [suppressor, 'Arn'] },
            ActionsSuppressorWaitPeriod: 120,
            ActionsSuppressorExtensionPeriod: spec.id === 'table' ? 600 : 120,
          });
        }
      }
    },
  },
  {
    title: 'alarms are made when the gate of their region lets them, which is asked again for others',
    check(synthesis) {
      const { cell } = synthesis;
      for (const region of cell.paging.regions) {
        const template = templateOf(synthesis, `Watch-${region}`);
        const [gate, { Properties }] = only(template, 'Custom::QuorumwatchGate');
        const [id, handler] = functionOf(template, 'gate');
        expect(Properties.ServiceToken).toEqual({ 'Fn::GetAtt': [id, 'Arn'] });
        const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm');
        expect(Properties.alarms).toEqual(alarms.map(([, alarm]) => alarm.Properties.AlarmName));
        for (const [, { DependsOn = [] }] of alarms) expect(DependsOn).toContain(gate);
        // The gate ends by itself, the function after it, and CloudFormation does not give up before.
        const { Timeout } = handler.Properties;
        expect(Timeout * 1_000).toBeGreaterThan(gateMs(cell) + 30_000);
        expect(Timeout).toBeLessThanOrEqual(900);
        expect(Number(Properties.ServiceTimeout)).toBeGreaterThan(Timeout);
      }
    },
  },
  {
    title: 'a name of the page’s own leads to regions whose arbiter looks, where there are several',
    check(synthesis) {
      const { cell } = synthesis;
      if (cell.domain === undefined || zoneOfDomain(cell) === undefined || cell.arbiters.length === 1) return;
      for (const region of cell.arbiters) {
        const template = templateOf(synthesis, `Arbiter-${region}`);
        const AlarmName = alarmName(cell.name, 'domain');
        const [id, alarm] = only(template, 'AWS::CloudWatch::Alarm', { AlarmName });
        expect(alarm.Properties).toMatchObject({ MetricName: 'Tick', Dimensions: [{ Name: 'region', Value: region }] });
        expect(alarm.Properties.TreatMissingData).toBe('breaching');
        const [check, { DependsOn }] = only(template, 'AWS::Route53::HealthCheck');
        expect(DependsOn).toContain(id);
        for (const Type of ['A', 'AAAA']) {
          const [, record] = only(template, 'AWS::Route53::RecordSet', { Type });
          expect(record.Properties.HealthCheckId).toEqual({ 'Fn::GetAtt': [check, 'HealthCheckId'] });
        }
      }
    },
  },
  {
    title: 'one dashboard shows every alarm',
    check(synthesis) {
      const { cell } = synthesis;
      const dashboards = Object.entries(synthesis.stacks).flatMap(([stack, template]) =>
        resourcesOf(template, 'AWS::CloudWatch::Dashboard').map(([, resource]) => ({
          stack,
          body: resource.Properties.DashboardBody,
        })),
      );
      expect(dashboards.map(({ stack }) => stack)).toEqual([`Watch-${cell.paging.regions[0]}`]);
      const [{ body = {} } = {}] = dashboards;
      const shown = JSON.stringify(body).match(/"Fn::GetAtt"/g) ?? [];
      expect(shown).toHaveLength(alarmsOf(cell, { periodMs: 60_000 }).length);
    },
  },
];
