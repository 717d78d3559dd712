import type { Cell } from '../core/cell.ts';
import type { Clock, Emit } from '../ports.ts';
import { beatToken, heartbeatsOf } from '../web/beat-tokens.ts';
import { createEventLog } from '../web/event-log.ts';
import { type Child, type Children, createChildren } from './children.ts';
import { systemClock } from './clock.ts';
import { startGarbageServer } from './faulty-dial.ts';
import { LOCAL_ARBITERS, localCell, startArbiter, startVantage, webPorts } from './parts.ts';
import { type Services, startSchedule, startServices } from './services.ts';
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
  /** Every vantage, every arbiter and the web part are processes of their own, for who wants to kill one: without faults and events. */
  children?: boolean;
}

export interface LocalRuntime {
  url: string;
  dnsPort: number;
  /** Where heartbeats go. */
  beatUrls: readonly { check: string; url: string }[];
  /** The processes, by part: `vantage eu-west-1`, `arbiter arbiter-1`, `web`; none where all is one process. */
  pids: Readonly<Record<string, number>>;
  /** Ends everything: nothing is left running or listening. */
  close(): Promise<void>;
}

/** The parts, wherever they run. */
interface Running {
  url: string;
  pids: Record<string, number>;
}

interface WebOptions {
  port: number;
  version: string;
  /** What tokens of heartbeats are derived from. */
  secret: string;
}

/**
 * The whole system on one machine: the handlers that run in Lambdas, over an embedded DynamoDB, queues, switches, a DNS server
 * and an inbox. Rejects when a port is taken (`code: EADDRINUSE`).
 */
export async function startLocal(options: LocalOptions): Promise<LocalRuntime> {
  const { clock = systemClock, version, port, children = false } = options;
  const cell = localCell(options.cell);
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
    const services = await startServices({ cell, clock, emit }, options, closing);
    const web: WebOptions = { port, version, secret: services.state.beatSecret() };
    const beatUrlsAt = (url: string) =>
      heartbeatsOf(cell).map((check) => ({ check, url: `${url}/beat/${beatToken(web.secret, cell.name, check)}` }));
    const { url, pids } = children
      ? await startApart(services, web, closing)
      : await startTogether(services, web, events, beatUrlsAt, closing);
    closing.push(startSchedule(services));
    return { url, dnsPort: services.dns.port, beatUrls: beatUrlsAt(url), pids, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** All parts in this process. */
async function startTogether(
  services: Services,
  { port, ...web }: WebOptions,
  events: ReturnType<typeof createEventLog>,
  beatUrlsAt: (url: string) => LocalRuntime['beatUrls'],
  closing: (() => unknown)[],
): Promise<Running> {
  const { endpoint, route53, dns, inbox, faults, metrics } = services;
  const garbage = await startGarbageServer();
  closing.push(() => garbage.close());
  let beatUrls: LocalRuntime['beatUrls'] = [];
  const { url, close } = await startWeb({
    ...webPorts(services, web),
    port,
    tableEndpoint: endpoint,
    beatUrls: () => beatUrls,
    readSwitches: async () => route53.states(),
    events,
    inbox,
    faults,
    dns: { address: dns.host, port: dns.port },
  });
  closing.push(close);
  beatUrls = beatUrlsAt(url);
  for (const [id, queue] of Object.entries(services.vantages)) queue.consume(startVantage(services, id, garbage.port));
  for (const [index, region] of LOCAL_ARBITERS.entries()) {
    const arbiter = startArbiter(services, { switches: route53, inbox, metrics, webUrl: url }, region, index === 0);
    services.arbiters[index]?.consume(arbiter);
  }
  return { url, pids: {} };
}

/** Each part in a process of its own; what is AWS stays here. */
async function startApart(services: Services, web: WebOptions, closing: (() => unknown)[]): Promise<Running> {
  const { cell, endpoint, emit } = services;
  const children = createChildren(methodsOf(services), emit);
  closing.push(() => children.close());
  const pids: Record<string, number> = {};
  const start = async (name: string, part: Parameters<Children['start']>[1]['part']): Promise<Child> => {
    const child = await children.start(name, { part, cell, endpoint });
    pids[name] = child.pid;
    return child;
  };
  const { started: url = '' } = await start('web', { kind: 'web', ...web });
  await Promise.all([
    ...Object.entries(services.vantages).map(async ([id, queue]) =>
      queue.consume((await start(`vantage ${id}`, { kind: 'vantage', id })).handle),
    ),
    ...LOCAL_ARBITERS.map(async (id, index) =>
      services.arbiters[index]?.consume((await start(`arbiter ${id}`, { kind: 'arbiter', id, webUrl: url })).handle),
    ),
  ]);
  return { url, pids };
}

/** What a part in another process may ask: what its role's rights are for on AWS. */
function methodsOf({ vantages, arbiters, route53, inbox, metrics, emit }: Services) {
  const queueOf = (name: string) => vantages[name] ?? arbiters[LOCAL_ARBITERS.indexOf(name)];
  return {
    send: async (name: string, messages: { body: never; delayMs: number }[]) => queueOf(name)?.send(messages),
    emit: async (event: Parameters<Emit>[0]) => emit(event),
    states: async () => route53.states(),
    list: route53.list,
    read: route53.read,
    update: route53.update,
    publish: inbox.publish,
    inspect: inbox.inspect,
    put: metrics.put,
  };
}
