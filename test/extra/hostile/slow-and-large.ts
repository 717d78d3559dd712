import type { Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { tcpCheck } from '../../probes/checks.ts';
import { serveScript } from '../../probes/dns-servers.ts';
import { drip, FRAMES, flood, serveFrames } from '../../probes/hostile-servers.ts';
import { dnsCheck, tlsCheck } from '../../probes/kinds.ts';
import { serveAnswer, serveBytes, serveRaw } from '../../probes/servers.ts';
import { ALL_HTTP_KINDS, overHttp, row } from './over-http.ts';
import { type HostileClass, SOON_MS } from './row.ts';

const MIB = 1_048_576;
const OK = 'HTTP/1.1 200 OK\r\n';
const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\n';
const soon = { timeoutMs: SOON_MS };
const sockets = { kinds: ['websocket'] };
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;
const bannerCheck = (port: number) => tcpCheck('127.0.0.1', port, { expect: { banner: 'never said', time: {} } });
const smtpCheck = (port: number) => tlsCheck(port, { host: '127.0.0.1', starttls: 'smtp' });

export const SLOW: HostileClass = {
  name: 'Slow drip of headers or body',
  defence: 'One timeout covers a whole look, however much keeps coming.',
  rows: [
    ...overHttp('a header every 10 ms', 'answer-timeout', () => serveBytes(OK, drip('x-a: b\r\n')), soon),
    ...overHttp('a header line without end', 'answer-timeout', () => serveBytes(`${OK}x-a: `, drip('b')), soon),
    ...overHttp(
      'a byte of the body every 10 ms',
      'body-timeout',
      () => serveBytes(`${OK}content-length: 9999\r\n\r\n`, drip('x')),
      soon,
    ),
    ...overHttp('a chunk of a byte every 10 ms', 'body-timeout', () => serveBytes(CHUNKED, drip('1\r\nx\r\n')), soon),
    ...overHttp('a header every 10 ms', 'answer-timeout', () => serveBytes(SWITCHING, drip('x-a: b\r\n')), {
      ...soon,
      ...sockets,
    }),
    ...overHttp('a ping every 10 ms', 'message-missing', () => serveFrames(FRAMES.nothing, drip(FRAMES.ping)), {
      ...soon,
      ...sockets,
    }),
    ...overHttp('a piece of a message every 10 ms', 'message-missing', () => serveFrames(FRAMES.part, drip(FRAMES.more)), {
      ...soon,
      ...sockets,
    }),
    row(
      'a byte of the banner every 10 ms',
      'tcp',
      'banner-mismatch',
      async () => bannerCheck((await serveRaw(drip('x'))).port),
      soon,
    ),
    row(
      'a line of EHLO’s answer every 10 ms',
      'tls, smtp',
      'answer-timeout',
      async () => {
        const { port } = await serveRaw((socket) => {
          socket.write('220 hello\r\n');
          socket.once('data', () => drip('250-X\r\n')(socket));
        });
        return smtpCheck(port);
      },
      soon,
    ),
    row(
      'a byte of the answer over TCP every 10 ms',
      'dns',
      'answer-timeout',
      async () => {
        const truncated = (question: Buffer) => [cutOff(question)];
        return dnsCheck(await serveScript({ udp: truncated, tcp: (_question, socket) => saying(socket, drip('x'), [16, 0]) }));
      },
      soon,
    ),
  ],
};

/** These bytes, and then what this does with the connection. */
export function saying(socket: Socket, act: (socket: Socket) => void, bytes: number[] = []): Buffer {
  act(socket);
  return Buffer.from(bytes);
}

/** The answer that sends whoever asks to TCP. */
export function cutOff(question: Buffer): Buffer {
  const answer = Buffer.from(question);
  answer.writeUInt16BE(0x8380, 2);
  return answer;
}

export const ENDLESS: HostileClass = {
  name: 'Endless body',
  defence:
    'At most 1 MiB of a body or of messages is read, 1 KiB of a banner, 4 KiB of a STARTTLS dialogue, 8 KiB of a DNS answer.',
  rows: [
    ...overHttp('a body that ends with the connection, which never ends', 'body-too-large', () =>
      serveBytes(`${OK}\r\n`, flood('x'.repeat(65_536))),
    ),
    ...overHttp('chunks without end', 'body-too-large', () =>
      serveBytes(CHUNKED, flood(`10000\r\n${'x'.repeat(65_536)}\r\n`.repeat(2))),
    ),
    ...overHttp('an extension of a chunk without end', 'body-too-large', () =>
      serveBytes(`${CHUNKED}1;`, flood('x'.repeat(65_536))),
    ),
    ...overHttp(
      'messages without end',
      'body-too-large',
      () => serveFrames(FRAMES.nothing, flood(Buffer.concat(Array(2_000).fill(FRAMES.text)))),
      sockets,
    ),
    ...overHttp(
      'pings without end',
      'protocol-error',
      () => serveFrames(FRAMES.nothing, flood(Buffer.concat(Array(2_000).fill(FRAMES.ping)))),
      sockets,
    ),
    ...overHttp(
      'pieces of one message without end',
      'body-too-large',
      () => serveFrames(FRAMES.part, flood(Buffer.concat(Array(2_000).fill(FRAMES.more)))),
      sockets,
    ),
    row('a banner without end', 'tcp', 'banner-mismatch', async () =>
      bannerCheck((await serveRaw(flood('x'.repeat(65_536)))).port),
    ),
    row('a greeting without end', 'tls, smtp', 'protocol-error', async () =>
      smtpCheck((await serveRaw(flood('220-x\r\n'.repeat(9_000)))).port),
    ),
    row('TLS records without end', 'tls', 'tls-failed', async () =>
      tlsCheck((await serveRaw(flood(Buffer.alloc(65_536, 22)))).port, { host: '127.0.0.1' }),
    ),
    row('datagrams that answer other questions', 'dns', 'protocol-error', async () =>
      dnsCheck(await serveScript({ udp: () => Array(200).fill(Buffer.alloc(512)) })),
    ),
    row('an answer over TCP without end', 'dns', 'answer-too-large', async () =>
      dnsCheck(
        await serveScript({
          udp: (question) => [cutOff(question)],
          tcp: (_question, socket) => saying(socket, flood('x'.repeat(65_536)), [255, 255]),
        }),
      ),
    ),
  ],
};

const ZEROS = Buffer.alloc(32 * MIB);
/** Packed once for all kinds. */
const packed = (coding: string, bomb: Buffer) => () => serveAnswer(200, bomb, { 'content-encoding': coding });

export const BOMBS: HostileClass = {
  name: 'gzip and brotli bombs',
  defence: 'Unpacking stops at 1 MiB; nobody offers to take packed WebSocket messages.',
  rows: [
    ...overHttp('32 MiB of zeros in gzip', 'body-too-large', packed('gzip', gzipSync(ZEROS))),
    ...overHttp('32 MiB of zeros in brotli', 'body-too-large', packed('br', brotliCompressSync(ZEROS))),
    ...overHttp('32 MiB of zeros in deflate', 'body-too-large', packed('deflate', deflateSync(ZEROS))),
    ...overHttp('32 MiB of zeros in zstd', 'body-too-large', packed('zstd', zstdCompressSync(ZEROS))),
    ...overHttp('gzip in gzip', 'body-too-large', packed('gzip, gzip', gzipSync(gzipSync(ZEROS)))),
    ...overHttp(
      'a packed message that nobody asked for',
      'protocol-error',
      () => serveFrames(Buffer.from([0xc1, 1, 0])),
      sockets,
    ),
  ],
};

export const HEADERS: HostileClass = {
  name: 'Headers of 64 KiB, and a thousand headers',
  defence: 'Heads are read up to 16 KiB and 256 headers, trailers too.',
  rows: [
    ...overHttp('a header of 64 KiB', 'headers-too-large', () => serveBytes(`${OK}x-a: ${'b'.repeat(65_536)}\r\n\r\n`), {
      kinds: ALL_HTTP_KINDS,
    }),
    ...overHttp(
      'a header whose name has 64 KiB',
      'headers-too-large',
      () => serveBytes(`${OK}${'b'.repeat(65_536)}: a\r\n\r\n`),
      { kinds: ALL_HTTP_KINDS },
    ),
    ...overHttp(
      'a thousand headers',
      'headers-too-large',
      () => serveBytes(`${OK}${'x-header-name: value\r\n'.repeat(1_000)}\r\n`),
      { kinds: ALL_HTTP_KINDS },
    ),
    ...overHttp('a thousand empty headers', 'headers-too-large', () =>
      serveBytes(`${OK}${'x: \r\n'.repeat(1_000)}content-length: 0\r\n\r\n`),
    ),
    ...overHttp('trailers of 700 KB', 'headers-too-large', () => serveBytes(`${CHUNKED}0\r\n${'x-a: b\r\n'.repeat(90_000)}\r\n`)),
  ],
};

export const INTERIM: HostileClass = {
  name: 'Endless 1xx',
  defence: 'After 16 interim answers there will be none.',
  rows: [
    ...overHttp(
      '103 Early Hints without end',
      'interim-answers',
      () => serveBytes('', flood('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(2_000))),
      { kinds: ALL_HTTP_KINDS },
    ),
    ...overHttp('102 Processing with headers, without end', 'interim-answers', () =>
      serveBytes('', flood('HTTP/1.1 102 Wait\r\nx-a: b\r\n\r\n'.repeat(2_000))),
    ),
    ...overHttp('one 103, then nothing', 'answer-timeout', () => serveBytes('HTTP/1.1 103 Early Hints\r\n\r\n'), {
      ...soon,
      kinds: ALL_HTTP_KINDS,
    }),
  ],
};
