import { describe, expect, it } from 'vitest';
import { type Counts, inventoryOf, type Kind } from '../../lib/plan/inventory.ts';
import { cellOf, example, LARGE, NAMED, PLAIN, SMALL, WIDE } from '../cdk/configurations.ts';
import { synthesised } from '../cdk/synthesis.ts';

const KIND_OF: Record<string, Kind> = {
  'AWS::DynamoDB::GlobalTable': 'table',
  'AWS::DynamoDB::Table': 'table',
  'AWS::Lambda::Function': 'function',
  'AWS::SQS::Queue': 'queue',
  'AWS::Scheduler::Schedule': 'schedule',
  'AWS::SNS::Topic': 'topic',
  'AWS::SNS::Subscription': 'subscription',
  'AWS::CloudWatch::Alarm': 'alarm',
  'AWS::CloudWatch::CompositeAlarm': 'composite alarm',
  'AWS::CloudWatch::Dashboard': 'dashboard',
  'AWS::Route53::HealthCheck': 'switch',
  'AWS::Route53::RecordSet': 'record set',
  'AWS::SecretsManager::Secret': 'secret',
  'AWS::ApiGatewayV2::Api': 'api',
  'AWS::CertificateManager::Certificate': 'certificate',
};
/** What costs nothing, and what nobody looks for. */
const LEFT_OUT = [
  'AWS::IAM::Role',
  'AWS::Logs::LogGroup',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Url',
  'AWS::Lambda::Permission',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'Custom::QuorumwatchGate',
  'AWS::ApiGatewayV2::DomainName',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::ApiGatewayV2::ApiMapping',
];

describe('what plan says would exist is what the stacks hold:', () => {
  it.each([
    ['the example', example()],
    ['small', SMALL],
    ['wide', WIDE],
    ['plain', PLAIN],
    ['large', LARGE],
    ['a name in a zone that is known', `${SMALL}domain: status.example.org\n`],
    ['a name in a zone that nobody knows', `${WIDE}domain: status.example.org\n`],
    ['a name in three regions', NAMED],
  ])('%s', (_, yaml) => {
    const { stacks, places } = synthesised(yaml);
    const made = Object.entries(stacks).map(([id, { Resources }]) => {
      const types = Object.values(Resources).map(({ Type }) => Type);
      expect(types.filter((type) => !(type in KIND_OF) && !LEFT_OUT.includes(type))).toEqual([]);
      const has: Counts = {};
      for (const type of types) {
        const kind = KIND_OF[type];
        if (kind) has[kind] = (has[kind] ?? 0) + 1;
      }
      return { name: places[id]?.name, region: places[id]?.region, has };
    });
    const planned = inventoryOf(cellOf(yaml)).map(({ has, ...stack }) => ({
      ...stack,
      has: Object.fromEntries(Object.entries(has).filter(([, number]) => number > 0)),
    }));
    const key = ({ name, region }: { name: string | undefined; region: string | undefined }) => `${name} ${region}`;
    const sorted = <T extends Parameters<typeof key>[0]>(all: T[]) => all.sort((a, b) => (key(a) < key(b) ? -1 : 1));
    expect(sorted(planned)).toEqual(sorted(made));
  });
});
