import { historyTableName, tableName } from '../aws/names.ts';
import type { Cell } from '../core/cell.ts';
import type { Clock, Emit, VantageMessage, WakeMessage } from '../ports.ts';
import { sendAll } from '../run/send.ts';
import { createClient, createTable } from '../store/client.ts';
import { answer } from './answers.ts';
import { createDnsServer, type DnsServer } from './dns.ts';
import { startDynamo } from './dynamo.ts';
import { createFaults, type Faults } from './faults.ts';
import { createInbox, type Inbox } from './inbox.ts';
import { type LocalMetrics, watchMetrics } from './metrics.ts';
import { LOCAL_ARBITERS } from './parts.ts';
import { createQueue, type LocalQueue, type QueueOptions } from './queue.ts';
import { createRoute53, type LocalRoute53, ROUTE53_REQUESTS_PER_SECOND } from './route53.ts';
import { every, everyMinute } from './scheduler.ts';
import { type LocalState, openState } from './state.ts';
import { TABLE_TIMEOUT_MS } from './table.ts';

const QUEUE = { visibilityTimeoutMs: 60_000, maxReceiveCount: 3, retentionMs: 300_000 };

interface World {
  cell: Cell;
  clock: Clock;
  emit: Emit;
}

/** What AWS is to a deployed cell. */
export interface Services extends World {
  /** Of the table. */
  endpoint: string;
  /** Deletes the history that may be forgotten by then, ms since 1970. */
  forget(now: number): Promise<void>;
  faults: Faults;
  state: LocalState;
  route53: LocalRoute53;
  dns: DnsServer;
  inbox: Inbox;
  metrics: LocalMetrics;
  vantages: Record<string, LocalQueue<VantageMessage>>;
  arbiters: LocalQueue<WakeMessage>[];
}

/** Starts all of it but the schedule; what is to be ended is put into `closing`. Rejects when the DNS server's port is taken. */
export async function startServices(
  world: World,
  { dataDir, dnsPort }: { dataDir?: string; dnsPort: number },
  closing: (() => unknown)[],
): Promise<Services> {
  const { cell, clock, emit } = world;
  const dynamo = await startDynamo(dataDir === undefined ? {} : { path: `${dataDir}/table` });
  closing.push(() => dynamo.close());
  const table = tableName(cell);
  const faults = createFaults(() => void dynamo.wipe(table).then(() => emit({ event: 'note', text: 'the table was wiped' })));
  const client = createClient({ region: 'local', endpoint: dynamo.endpoint, requestTimeoutMs: TABLE_TIMEOUT_MS });
  for (const each of [table, historyTableName(cell)]) await createTable(client, each);

  const state = openState(dataDir);
  const { route53, dns } = await startDns(world, faults, state, dnsPort);
  closing.push(() => dns.close());
  const inbox = createInbox(clock, faults, cell.paging);
  const metrics = watchMetrics({ cell, clock, arbiters: LOCAL_ARBITERS, inbox, emit });
  closing.push(() => metrics.close());

  const vantages = Object.fromEntries(cell.vantages.map((id) => [id, openQueue<VantageMessage>(world, id, 16)]));
  const arbiters = LOCAL_ARBITERS.map((id) => openQueue<WakeMessage>(world, id, 2));
  closing.push(() => Promise.all([...Object.values(vantages), ...arbiters].map((queue) => queue.close())));
  const forget = async (now: number) => dynamo.forget(historyTableName(cell), now);
  return { ...world, endpoint: dynamo.endpoint, forget, faults, state, route53, dns, inbox, metrics, vantages, arbiters };
}

function openQueue<M>({ clock, emit }: World, name: string, maxConcurrency: number): LocalQueue<M> {
  const options: QueueOptions = { ...QUEUE, name, clock, maxConcurrency, note: (text) => emit({ event: 'note', text }) };
  return createQueue<M>(options);
}

async function startDns({ cell, clock }: World, faults: Faults, state: LocalState, port: number) {
  const route53 = createRoute53({
    cell,
    clock,
    isDown: () => faults.ofService('route53-down'),
    requestsPerSecond: ROUTE53_REQUESTS_PER_SECOND,
    initial: state.switches(),
    onChange: (switches) => state.saveSwitches(switches),
  });
  const dns: DnsServer = await createDnsServer({
    port,
    answer: (query) => answer(cell.records, route53.states(), query, Math.random),
  });
  return { route53, dns };
}

const HOUR_MS = 3_600_000;

/** Plans each vantage's rounds every minute and ticks the arbiters, one after the other; forgets old history every hour. */
export function startSchedule({ cell, clock, vantages, arbiters, forget }: Services): () => Promise<void> {
  const stop = new AbortController();
  const plan = async (scheduledAt: number) => {
    const message = { body: { kind: 'plan', scheduledAt } as const, delayMs: 0 };
    await Promise.all(Object.values(vantages).map((queue) => sendAll(queue, [message])));
  };
  const tick = { body: { kind: 'tick', from: 'scheduler' } as const, delayMs: 0 };
  const running = [everyMinute(clock, stop.signal, plan), every(clock, stop.signal, HOUR_MS, 0, forget)];
  arbiters.forEach((queue, index) => {
    const offsetMs = Math.round((index * cell.tickMs) / arbiters.length);
    running.push(every(clock, stop.signal, cell.tickMs, offsetMs, () => sendAll(queue, [tick])));
  });
  return async () => {
    stop.abort();
    await Promise.all(running);
  };
}
