import { Fn } from 'aws-cdk-lib';
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { beatKeyName, linkKeyName, tableName } from '../aws/names.ts';
import { MEMORY_MB, RESERVED } from '../aws/sizes.ts';
import { isHeartbeat } from '../core/heartbeats.ts';
import type { Deployment } from './deployment.ts';
import { Domain } from './domain.ts';
import { Handler } from './handler.ts';
import { nearestFirst } from './nearest.ts';
import { secretArns } from './secrets.ts';
import { onBeats, onHistory, onItems, readSecrets, wakeArbiters } from './statements.ts';

export interface WebProps {
  deployment: Deployment;
  region: string;
}

const TIMEOUT_SECONDS = 10;

/** The status page of an arbiter region. */
export class Web extends Construct {
  /** `https://…` without a slash at the end. */
  readonly url: string;

  constructor(scope: Construct, id: string, { deployment, region }: WebProps) {
    super(scope, id);
    const { cell, account } = deployment;
    const linkKey = { secretsManager: linkKeyName(cell) };
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
        linkBase: '',
        linkKey: linkKey.secretsManager,
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
        onHistory(deployment, 'Query', '*'),
        onItems('Acts', deployment, ['dynamodb:GetItem', 'dynamodb:PutItem'], [`acts/${cell.name}`]),
        ...(beatKey ? [onBeats(deployment, 'UpdateItem')] : []),
        wakeArbiters(deployment),
        ...readSecrets(deployment, secretArns([linkKey, beatKey], region, account)),
      ],
      timeoutSeconds: TIMEOUT_SECONDS,
      memoryMb: MEMORY_MB.web,
      concurrency: RESERVED.web,
    });
    const url = web.function.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
    const own = Fn.join('', ['https://', Fn.select(2, Fn.split('/', url.url))]);
    this.url = cell.domain === undefined ? own : `https://${cell.domain}`;
    if (cell.domain !== undefined) new Domain(this, 'Domain', { deployment, name: cell.domain, web: web.function });
  }
}
