import { CfnOutput, RemovalPolicy, Stack, type StackProps, Token, Validations } from 'aws-cdk-lib';
import { CfnGlobalTable, CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { beatKeyName, historyTableName, linkKeyName, tableName } from '../aws/names.ts';
import type { Cell } from '../core/cell.ts';
import { isHeartbeat } from '../core/heartbeats.ts';
import { HISTORY_EXPIRES } from '../core/history.ts';
import type { Deployment } from './deployment.ts';

export interface StateStackProps extends StackProps {
  deployment: Deployment;
  /**
   * Nobody can delete the tables: neither their stack nor the tables themselves, and a table that is replaced stays.
   *
   * @default true
   */
  protect?: boolean;
  /** The replicas of before, while the table moves: arbiters that are there still read the same secrets. */
  replicasBefore?: readonly string[];
}

/** Regions with multi-Region strong consistency (CloudFormation template reference, "AWS::DynamoDB::GlobalTable GlobalTableWitness"). */
const STRONG_REGIONS = [
  ...['us-east-1', 'us-east-2', 'us-west-2'],
  ...['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-central-1'],
  ...['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'],
];

/**
 * The voting table, and beside it the history. The voting table: on demand, recoverable to any second of the last 35 days (what a deleted table held, too: DynamoDB developer
 * guide, "Point-in-time recovery"). A `CfnGlobalTable`, since `TableV2` refuses replicas on different continents. Throws a
 * `RangeError` where the configuration asks for a table that cannot be; what is changed in it later is looked at in synthesis.
 */
export class StateStack extends Stack {
  readonly table: CfnGlobalTable;
  private readonly readers: readonly string[];

  constructor(scope: Construct, id: string, { deployment, protect = true, replicasBefore = [], ...props }: StateStackProps) {
    super(scope, id, { ...props, terminationProtection: protect });
    const regions = deployment.cell.arbiters.toSorted();
    this.readers = [...new Set([...regions, ...replicasBefore])].toSorted();
    this.table = new CfnGlobalTable(this, 'Table', {
      tableName: tableName(deployment.cell),
      billingMode: 'PAY_PER_REQUEST',
      attributeDefinitions: [
        { attributeName: 'pk', attributeType: 'S' },
        { attributeName: 'sk', attributeType: 'S' },
      ],
      keySchema: [
        { attributeName: 'pk', keyType: 'HASH' },
        { attributeName: 'sk', keyType: 'RANGE' },
      ],
      replicas: regions.map((region) => ({
        region,
        deletionProtectionEnabled: protect,
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      })),
      ...(regions.length > 1 && { multiRegionConsistency: 'STRONG' }),
    });
    this.table.applyRemovalPolicy(protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
    this.history(deployment.cell, protect);
    this.linkKey(deployment.cell);
    if (deployment.cell.checks.some(isHeartbeat)) this.beatKey(deployment.cell);
    const faults = tableFaults(this.table);
    if (faults.length > 0) throw new RangeError(faults.join('\n'));
    this.node.addValidation({ validate: () => tableFaults(this.table) });
  }

  /** How long looks took: a table of this region alone, which forgets by itself. Nothing is decided by it, so nothing waits for it. */
  private history(cell: Cell, protect: boolean): void {
    const table = new CfnTable(this, 'History', {
      tableName: historyTableName(cell),
      billingMode: 'PAY_PER_REQUEST',
      attributeDefinitions: [
        { attributeName: 'pk', attributeType: 'S' },
        { attributeName: 'sk', attributeType: 'S' },
      ],
      keySchema: [
        { attributeName: 'pk', keyType: 'HASH' },
        { attributeName: 'sk', keyType: 'RANGE' },
      ],
      timeToLiveSpecification: { attributeName: HISTORY_EXPIRES, enabled: true },
      deletionProtectionEnabled: protect,
    });
    table.applyRemovalPolicy(protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
    const reason =
      'It holds how long looks took in the last days, and no state: what is lost is written anew by the next rounds.';
    Validations.of(table).acknowledge({ id: 'AwsSolutions-DDB3', reason });
  }

  private linkKey(cell: Cell): void {
    const name = linkKeyName(cell);
    const reason = 'Rotated by hand (see deploying.md): a key that changes makes every link that was sent worthless.';
    this.key('LinkKey', name, `Quorumwatch ${cell.name}: signs links to incidents, and the right to read.`, reason);
    new CfnOutput(this, 'LinkSecret', {
      value: name,
      description: 'Links and the right to read the status page follow from it.',
    });
  }

  /** A heartbeat has one token, whichever web part it reaches. */
  private beatKey(cell: Cell): void {
    const name = beatKeyName(cell);
    const reason = 'Rotated by hand (see heartbeats.md): whoever sends heartbeats has to be told.';
    this.key('BeatKey', name, `Quorumwatch ${cell.name}: tokens of heartbeats follow from it.`, reason);
    new CfnOutput(this, 'HeartbeatSecret', { value: name, description: 'Tokens of heartbeats follow from it.' });
  }

  /**
   * One for all arbiter regions, readable in each without the others. Where it is copied to changes without a new secret, its name does not
   * (CloudFormation template reference, "AWS::SecretsManager::Secret": ReplicaRegions, Name).
   */
  private key(id: string, secretName: string, description: string, reason: string): void {
    const key = new Secret(this, id, {
      secretName,
      description,
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      replicaRegions: this.readers.filter((region) => region !== this.region).map((region) => ({ region })),
    });
    Validations.of(key).acknowledge({ id: 'AwsSolutions-SMG4', reason });
  }
}

/**
 * What the table cannot be, whoever changed it after us: CloudFormation would only say so in the middle of a deployment
 * (DynamoDB developer guide, "How DynamoDB global tables work": consistency modes).
 */
function tableFaults(table: CfnGlobalTable): string[] {
  const replicas = Token.isUnresolved(table.replicas) ? [] : (table.replicas as CfnGlobalTable.ReplicaSpecificationProperty[]);
  const regions = replicas.map(({ region }) => region);
  const faults: string[] = [];
  const refuse = (path: string, what: string, instead: string) => faults.push(`${path}: ${what} (${instead})`);
  if (table.multiRegionConsistency !== 'STRONG') {
    if (regions.length > 1) {
      const what = `a table in ${regions.join(', ')} that is eventually consistent loses votes and decides twice`;
      refuse('table.replicas', what, 'write one region, or three');
    }
    return faults;
  }
  if (regions.length !== 3) refuse('table.replicas', `a strong table has three replicas, not ${regions.length}`, 'write three');
  for (const region of regions.filter((each) => !STRONG_REGIONS.includes(each)))
    refuse('table.replicas', `${region} has no strong tables`, `write three of ${STRONG_REGIONS.join(', ')}`);
  if (table.timeToLiveSpecification !== undefined) refuse('table', 'a strong table has no time to live', 'take it away');
  if (table.localSecondaryIndexes !== undefined) refuse('table', 'a strong table has no local indexes', 'take them away');
  if (table.globalTableWitnesses !== undefined) refuse('table', 'three replicas need no witness', 'take it away');
  return faults;
}
