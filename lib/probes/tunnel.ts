import type { Duplex } from 'node:stream';
import { USER_AGENT } from './agent.ts';
import { MAX_HEADER_BYTES } from './exchange.ts';
import { ProbeFailure } from './failure.ts';

/** A proxy as it is asked: its credentials are text by now. */
export interface ProxyTarget {
  host: string;
  port: number;
  authorization?: string;
}

/**
 * What a proxy says when it did not reach the node, by status: RFC 9110 15.6.3 to 15.6.5, and Squid's 503 (its error page
 * ERR_CONNECT_FAIL). Any other refusal is the proxy's own.
 */
const NODE_FAILED = new Map([
  [502, 'connect-failed'],
  [503, 'connect-failed'],
  [504, 'connect-timeout'],
] as const);

/**
 * Asks for a tunnel to `host:port` (RFC 9110 9.3.6) over a connection to the proxy. Throws `connect-failed` or `connect-timeout` where
 * the proxy says so of the node, else `proxy`.
 */
export async function openTunnel(
  socket: Duplex,
  host: string,
  port: number,
  proxy: ProxyTarget,
  signal: AbortSignal,
): Promise<void> {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const credentials = proxy.authorization === undefined ? '' : `Proxy-Authorization: ${proxy.authorization}\r\n`;
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\nUser-Agent: ${USER_AGENT}\r\n${credentials}\r\n`);
  const head = await readHead(socket, nameOf(proxy), signal);
  const status = Number(/^HTTP\/1\.[01] (\d{3})[ \r]/.exec(head)?.[1]);
  if (status >= 200 && status <= 299) return;
  if (!status) throw new ProbeFailure('proxy', `${nameOf(proxy)} does not speak HTTP`);
  const reason = NODE_FAILED.get(status as 502);
  if (reason) throw new ProbeFailure(reason, `${nameOf(proxy)} has no connection to ${authority} (HTTP ${status})`);
  throw new ProbeFailure('proxy', `${nameOf(proxy)} refuses a tunnel to ${authority} (HTTP ${status})`);
}

const END = '\r\n\r\n';

const nameOf = ({ host, port }: ProxyTarget): string => `the proxy ${host}:${port}`;

/** Failures on the way to the proxy are not the node's. */
export const ofProxy = (proxy: ProxyTarget, error: unknown): unknown =>
  error instanceof ProbeFailure ? new ProbeFailure('proxy', `${nameOf(proxy)}: ${error.message}`) : error;

/** Up to the empty line; what comes behind it is the node's, and stays to be read. */
function readHead(socket: Duplex, name: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = Buffer.alloc(0);
    const settle = () => {
      socket.off('readable', take).off('close', closed);
      signal.removeEventListener('abort', late);
    };
    const fail = (what: string) => {
      settle();
      reject(new ProbeFailure('proxy', `${name} ${what}`));
    };
    // Not by `data`, which flows on when nobody listens any more.
    const take = () => {
      const chunk: Buffer | null = socket.read();
      if (!chunk) return;
      said = Buffer.concat([said, chunk]);
      const end = said.indexOf(END);
      if (end < 0) return said.length > MAX_HEADER_BYTES ? fail('answers without end') : undefined;
      settle();
      const behind = said.subarray(end + END.length);
      if (behind.length > 0) socket.unshift(behind);
      resolve(said.subarray(0, end + 2).toString('latin1'));
    };
    const closed = () => fail('closed the connection');
    const late = () => fail('did not answer within the timeout');
    socket.on('readable', take).on('close', closed);
    if (signal.aborted) late();
    else signal.addEventListener('abort', late, { once: true });
  });
}
