import { serve } from '@hono/node-server';
import { createWeb } from '../web/app.ts';
import type { WebPorts } from '../web/ports.ts';

export interface LocalWeb extends WebPorts {
  port: number;
  /** Where the embedded DynamoDB listens: the page's address stands for it, so that commands need to know one address alone. */
  tableEndpoint: string;
}

/** Serves the web part, and the table, on loopback; rejects with `code: EADDRINUSE` when the port is taken. */
export async function startWeb({ port, tableEndpoint, ...ports }: LocalWeb): Promise<{ url: string; close(): Promise<void> }> {
  const hostname = '127.0.0.1';
  const web = createWeb(ports);
  let url = '';
  const answer: Parameters<typeof serve>[0]['fetch'] = (request, bindings) => {
    if (!isOurs(request.headers.get('host'))) return misdirected(request.headers.get('host'), url);
    return isForTable(request) ? passOn(request, tableEndpoint) : web.fetch(request, bindings);
  };
  return await new Promise((resolve, reject) => {
    const server = serve({ fetch: answer, hostname, port }, (address) => {
      server.off('error', reject);
      url = `http://${hostname}:${address.port}`;
      resolve({ url, close });
    });
    server.once('error', reject);
    const close = () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        // Event streams never end by themselves.
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
  });
}

/**
 * Is this a name of this machine? Any other name that leads here was pointed here by somebody whose page could then read ours, and
 * act on it (DNS rebinding). Names of loopback: RFC 6761 6.3, RFC 1122 3.2.1.3, RFC 4291 2.5.3; whatever the port, for a tunnel
 * changes that.
 */
function isOurs(host: string | null): boolean {
  const name = URL.parse(`http://${host ?? ''}`)?.hostname ?? '';
  return name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(name);
}

/** RFC 9110 15.5.20. */
const misdirected = (host: string | null, url: string): Response =>
  new Response(`host: ${JSON.stringify(host ?? '')} is not a name of this machine (open ${url})\n`, { status: 421 });

/** DynamoDB developer guide, "DynamoDB low-level API": what is asked for is in this header. */
const TARGET = 'x-amz-target';
/** The rest is of the connection to us. */
const FORWARDED = [TARGET, 'content-type', 'authorization', 'x-amz-date', 'x-amz-content-sha256'];

/** No page of another origin can ask this: it would have to be allowed that header first (Fetch standard, "CORS-preflight fetch"). */
const isForTable = ({ headers }: Request): boolean => headers.get(TARGET)?.startsWith('DynamoDB_') ?? false;

async function passOn(request: Request, tableEndpoint: string): Promise<Response> {
  const headers = FORWARDED.flatMap((name): [string, string][] => [[name, request.headers.get(name) ?? '']]);
  const answer = await fetch(tableEndpoint, { method: 'POST', headers, body: await request.arrayBuffer() });
  return new Response(answer.body, { status: answer.status, headers: answer.headers });
}
