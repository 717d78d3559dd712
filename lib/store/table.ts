import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Clock } from '../ports.ts';

/** What the store is made of; see `createStore`. */
export interface Table {
  /** Of one region, or of several replicas that stand in for one another. */
  client: Pick<DynamoDBClient, 'send'>;
  table: string;
  cell: string;
  /** A fresh random text at each call: writer tokens and incarnations. */
  randomId: () => string;
  clock: Clock;
}
