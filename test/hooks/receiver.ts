import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export type Answer = number | { status: number; headers?: Record<string, string>; body?: string };
/** Where cleaning up is asked for; tests that run side by side have their own. */
interface Test {
  onTestFinished(close: () => void): unknown;
}

/** A service on loopback that answers each request as it is told; it ends with the test. */
export async function startReceiver(
  answer: (received: Received) => Answer = () => 200,
  test: Test = { onTestFinished },
): Promise<{ url: string; port: number; received: Received[] }> {
  const received: Received[] = [];
  const at = await listen((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
      received.push(one);
      const given = answer(one);
      const { status, headers = {}, body: text = '' } = typeof given === 'number' ? { status: given } : given;
      response.writeHead(status, headers).end(text);
    });
  }, test);
  return { received, ...at };
}

/** Serves on loopback until the test ends. */
export async function listen(listener: RequestListener, test: Test = { onTestFinished }): Promise<{ url: string; port: number }> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}` };
}
