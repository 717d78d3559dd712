import { randomBytes } from 'node:crypto';
import { tableName } from '../aws/names.ts';
import type { Cell } from '../core/cell.ts';
import { createHooks } from '../hooks/caller.ts';
import { createKnock } from '../hooks/knock.ts';
import type { Clock, Emit, VantageMessage, WakeMessage } from '../ports.ts';
import { createDial } from '../probes/dial.ts';
import { createArbiter } from '../run/arbiter.ts';
import { sendAll } from '../run/send.ts';
import { activeSilences } from '../silences/active.ts';
import { createBeats } from '../store/beats.ts';
import { createClient, createTable } from '../store/client.ts';
import { createStore } from '../store/store.ts';
import type { Table } from '../store/table.ts';
import { beatToken, heartbeatsOf } from '../web/beat-tokens.ts';
import { createEventLog } from '../web/event-log.ts';
import { KNOCK_PATH } from '../web/knock-path.ts';
import { answer } from './answers.ts';
import { systemClock } from './clock.ts';
import { createDnsServer, type DnsServer } from './dns.ts';
import { startDynamo } from './dynamo.ts';
import { createFaults, type Faults } from './faults.ts';
import { faultyDial, startGarbageServer } from './faulty-dial.ts';
import { createInbox } from './inbox.ts';
import { watchMetrics } from './metrics.ts';
import { createQueue, type LocalQueue, type QueueOptions } from './queue.ts';
import { createRoute53, ROUTE53_REQUESTS_PER_SECOND } from './route53.ts';
import { every, everyMinute } from './scheduler.ts';
import { type LocalState, openState } from './state.ts';
import { createLocalVantage, refuseSecret } from './vantage.ts';
import { startWeb } from './web.ts';

export interface LocalOptions {
  cell: Cell;
  /** Of the page; 0: any free one. */
  port: number;
  /** Of the DNS server; 0: any free one. */
  dnsPort: number;
  /** Where table and switches survive a restart; absent: in memory. */
  dataDir?: string;
  version: string;
  emit: Emit;
  clock?: Clock;
}

export interface LocalRuntime {
  url: string;
  dnsPort: number;
  /** Where heartbeats go. */
  beatUrls: readonly { check: string; url: string }[];
  /** Ends everything: nothing is left running or listening. */
  close(): Promise<void>;
}

/** As many as a table with three replicas needs to survive the loss of one, less one: two show every race. */
const ARBITERS = ['arbiter-1', 'arbiter-2'];
/** There is no other replica to turn to, and everything here shares one machine. */
const TABLE_TIMEOUT_MS = 5_000;
const QUEUE = { visibilityTimeoutMs: 60_000, maxReceiveCount: 3, retentionMs: 300_000 };

/**
 * The whole system on one machine: the handlers that run in Lambdas, over an embedded DynamoDB, queues, switches, a DNS server
 * and an inbox. Rejects when a port is taken (`code: EADDRINUSE`).
 */
export async function startLocal(options: LocalOptions): Promise<LocalRuntime> {
  const { clock = systemClock, version } = options;
  const cell: Cell = { ...options.cell, tickMs: Math.min(options.cell.tickMs, options.cell.intervalMs) };
  const events = createEventLog(clock);
  const emit: Emit = (event) => {
    events.emit(event);
    options.emit(event);
  };
  const closing: (() => unknown)[] = [];
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  try {
    const dynamo = await startDynamo(options.dataDir === undefined ? {} : { path: `${options.dataDir}/table` });
    closing.push(() => dynamo.close());
    const table = tableName(cell);
    const faults = createFaults(() => void dynamo.wipe(table).then(() => emit({ event: 'note', text: 'the table was wiped' })));
    const world: World = { cell, clock, faults, emit, endpoint: dynamo.endpoint };
    await createTable(createClient({ region: 'local', endpoint: dynamo.endpoint, requestTimeoutMs: TABLE_TIMEOUT_MS }), table);

    const state = openState(options.dataDir);
    const { route53, dns } = await startDns(world, state, options.dnsPort);
    closing.push(() => dns.close());
    const inbox = createInbox(clock, faults, cell.paging);
    const metrics = watchMetrics({ cell, clock, arbiters: ARBITERS, inbox, emit });
    closing.push(() => metrics.close());

    const queueOf = <M>(name: string, maxConcurrency: number): LocalQueue<M> => openQueue(world, name, maxConcurrency);
    const vantages = Object.fromEntries(cell.vantages.map((id) => [id, queueOf<VantageMessage>(id, 16)]));
    const arbiters = ARBITERS.map((id) => queueOf<WakeMessage>(id, 2));
    closing.push(() => Promise.all([...Object.values(vantages), ...arbiters].map((queue) => queue.close())));

    const garbage = await startGarbageServer();
    closing.push(() => garbage.close());
    const wake = async (kind: WakeMessage['kind'], from: string) => {
      await Promise.all(arbiters.map((queue) => sendAll(queue, [{ body: { kind, from }, delayMs: 0 }])));
    };
    const secret = state.beatSecret();
    let beatUrls: LocalRuntime['beatUrls'] = [];
    const web = await startWeb({
      port: options.port,
      tableEndpoint: dynamo.endpoint,
      cell,
      store: createStore(openTable(world)),
      beats: { ...createBeats(openTable(world)), secrets: async () => [secret] },
      beatUrls: () => beatUrls,
      clock,
      version,
      wake: () => wake('wake', 'web'),
      readSwitches: async () => route53.states(),
      events,
      inbox,
      faults,
      dns: { address: dns.host, port: dns.port },
      emit,
    });
    closing.push(() => web.close());
    beatUrls = heartbeatsOf(cell).map((check) => ({ check, url: `${web.url}/beat/${beatToken(secret, cell.name, check)}` }));

    for (const [vantage, queue] of Object.entries(vantages)) {
      const dial = faultyDial(createDial(), vantage, faults, garbage.port, clock);
      const table = openTable(world, vantage);
      const [store, beats] = [createStore(table), createBeats(table)];
      queue.consume(createLocalVantage({ cell, vantage, clock, store, beats, dial, faults, vantages, arbiters, emit }));
    }
    const named = { dial: createDial(), resolveText: refuseSecret };
    const hooks = createHooks({ cell, clock, ...named });
    const ping = cell.ping === undefined ? undefined : createKnock({ ...named, what: 'ping', url: cell.ping });
    const knockOnWeb = createKnock({ ...named, what: 'web', url: `${web.url}${KNOCK_PATH}` });
    ARBITERS.forEach((region, index) => {
      const watches = { outlets: inbox, ...(ping && { ping }), ...(index === 0 && { knockOnWeb }) };
      const linkOf = (incident: string) => `${web.url}/incidents/${incident}`;
      const silencesAt = (now: number) => activeSilences(cell.silences, now);
      const ports = {
        cell,
        silencesAt,
        region,
        clock,
        switches: route53,
        pager: inbox,
        hooks,
        metrics,
        linkOf,
        randomId,
        emit,
        ...watches,
      };
      const arbiter = createArbiter({ ...ports, store: createStore(openTable(world)) });
      arbiters[index]?.consume((message) => arbiter.handle(message));
    });
    closing.push(startSchedule(world, vantages, arbiters));
    return { url: web.url, dnsPort: dns.port, beatUrls, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface World {
  cell: Cell;
  clock: Clock;
  faults: Faults;
  emit: Emit;
  endpoint: string;
}

const randomId = (): string => randomBytes(6).toString('hex');

/** The table over a connection of its own, as each Lambda has; a vantage that is isolated loses it. */
function openTable({ cell, clock, faults, endpoint }: World, vantage?: string): Table {
  const client = createClient({
    region: 'local',
    endpoint,
    requestTimeoutMs: TABLE_TIMEOUT_MS,
    faults: () => {
      if (faults.ofService('table-down')) throw new Error('the table does not answer (injected fault)');
      if (vantage && faults.ofVantage(vantage) === 'isolated') throw new Error('the table cannot be reached (injected fault)');
    },
  });
  return { client, table: tableName(cell), cell: cell.name, randomId, clock };
}

function openQueue<M>({ clock, emit }: World, name: string, maxConcurrency: number): LocalQueue<M> {
  const options: QueueOptions = { ...QUEUE, name, clock, maxConcurrency, note: (text) => emit({ event: 'note', text }) };
  return createQueue<M>(options);
}

async function startDns({ cell, clock, faults }: World, state: LocalState, port: number) {
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

/** Plans each vantage's rounds every minute and ticks the arbiters, one after the other. */
function startSchedule(
  { cell, clock }: World,
  vantages: Record<string, LocalQueue<VantageMessage>>,
  arbiters: LocalQueue<WakeMessage>[],
) {
  const stop = new AbortController();
  const plan = async (scheduledAt: number) => {
    const message = { body: { kind: 'plan', scheduledAt } as const, delayMs: 0 };
    await Promise.all(Object.values(vantages).map((queue) => sendAll(queue, [message])));
  };
  const tick = { body: { kind: 'tick', from: 'scheduler' } as const, delayMs: 0 };
  const running = [everyMinute(clock, stop.signal, plan)];
  arbiters.forEach((queue, index) => {
    const offsetMs = Math.round((index * cell.tickMs) / arbiters.length);
    running.push(every(clock, stop.signal, cell.tickMs, offsetMs, () => sendAll(queue, [tick])));
  });
  return async () => {
    stop.abort();
    await Promise.all(running);
  };
}
