import { describe, expect, it } from 'vitest';
import { SMALL, WIDE } from './configurations.ts';
import { functionOf } from './policies.ts';
import { only, resourcesOf, type Synthesis, synthesise, templateOf } from './synthesis.ts';

/** The status page under a name of one's own. */

const NAME = 'status.example.org';
const alone = () => synthesise(`${SMALL}domain: ${NAME}\n`);
const wide = (domainZoneId?: string) =>
  synthesise(`${WIDE}domain: ${NAME}\n`, domainZoneId === undefined ? {} : { domainZoneId });
const regional = (synthesis: Synthesis) =>
  synthesis.cell.arbiters.map((region) => ({ region, of: templateOf(synthesis, `Arbiter-${region}`) }));

describe('a domain', () => {
  it('is a regional API with its own certificate before the function, in every arbiter region', () => {
    for (const { of } of regional(wide('Z0123456789ABC'))) {
      const [certificate, { Properties }] = only(of, 'AWS::CertificateManager::Certificate');
      expect(Properties).toEqual({
        DomainName: NAME,
        ValidationMethod: 'DNS',
        DomainValidationOptions: [{ DomainName: NAME, HostedZoneId: 'Z0123456789ABC' }],
      });
      const [name, { Properties: named }] = only(of, 'AWS::ApiGatewayV2::DomainName', { DomainName: NAME });
      expect(named.DomainNameConfigurations).toEqual([
        { CertificateArn: { Ref: certificate }, EndpointType: 'REGIONAL', IpAddressType: 'dualstack' },
      ]);
      const [api] = only(of, 'AWS::ApiGatewayV2::Api', {
        ProtocolType: 'HTTP',
        DisableExecuteApiEndpoint: true,
        IpAddressType: 'dualstack',
      });
      const [, { Properties: staged }] = only(of, 'AWS::ApiGatewayV2::Stage', { StageName: '$default', AutoDeploy: true });
      expect(staged.DefaultRouteSettings).toEqual({ ThrottlingBurstLimit: 100, ThrottlingRateLimit: 50 });
      expect(staged.AccessLogSettings.Format).not.toMatch(/path|query/i);
      only(of, 'AWS::ApiGatewayV2::ApiMapping', { ApiId: { Ref: api }, DomainName: { Ref: name } });
      const [web] = functionOf(of, 'web');
      const [, { Properties: integration }] = only(of, 'AWS::ApiGatewayV2::Integration', { IntegrationType: 'AWS_PROXY' });
      expect(integration).toMatchObject({ PayloadFormatVersion: '2.0', IntegrationUri: { 'Fn::GetAtt': [web, 'Arn'] } });
      only(of, 'AWS::ApiGatewayV2::Route', { RouteKey: '$default' });
      const [, { Properties: right }] = only(of, 'AWS::Lambda::Permission', { Principal: 'apigateway.amazonaws.com' });
      expect(JSON.stringify(right.SourceArn)).toContain(api);
    }
  });

  it('is where links lead', () => {
    for (const { of } of regional(wide('Z0123456789ABC')))
      expect(functionOf(of, 'arbiter')[1].Properties.Environment.Variables.QUORUMWATCH_LINK_BASE).toBe(`https://${NAME}`);
  });

  it('answers with the nearest region whose arbiter looks', () => {
    for (const { region, of } of regional(wide('Z0123456789ABC'))) {
      const [name] = only(of, 'AWS::ApiGatewayV2::DomainName');
      const [alarm, { Properties: watched }] = only(of, 'AWS::CloudWatch::Alarm', { AlarmName: 'quorumwatch-wide-domain' });
      expect(watched).toMatchObject({
        Namespace: 'Quorumwatch/wide',
        MetricName: 'Tick',
        Dimensions: [{ Name: 'region', Value: region }],
        Statistic: 'Sum',
        ComparisonOperator: 'LessThanThreshold',
        Threshold: 1,
        EvaluationPeriods: 3,
        TreatMissingData: 'breaching',
      });
      const [check, { Properties: health, DependsOn }] = only(of, 'AWS::Route53::HealthCheck');
      expect(DependsOn).toContain(alarm);
      expect(health.HealthCheckConfig).toEqual({
        Type: 'CLOUDWATCH_METRIC',
        AlarmIdentifier: { Name: 'quorumwatch-wide-domain', Region: region },
        InsufficientDataHealthStatus: 'Unhealthy',
      });
      for (const Type of ['A', 'AAAA'])
        expect(only(of, 'AWS::Route53::RecordSet', { Type })[1].Properties).toEqual({
          Name: `${NAME}.`,
          Type,
          HostedZoneId: 'Z0123456789ABC',
          Region: region,
          SetIdentifier: region,
          AliasTarget: {
            DNSName: { 'Fn::GetAtt': [name, 'RegionalDomainName'] },
            HostedZoneId: { 'Fn::GetAtt': [name, 'RegionalHostedZoneId'] },
            EvaluateTargetHealth: true,
          },
          HealthCheckId: { 'Fn::GetAtt': [check, 'HealthCheckId'] },
        });
    }
  });

  it('in the zone of a record is found there; one region alone needs no health check', () => {
    const [{ of } = { of: { Resources: {} } }] = regional(alone());
    const { HostedZoneId, HealthCheckId } = only(of, 'AWS::Route53::RecordSet', { Type: 'AAAA' })[1].Properties;
    expect([HostedZoneId, HealthCheckId]).toEqual(['Z0123456789ABC', undefined]);
    expect(resourcesOf(of, 'AWS::Route53::HealthCheck')).toEqual([]);
  });

  it('whose zone nobody knows is made all the same, and says where its name has to lead', () => {
    for (const { of } of regional(wide())) {
      const { DomainValidationOptions } = only(of, 'AWS::CertificateManager::Certificate')[1].Properties;
      expect(DomainValidationOptions).toBeUndefined();
      expect(resourcesOf(of, 'AWS::Route53::RecordSet')).toEqual([]);
      expect(JSON.stringify(of.Outputs)).toContain('RegionalDomainName');
    }
  });
});
