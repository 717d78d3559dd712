import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import tls from 'node:tls';
import { generate } from 'selfsigned';
import { afterEach, expect } from 'vitest';

const closers: (() => Promise<void>)[] = [];

/** Servers live for one test; a connection that a probe left open fails it. */
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

export interface Running {
  port: number;
  /** Connections so far. */
  accepted(): number;
}

export async function listen(server: Server, host = '127.0.0.1'): Promise<Running> {
  const open = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  closers.push(async () => {
    server.close();
    await until(
      () => open.size === 0,
      () => `${open.size} connections are still open`,
    );
  });
  return { port: (server.address() as AddressInfo).port, accepted: () => accepted };
}

/** Waits for what must come by itself; fails with what was there instead after a second. */
export async function until(condition: () => boolean, otherwise: () => string): Promise<void> {
  const giveUpAt = performance.now() + 1_000;
  while (!condition()) {
    if (performance.now() > giveUpAt) expect.fail(otherwise());
    await nextTurn();
  }
}

export async function serveHttp(handler: http.RequestListener): Promise<Running & { url: string }> {
  const running = await listen(http.createServer(handler));
  return { ...running, url: `http://127.0.0.1:${running.port}` };
}

/** The same status, body and headers for every request. */
export const serveAnswer = (status: number, body: string | Buffer = '', headers: http.OutgoingHttpHeaders = {}) =>
  serveHttp((_request, response) => response.writeHead(status, headers).end(body));

/** A server that speaks what the test makes it speak. */
export async function serveRaw(onConnection: (socket: Socket) => void): Promise<Running & { url: string }> {
  const server = net.createServer((socket) => {
    onConnection(socket);
    // Nobody who does not read hears that the other side is gone.
    socket.resume();
  });
  const running = await listen(server);
  return { ...running, url: `http://127.0.0.1:${running.port}` };
}

/** Sends these bytes to whoever asks something, and leaves the connection as it is. */
export const serveBytes = (bytes: string | Buffer, then: (socket: Socket) => void = () => undefined) =>
  serveRaw((socket) => socket.once('data', () => socket.write(bytes, () => then(socket))));

export interface Certificate {
  key: string;
  cert: string;
}

interface CertificateOptions {
  names?: string[];
  /** Days from now; negative: past. */
  from?: number;
  to?: number;
}

const DAY_MS = 86_400_000;

/** A certificate that is its own authority: trusted where `ca: [cert]` is given. */
export async function certificate({ names = ['node.test'], from = -1, to = 30 }: CertificateOptions = {}): Promise<Certificate> {
  const altNames = names.map((name) => (net.isIP(name) ? ({ type: 7, ip: name } as const) : ({ type: 2, value: name } as const)));
  const { private: key, cert } = await generate([{ name: 'commonName', value: names[0] ?? '' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() + from * DAY_MS),
    notAfterDate: new Date(Date.now() + to * DAY_MS),
    extensions: [{ name: 'subjectAltName', altNames }],
  });
  return { key, cert };
}

export async function serveHttps(options: tls.TlsOptions, handler: http.RequestListener): Promise<Running> {
  return listen(https.createServer(options, handler).on('tlsClientError', () => undefined));
}

/** A server that shakes hands and says nothing; what is said after STARTTLS is `serveStarttls`'s. */
export const serveTls = (options: tls.TlsOptions): Promise<Running> =>
  listen(tls.createServer(options).on('tlsClientError', () => undefined));

/** A server that speaks line by line, or byte by byte, until it is asked for TLS; each answer is to one message. */
export async function serveStarttls(certificate: Certificate, greeting: string, answers: (string | Buffer)[]): Promise<Running> {
  return serveRaw((socket) => {
    const left = [...answers];
    if (greeting !== '') socket.write(greeting);
    const answer = () => {
      socket.write(left.shift() ?? '');
      if (left.length > 0) return;
      socket.off('data', answer);
      new tls.TLSSocket(socket, { isServer: true, ...certificate }).on('error', () => undefined);
    };
    socket.on('data', answer);
  });
}

/** What this process keeps open: connections, look-ups and timers. */
export function openHandles(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  const { TCPSocketWrap = 0, TCPConnectWrap = 0, UDPWrap = 0, TLSWrap = 0, GetAddrInfoReqWrap = 0, Timeout = 0 } = counts;
  return { TCPSocketWrap, TCPConnectWrap, UDPWrap, TLSWrap, GetAddrInfoReqWrap, Timeout };
}

/** Runs it and waits until everything that it opened is closed again. */
export async function leavingNothing<T>(run: () => Promise<T>): Promise<T> {
  const before = openHandles();
  const result = await run();
  const same = () => Object.entries(before).every(([kind, count]) => (openHandles()[kind] ?? 0) <= count);
  await until(same, () => `left open: ${JSON.stringify(openHandles())}, before: ${JSON.stringify(before)}`);
  return result;
}
