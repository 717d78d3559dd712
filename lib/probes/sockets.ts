import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as startTls, type TLSSocket } from 'node:tls';
import { isAddress } from './addresses.ts';
import { certificateFailure } from './certificates.ts';
import { codeOf, isOwn, ProbeFailure } from './failure.ts';

/** A connection to this very address; throws `connect-refused`, `connect-timeout` or `connect-failed`. */
export function openSocket(address: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<Socket> {
  const peer = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const late = () => new ProbeFailure('connect-timeout', `no connection to ${peer} within the timeout`);
  const failed = (error: Error) => {
    const code = codeOf(error);
    if (isOwn(code)) return new ProbeFailure('internal', `no socket is to be had (${code})`);
    if (code === 'ECONNREFUSED') return new ProbeFailure('connect-refused', `${peer} refused the connection`);
    return new ProbeFailure(code === 'ETIMEDOUT' ? 'connect-timeout' : 'connect-failed', `no connection to ${peer} (${code})`);
  };
  const socket = connect({ host: address, port, noDelay: true });
  return once(socket, 'connect', signal, { timeoutMs, late, failed });
}

/**
 * The handshake over a connected socket: SNI and the certificate's name are `host`. Throws `tls-timeout`, `tls-closed`,
 * `tls-version`, `tls-failed`, or with a reason of `certificates.ts`.
 */
export async function secureSocket(
  options: ConnectionOptions & { host: string },
  timeoutMs: number,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const { host } = options;
  // RFC 6066 3: addresses are not permitted in SNI. Node judges the chain all the same, and leaves it to be shown.
  const secured = startTls({ ...options, servername: isAddress(host) ? '' : host, rejectUnauthorized: false });
  const late = () => new ProbeFailure('tls-timeout', `no TLS handshake with ${host} within the timeout`);
  const failed = (error: Error) => {
    const code = codeOf(error);
    if (code === 'ECONNRESET' || code === 'EPIPE')
      return new ProbeFailure('tls-closed', `${host} closed the connection during the TLS handshake`);
    return new ProbeFailure(VERSION_CODES.has(code) ? 'tls-version' : 'tls-failed', `TLS with ${host} failed (${code})`);
  };
  await once(secured, 'secureConnect', signal, { timeoutMs, late, failed });
  if (secured.authorized) return secured;
  const failure = certificateFailure(secured, host, Date.now());
  secured.destroy();
  throw failure;
}

/** How OpenSSL says that client and server share no version of TLS. */
const VERSION_CODES = new Set([
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'ERR_SSL_UNSUPPORTED_PROTOCOL',
  'ERR_SSL_WRONG_SSL_VERSION',
]);

interface Endings {
  timeoutMs: number;
  late: () => ProbeFailure;
  failed: (error: Error) => ProbeFailure;
}

/** The socket once `event` has come; destroyed, and a failure thrown, if it errs, closes or takes too long first. */
function once<S extends Duplex>(socket: S, event: string, signal: AbortSignal, endings: Endings): Promise<S> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', expire);
    };
    const fail = (failure: ProbeFailure) => {
      settle();
      socket.destroy();
      reject(failure);
    };
    const expire = () => fail(endings.late());
    const timer = setTimeout(expire, endings.timeoutMs);
    // Both stay for the socket's life: between two phases nobody else listens, and an error nobody hears ends the process.
    socket.on('error', (error) => fail(endings.failed(error)));
    socket.on(event, () => {
      settle();
      resolve(socket);
    });
    if (signal.aborted) expire();
    else signal.addEventListener('abort', expire, { once: true });
  });
}

/** The promise's value, or `failure` once the signal aborts; what comes later is dropped. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal, failure: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(failure());
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
