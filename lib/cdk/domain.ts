import { CfnOutput, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { type CfnStage, DomainName, HttpApi, HttpStage, IpAddressType } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Certificate, CfnCertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Alarm, ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnHealthCheck, CfnRecordSet } from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { alarmName, metricNamespace } from '../aws/names.ts';
import type { Deployment } from './deployment.ts';

export interface DomainProps {
  deployment: Deployment;
  name: string;
  web: LambdaFunction;
}

/** Requests a second, and at once: a status page that many look at, not a flood. */
const RATE = { rateLimit: 50, burstLimit: 100 };
const TICK_PERIODS = 3;

/**
 * The web part of one region under a name of one's own. A function URL can have none (Lambda developer guide, "Lambda function URLs"), so an
 * HTTP API with a regional certificate stands before the function: nothing of it is in another region, as a distribution's certificate in
 * us-east-1 would be. Each region has a record set of the same name, and the nearest one answers whose arbiter is alive. Where the zone's
 * id is not known, people make the certificate's record and the name's by hand: CloudFormation waits for the first.
 */
export class Domain extends Construct {
  constructor(scope: Construct, id: string, { deployment, name, web }: DomainProps) {
    super(scope, id);
    const certificate = this.certificateOf(name, deployment.domainZoneId);
    const domainName = new DomainName(this, 'Name', { domainName: name, certificate, ipAddressType: IpAddressType.DUAL_STACK });
    const api = new HttpApi(this, 'Api', {
      apiName: `Quorumwatch ${deployment.cell.name}`,
      disableExecuteApiEndpoint: true,
      createDefaultStage: false,
      ipAddressType: IpAddressType.DUAL_STACK,
      defaultIntegration: new HttpLambdaIntegration('Web', web),
    });
    Validations.of(api).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: 'Status pages are for everybody or ask for their own token; who acknowledges or beats is asked for another.',
    });
    const stage = new HttpStage(this, 'Stage', { httpApi: api, autoDeploy: true, throttle: RATE, domainMapping: { domainName } });
    this.logOf(stage);
    new CfnOutput(this, 'Target', { value: domainName.regionalDomainName, description: `Where ${name} leads in this region.` });
    if (deployment.domainZoneId !== undefined) this.recordsOf(deployment, name, deployment.domainZoneId, domainName);
  }

  private certificateOf(domainName: string, hostedZoneId: string | undefined) {
    const certificate = new CfnCertificate(this, 'Certificate', {
      domainName,
      validationMethod: 'DNS',
      ...(hostedZoneId !== undefined && { domainValidationOptions: [{ domainName, hostedZoneId }] }),
    });
    return Certificate.fromCertificateArn(this, 'Imported', certificate.ref);
  }

  /** Who asked for what, without tokens: the path of a page's link holds one, so the route is logged and not the path. */
  private logOf(stage: HttpStage): void {
    const log = new LogGroup(this, 'Log', { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    const format = { at: '$context.requestTime', ip: '$context.identity.sourceIp', status: '$context.status' };
    const resource = stage.node.defaultChild as CfnStage;
    resource.accessLogSettings = { destinationArn: log.logGroupArn, format: JSON.stringify(format) };
  }

  private recordsOf({ cell }: Deployment, name: string, hostedZoneId: string, domainName: DomainName): void {
    const { region } = Stack.of(this);
    const health = cell.arbiters.length > 1 && { healthCheckId: this.healthOf(cell.name, region) };
    // The first has had its logical id for longer: a record set that is made anew is refused while the old one is there.
    for (const [id, type] of Object.entries({ Record: 'A', Record6: 'AAAA' }))
      new CfnRecordSet(this, id, {
        name: `${name}.`,
        type,
        hostedZoneId,
        region,
        setIdentifier: region,
        aliasTarget: {
          dnsName: domainName.regionalDomainName,
          hostedZoneId: domainName.regionalHostedZoneId,
          evaluateTargetHealth: true,
        },
        ...health,
      });
  }

  /** A region whose arbiter does not look is not answered with. A region that is gone has no data: unhealthy, too. */
  private healthOf(cell: string, region: string): string {
    const name = alarmName(cell, 'domain');
    const alarm = new Alarm(this, 'Alarm', {
      alarmName: name,
      alarmDescription: `The arbiter in ${region} does not look. Nobody is to be told: it is what a health check of the page's name follows.`,
      metric: new Metric({
        namespace: metricNamespace(cell),
        metricName: 'Tick',
        dimensionsMap: { region },
        statistic: Stats.SUM,
        period: Duration.minutes(1),
      }),
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      threshold: 1,
      evaluationPeriods: TICK_PERIODS,
      treatMissingData: TreatMissingData.BREACHING,
    });
    const check = new CfnHealthCheck(this, 'HealthCheck', {
      healthCheckConfig: {
        type: 'CLOUDWATCH_METRIC',
        alarmIdentifier: { name, region },
        insufficientDataHealthStatus: 'Unhealthy',
      },
    });
    check.node.addDependency(alarm);
    return check.attrHealthCheckId;
  }
}
