import { randomBytes } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Cell } from '../core/cell.ts';
import { systemClock as clock } from '../local/clock.ts';
import type { Clock, History, Queue, Store, VantageMessage, WakeMessage } from '../ports.ts';
import { createClient } from '../store/client.ts';
import { createHistory } from '../store/history.ts';
import { createStore } from '../store/store.ts';
import type { Table } from '../store/table.ts';
import { type Environment, readCell, readEnvironment, readRegion } from './environment.ts';
import { limits, perRegion } from './limits.ts';
import { createLog, type Log } from './logger.ts';
import { type FunctionRole, historyTableName, queueUrl, stateRegion, vantageQueueName, wakeQueueName } from './names.ts';
import { createSecrets, type Secrets } from './secrets.ts';
import { createQueue } from './sqs.ts';
import { createReplicas } from './table.ts';

/** What every function is made of. */
export interface Started extends Secrets {
  environment: Environment;
  region: string;
  cell: Cell;
  clock: Clock;
  log: Log;
  /** The voting table, and the cell's part of it. */
  table: Table;
  store: Store;
  /** In one region, however many replicas the voting table has. */
  history: History;
  vantages: Readonly<Record<string, Queue<VantageMessage>>>;
  arbiters: readonly Queue<WakeMessage>[];
  randomId: () => string;
}

/** Reads what a function is told and makes its ports. Throws, so that the invocation fails, when something is missing. */
export function start(role: FunctionRole, env: Readonly<Record<string, string | undefined>> = process.env): Started {
  const environment = readEnvironment(role, env);
  const region = readRegion(env);
  const cell = readCell(env);
  const { account, tableRegions } = environment;

  const dynamoDbOf = perRegion((each) => createClient({ region: each }));
  const client = createReplicas({ regions: tableRegions, clientOf: dynamoDbOf, clock });
  const table: Table = { client, table: environment.table, cell: cell.name, randomId, clock };
  const historyClient = dynamoDbOf(stateRegion(cell.arbiters));
  // The endpoint is the region's own, whatever host a queue's URL names.
  const sqsOf = perRegion((each) => new SQSClient({ region: each, useQueueUrlAsEndpoint: false, ...limits(1_000) }));
  const queueOf = <M>(each: string, name: string): Queue<M> =>
    createQueue({ client: sqsOf(each), url: queueUrl(each, account, name) });

  return {
    environment,
    region,
    cell,
    clock,
    log: createLog({ role, cell: cell.name, region }),
    table,
    store: createStore(table),
    history: createHistory({ client: historyClient, table: historyTableName(cell), cell: cell.name }),
    ...createSecrets({ clock, region }),
    vantages: Object.fromEntries(cell.vantages.map((each) => [each, queueOf<VantageMessage>(each, vantageQueueName(cell.name))])),
    arbiters: cell.arbiters.map((each) => queueOf<WakeMessage>(each, wakeQueueName(cell.name))),
    randomId,
  };
}

const randomId = (): string => randomBytes(6).toString('hex');
