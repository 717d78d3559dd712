import { createServer, type Server } from 'node:net';
import type { Clock } from '../ports.ts';
import type { Dial } from '../probes/dial.ts';
import { ProbeFailure } from '../probes/failure.ts';
import type { Faults, NodeEffect } from './faults.ts';

/** What a node under the fault `slow` takes longer. */
const SLOW_MS = 3_000;
const LOOPBACK = '127.0.0.1';

/** One vantage's way to the nodes, with the faults that are injected on it. */
export function faultyDial(dial: Dial, vantage: string, faults: Faults, garbagePort: number, clock: Clock): Dial {
  return async (target, signal) => {
    const { node } = target.check;
    const isolated = faults.ofVantage(vantage) === 'isolated';
    // Canaries belong to no node: a fault of every node is not one of the vantage.
    const effect: NodeEffect | undefined = isolated ? 'unreachable' : node === '' ? undefined : faults.ofPath(vantage, node);
    if (effect === 'unreachable') throw new ProbeFailure('connect-failed', `no connection from ${vantage} (injected fault)`);
    if (effect === 'garbage') return dial({ host: LOOPBACK, port: garbagePort, check: target.check }, signal);
    const dialled = await dial(target, signal);
    if (effect !== 'slow') return dialled;
    await clock.sleep(SLOW_MS, signal).catch(() => {
      dialled.socket.destroy();
      throw new ProbeFailure('connect-timeout', 'no connection within the timeout (injected fault)');
    });
    return dialled;
  };
}

/** A server on a free loopback port that answers everybody with bytes of no protocol. */
export async function startGarbageServer(): Promise<{ port: number; close(): void }> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {}); // whoever hangs up on garbage is right
    socket.resume(); // who does not read never hears that the other side is gone
    socket.end(Buffer.from('\u0007\u0000garbage\u0000\r\n\r\n%%%'));
  });
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  const address = server.address();
  return { port: typeof address === 'object' && address ? address.port : 0, close: () => server.close() };
}
