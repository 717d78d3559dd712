/** A part of the local system as a process of its own: it is told which one, and asks its parent for all that AWS would give it. */
import '../older-node.ts';
import type { Cell } from '../core/cell.ts';
import type { Emit, Queue } from '../ports.ts';
import { systemClock as clock } from './clock.ts';
import { createFaults } from './faults.ts';
import { type ArbiterServices, LOCAL_ARBITERS, type PartPorts, startArbiter, startVantage, webPorts } from './parts.ts';
import { startWeb } from './web.ts';
import { type Ask, createWire } from './wire.ts';

/** Which part a process is. */
export type Part =
  | { kind: 'vantage'; id: string }
  | { kind: 'arbiter'; id: string; webUrl: string }
  | { kind: 'web'; port: number; secret: string; version: string };

export interface Orders {
  part: Part;
  cell: Cell;
  /** Of the embedded DynamoDB. */
  endpoint: string;
}

let handle: (message: never) => Promise<void> = () => Promise.reject(new Error('it has not started yet'));
const ask = createWire(process, { start, handle: (message: never) => handle(message) });
// Without its parent it serves nobody.
process.on('disconnect', () => process.exit());

/** Starts the part; gives the address of a web part. */
async function start({ part, cell, endpoint }: Orders): Promise<string | undefined> {
  const ports = portsOf(ask, cell, endpoint);
  if (part.kind === 'web') {
    const { secret, version, port } = part;
    const readSwitches: ArbiterServices['switches']['list'] = () => ask('states');
    const { url } = await startWeb({ ...webPorts(ports, { secret, version }), readSwitches, port, tableEndpoint: endpoint });
    return url;
  }
  // Faults are not injected into processes: they can be killed.
  if (part.kind === 'vantage') handle = startVantage(ports, part.id, 0);
  else handle = startArbiter(ports, { ...servicesOf(ask), webUrl: part.webUrl }, part.id, part.id === LOCAL_ARBITERS[0]);
  return undefined;
}

function portsOf(ask: Ask, cell: Cell, endpoint: string): PartPorts {
  const queue = <M>(name: string): Queue<M> => ({ send: (messages) => ask('send', name, messages) });
  const emit: Emit = (event) => void ask('emit', event).catch(() => {});
  return {
    cell,
    clock,
    endpoint,
    emit,
    faults: createFaults(() => {}),
    vantages: Object.fromEntries(cell.vantages.map((id) => [id, queue(id)])),
    arbiters: LOCAL_ARBITERS.map((id) => queue(id)),
  };
}

const servicesOf = (ask: Ask): Omit<ArbiterServices, 'webUrl'> => ({
  switches: {
    list: () => ask('list'),
    read: (record, node) => ask('read', record, node),
    update: (state) => ask('update', state),
  },
  inbox: { publish: (page, message) => ask('publish', page, message), inspect: () => ask('inspect') },
  metrics: { put: (metrics) => ask('put', metrics) },
});
