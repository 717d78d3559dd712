import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnHealthCheck, HealthCheck, type IHealthCheck } from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { metricNamespace, SWITCH_METRIC, SWITCH_TAGS, switchAlarmName, switchDimensions } from '../aws/names.ts';

export interface SwitchProps {
  cell: string;
  record: string;
  node: string;
}

/**
 * What takes one member out of service: a health check that follows a metric, 1 while the member is out.
 *
 * Its configuration follows from three names and the stack's region, and is never edited: CloudFormation would write it anew without
 * the `Disabled` and `Inverted` that arbiters have set, and so put a member back that is down.
 */
export class Switch extends Construct {
  readonly healthCheck: IHealthCheck;

  constructor(scope: Construct, id: string, { cell, record, node }: SwitchProps) {
    super(scope, id);
    // Standard resolution and a simple statistic: health checks follow no other alarms (Route 53 API reference, AlarmIdentifier).
    const alarm = new Alarm(this, 'Alarm', {
      alarmName: switchAlarmName(cell, record, node),
      alarmDescription: `${record}/${node} is out of service. Nobody is to be told: it is what a health check follows.`,
      metric: new Metric({
        namespace: metricNamespace(cell),
        metricName: SWITCH_METRIC,
        dimensionsMap: switchDimensions(record, node),
        statistic: Stats.MAXIMUM,
        period: Duration.minutes(1),
      }),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: 1,
      evaluationPeriods: 1,
      // Insufficient data, not health: a monitor that is dead changes nothing.
      treatMissingData: TreatMissingData.MISSING,
    });
    const check = new CfnHealthCheck(this, 'HealthCheck', {
      healthCheckConfig: {
        type: 'CLOUDWATCH_METRIC',
        alarmIdentifier: { name: switchAlarmName(cell, record, node), region: Stack.of(this).region },
        insufficientDataHealthStatus: 'LastKnownStatus',
      },
      healthCheckTags: [
        { key: SWITCH_TAGS.cell, value: cell },
        { key: SWITCH_TAGS.record, value: record },
        { key: SWITCH_TAGS.node, value: node },
        { key: 'Name', value: `${cell} ${record}/${node}` },
      ],
    });
    check.node.addDependency(alarm);
    this.healthCheck = HealthCheck.fromHealthCheckId(this, 'Imported', check.attrHealthCheckId);
  }
}
