import { randomBytes } from 'node:crypto';
import { SQSClient } from '@aws-sdk/client-sqs';
import { limits } from '../aws/limits.ts';
import { tableName, wakeQueueName } from '../aws/names.ts';
import { queueNamed } from '../aws/queue-named.ts';
import { createReplicas } from '../aws/table.ts';
import type { Cell } from '../core/cell.ts';
import { cadences } from '../core/schedule.ts';
import { CLOCK_TOLERANCE_MS } from '../core/votes.ts';
import { systemClock } from '../local/clock.ts';
import type { Clock, Store, WakeMessage } from '../ports.ts';
import { sendAll } from '../run/send.ts';
import { createClient } from '../store/client.ts';
import { createStore } from '../store/store.ts';
import { configFile, type Io, type Parsed, textOf, UsageError } from './command.ts';
import { loadCell } from './load-cell.ts';
import { tableFault } from './table-fault.ts';

/** A running monitor, as somebody at a command line reaches it: by its table. */
export interface Monitor {
  cell: Cell;
  store: Store;
  /** The table's clock, where this machine's is wrong: what a person orders until some time is read by others' clocks. */
  clock: Clock;
  /** Asks the arbiters to look now. Rejects when none could be asked; they look every `cell.tickMs` all the same. */
  wake(): Promise<void>;
  /** The table could not be read: one line that says why, for stderr. */
  fault?: string;
}

/** A person's connection: a sign-on may have to be renewed first, and the next replica may be an ocean away. */
const REQUEST_TIMEOUT_MS = 5_000;

/**
 * Opens the table of a configuration: of AWS, by the credentials that the SDK finds, or at `--endpoint` (a local run's address).
 * Nothing, with every fault said, when the configuration is wrong. Throws a `UsageError` for wrong options.
 */
export async function openMonitor({ values }: Parsed, io: Pick<Io, 'stderr'>): Promise<Monitor | undefined> {
  const file = configFile(values);
  const endpoint = endpointOf(textOf(values.endpoint));
  const cell = await loadCell(file, io, { target: endpoint === undefined ? 'aws' : 'local' });
  if (!cell) return undefined;
  const regions = regionsOf(cell, textOf(values.region));
  const opened = open(cell, regions, endpoint);
  const asRun = endpoint === undefined ? cell : await cellAsRun(opened, file, io);
  return { ...opened, cell: asRun, ...(await clockOf(opened, regions)) };
}

function endpointOf(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined || /^https?:$/.test(URL.parse(endpoint)?.protocol ?? '')) return endpoint;
  throw new UsageError(`--endpoint: "${endpoint}" is not a URL (write the address of a local run, like http://127.0.0.1:8070)`);
}

/** The table's replicas, the one that was named first. */
function regionsOf({ arbiters }: Cell, region: string | undefined): string[] {
  if (region === undefined || arbiters.includes(region))
    return arbiters.toSorted((a, b) => Number(b === region) - Number(a === region));
  throw new UsageError(`--region: the table has no replica in ${region} (write one of ${arbiters.join(', ')})`);
}

function open(cell: Cell, regions: readonly string[], endpoint: string | undefined): Monitor {
  const clients = new Map(
    regions.map((region) => {
      const options = { region, requestTimeoutMs: REQUEST_TIMEOUT_MS, ...(endpoint !== undefined && { endpoint }) };
      return [region, createClient(options)];
    }),
  );
  const clientOf = (region: string) => clients.get(region) ?? createClient({ region });
  const client = createReplicas({ regions, clientOf, clock: systemClock, timeoutMs: REQUEST_TIMEOUT_MS });
  const randomId = () => randomBytes(6).toString('hex');
  const store = createStore({ client, table: tableName(cell), cell: cell.name, randomId, clock: systemClock });
  // A local run has queues of its own, which nobody else can reach: its arbiters look every few seconds.
  const wake = endpoint === undefined ? () => wakeArbiters(cell) : async () => {};
  return { cell, store, clock: systemClock, wake };
}

/** One arbiter that hears of it is enough. */
const wakeArbiters = async (cell: Cell): Promise<void> =>
  void (await Promise.any(
    cell.arbiters.map(async (region) => {
      const client = new SQSClient({ region, useQueueUrlAsEndpoint: false, ...limits(2_000) });
      const queue = await queueNamed<WakeMessage>(client, wakeQueueName(cell.name));
      await sendAll(queue, [{ body: { kind: 'wake', from: 'cli' }, delayMs: 0 }]);
    }),
  ));

/**
 * The cell as it runs at an endpoint: `local --interval` may have given it another cadence, which shows in its ballots, and without
 * which none of them would make sense.
 */
async function cellAsRun({ cell, store }: Monitor, file: string, io: Pick<Io, 'stderr'>): Promise<Cell> {
  const ballots = await Promise.all(cell.vantages.map((vantage) => store.readBallot(vantage).catch(() => undefined)));
  for (const [index, vantage] of cell.vantages.entries()) {
    const ballot = ballots[index]?.ballot;
    if (ballot === undefined || typeof ballot === 'string') continue;
    const [shortest = 0] = [...cadences(cell, vantage).keys()].sort((a, b) => a - b);
    const [runs = 0] = Object.keys(ballot.rounds)
      .map(Number)
      .sort((a, b) => a - b);
    if (runs === 0 || shortest === 0 || runs === shortest) continue;
    const intervalMs = (runs * cell.intervalMs) / shortest;
    return (await loadCell(file, io, { target: 'local', intervalMs })) ?? cell;
  }
  return cell;
}

/** One read says whether the table is there, and what time it is. */
async function clockOf({ cell, store }: Monitor, regions: readonly string[]): Promise<Pick<Monitor, 'clock' | 'fault'>> {
  try {
    const { serverTime } = await store.readBallot(cell.vantages[0] ?? '');
    const offsetMs = (serverTime ?? Date.now()) - Date.now();
    if (Math.abs(offsetMs) <= CLOCK_TOLERANCE_MS) return { clock: systemClock };
    return { clock: { ...systemClock, now: () => Date.now() + offsetMs } };
  } catch (error) {
    return { clock: systemClock, fault: tableFault(tableName(cell), regions, error) };
  }
}
