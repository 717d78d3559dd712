import { expect } from 'vitest';
import { metricNamespace, switchAlarmName, switchAlarmRegion } from '../../lib/aws/names.ts';
import type { Cell, MemberSpec, RecordSpec } from '../../lib/core/cell.ts';
import type { Rule } from './rules.ts';
import { only, type Resource, resourcesOf, type Synthesis, type Template, templateOf } from './synthesis.ts';

/** Switches and record sets. */

interface Placed {
  template: Template;
  record: RecordSpec;
  member: MemberSpec;
}

function members(synthesis: Synthesis): Placed[] {
  if (synthesis.cell.records.length === 0) return [];
  const template = templateOf(synthesis, 'Records');
  return synthesis.cell.records.flatMap((record) => record.members.map((member) => ({ template, record, member })));
}

/** Members whose switch is made, not the user's own. */
const switched = (synthesis: Synthesis): Placed[] =>
  members(synthesis).filter(({ member }) => member.healthCheckId === undefined);

const alarmOf = ({ name }: Cell, { template, record, member }: Placed): [string, Resource] =>
  only(template, 'AWS::CloudWatch::Alarm', { AlarmName: switchAlarmName(name, record.id, member.node) });

function checkOf(cell: Cell, { template, record, member }: Placed): [string, Resource] {
  const AlarmIdentifier = { Name: switchAlarmName(cell.name, record.id, member.node), Region: switchAlarmRegion(cell) };
  return only(template, 'AWS::Route53::HealthCheck', {
    HealthCheckConfig: { AlarmIdentifier, InsufficientDataHealthStatus: 'LastKnownStatus', Type: 'CLOUDWATCH_METRIC' },
  });
}

const setOf = (cell: Cell, placed: Placed): Resource => {
  const HealthCheckId = placed.member.healthCheckId ?? { 'Fn::GetAtt': [checkOf(cell, placed)[0], 'HealthCheckId'] };
  return only(placed.template, 'AWS::Route53::RecordSet', { HealthCheckId })[1];
};

const alone = ({ record, member }: Placed): boolean =>
  record.members.filter(({ role }) => role === member.role).length === 1 || record.policy !== 'failover';

/** Members of one name share it by one policy. */
const isGrouped = (placed: Placed, way: 'weighted' | 'multivalue'): boolean => {
  const { record, member } = placed;
  const group = record.members.filter(({ role }) => role === member.role);
  const isWeighted = record.policy === 'weighted' || record.type === 'CNAME' || group.some(({ alias }) => alias);
  return (record.policy !== 'failover' || !alone(placed)) && isWeighted === (way === 'weighted');
};

const zoneOf = ({ zone, zoneId }: RecordSpec) =>
  zoneId === undefined ? { HostedZoneName: `${zone}.` } : { HostedZoneId: zoneId };

export const RECORD_RULES: Rule[] = [
  {
    title: 'a switch follows the metric of its member: a minute of "out" takes it out, silence changes nothing',
    check(synthesis) {
      for (const placed of switched(synthesis)) {
        const [, alarm] = alarmOf(synthesis.cell, placed);
        expect(alarm.Properties).toMatchObject({
          Namespace: metricNamespace(synthesis.cell.name),
          MetricName: 'OutOfService',
          Dimensions: [
            { Name: 'node', Value: placed.member.node },
            { Name: 'record', Value: placed.record.id },
          ],
          Statistic: 'Maximum',
          ComparisonOperator: 'GreaterThanOrEqualToThreshold',
          Threshold: 1,
          Period: 60,
          EvaluationPeriods: 1,
          TreatMissingData: 'missing',
        });
        for (const actions of ['AlarmActions', 'OKActions', 'InsufficientDataActions'])
          expect(alarm.Properties).not.toHaveProperty(actions);
      }
    },
  },
  {
    title: 'a switch is tagged as its member’s, says nothing of Inverted, and comes after its alarm',
    check(synthesis) {
      for (const placed of switched(synthesis)) {
        const [, check] = checkOf(synthesis.cell, placed);
        expect(check.DependsOn).toContain(alarmOf(synthesis.cell, placed)[0]);
        const tags = check.Properties.HealthCheckTags.map(({ Key, Value }: Record<string, string>) => [Key, Value]);
        expect(Object.fromEntries(tags)).toMatchObject({
          'quorumwatch:cell': synthesis.cell.name,
          'quorumwatch:record': placed.record.id,
          'quorumwatch:node': placed.member.node,
        });
      }
      const count = switched(synthesis).length;
      const checks = Object.values(synthesis.stacks).flatMap((template) => resourcesOf(template, 'AWS::Route53::HealthCheck'));
      // Those of the page's own name have no tags: arbiters leave them alone.
      expect(checks.filter(([, { Properties }]) => Properties.HealthCheckTags !== undefined)).toHaveLength(count);
    },
  },
  {
    title: 'every member answers with its value, in its zone, under its switch',
    check(synthesis) {
      for (const placed of members(synthesis)) {
        const { record, member } = placed;
        const { Properties } = setOf(synthesis.cell, placed);
        expect(Properties).toMatchObject({
          Name: `${alone(placed) ? '' : `_${member.role}.`}${record.name}.`,
          Type: record.type,
          SetIdentifier: member.node,
          ...zoneOf(record),
        });
        const { alias, value } = member;
        const { AliasTarget, TTL, ResourceRecords } = Properties;
        // "If you're creating an alias resource record set, omit TTL" (Route 53 API reference, ResourceRecordSet).
        expect({ AliasTarget, TTL, ResourceRecords }).toEqual(
          alias
            ? {
                AliasTarget: {
                  DNSName: `${value}.`,
                  HostedZoneId: alias.zoneId,
                  EvaluateTargetHealth: alias.evaluateTargetHealth,
                },
              }
            : { TTL: String(record.ttlMs / 1_000), ResourceRecords: [value] },
        );
      }
    },
  },
  {
    title: 'members share a name by its policy',
    check(synthesis) {
      for (const placed of members(synthesis)) {
        const { record, member } = placed;
        const { Failover, Weight, MultiValueAnswer } = setOf(synthesis.cell, placed).Properties;
        const isRole = record.policy === 'failover' && alone(placed);
        expect({ Failover, Weight, MultiValueAnswer }).toEqual({
          Failover: isRole ? member.role?.toUpperCase() : undefined,
          Weight: isGrouped(placed, 'weighted') ? (member.weight ?? 1) : undefined,
          MultiValueAnswer: isGrouped(placed, 'multivalue') ? true : undefined,
        });
      }
    },
  },
  {
    title: 'a role of several values is an alias that evaluates its members’ health, made after them',
    check(synthesis) {
      for (const record of synthesis.cell.records.filter(({ policy }) => policy === 'failover')) {
        const template = templateOf(synthesis, 'Records');
        for (const role of ['primary', 'secondary'] as const) {
          const own = record.members.filter((member) => member.role === role);
          if (own.length < 2) continue;
          const [, alias] = only(template, 'AWS::Route53::RecordSet', { Name: `${record.name}.`, SetIdentifier: role });
          const { HealthCheckId, TTL, ResourceRecords, ...properties } = alias.Properties;
          expect([HealthCheckId, TTL, ResourceRecords]).toEqual([undefined, undefined, undefined]);
          expect(properties).toMatchObject({
            Failover: role.toUpperCase(),
            Type: record.type,
            AliasTarget: { DNSName: `_${role}.${record.name}.`, HostedZoneId: record.zoneId, EvaluateTargetHealth: true },
            ...zoneOf(record),
          });
          expect(alias.DependsOn).toHaveLength(own.length);
        }
      }
    },
  },
];
