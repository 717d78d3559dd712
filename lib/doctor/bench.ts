import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { Route53Client } from '@aws-sdk/client-route-53';
import { SNSClient } from '@aws-sdk/client-sns';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { limits, lineOf, perRegion } from '../aws/limits.ts';
import { tableName, wakeQueueName } from '../aws/names.ts';
import { paceRoute53 } from '../aws/route53.ts';
import type { Cell, SecretRef } from '../core/cell.ts';
import type { Clock } from '../ports.ts';
import { createClient } from '../store/client.ts';
import type { Table } from '../store/table.ts';

/** Something that is not as the design needs it, and what to do about it. */
export interface Finding {
  /** What it is about: a region, a topic, a secret's name. */
  subject: string;
  what: string;
  todo: string;
}

/** What the checks of `doctor` work with: the user's own account. */
export interface Bench {
  cell: Cell;
  clock: Clock;
  /** Unguessable: part of the names of everything that is made and thrown away. */
  id: string;
  dynamoDbOf: (region: string) => DynamoDBClient;
  sqsOf: (region: string) => SQSClient;
  snsOf: (region: string) => SNSClient;
  cloudWatchOf: (region: string) => CloudWatchClient;
  lambdaOf: (region: string) => LambdaClient;
  route53: Route53Client;
  readSecret: (region: string, secret: SecretRef) => Promise<string>;
  /** 12 digits, from the address of a queue that the stacks made. Rejects where there is none. */
  account(): Promise<string>;
  /** The voting table over one of its replicas alone. */
  tableIn(region: string): Table;
  /** Says how to get rid of something before it is made: what fails in the middle is cleaned up as well. */
  undo(what: string, how: () => Promise<unknown>): void;
  /** What takes minutes is told. */
  progress(text: string): void;
}

export interface BenchOptions extends Pick<Bench, 'cell' | 'clock' | 'id' | 'readSecret' | 'progress'> {}

/** A person waits for it, over connections that a person has. */
const REQUEST_TIMEOUT_MS = 5_000;
const ROUTE53_ATTEMPTS = 6;

/**
 * A bench over AWS by the credentials that the SDK finds, and its cleaning, which reports what was left behind. The signal ends
 * whatever a check waits for, never the cleaning.
 */
export function createBench(
  { cell, clock, ...given }: BenchOptions,
  signal: AbortSignal,
): { bench: Bench; cleanUp: () => Promise<Finding[]> } {
  const undoing: { what: string; how: () => Promise<unknown> }[] = [];
  const common = limits(REQUEST_TIMEOUT_MS);
  const dynamoDbOf = perRegion((region) => createClient({ region, requestTimeoutMs: REQUEST_TIMEOUT_MS }));
  const sqsOf = perRegion((region) => new SQSClient({ region, useQueueUrlAsEndpoint: false, ...common }));
  let tokens = 0;
  const bench: Bench = {
    cell,
    clock: { ...clock, sleep: (ms) => clock.sleep(ms, signal) },
    ...given,
    dynamoDbOf,
    sqsOf,
    snsOf: perRegion((region) => new SNSClient({ region, ...common })),
    cloudWatchOf: perRegion((region) => new CloudWatchClient({ region, ...common })),
    lambdaOf: perRegion((region) => new LambdaClient({ region, ...common })),
    route53: paceRoute53(new Route53Client({ region: 'us-east-1', ...limits(REQUEST_TIMEOUT_MS, ROUTE53_ATTEMPTS) }), clock),
    async account() {
      const QueueName = wakeQueueName(cell.name);
      const asked = cell.arbiters.map((region) => sqsOf(region).send(new GetQueueUrlCommand({ QueueName })));
      const { QueueUrl = '' } = await Promise.any(asked);
      return /\/(\d{12})\//.exec(QueueUrl)?.[1] ?? '';
    },
    tableIn: (region) => ({
      client: dynamoDbOf(region),
      table: tableName(cell),
      cell: cell.name,
      randomId: () => `${given.id}-${++tokens}`,
      clock,
    }),
    undo: (what, how) => void undoing.push({ what, how }),
  };

  /** Last made, first undone. */
  async function cleanUp(): Promise<Finding[]> {
    const left: Finding[] = [];
    for (const { what, how } of undoing.splice(0).reverse()) {
      try {
        await how();
      } catch (error) {
        left.push({ subject: what, what: `was left behind: ${lineOf(error)}`, todo: 'delete it by hand' });
      }
    }
    return left;
  }
  return { bench, cleanUp };
}
