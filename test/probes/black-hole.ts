import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

/** A listener that accepts nothing, its queue full: further connections are not answered at all. */
export async function blackHole(): Promise<{ port: number; close: () => Promise<void> }> {
  const stopped = `
    const { parentPort } = require('node:worker_threads');
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
    });`;
  const worker = new Worker(stopped, { eval: true });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const waiting: Socket[] = [];
  for (let full = false; !full; ) full = !(await connects(port, waiting));
  const close = async () => {
    for (const socket of waiting) socket.destroy();
    await worker.terminate();
  };
  return { port, close };
}

const connects = (port: number, waiting: Socket[]): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => undefined);
    waiting.push(socket);
    setTimeout(() => resolve(!socket.connecting), 100);
  });
