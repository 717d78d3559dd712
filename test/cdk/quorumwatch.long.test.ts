import { type App, PermissionsBoundary, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { CfnGlobalTable } from 'aws-cdk-lib/aws-dynamodb';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { describe, expect, it, vi } from 'vitest';
import { type FunctionRole, switchAlarmRegion } from '../../lib/aws/names.ts';
import { Quorumwatch, type QuorumwatchOptions } from '../../lib/cdk/quorumwatch.ts';
import { RecordsStack } from '../../lib/cdk/records-stack.ts';
import type { ConfigInput } from '../../lib/config/schema.ts';
import { cellOf, PLAIN, SMALL, WIDE } from './configurations.ts';
import { allows, roleOf } from './policies.ts';
import { ACCOUNT, newApp, resourcesOf, type Template as Stacked, type Synthesis, synthesise, templateOf } from './synthesis.ts';

const config: ConfigInput = {
  name: 'mine',
  vantages: ['eu-west-1', 'us-east-2', 'ap-northeast-1'],
  nodes: {
    a: { url: 'https://a.example.org', checks: { page: { type: 'http' } } },
    b: { url: 'https://b.example.org', checks: { page: { type: 'http' } } },
  },
  records: {
    www: {
      name: 'www.example.org',
      zone: 'example.org',
      policy: 'weighted',
      members: [
        { node: 'a', value: '192.0.2.1' },
        { node: 'b', value: '192.0.2.2' },
      ],
    },
  },
  paging: { regions: ['eu-west-1', 'us-east-2'], tiers: [{ email: ['ops@example.org'] }] },
};

const codeOf = () => Code.fromInline('//');
const monitorOf = (app: App, given: ConfigInput = config) =>
  new Quorumwatch(app, 'Monitor', { config: given, account: ACCOUNT, codeOf });

describe('in somebody’s own app', () => {
  it('a switch serves a record of their own', () => {
    const app = newApp();
    const monitor = monitorOf(app);
    const stack = new Stack(app, 'Own', { env: { account: ACCOUNT, region: 'eu-west-1' } });
    const zone = HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.org' });
    const healthCheck = monitor.switchOf('www', 'a');
    const target = RecordTarget.fromIpAddresses('192.0.2.1');
    new ARecord(stack, 'Record', { zone, target, recordName: 'own', healthCheck, weight: 1 });
    const [[, record] = []] = Object.entries(Template.fromStack(stack).findResources('AWS::Route53::RecordSet'));
    expect(JSON.stringify(record?.Properties.HealthCheckId)).toMatch(/wwwSwitcha.*HealthCheckId/);
  });

  it('topics take subscribers of their own', () => {
    const monitor = monitorOf(newApp());
    const topic = monitor.topics['us-east-2']?.tiers[0];
    topic?.addSubscription(new EmailSubscription('boss@example.org'));
    const stack = Stack.of(topic as never);
    expect(stack.region).toBe('us-east-2');
    Template.fromStack(stack).hasResourceProperties('AWS::SNS::Subscription', { Endpoint: 'boss@example.org' });
  });

  it('a member that is not there is said', () => {
    expect(() => monitorOf(newApp()).switchOf('www', 'c')).toThrow('www/c: there is no such member (write one of www/a, www/b)');
    const { records: _, ...without } = config;
    expect(() => monitorOf(newApp(), without).switchOf('www', 'a')).toThrow(
      'www/a: there are no records (write records: in the configuration)',
    );
  });

  it('a wrong configuration is said line by line', () => {
    const wrong = { ...config, vantages: ['eu-west-1'], quorum: 7 };
    expect(() => monitorOf(newApp(), wrong)).toThrow(/^vantages: one vantage .*\nquorum: 7 is more than/);
  });

  it('a checkout without bundles says what to do', () => {
    expect(() => new Quorumwatch(newApp(), 'Monitor', { config })).toThrow(
      /^codeOf: there is no .*prober \(in a checkout, write codeOf: await bundled\(cell\)\)$/,
    );
  });
});

describe('options', () => {
  const withOptions = (options: QuorumwatchOptions) => synthesise(SMALL, options);

  it('unprotected state can be deleted, and a deployment after that begins anew', () => {
    const { stacks, places } = withOptions({ protect: false });
    const [[, table] = []] = resourcesOf(templateOf({ stacks } as never, 'State'), 'AWS::DynamoDB::GlobalTable');
    expect(table?.DeletionPolicy).toBe('Delete');
    expect(table?.Properties.Replicas[0].DeletionProtectionEnabled).toBe(false);
    const [[, history] = []] = resourcesOf(templateOf({ stacks } as never, 'State'), 'AWS::DynamoDB::Table');
    expect(history?.Properties.DeletionProtectionEnabled).toBe(false);
    expect(Object.values(places).filter((place) => place.protected)).toEqual([]);
    // Nothing with a name of its own is left behind, or it would be in the way.
    const kept = Object.values(stacks).flatMap(({ Resources }) =>
      Object.values(Resources).filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain'),
    );
    expect(kept).toEqual([]);
  });

  it('concurrency need not be reserved', () => {
    expect(JSON.stringify(withOptions({ reserveConcurrency: false }).stacks)).not.toContain('ReservedConcurrentExecutions');
  });

  it('keys of one’s own decrypt what their region’s functions read, through the services that keep it', () => {
    const key = (region: string) => `arn:aws:kms:${region}:${ACCOUNT}:key/own`;
    const secretKeys = [key('eu-west-1'), key('us-east-2')];
    const probers = synthesise(PLAIN, { secretKeys });
    const decrypt = (stack: string, role: FunctionRole, keyRegion: string, service?: string) =>
      allows(roleOf(templateOf(probers, stack), role), {
        action: 'kms:Decrypt',
        resource: key(keyRegion),
        ...(service && { context: { 'kms:ViaService': [service] } }),
      });
    for (const service of ['ssm', 'secretsmanager'])
      expect(decrypt('Vantage-eu-west-1', 'prober', 'eu-west-1', `${service}.eu-west-1.amazonaws.com`), service).toBe(true);
    expect(decrypt('Vantage-eu-west-1', 'prober', 'eu-west-1')).toBe(false);
    expect(decrypt('Vantage-eu-west-1', 'prober', 'us-east-2', 'ssm.us-east-2.amazonaws.com')).toBe(false);
    expect(decrypt('Vantage-ap-northeast-1', 'prober', 'eu-west-1', 'ssm.eu-west-1.amazonaws.com')).toBe(false);
    // The web part reads no parameters.
    expect(decrypt('Arbiter-eu-west-1', 'web', 'eu-west-1', 'secretsmanager.eu-west-1.amazonaws.com')).toBe(true);
    expect(decrypt('Arbiter-eu-west-1', 'web', 'eu-west-1', 'ssm.eu-west-1.amazonaws.com')).toBe(false);
    const without = Object.values(synthesise(PLAIN).stacks);
    expect(JSON.stringify(without)).not.toContain('kms:Decrypt');
  });

  it('what an ARN names is read, and decrypted, in its own region from everywhere', () => {
    const arn = `arn:aws:secretsmanager:us-east-2:${ACCOUNT}:secret:body-AbCdEf`;
    const key = `arn:aws:kms:us-east-2:${ACCOUNT}:key/own`;
    const named = synthesise(PLAIN.replace('{ secretsManager: plain/body }', `{ secretsManager: '${arn}' }`), {
      secretKeys: [key],
    });
    for (const region of named.cell.vantages) {
      const role = roleOf(templateOf(named, `Vantage-${region}`), 'prober');
      const context = { 'kms:ViaService': ['secretsmanager.us-east-2.amazonaws.com'] };
      expect(allows(role, { action: 'secretsmanager:GetSecretValue', resource: arn }), region).toBe(true);
      expect(allows(role, { action: 'kms:Decrypt', resource: key, context }), region).toBe(true);
    }
  });

  it('a permissions boundary limits every role', () => {
    const { stacks } = withOptions({ permissionsBoundary: PermissionsBoundary.fromName('limit') });
    const roles = Object.values(stacks).flatMap((template) => resourcesOf(template, 'AWS::IAM::Role'));
    expect(roles.length).toBeGreaterThan(5);
    for (const [id, { Properties }] of roles)
      expect(JSON.stringify(Properties.PermissionsBoundary), id).toContain(':policy/limit');
  });

  it('without an account the example’s stands for it', () => {
    const accountOf = () => new Quorumwatch(newApp(), 'Monitor', { config, codeOf }).topics['eu-west-1']?.tiers[0]?.env.account;
    try {
      vi.stubEnv('CDK_DEFAULT_ACCOUNT', undefined);
      expect(accountOf()).toBe('123456789012');
      vi.stubEnv('CDK_DEFAULT_ACCOUNT', '210987654321');
      expect(accountOf()).toBe('210987654321');
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe('switches', () => {
  function healthChecks(yaml: string): object {
    const cell = cellOf(yaml);
    const env = { account: ACCOUNT, region: switchAlarmRegion(cell) };
    const deployment = { cell, account: ACCOUNT, codeOf, secretKeys: [], reserveConcurrency: true };
    return Template.fromStack(new RecordsStack(newApp(), 'Records', { deployment, env })).findResources(
      'AWS::Route53::HealthCheck',
    );
  }

  it.each([
    ['values', SMALL.replaceAll('192.0.2', '198.51.100')],
    [
      'weights, times and pages',
      SMALL.replace('weight: 3', 'weight: 200').replace('ttl: 1m', 'ttl: 5m').replace('after: 5m', 'after: 9m'),
    ],
    ['another vantage', SMALL.replace('ap-northeast-1]', 'ap-northeast-1, sa-east-1]')],
    ['a vantage less', SMALL.replace('[eu-west-1, us-east-2, ap-northeast-1]', '[eu-west-1, us-east-2, sa-east-1]')],
    ['1 → 3 replicas, the old one first', `${SMALL}table: { replicas: [eu-west-1, eu-west-3, eu-central-1] }\n`],
  ])('are not touched by a change of %s', (_, changed) => {
    expect(changed).not.toBe(SMALL);
    expect(healthChecks(changed)).toEqual(healthChecks(SMALL));
  });
});

describe('an existing record', () => {
  const names = (template: Stacked) =>
    resourcesOf(template, 'AWS::Route53::RecordSet').map(([, { Properties }]) => Properties.Name);

  it('is adopted only on request: ours are made beside it, and one atomic command points it there', () => {
    const template = templateOf(synthesise(SMALL, { adopt: ['group'] }), 'Records');
    expect(names(template)).not.toContain('g.example.org.');
    expect(names(template).filter((name) => name.endsWith('g.example.org.'))).toEqual([
      ...Array(2).fill('_primary._quorumwatch.g.example.org.'),
      ...Array(2).fill('_quorumwatch.g.example.org.'),
    ]);
    expect(names(template)).toContain('c.example.org.');
    const [{ Value }, ...others] = Object.values(template.Outputs ?? {}) as [{ Value: string }];
    expect(others).toEqual([]);
    const [, zone, batch] =
      /^aws route53 change-resource-record-sets --hosted-zone-id (\S+) --change-batch '(.*)'$/.exec(Value) ?? [];
    expect(zone).toBe('Z0123456789ABC');
    expect(JSON.parse(batch ?? '')).toEqual({
      Changes: [
        {
          Action: 'UPSERT',
          ResourceRecordSet: {
            Name: 'g.example.org',
            Type: 'A',
            AliasTarget: { HostedZoneId: 'Z0123456789ABC', DNSName: '_quorumwatch.g.example.org', EvaluateTargetHealth: true },
          },
        },
      ],
    });
  });

  it.each([
    ['nothing', 'adopt: there is no record nothing (write one of weighted, many, group, names, balanced, fronted)'],
    ['weighted', "records.weighted: the zone's id is needed to adopt it (write zoneId: Z…)"],
  ])('%s cannot be adopted', (id, fault) => expect(() => synthesise(SMALL, { adopt: [id] })).toThrow(fault));
});

describe('a table that cannot be is refused', () => {
  function faultsOf(yaml: string, change: Partial<CfnGlobalTable>): string {
    try {
      const app = newApp();
      const monitor = new Quorumwatch(app, 'Monitor', { cell: cellOf(yaml), account: ACCOUNT, codeOf });
      Object.assign(monitor.node.findChild('State').node.findChild('Table'), change);
      app.synth();
    } catch (error) {
      return String(error);
    }
    return 'nothing';
  }
  const replicas = (...regions: string[]) => regions.map((region) => ({ region }));

  it.each<[string, string, Partial<CfnGlobalTable>]>([
    ['eventually consistent', 'eventually consistent loses votes', { multiRegionConsistency: undefined }],
    ['two replicas', 'has three replicas, not 2 (write three)', { replicas: replicas('eu-west-1', 'eu-west-3') }],
    ['time to live', 'a strong table has no time to live', { timeToLiveSpecification: { enabled: true } }],
    ['a witness', 'three replicas need no witness', { globalTableWitnesses: [{ region: 'eu-west-2' }] }],
    ['local indexes', 'a strong table has no local indexes', { localSecondaryIndexes: [] }],
  ])('%s', (_, fault, change) => expect(faultsOf(WIDE, change)).toContain(fault));

  it('a region without strong tables', () => {
    const elsewhere = WIDE.replace('eu-west-3]', 'sa-east-1]');
    expect(faultsOf(elsewhere, {})).toContain('table.replicas: sa-east-1 has no strong tables (write three of us-east-1,');
  });

  it('and replicas on different continents are not', () => {
    const apart = WIDE.replace('[eu-west-1, eu-central-1, eu-west-3]', '[eu-west-1, us-east-2, ap-northeast-1]');
    expect(faultsOf(apart, {})).toBe('nothing');
  });
});

it('a round that is longer than Lambda runs is refused', () => {
  const slow = PLAIN.replace('type: http } }', 'type: http, interval: 30m, timeout: 10m, attempts: 2 } }');
  expect(() => synthesise(slow)).toThrow(/^checks: a round of 1208 s is longer than Lambda runs/);
});

describe('a table that moves', () => {
  /** Every stack that is deployed before another one, directly or not. */
  const before = ({ places }: Synthesis, stack: string): string[] =>
    (places[stack]?.after ?? []).flatMap((id) => [id, ...before({ places } as Synthesis, id)]);
  const has = (synthesis: Synthesis, earlier: string, later: string): boolean => before(synthesis, later).includes(earlier);

  it('to three regions has new arbiters before the vantages, and the old one after them', () => {
    const synthesis = synthesise(WIDE, { replicasBefore: ['eu-west-1'] });
    for (const vantage of synthesis.cell.vantages) {
      for (const region of ['eu-central-1', 'eu-west-3'])
        expect(has(synthesis, `Arbiter-${region}`, `Vantage-${vantage}`), region).toBe(true);
      expect(has(synthesis, `Vantage-${vantage}`, 'Arbiter-eu-west-1')).toBe(true);
    }
    expect(has(synthesis, 'Records', 'Arbiter-eu-west-3')).toBe(true);
    for (const stack of ['State', 'Paging-us-east-2', 'Arbiter-eu-west-1', 'Arbiter-eu-west-3'])
      expect(has(synthesis, stack, 'Watch-us-east-2'), stack).toBe(true);
  });

  it('to one region has its arbiter before the vantages: the others look at the old table until they are deleted', () => {
    const synthesis = synthesise(SMALL, { replicasBefore: ['eu-west-1', 'eu-west-2', 'eu-west-3'] });
    for (const vantage of synthesis.cell.vantages) {
      expect(has(synthesis, 'Arbiter-eu-west-1', `Vantage-${vantage}`)).toBe(true);
      expect(has(synthesis, `Vantage-${vantage}`, 'Watch-us-east-2')).toBe(true);
    }
  });

  it('leaves the secrets where arbiters of before still read them', () => {
    const secretsOf = (replicasBefore: string[]) =>
      resourcesOf(templateOf(synthesise(SMALL, { replicasBefore }), 'State'), 'AWS::SecretsManager::Secret').map(
        ([id, secret]) => [
          id,
          secret.Properties.Name,
          secret.Properties.ReplicaRegions?.map(({ Region }: { Region: string }) => Region),
        ],
      );
    const copied = secretsOf([]).map(([id, name]) => [id, name, ['eu-west-2', 'eu-west-3']]);
    expect(copied).toHaveLength(2);
    expect(secretsOf(['eu-west-1', 'eu-west-2', 'eu-west-3'])).toEqual(copied);
  });

  it.each([
    [
      ['eu-west-3', 'eu-west-1', 'eu-central-1'],
      'replicasBefore: eu-west-3, eu-west-1, eu-central-1 are the replicas now (take it away)',
    ],
    [
      ['us-east-1', 'us-west-2', 'us-east-2'],
      'table.replicas: the alarms of the switches would move from us-west-2 to eu-west-1, and every switch be made anew (write us-west-2 first)',
    ],
  ])('cannot move from %s', (replicasBefore, fault) => {
    expect(() => synthesise(WIDE, { replicasBefore })).toThrow(fault);
  });

  it('without records may move anywhere', () => {
    expect(() => synthesise(PLAIN, { replicasBefore: ['us-east-2'] })).not.toThrow();
  });
});
