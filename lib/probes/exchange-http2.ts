import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import type { Duplex } from 'node:stream';
import {
  bodyTooLarge,
  closedEarly,
  type exchange,
  type HttpAnswer,
  inBody,
  MAX_BODY_BYTES,
  MAX_HEADER_BYTES,
  MAX_HEADERS,
  MAX_INTERIM,
  tooManyInterim,
} from './exchange.ts';
import { codeOf, ProbeFailure } from './failure.ts';

/** For one answer of at most 1 MiB. */
const SESSION_MEMORY_MB = 4;

/**
 * `exchange` over HTTP/2: one stream of a session of its own, with the same bounds and failures. By Node's client: undici's (7.30) throws
 * where nobody can catch it when its socket is closed.
 */
export const exchangeHttp2: typeof exchange = async (socket, url, request, wantsBody, signal) => {
  const session = connect(url.origin, {
    createConnection: () => socket,
    settings: { enablePush: false },
    maxHeaderListPairs: MAX_HEADERS,
    maxSessionMemory: SESSION_MEMORY_MB,
  });
  let head: Omit<HttpAnswer, 'body'> | undefined;
  const startedAt = performance.now();
  try {
    return await new Promise<HttpAnswer>((resolve, reject) => {
      const fail = (error: Error) => reject(failureOf(error, head));
      const expire = () => fail(new ProbeFailure('answer-timeout', 'no answer within the timeout'));
      if (signal.aborted) expire();
      else signal.addEventListener('abort', expire, { once: true });
      hear(session, socket, fail, () => reject(closedEarly(head)));
      const stream = ask(session, url, request);
      stream.on('error', fail);
      countInterim(stream, fail);
      stream.on('response', (headers: IncomingHttpHeaders & { ':status'?: number }) => {
        head = { status: headers[':status'] ?? 0, headers: plain(headers), firstByteMs: performance.now() - startedAt };
        if (sizeOf(headers) > MAX_HEADER_BYTES) fail(tooLarge());
        else if (!wantsBody(head)) resolve({ ...head, body: Buffer.alloc(0) });
      });
      collect(
        stream,
        fail,
        (body) => head && resolve({ ...head, body }),
        () => head?.status,
      );
      // Heard last: what is not complete by then was closed early.
      stream.on('close', () => reject(closedEarly(head)));
    });
  } finally {
    session.destroy();
    socket.destroy();
  }
};

/** What ends a session ends its stream; an error that nobody hears would end the process. */
function hear(session: ClientHttp2Session, socket: Duplex, fail: (error: Error) => void, close: () => void): void {
  session.on('error', fail).on('close', close).on('goaway', close);
  socket.on('error', fail);
}

function ask(
  session: ClientHttp2Session,
  url: URL,
  { method, headers, body }: Parameters<typeof exchange>[2],
): ClientHttp2Stream {
  const pseudo = { ':method': method, ':path': url.pathname + url.search };
  // RFC 9113 8.3.1: `:authority` in place of Host.
  const { host = url.host, ...others } = headers;
  return session.request({ ...pseudo, ':authority': host, ...others }, { endStream: body === undefined }).end(body);
}

function countInterim(stream: ClientHttp2Stream, fail: (error: Error) => void): void {
  let interim = 0;
  stream.on('headers', () => {
    interim += 1;
    if (interim > MAX_INTERIM) fail(tooManyInterim());
  });
}

function collect(
  stream: ClientHttp2Stream,
  fail: (error: Error) => void,
  done: (body: Buffer) => void,
  status: () => number | undefined,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    chunks.push(chunk);
    if (bytes > MAX_BODY_BYTES) fail(bodyTooLarge(status()));
  });
  // A stream that was reset ends too: what became of it is known when it is closed.
  let ended = false;
  stream.on('end', () => {
    ended = true;
  });
  stream.on('close', () => ended && stream.rstCode === constants.NGHTTP2_NO_ERROR && done(Buffer.concat(chunks)));
}

/** Without what stands in place of the status line. */
const plain = (headers: IncomingHttpHeaders): HttpAnswer['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(':')));

/** Node takes up to 64 KiB. */
const sizeOf = (headers: IncomingHttpHeaders): number =>
  Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + String(value).length, 0);

const tooLarge = (): ProbeFailure =>
  new ProbeFailure('headers-too-large', `headers of more than ${MAX_HEADER_BYTES / 1_024} KiB, or more than ${MAX_HEADERS}`);

/** Names of RFC 9113's error codes, as Node's messages have them. */
const TOO_MUCH = 'NGHTTP2_ENHANCE_YOUR_CALM';
const WRONG = /NGHTTP2_(PROTOCOL|FRAME_SIZE|COMPRESSION|FLOW_CONTROL)_ERROR/;

/** Node's errors by their documented codes (Node.js, "Errors": `ERR_HTTP2_…`). */
function failureOf(error: Error, head: Omit<HttpAnswer, 'body'> | undefined): ProbeFailure {
  if (error instanceof ProbeFailure) return inBody(error, head);
  const code = codeOf(error);
  if (error.message.includes(TOO_MUCH)) return tooLarge();
  if (code.startsWith('ERR_SSL_')) return new ProbeFailure('tls-failed', `TLS ended with an alert (${code})`);
  if (code === 'ERR_HTTP2_STREAM_ERROR' && !WRONG.test(error.message)) return closedEarly(head);
  if (code === 'ECONNRESET' || code === 'EPIPE') return closedEarly(head);
  return new ProbeFailure('protocol-error', `not an HTTP/2 answer: ${error.message}`);
}
