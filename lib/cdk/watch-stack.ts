import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmRule,
  AlarmState,
  AlarmStatusWidget,
  ComparisonOperator,
  CompositeAlarm,
  Dashboard,
  GraphWidget,
  type IAlarm,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { alarmName, alarmPeriodMs, metricAlarmName, metricNamespace, prefixOf, topicArn, topicName } from '../aws/names.ts';
import { type Alarm as AlarmSpec, alarmsOf, SUPPRESSION_PERIODS } from '../core/alarms.ts';
import type { Deployment } from './deployment.ts';
import { Gate } from './gate.ts';

export interface WatchStackProps extends StackProps {
  deployment: Deployment;
  /**
   * A dashboard too: one is enough for all regions.
   *
   * @default false
   */
  dashboard?: boolean;
}

/**
 * What watches the watcher from one paging region: alarms that notify the first tier's topic with no code of ours between. They are
 * deployed last, when there is something to hear: missing data breaches. USD 0.10 an alarm and 0.50 a composite one a month
 * (CloudWatch pricing).
 */
export class WatchStack extends Stack {
  private readonly cell: string;
  private readonly action: SnsAction;
  private readonly alarms = new Map<string, IAlarm>();

  constructor(scope: Construct, id: string, { deployment, dashboard = false, ...props }: WatchStackProps) {
    super(scope, id, props);
    const { cell, account } = deployment;
    this.cell = cell.name;
    // By its name: alarms notify topics of their own region only, and a region's topics are not this stack's to export.
    const arn = topicArn(this.region, account, topicName(cell.name, 'tiers', 1));
    this.action = new SnsAction(Topic.fromTopicArn(this, 'Tier1', arn));
    const specs = alarmsOf(cell, { periodMs: alarmPeriodMs });
    const gate = new Gate(this, 'Gate', { deployment, alarms: specs });
    for (const spec of specs) this.alarms.set(spec.id, this.alarmOf(spec, gate));
    if (dashboard) this.dashboardOf(specs);
  }

  /** The alarm that notifies. One with a suppressor needs a composite alarm before the metric's: metric alarms are never suppressed. */
  private alarmOf(spec: AlarmSpec, gate: Gate): IAlarm {
    const suppressor = spec.suppressor === undefined ? undefined : this.alarms.get(spec.suppressor);
    const name = alarmName(this.cell, spec.id);
    const description = `${spec.title}. ${spec.todo}`;
    const metric = new Alarm(this, `${spec.id}${suppressor ? '/metric' : ''}`, {
      alarmName: metricAlarmName(this.cell, spec),
      alarmDescription: description,
      metric: metricOf(this.cell, spec),
      comparisonOperator:
        spec.comparison === 'LessThanThreshold'
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: spec.threshold,
      evaluationPeriods: spec.evaluationPeriods,
      datapointsToAlarm: spec.datapointsToAlarm,
      treatMissingData: spec.ignoresSilence ? TreatMissingData.NOT_BREACHING : TreatMissingData.BREACHING,
    });
    metric.node.addDependency(gate);
    if (!suppressor) return this.notifying(metric);
    return this.notifying(
      new CompositeAlarm(this, spec.id, {
        compositeAlarmName: name,
        alarmDescription: description,
        alarmRule: AlarmRule.fromAlarm(metric, AlarmState.ALARM),
        actionsSuppressor: suppressor,
        actionsSuppressorWaitPeriod: Duration.millis(SUPPRESSION_PERIODS * spec.periodMs),
        actionsSuppressorExtensionPeriod: Duration.millis(spec.extensionPeriods * spec.periodMs),
      }),
    );
  }

  private notifying<A extends Alarm | CompositeAlarm>(alarm: A): A {
    alarm.addAlarmAction(this.action);
    alarm.addOkAction(this.action);
    return alarm;
  }

  private dashboardOf(specs: readonly AlarmSpec[]): void {
    const graph = (title: string, of: string) =>
      new GraphWidget({
        title,
        width: 12,
        left: specs.filter(({ metric }) => metric === of).map((spec) => metricOf(this.cell, spec)),
      });
    new Dashboard(this, 'Dashboard', {
      dashboardName: prefixOf(this.cell),
      widgets: [
        [new AlarmStatusWidget({ title: 'What watches the watcher', width: 24, alarms: [...this.alarms.values()] })],
        [graph('Vantages heard', 'Heard'), graph('Seconds since the last ballot', 'BallotAge')],
        [graph('Looks of the arbiters a minute', 'Tick')],
      ],
    });
  }
}

const metricOf = (cell: string, { metric, dimensions, statistic, periodMs }: AlarmSpec): Metric =>
  new Metric({
    namespace: metricNamespace(cell),
    metricName: metric,
    dimensionsMap: dimensions,
    statistic,
    period: Duration.millis(periodMs),
  });
