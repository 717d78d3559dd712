import { CfnRecordSet, type CfnRecordSetProps, type IHealthCheck } from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import type { MemberSpec, RecordSpec, Role } from '../core/cell.ts';

export interface RecordProps {
  record: RecordSpec;
  switchOf: (node: string) => IHealthCheck;
  /**
   * The name that the record sets answer for.
   *
   * @default the record's own
   */
  name?: string;
}

/**
 * The record sets of one name, a switch on each member's.
 *
 * `CfnRecordSet`, since it takes a zone by its name alone: no look-up, so that synthesis needs neither network nor account. An alias
 * needs the zone's id (Route 53 API reference, AliasTarget: HostedZoneId), hence `zoneId` where a role has several values.
 */
export class MonitoredRecord extends Construct {
  private readonly record: RecordSpec;
  private readonly switchOf: RecordProps['switchOf'];
  private readonly name: string;

  constructor(scope: Construct, id: string, { record, switchOf, name = record.name }: RecordProps) {
    super(scope, id);
    this.record = record;
    this.name = name;
    this.switchOf = switchOf;
    if (record.policy === 'failover') for (const role of ['primary', 'secondary'] as const) this.failover(role);
    else for (const member of record.members) this.member(member, name, shareOf(record, member));
  }

  /** One value stands for its role by itself; several are a group of their own, which the role is an alias of. */
  private failover(role: Role): void {
    const members = this.record.members.filter((member) => member.role === role);
    const failover = role === 'primary' ? 'PRIMARY' : 'SECONDARY';
    const [only] = members;
    if (only && members.length === 1) {
      this.member(only, this.name, { failover });
      return;
    }
    const name = `_${role}.${this.name}`;
    // No alias can be multivalue (Route 53 API reference, ResourceRecordSet: MultiValueAnswer), and a name has one policy.
    const isWeighted = members.some((each) => each.alias);
    const group = members.map((each) => this.member(each, name, isWeighted ? { weight: 1 } : shareOf(this.record, each)));
    const alias = this.recordSet(role, this.name, {
      setIdentifier: role,
      failover,
      // A failover alias must evaluate its target: the role is healthy while any of its members is (Route 53 developer guide,
      // "How health checks work in complex Amazon Route 53 configurations").
      aliasTarget: { dnsName: `${name}.`, hostedZoneId: this.record.zoneId ?? '', evaluateTargetHealth: true },
    });
    alias.node.addDependency(...group);
  }

  private member({ node, value, alias }: MemberSpec, name: string, routing: Partial<CfnRecordSetProps>): CfnRecordSet {
    const answer = alias
      ? {
          aliasTarget: {
            dnsName: `${value}.`,
            hostedZoneId: alias.zoneId,
            evaluateTargetHealth: alias.evaluateTargetHealth,
          },
        }
      : { ttl: String(this.record.ttlMs / 1_000), resourceRecords: [value] };
    return this.recordSet(node, name, {
      setIdentifier: node,
      ...answer,
      healthCheckId: this.switchOf(node).healthCheckId,
      ...routing,
    });
  }

  private recordSet(id: string, name: string, rest: Partial<CfnRecordSetProps>): CfnRecordSet {
    const { zone, zoneId, type } = this.record;
    // CloudFormation wants a zone's name with its last dot.
    const inZone = zoneId === undefined ? { hostedZoneName: `${zone}.` } : { hostedZoneId: zoneId };
    return new CfnRecordSet(this, `Set-${id}`, { name: `${name}.`, type, ...inZone, ...rest });
  }
}

/** How members of one name share its answers; CNAME records cannot be multivalue (Route 53 developer guide, "Multivalue answer routing"). */
function shareOf({ policy, type }: RecordSpec, { weight }: MemberSpec): Partial<CfnRecordSetProps> {
  return policy === 'weighted' || type === 'CNAME' ? { weight: weight ?? 1 } : { multiValueAnswer: true };
}
