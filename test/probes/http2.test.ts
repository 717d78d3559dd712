import http2 from 'node:http2';
import tls from 'node:tls';
import { expect, test } from 'vitest';
import type { HttpExpect, HttpSpec } from '../../lib/core/cell.ts';
import { httpCheck, look } from './checks.ts';
import { type Certificate, certificate, leavingNothing, listen, serveHttps } from './servers.ts';

const UP = { vote: 'up', reason: 'ok' };
const down = (reason: string, detail: unknown) => ({ vote: 'down', reason, detail });
const name = 'node.test';
const own: Certificate = await certificate();

type Answer = (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => void;

const serve = (answer: Answer) => {
  const server = http2.createSecureServer({ ...own, allowHTTP1: true });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    answer(stream, headers);
  });
  return listen(server.on('sessionError', () => undefined));
};

const seen = (
  { port }: { port: number },
  expected: Partial<HttpExpect> = {},
  parts: Partial<HttpSpec> = {},
  timeoutMs = 1_000,
) => {
  const check = httpCheck(
    `https://${name}:${port}/x?y`,
    { http2: true, address: '127.0.0.1', ...parts, expect: expected },
    { timeoutMs },
  );
  return leavingNothing(() => look(check, { ca: [own.cert] }));
};

test('asks and is answered in HTTP/2', async () => {
  const server = await serve((stream, { ':method': method, ':path': path, ':authority': host, 'user-agent': agent }) => {
    let body = '';
    stream.on('data', (chunk) => (body += chunk));
    stream.on('end', () => {
      stream.respond({ ':status': 200 });
      stream.end(`${method} ${path} ${host} ${agent} ${body}`);
    });
  });
  const contains = [`POST /x?y ${name}:${server.port} Quorumwatch/`, ' hello'];
  expect(await seen(server, { body: { contains, notContains: [] } }, { method: 'POST', body: 'hello' })).toEqual(UP);
});

test('is degraded or down by the same expectations', async () => {
  const server = await serve((stream) => {
    stream.respond({ ':status': 503 });
    stream.end('no server');
  });
  expect(await seen(server)).toEqual(down('status', 'HTTP 503, expected 2xx: "no server"'));
  expect(await seen(server, { status: [[503, 503]], time: { degradedMs: 0 } })).toMatchObject({
    vote: 'degraded',
    reason: 'slow',
  });
});

test('takes as many headers as over HTTP/1.1', async () => {
  const server = await serve((stream) => {
    stream.respond({ ':status': 200, ...Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`x-${at}`, 'x'])) });
    stream.end();
  });
  expect(await seen(server)).toEqual(UP);
});

test('a server that speaks HTTP/1.1 alone is down', async () => {
  const server = await serveHttps(own, (_request, response) => response.end());
  expect(await seen(server)).toEqual(down('http-version', `${name}:${server.port} agreed on http/1.1, expected HTTP/2`));
});

test.each<[string, Answer, string, RegExp]>([
  ['answers nothing', () => undefined, 'answer-timeout', /within the timeout$/],
  [
    'stops in the body',
    (stream) => {
      stream.respond({ ':status': 200 });
      stream.write('half');
    },
    'body-timeout',
    /within the timeout/,
  ],
  ['resets the stream', (stream) => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR), 'closed-early', /before the answer/],
  ['says goodbye', (stream) => stream.session?.goaway(), 'closed-early', /before the answer/],
  ['closes the connection', (stream) => stream.session?.destroy(), 'closed-early', /before the answer/],
  [
    'closes the connection in the body',
    (stream) => {
      stream.respond({ ':status': 200, 'content-length': 100 });
      stream.write('half', () => stream.session?.destroy());
    },
    'closed-early',
    /in the middle of the body/,
  ],
  [
    'sends more than 1 MiB',
    (stream) => {
      stream.respond({ ':status': 200 });
      const more = (): void => void (!stream.destroyed && stream.write(Buffer.alloc(65_536), more));
      more();
    },
    'body-too-large',
    /more than 1 MiB/,
  ],
  [
    'sends interim answers without end',
    (stream) => {
      for (let sent = 0; sent < 20; sent++) stream.additionalHeaders({ ':status': 103 });
    },
    'interim-answers',
    /1xx/,
  ],
  [
    'sends a thousand headers',
    (stream) => {
      stream.respond({ ':status': 200, ...Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`x-${at}`, 'x'])) });
      stream.end();
    },
    'headers-too-large',
    /headers/,
  ],
])('%s', async (_, answer, reason, detail) => {
  expect(await seen(await serve(answer), {}, {}, 500)).toEqual(down(reason, expect.stringMatching(detail)));
});

/** RFC 9113 4.1: length, type, flags, stream. */
function frame(type: number, flags: number, stream: number, payload = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const [DATA, HEADERS, PING, CONTINUATION] = [0, 1, 6, 9];
const END_HEADERS = 4;
const SETTINGS = frame(4, 0, 0);
/** RFC 7541: `:status: 200`, index 8 of the static table. */
const OK = Buffer.from([0x88]);
/** A literal without indexing: `x: …`, 120 bytes. */
const LITERAL = Buffer.concat([Buffer.from([0, 1, 0x78, 116]), Buffer.alloc(116, 'v')]);

/** 12 KiB of them. */
const MANY = Buffer.concat(Array(100).fill(LITERAL));

const HALF = Buffer.concat([frame(HEADERS, END_HEADERS, 1, OK), frame(DATA, 0, 1, Buffer.from('half'))]);
/** RFC 9113 6.4 and 7. */
const reset = (code: number) => frame(3, 0, 1, Buffer.from([0, 0, 0, code]));

/** Whoever asks is sent these frames, as often as they go through. */
const serveFrames = (first: Buffer, again?: Buffer) => {
  const server = tls.createServer({ ...own, ALPNProtocols: ['h2'] }, (socket) => {
    socket.on('error', () => undefined).resume();
    socket.once('data', () => {
      socket.write(Buffer.concat([SETTINGS, first]));
      const more = (): void => void (again && !socket.destroyed && socket.write(again, () => setImmediate(more)));
      more();
    });
  });
  return listen(server);
};

test.each<[string, Buffer, Buffer | undefined, string]>([
  ['no HTTP/2', Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), undefined, 'protocol-error'],
  ['headers of 64 KiB', frame(HEADERS, 0, 1, OK), frame(CONTINUATION, 0, 1, MANY), 'headers-too-large'],
  [
    'headers of 24 KiB',
    Buffer.concat([frame(HEADERS, 1, 1, OK), frame(CONTINUATION, 0, 1, MANY), frame(CONTINUATION, END_HEADERS, 1, MANY)]),
    undefined,
    'headers-too-large',
  ],
  ['half a body, and cancels it', Buffer.concat([HALF, reset(8)]), undefined, 'closed-early'],
  ['headers without end', frame(HEADERS, 0, 1, OK), frame(CONTINUATION, 0, 1), 'protocol-error'],
  [
    'a bomb of compression',
    frame(
      HEADERS,
      END_HEADERS,
      1,
      Buffer.concat([OK, Buffer.from([0x40, 1, 0x78, 0x7f, 0x81, 0x1e]), Buffer.alloc(4_000, 'v'), Buffer.alloc(9_000, 0xbe)]),
    ),
    undefined,
    'headers-too-large',
  ],
  ['an answer to nobody', frame(HEADERS, END_HEADERS, 3, OK), undefined, 'protocol-error'],
  ['data before headers', frame(DATA, 1, 1, Buffer.from('x')), undefined, 'protocol-error'],
  ['pings without end', frame(PING, 0, 0, Buffer.alloc(8)), frame(PING, 0, 0, Buffer.alloc(8)), 'answer-timeout'],
])('sends %s', async (_, first, again, reason) => {
  expect(await seen(await serveFrames(first, again), {}, {}, 500)).toMatchObject({ vote: 'down', reason });
});
