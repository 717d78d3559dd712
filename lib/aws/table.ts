import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../ports.ts';
import { withinMs } from './limits.ts';

const REPLICA_TIMEOUT_MS = 1_000;
/** After a failure the next calls start with the replica that answered: not each of them waits a second. */
const AVOIDED_MS = 30_000;

export interface ReplicasOptions {
  /** The table's replicas, nearest first. */
  regions: readonly string[];
  clientOf: (region: string) => DynamoDBClient;
  clock: Pick<Clock, 'now'>;
  /**
   * For so many ms a replica is waited for before the next one is asked.
   *
   * @default one second
   */
  timeoutMs?: number;
}

/**
 * A client over the replicas of a strongly consistent table: whichever answers, the answer is the same. The first that answers is
 * asked, nearest first; throws the last one's error when none does. A write that was sent to two of them is told apart by the store,
 * which reads back what it cannot be sure of.
 */
export function createReplicas({
  regions,
  clientOf,
  clock,
  timeoutMs = REPLICA_TIMEOUT_MS,
}: ReplicasOptions): Pick<DynamoDBClient, 'send'> {
  const failedAt = new Map<string, number>();
  const isAvoided = (region: string): boolean => clock.now() - (failedAt.get(region) ?? Number.NEGATIVE_INFINITY) < AVOIDED_MS;

  const send = async (command: Parameters<DynamoDBClient['send']>[0]): Promise<unknown> => {
    const order = [...regions.filter((region) => !isAvoided(region)), ...regions.filter(isAvoided)];
    let last: unknown;
    for (const [index, region] of order.entries()) {
      try {
        const bound = index < order.length - 1 ? withinMs(timeoutMs) : {};
        const answer = await clientOf(region).send(command, bound);
        failedAt.delete(region);
        return answer;
      } catch (error) {
        if (isAnswer(error)) throw error;
        failedAt.set(region, clock.now());
        last = error;
      }
    }
    throw last;
  };
  return { send: send as DynamoDBClient['send'] };
}

/** The replica is there and has said no: another would say the same. */
function isAnswer(error: unknown): boolean {
  const { $fault, name = '' } = error as { $fault?: string; name?: string };
  return $fault === 'client' && !REPLICA_FAULTS.has(name);
}

/** What DynamoDB calls the client's fault and yet says of this replica alone (DynamoDB developer guide, "Error handling"). */
const REPLICA_FAULTS = new Set([
  'ResourceNotFoundException', // the replica was removed
  'ThrottlingException',
  'RequestLimitExceeded',
  'ProvisionedThroughputExceededException',
]);
