import type { Cell } from '../core/cell.ts';
import { drillsDue } from '../heartbeats/drills.ts';
import { createHooks } from '../hooks/caller.ts';
import { createKnock } from '../hooks/knock.ts';
import type { Emit, Metrics, Outlets, Pager, Queue, Switches, VantageMessage, WakeMessage } from '../ports.ts';
import { createDial } from '../probes/dial.ts';
import { createArbiter } from '../run/arbiter.ts';
import { sendAll } from '../run/send.ts';
import { activeSilences } from '../silences/active.ts';
import { createBeats } from '../store/beats.ts';
import { createStore } from '../store/store.ts';
import { KNOCK_PATH } from '../web/knock-path.ts';
import type { WebPorts } from '../web/ports.ts';
import { faultyDial } from './faulty-dial.ts';
import { type LocalTable, openHistory, openTable, randomId } from './table.ts';
import { createLocalVantage, refuseSecret } from './vantage.ts';

/** What every part of the system needs on one machine, in whichever process it runs. */
export interface PartPorts extends LocalTable {
  emit: Emit;
  vantages: Readonly<Record<string, Queue<VantageMessage>>>;
  arbiters: readonly Queue<WakeMessage>[];
}

/** A vantage. `garbagePort`: of the server that answers with bytes of no protocol. */
export function startVantage(ports: PartPorts, vantage: string, garbagePort: number): (message: VantageMessage) => Promise<void> {
  const table = openTable(ports, vantage);
  const dial = faultyDial(createDial(), vantage, ports.faults, garbagePort, ports.clock);
  const kept = { store: createStore(table), beats: createBeats(table), history: openHistory(table) };
  return createLocalVantage({ ...ports, ...kept, vantage, dial });
}

/** What stands in for AWS beside the table and the queues. */
export interface ArbiterServices {
  switches: Switches;
  inbox: Pager & Outlets;
  metrics: Metrics;
  webUrl: string;
}

/** An arbiter. All share one web part: the first knocks on it. */
export function startArbiter(
  ports: PartPorts,
  { switches, inbox, metrics, webUrl }: ArbiterServices,
  region: string,
  isFirst: boolean,
): (message: WakeMessage) => Promise<void> {
  const { cell, clock, emit } = ports;
  const named = { dial: createDial(), resolveText: refuseSecret };
  const arbiter = createArbiter({
    cell,
    region,
    clock,
    emit,
    silencesAt: (now) => activeSilences(cell.silences, now),
    vantages: ports.vantages,
    ...drillsDue(cell),
    store: createStore(openTable(ports)),
    switches,
    pager: inbox,
    outlets: inbox,
    metrics,
    hooks: createHooks({ cell, clock, ...named }),
    ...(cell.ping !== undefined && { ping: createKnock({ ...named, what: 'ping', url: cell.ping }) }),
    ...(isFirst && { knockOnWeb: createKnock({ ...named, what: 'web', url: `${webUrl}${KNOCK_PATH}` }) }),
    linkOf: (incident) => (incident === undefined ? webUrl : `${webUrl}/incidents/${incident}`),
    randomId,
  });
  return (message) => arbiter.handle(message);
}

/** What the web part is given in any process. `secret`: of heartbeats' tokens. */
export function webPorts(ports: PartPorts, { secret, version }: { secret: string; version: string }): WebPorts {
  const { cell, clock, emit } = ports;
  const table = openTable(ports);
  return {
    cell,
    clock,
    emit,
    version,
    store: createStore(table),
    history: openHistory(table),
    beats: { ...createBeats(table), secrets: async () => [secret] },
    wake: () => wakeAll(ports.arbiters, { kind: 'wake', from: 'web' }),
  };
}

async function wakeAll(arbiters: readonly Queue<WakeMessage>[], body: WakeMessage): Promise<void> {
  await Promise.all(arbiters.map((queue) => sendAll(queue, [{ body, delayMs: 0 }])));
}

/** Arbiters are one more than would show a race; a table with three replicas needs as many to survive the loss of one. */
export const LOCAL_ARBITERS = ['arbiter-1', 'arbiter-2'];

/** In place of a cell's own regions: the arbiters of this machine, which look at least once a round. */
export const localCell = (cell: Cell): Cell => ({ ...cell, tickMs: Math.min(cell.tickMs, cell.intervalMs) });
