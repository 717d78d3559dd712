import { Duration, Validations } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

/** Retention counts from enqueueing, delays included; what is older than this is of no use to anybody. */
const RETENTION_SECONDS = 300;
/** Lambda developer guide, "Using Lambda with Amazon SQS": six times the function's timeout, to leave room for throttled tries. */
const VISIBILITY_TIMEOUTS = 6;

export interface FeedProps {
  queueName: string;
  function: LambdaFunction;
  timeoutSeconds: number;
  /** How many messages an invocation is given at most. */
  batchSize: number;
  /** How many invocations there are at a time: at least 2 (Lambda API reference, `ScalingConfig`). */
  concurrency: number;
  /** What the scheduler sends every minute. */
  everyMinute: string;
}

/** The queue that feeds a function, and the schedule that sends to it every minute. */
export class Feed extends Construct {
  constructor(scope: Construct, id: string, props: FeedProps) {
    super(scope, id);
    const queue = new Queue(this, 'Queue', {
      queueName: props.queueName,
      retentionPeriod: Duration.seconds(RETENTION_SECONDS),
      visibilityTimeout: Duration.seconds(VISIBILITY_TIMEOUTS * props.timeoutSeconds),
      enforceSSL: true,
    });
    Validations.of(queue).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'No dead-letter queue: a message is worthless after five minutes, and its absence is what the alarms watch.',
    });
    new EventSourceMapping(this, 'Source', {
      target: props.function,
      eventSourceArn: queue.queueArn,
      batchSize: props.batchSize,
      reportBatchItemFailures: true,
      maxConcurrency: props.concurrency,
    });
    this.schedule(queue, props.everyMinute);
  }

  /** Without tries: a plan that comes late has missed its minute, and the next one is near. The default is 185. */
  private schedule(queue: Queue, message: string): void {
    const send = new PolicyStatement({ sid: 'Send', actions: ['sqs:SendMessage'], resources: [queue.queueArn] });
    const role = new Role(this, 'ScheduleRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        // EventBridge Scheduler user guide, "Confused deputy prevention".
        conditions: { StringEquals: { 'aws:SourceAccount': queue.env.account } },
      }),
      inlinePolicies: { send: new PolicyDocument({ statements: [send] }) },
    });
    new CfnSchedule(this, 'Schedule', {
      description: `Sends to ${queue.node.path} every minute.`,
      scheduleExpression: 'cron(* * * * ? *)',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: queue.queueArn,
        roleArn: role.roleArn,
        input: message,
        retryPolicy: { maximumRetryAttempts: 0 },
      },
    });
  }
}
