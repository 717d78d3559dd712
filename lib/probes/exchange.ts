import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type buildConnector, Client, type Dispatcher } from 'undici';
import { codeOf, ProbeFailure } from './failure.ts';

export interface HttpRequest {
  method: string;
  headers: Record<string, string>;
  body?: string;
}

export interface HttpAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** As sent, compressed if it was. Empty if it was not asked for. */
  body: Buffer;
  /** From the request's start to the answer's head. */
  firstByteMs: number;
}

/** What a body may have, before and after decompression. */
export const MAX_BODY_BYTES = 1_048_576;
/** Node's own limit for servers and clients (`--max-http-header-size`). */
const MAX_HEADER_BYTES = 16_384;
/** Real servers send one or two (100, 102, 103): more is an answer that never comes. */
const MAX_INFORMATIONAL = 16;

/**
 * One request over this socket, which is closed afterwards. The body is read only if `wantsBody` says so of the head.
 * Throws `ProbeFailure`: `answer-timeout` once the signal aborts, `closed-early`, `headers-too-large`, `body-too-large`, `protocol-error`.
 */
export async function exchange(
  socket: Duplex,
  url: URL,
  request: HttpRequest,
  wantsBody: (answer: Pick<HttpAnswer, 'status' | 'headers'>) => boolean,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const client = new Client(url.origin, {
    connect: lend(socket),
    maxHeaderSize: MAX_HEADER_BYTES,
    // One deadline covers all phases, and it is the caller's.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const expire = () => void client.destroy(new ProbeFailure('answer-timeout', 'the answer was not complete within the timeout'));
  try {
    if (signal.aborted) expire();
    else signal.addEventListener('abort', expire, { once: true });
    return await dispatch(client, url, request, wantsBody);
  } finally {
    signal.removeEventListener('abort', expire);
    socket.destroy();
    void client.destroy();
  }
}

/** Gives undici the socket that was dialled; there is no second one to be had. */
function lend(socket: Duplex): buildConnector.connector {
  let lent = false;
  return (_options, callback) => {
    const again = lent;
    lent = true;
    // Undici misses an answer that comes before this function returned.
    queueMicrotask(() => {
      if (again) callback(new ProbeFailure('closed-early', 'connection closed before the answer'), null);
      else callback(null, socket as Socket);
    });
  };
}

function dispatch(
  client: Client,
  url: URL,
  request: HttpRequest,
  wantsBody: (answer: Pick<HttpAnswer, 'status' | 'headers'>) => boolean,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const chunks: Buffer[] = [];
    let head: Omit<HttpAnswer, 'body'> | undefined;
    let bytes = 0;
    let informational = 0;
    const answer = (body: Buffer) => head && resolve({ ...head, body });

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart() {},
      onResponseStart(controller, status, headers) {
        if (status < 200) {
          informational += 1;
          if (informational > MAX_INFORMATIONAL) {
            controller.abort(
              new ProbeFailure('protocol-error', `more than ${MAX_INFORMATIONAL} interim answers (HTTP ${status})`),
            );
          }
          return;
        }
        head = { status, headers, firstByteMs: performance.now() - startedAt };
        if (!wantsBody(head)) answer(Buffer.alloc(0));
      },
      onResponseData(controller, chunk) {
        bytes += chunk.length;
        chunks.push(chunk);
        if (bytes > MAX_BODY_BYTES) controller.abort(bodyTooLarge(head?.status));
      },
      onResponseEnd: () => answer(Buffer.concat(chunks)),
      onResponseError: (_controller, error) => reject(failureOf(error, head)),
    };
    // Copies: undici may not touch what the next hop sends again.
    const { method, headers, body } = request;
    client.dispatch(
      { path: url.pathname + url.search, method: method as Dispatcher.HttpMethod, headers: { ...headers }, body, reset: true },
      handler,
    );
  });
}

export const bodyTooLarge = (status = 0): ProbeFailure =>
  new ProbeFailure('body-too-large', `HTTP ${status} with a body of more than ${MAX_BODY_BYTES / 1_048_576} MiB`);

/** Undici's errors by their documented codes (undici docs, "Errors"), and llhttp's `HPE_…`. */
function failureOf(error: Error, head: Omit<HttpAnswer, 'body'> | undefined): Error {
  if (error instanceof ProbeFailure) return error;
  const code = codeOf(error);
  if (code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'HPE_HEADER_OVERFLOW') {
    return new ProbeFailure('headers-too-large', `headers of more than ${MAX_HEADER_BYTES / 1_024} KiB`);
  }
  if (isClosed(error, code, head)) {
    const where = head ? `in the middle of the body of HTTP ${head.status}` : 'before the answer';
    return new ProbeFailure('closed-early', `connection closed ${where}`);
  }
  // Since TLS 1.3 a server says only after the handshake that it wants a client certificate (RFC 8446 4.4.2.4).
  if (code.startsWith('ERR_SSL_')) return new ProbeFailure('tls-failed', `TLS ended with an alert (${code})`);
  // What undici refuses to send is the check's fault, not the server's.
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') return error;
  return new ProbeFailure('protocol-error', `not an HTTP/1.1 answer: ${error.message}`);
}

/** `HPE_INVALID_EOF_STATE`: the connection ended inside a chunked body. */
const CLOSED = new Set(['ECONNRESET', 'EPIPE', 'HPE_INVALID_EOF_STATE']);

function isClosed(error: Error, code: string, head: unknown): boolean {
  // Before the head is complete, this is what undici says of headers that contradict each other.
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return head !== undefined;
  // And this is also how it says that an answer made no sense: `bad response`, `bad upgrade`.
  if (code === 'UND_ERR_SOCKET') return !error.message.startsWith('bad ');
  return CLOSED.has(code);
}
