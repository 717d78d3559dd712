import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { PLAN_INPUT } from '../aws/messages.ts';
import { tableName, vantageQueueName } from '../aws/names.ts';
import { MEMORY_MB, RESERVED } from '../aws/sizes.ts';
import type { Cell } from '../core/cell.ts';
import { looksFor } from '../core/groups.ts';
import { isHeartbeat } from '../core/heartbeats.ts';
import { deadlineMs, HISTORY_WRITE_MS } from '../core/schedule.ts';
import type { Deployment } from './deployment.ts';
import { Feed } from './feed.ts';
import { Handler } from './handler.ts';
import { nearestFirst } from './nearest.ts';
import { secretArns } from './secrets.ts';
import { onBeats, onHistory, onItems, readSecrets, receive, sendToVantages, wakeArbiters } from './statements.ts';

export interface VantageStackProps extends StackProps {
  deployment: Deployment;
  /** The region that probes. */
  vantage: string;
}

/** Beyond a round's deadline: a cold start, a message that came a second early, and a table whose first replicas do not answer. */
const MARGIN_MS = 5_000;
/** Lambda developer guide, "Lambda quotas": function timeout. */
const LONGEST_SECONDS = 900;

/** How long a prober may run: as long as its slowest round, and what is kept of it. */
export function proberTimeoutSeconds(cell: Cell): number {
  const longestMs = Math.max(
    ...cell.checks.map(({ intervalMs }) => deadlineMs(cell, intervalMs)),
    deadlineMs(cell, cell.intervalMs),
  );
  return Math.ceil((longestMs + HISTORY_WRITE_MS + MARGIN_MS) / 1_000);
}

/** A region that probes and votes: its queue, its schedule, its prober. */
export class VantageStack extends Stack {
  constructor(scope: Construct, id: string, { deployment, vantage, ...props }: VantageStackProps) {
    super(scope, id, props);
    const { cell, account } = deployment;
    const queueName = vantageQueueName(cell.name);
    const timeoutSeconds = proberTimeoutSeconds(cell);
    if (timeoutSeconds > LONGEST_SECONDS)
      throw new RangeError(`checks: a round of ${timeoutSeconds} s is longer than Lambda runs (write shorter timeouts)`);
    // Of a group its parts, also where these are asked from other vantages alone.
    const checks = looksFor(
      cell,
      cell.checks.filter(({ vantages }) => vantages.includes(vantage)),
    );
    const prober = new Handler(this, 'Prober', {
      deployment,
      description: `Quorumwatch ${cell.name}: probes and votes.`,
      environment: {
        role: 'prober',
        cell: cell.name,
        account,
        table: tableName(cell),
        tableRegions: nearestFirst(vantage, cell.arbiters),
        linkBase: '',
      },
      // It parses what hostile servers send: its own ballot and history, the queues, and nothing else.
      statements: [
        receive(deployment, vantage, queueName),
        onItems('Ballot', deployment, ['dynamodb:GetItem', 'dynamodb:PutItem'], [`ballot/${cell.name}/${vantage}`]),
        onHistory(deployment, 'PutItem', vantage),
        sendToVantages(deployment),
        wakeArbiters(deployment),
        ...(checks.some(isHeartbeat) ? [onBeats(deployment, 'BatchGetItem')] : []),
        ...readSecrets(deployment, secretArns(checks, vantage, account)),
      ],
      timeoutSeconds,
      memoryMb: MEMORY_MB.prober,
      concurrency: RESERVED.prober,
    });
    // One message each: a round never waits for another message's probes.
    new Feed(this, 'Feed', {
      queueName,
      function: prober.function,
      timeoutSeconds,
      batchSize: 1,
      concurrency: RESERVED.prober,
      everyMinute: PLAN_INPUT,
    });
  }
}
