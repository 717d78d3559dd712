import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** A public node as its users know it: it can be killed, started again on its port, and be alive and wrong. */
export interface PublicNode {
  port: number;
  url: string;
  /** How it answers from now on. */
  answer(how: RequestListener): void;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Method, path and body of each request, oldest first. */
  requests(): readonly string[];
}

const CHAIN_ID = 'aca376f2';
const BLOCK = 1_000;

const saying = (body: object, status = 200, headers: Record<string, string> = {}): RequestListener => {
  const text = JSON.stringify(body);
  return (_request, response) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
};

export const healthy = saying({ chain_id: CHAIN_ID, head_block_num: BLOCK + 1 });
/** Ways of being wrong of a node whose process is alive and whose port is open. */
export const corrupted = saying({ code: 500, error: 'bad alloc' });
export const erring = saying({ message: 'Internal Service Error' }, 500);
export const stalled = saying({ chain_id: CHAIN_ID, head_block_num: BLOCK - 1 });
export const foreign = saying({ chain_id: 'cf057bbf', head_block_num: BLOCK + 1 });
export const redirecting = (status: number, location: string) => saying({}, status, { location });

/** A template, in YAML, with the check that a healthy node passes and all of those fail. */
export const CHAIN_TEMPLATE = `
  chain:
    api:
      type: http
      path: /v1/chain/get_info
      expect:
        body: { contains: head_block_num }
        json:
          - { path: chain_id, equals: ${CHAIN_ID} }
          - { path: head_block_num, greaterThan: ${BLOCK} }`;

const PORT_TRIES = 40;

/** A node on a free port of loopback, healthy at first. */
export async function startNode(): Promise<PublicNode> {
  const requests: string[] = [];
  let how = healthy;
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;

  async function listen(at: number): Promise<Server> {
    const listening = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        requests.push(`${request.method} ${request.url} ${body}`.trimEnd());
        how(request, response);
      });
    });
    listening.listen(at, '127.0.0.1');
    await once(listening, 'listening');
    return listening;
  }

  return {
    port,
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    answer(next) {
      how = next;
    },
    async kill() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
    /** Some connection of this machine may have been given its port while it was dead: that is over in a moment. */
    async start() {
      for (let tries = 1; !server.listening; tries++) {
        try {
          server = await listen(port);
        } catch (error) {
          if (tries === PORT_TRIES) throw error;
          await wait(50);
        }
      }
    },
  };
}
