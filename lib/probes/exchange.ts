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
/** What may come of one answer altogether: chunks have lengths and extensions beside the body, which nobody else counts. */
const MAX_WIRE_BYTES = 2 * MAX_BODY_BYTES;
/** Node's own limit for servers and clients (`--max-http-header-size`). */
export const MAX_HEADER_BYTES = 16_384;
/** Ten times what real answers have; thousands of empty ones fit into the size. */
export const MAX_HEADERS = 256;
/** Real servers send one or two (100, 102, 103): more is an answer that never comes. */
export const MAX_INTERIM = 16;

/**
 * One request over this socket, which is closed afterwards. The body is read only if `wantsBody` says so of the head.
 * Throws `ProbeFailure`: `answer-timeout` or `body-timeout` once the signal aborts, `closed-early`, `headers-too-large`,
 * `interim-answers`, `body-too-large`, `body-length`, `protocol-error`.
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
  const expire = () => void client.destroy(new ProbeFailure('answer-timeout', 'no answer within the timeout'));
  try {
    if (signal.aborted) expire();
    else signal.addEventListener('abort', expire, { once: true });
    return await dispatch(client, socket, url, request, wantsBody);
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
  socket: Duplex,
  url: URL,
  request: HttpRequest,
  wantsBody: (answer: Pick<HttpAnswer, 'status' | 'headers'>) => boolean,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const chunks: Buffer[] = [];
    let head: Omit<HttpAnswer, 'body'> | undefined;
    let bytes = 0;
    let wireBytes = 0;
    let interim = 0;
    const answer = (body: Buffer) => head && resolve({ ...head, body });

    const handler: Dispatcher.DispatchHandler = {
      // Undici reads by `read()`: from now on a listener hears of each piece without taking it.
      onRequestStart(controller) {
        socket.on('data', (piece: Buffer) => {
          wireBytes += piece.length;
          if (wireBytes > MAX_WIRE_BYTES) controller.abort(bodyTooLarge(head?.status));
        });
      },
      onResponseStart(controller, status, headers) {
        if (status < 200) {
          interim += 1;
          if (interim > MAX_INTERIM) controller.abort(tooManyInterim());
          return;
        }
        head = { status, headers, firstByteMs: performance.now() - startedAt };
        const many = Object.values(headers).flat().length;
        if (many > MAX_HEADERS)
          controller.abort(new ProbeFailure('headers-too-large', `${many} headers, more than ${MAX_HEADERS}`));
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

export const tooManyInterim = (): ProbeFailure =>
  new ProbeFailure('interim-answers', `more than ${MAX_INTERIM} interim answers (HTTP 1xx)`);

export const closedEarly = (head: Pick<HttpAnswer, 'status'> | undefined): ProbeFailure =>
  new ProbeFailure(
    'closed-early',
    `connection closed ${head ? `in the middle of the body of HTTP ${head.status}` : 'before the answer'}`,
  );

/** Undici's errors by their documented codes (undici docs, "Errors"), and llhttp's `HPE_…`. */
function failureOf(error: Error, head: Omit<HttpAnswer, 'body'> | undefined): Error {
  if (error instanceof ProbeFailure) return inBody(error, head);
  const code = codeOf(error);
  if (code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'HPE_HEADER_OVERFLOW') {
    return new ProbeFailure('headers-too-large', `headers of more than ${MAX_HEADER_BYTES / 1_024} KiB`);
  }
  if (isClosed(error, code, head)) return closedEarly(head);
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' || LENGTH.test(error.message)) {
    return new ProbeFailure('body-length', `what the answer says of its length makes no sense (${whyOf(error)})`);
  }
  // Since TLS 1.3 a server says only after the handshake that it wants a client certificate (RFC 8446 4.4.2.4).
  if (code.startsWith('ERR_SSL_')) return new ProbeFailure('tls-failed', `TLS ended with an alert (${code})`);
  // What undici refuses to send is the check's fault, not the server's.
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') return error;
  return new ProbeFailure('protocol-error', `not an HTTP/1.1 answer: ${error.message}`);
}

/** Once the head has come, what is late is the body. */
export function inBody(failure: ProbeFailure, head: Pick<HttpAnswer, 'status'> | undefined): ProbeFailure {
  if (failure.reason !== 'answer-timeout' || !head) return failure;
  return new ProbeFailure('body-timeout', `HTTP ${head.status}, and its body was not complete within the timeout`);
}

/** Lengths that contradict each other are how answers are smuggled (RFC 9112 6.3). Undici leaves llhttp's codes out. */
const LENGTH = /\((.*(?:Content-Length|Transfer-Encoding|chunk size).*)\)$/i;

/** Llhttp's words, without undici's around them. */
const whyOf = ({ message }: Error): string => LENGTH.exec(message)?.[1] ?? 'the lengths contradict each other';

/** `HPE_INVALID_EOF_STATE`: the connection ended inside a chunked body. */
const CLOSED = new Set(['ECONNRESET', 'EPIPE', 'HPE_INVALID_EOF_STATE']);

/** RFC 9110 15.3.5, 15.4.5. */
const BODILESS = new Set([204, 304]);

function isClosed(error: Error, code: string, head: Pick<HttpAnswer, 'status'> | undefined): boolean {
  // Before the head is complete, this is what undici says of headers that contradict each other; 204 and 304 have no body.
  if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return head !== undefined && !BODILESS.has(head.status);
  // And this is also how it says that an answer made no sense: `bad response`, `bad upgrade`.
  if (code === 'UND_ERR_SOCKET') return !error.message.startsWith('bad ');
  return CLOSED.has(code);
}
