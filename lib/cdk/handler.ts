import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type Environment, environmentVariables } from '../aws/environment.ts';
import { functionName } from '../aws/names.ts';
import type { Deployment } from './deployment.ts';

export interface HandlerProps {
  deployment: Deployment;
  /** Its role among ours, and what it is told. */
  environment: Environment;
  /** Everything that it may do beside writing its log. */
  statements: PolicyStatement[];
  description: string;
  timeoutSeconds: number;
  memoryMb: number;
  /** How many of it may run at a time. */
  concurrency: number;
}

/** One of our functions, with a role and a log of its own. */
export class Handler extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: HandlerProps) {
    super(scope, id);
    const { deployment, environment, statements, description, timeoutSeconds, memoryMb, concurrency } = props;
    const logGroup = new LogGroup(this, 'Log', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const log = new PolicyStatement({
      sid: 'Log',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroup.logGroupArn],
    });
    // Inline, so that the role never exists without its rights: Lambda tries them when the event source is made.
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      inlinePolicies: { work: new PolicyDocument({ statements: [log, ...statements], minimize: false }) },
    });
    this.function = new LambdaFunction(this, 'Function', {
      functionName: functionName(deployment.cell.name, environment.role),
      description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: deployment.codeOf(environment.role),
      role,
      logGroup,
      environment: environmentVariables(environment),
      timeout: Duration.seconds(timeoutSeconds),
      memorySize: memoryMb,
      ...(deployment.reserveConcurrency && { reservedConcurrentExecutions: concurrency }),
    });
  }

  /** Says why a finding about the function's rights is right as it is. */
  acknowledge(finding: string, reason: string): void {
    Validations.of(this).acknowledge({ id: finding, reason });
  }
}
