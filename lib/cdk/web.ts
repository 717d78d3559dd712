import { Fn, Validations } from 'aws-cdk-lib';
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { beatKeyName, tableName } from '../aws/names.ts';
import { MEMORY_MB, RESERVED } from '../aws/sizes.ts';
import { isHeartbeat } from '../core/heartbeats.ts';
import type { Deployment } from './deployment.ts';
import { Handler } from './handler.ts';
import { nearestFirst } from './nearest.ts';
import { secretArns } from './secrets.ts';
import { onBeats, onItems, readSecrets, wakeArbiters } from './statements.ts';

export interface WebProps {
  deployment: Deployment;
  region: string;
}

const TIMEOUT_SECONDS = 10;

/** The status page of an arbiter region, with the key that signs the links in this region's pages. */
export class Web extends Construct {
  /** `https://…` without a slash at the end. */
  readonly url: string;
  readonly linkKeyArn: string;

  constructor(scope: Construct, id: string, { deployment, region }: WebProps) {
    super(scope, id);
    const { cell, account } = deployment;
    const linkKey = new Secret(this, 'LinkKey', {
      description: `Quorumwatch ${cell.name}: signs links to incidents.`,
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
    });
    Validations.of(linkKey).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Rotated by hand (see operating.md): a key that changes makes every link that was sent worthless.',
    });
    this.linkKeyArn = linkKey.secretArn;
    const beatKey = cell.checks.some(isHeartbeat) ? { secretsManager: beatKeyName(cell) } : undefined;
    const web = new Handler(this, 'Handler', {
      deployment,
      description: `Quorumwatch ${cell.name}: status, incidents, acknowledgement, heartbeats.`,
      environment: {
        role: 'web',
        cell: cell.name,
        account,
        table: tableName(cell),
        tableRegions: nearestFirst(region, cell.arbiters),
        topics: [],
        linkBase: '',
        linkKey: this.linkKeyArn,
        ...(beatKey && { beatKey: beatKey.secretsManager }),
      },
      statements: [
        onItems(
          'Status',
          deployment,
          ['dynamodb:BatchGetItem'],
          [`ballot/${cell.name}/*`, `acts/${cell.name}`, `ledger/${cell.name}`],
        ),
        onItems('Incidents', deployment, ['dynamodb:Query'], [`incident/${cell.name}`]),
        onItems('Acts', deployment, ['dynamodb:GetItem', 'dynamodb:PutItem'], [`acts/${cell.name}`]),
        ...(beatKey ? [onBeats(deployment, 'UpdateItem')] : []),
        wakeArbiters(deployment),
        ...readSecrets(deployment, region, [this.linkKeyArn, ...secretArns(beatKey, region, account)]),
      ],
      timeoutSeconds: TIMEOUT_SECONDS,
      memoryMb: MEMORY_MB.web,
      concurrency: RESERVED.web,
    });
    const url = web.function.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
    this.url = Fn.join('', ['https://', Fn.select(2, Fn.split('/', url.url))]);
  }
}
