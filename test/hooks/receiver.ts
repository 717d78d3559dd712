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

/** A service on loopback that answers each request as it is told; it ends with the test. */
export async function startReceiver(
  answer: (received: Received) => number | { status: number; headers?: Record<string, string>; body?: string } | undefined = () =>
    200,
): Promise<{ url: string; port: number; received: Received[] }> {
  const received: Received[] = [];
  return {
    received,
    ...(await listen((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        const one = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
        received.push(one);
        const given = answer(one);
        if (given === undefined) return; // it never answers
        const { status, headers = {}, body: text = '' } = typeof given === 'number' ? { status: given } : given;
        response.writeHead(status, headers).end(text);
      });
    })),
  };
}

/** Serves on loopback until the test ends. */
export async function listen(listener: RequestListener): Promise<{ url: string; port: number }> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}` };
}
