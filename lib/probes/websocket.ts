import type { ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket } from 'ws';
import type { WebsocketSpec } from '../core/cell.ts';
import { withoutBrackets } from './addresses.ts';
import { MAX_BODY_BYTES, MAX_INTERIM, tooManyInterim } from './exchange.ts';
import { judgeCertificates, judgeTime } from './expectations.ts';
import { codeOf, ProbeFailure } from './failure.ts';
import { headersOf } from './fetch.ts';
import type { Finding, Look, Outcome } from './look.ts';
import { createMessageJudge, type MessageJudge } from './messages.ts';

/** Servers ping every few seconds; a look is over by then. */
const MAX_PINGS = 100;
/** Each is judged, which takes time. */
const MAX_MESSAGES = 1_000;

/** Shakes hands, sends, and reads until the expectations are met. Redirects are not followed: few clients do. */
export async function probeWebsocket(spec: WebsocketSpec, look: Look): Promise<Outcome> {
  const { expect, send } = spec;
  const url = new URL(spec.url);
  const secure = url.protocol === 'wss:';
  const headers = await headersOf(spec, look, {});
  const { socket, certificates = [] } = await look.dial({
    host: withoutBrackets(url.hostname),
    port: Number(url.port) || (secure ? 443 : 80),
    ...(secure && { tls: { protocols: ['http/1.1'] } }),
  });
  const client = new WebSocket(url, {
    createConnection: () => socket as never,
    headers,
    maxPayload: MAX_BODY_BYTES,
    // Nobody offers compression, so nothing has to be unpacked.
    perMessageDeflate: false,
    autoPong: false,
    finishRequest: countInterim,
  });
  try {
    const judge = createMessageJudge(expect, look.show);
    const findings = await converse(client, socket, send, judge, look);
    const tookMs = look.elapsedMs();
    const certificate = judgeCertificates(certificates, Date.now(), expect.certificate);
    return { findings: [...findings, ...judgeTime(tookMs, expect.time), ...certificate], tookMs };
  } finally {
    client.terminate();
    socket.destroy();
  }
}

/** From the handshake to the last message that is needed; throws where there is no handshake or no WebSocket behind it. */
function converse(
  client: WebSocket,
  socket: Duplex,
  send: readonly string[],
  judge: MessageJudge,
  look: Look,
): Promise<Finding[]> {
  const startedAt = performance.now();
  return new Promise<Finding[]>((resolve, reject) => {
    let bytes = 0;
    let pings = 0;
    let messages = 0;
    const end = (ending: string) => resolve(judge.findings(ending));
    const late = () => {
      if (client.readyState !== WebSocket.CONNECTING) return end('nothing more within the timeout');
      reject(new ProbeFailure('answer-timeout', 'no WebSocket handshake within the timeout'));
    };
    client.on('unexpected-response', (_request, { statusCode }) =>
      reject(new ProbeFailure('status', `HTTP ${statusCode}, expected 101`)),
    );
    client.on('open', () => {
      look.timings.firstByteMs = performance.now() - startedAt;
      // Beside ws, not before it: everything counts, pings and the pieces of a message without end too.
      socket.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MAX_BODY_BYTES) reject(new ProbeFailure('body-too-large', 'messages of more than 1 MiB'));
      });
      for (const message of send) client.send(message);
      if (judge.isContent()) end('');
    });
    const isFlood = () => {
      pings += 1;
      if (pings === MAX_PINGS + 1) reject(new ProbeFailure('protocol-error', `more than ${MAX_PINGS} pings and pongs`));
      return pings > MAX_PINGS;
    };
    client.on('pong', isFlood);
    client.on('ping', (data) => void (isFlood() || client.pong(data)));
    client.on('message', (data: RawData) => {
      messages += 1;
      if (messages === MAX_MESSAGES + 1) reject(new ProbeFailure('body-too-large', `more than ${MAX_MESSAGES} messages`));
      // What of a flood has come already is still handed on.
      if (messages > MAX_MESSAGES) return;
      judge.take(data.toString());
      if (judge.isContent()) end('');
    });
    client.on('close', () => end('closed'));
    client.on('error', (error) => reject(failureOf(error)));
    if (look.signal.aborted) late();
    else look.signal.addEventListener('abort', late, { once: true });
  });
}

/** Sends the handshake's request, and ends it when interim answers come without end: ws waits for another one. */
function countInterim(request: ClientRequest): void {
  let interim = 0;
  request.on('information', () => {
    interim += 1;
    if (interim > MAX_INTERIM) request.destroy(tooManyInterim());
  });
  request.end();
}

/** Errors of ws (`WS_ERR_…`, its documentation, "Error codes"), of Node's HTTP client (`HPE_…`) and of sockets. */
function failureOf(error: Error): ProbeFailure {
  if (error instanceof ProbeFailure) return error;
  const code = codeOf(error);
  if (code === 'HPE_HEADER_OVERFLOW') return new ProbeFailure('headers-too-large', 'headers of more than 16 KiB');
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return new ProbeFailure('body-too-large', 'a message of more than 1 MiB');
  if (code === 'WS_ERR_TOO_MANY_BUFFERED_PARTS') return new ProbeFailure('body-too-large', 'a message in too many pieces');
  if (code === 'WS_ERR_INVALID_UTF8') return new ProbeFailure('utf8-invalid', 'a message that is not UTF-8');
  if (code === 'ECONNRESET' || code === 'EPIPE')
    return new ProbeFailure('closed-early', 'connection closed before the handshake');
  if (code.startsWith('ERR_SSL_')) return new ProbeFailure('tls-failed', `TLS ended with an alert (${code})`);
  return new ProbeFailure('protocol-error', `not a WebSocket: ${error.message}`);
}
