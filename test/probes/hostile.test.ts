import type { Socket } from 'node:net';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Check } from '../../lib/core/cell.ts';
import { httpCheck, look } from './checks.ts';
import { leavingNothing, serveAnswer, serveBytes, serveRaw } from './servers.ts';

/** Long enough never to be reached where the answer itself ends the look. */
const TIMEOUT_MS = 2_000;
const OK = 'HTTP/1.1 200 OK\r\n';

/** One look that must end within its timeout, leaving nothing open. */
async function lookAt(server: { url: string }, parts: Partial<Check> = {}) {
  const startedAt = performance.now();
  const check = { ...httpCheck(server.url, {}, { timeoutMs: TIMEOUT_MS }), ...parts };
  const result = await leavingNothing(() => look(check));
  expect(performance.now() - startedAt).toBeLessThan(check.timeoutMs + 1_000);
  return result;
}

/** Keeps writing what `next` gives until the other side is gone. */
const drip = (socket: Socket, everyMs: number, next: () => string) => {
  const timer = setInterval(() => socket.write(next()), everyMs);
  socket.on('close', () => clearInterval(timer));
};

describe('answers that never end', () => {
  test.each([
    ['silence', () => serveRaw(() => undefined)],
    ['a drip of headers', () => serveBytes(OK, (socket) => drip(socket, 10, () => 'x-a: b\r\n'))],
    ['a header line without end', () => serveBytes(`${OK}x-a: `, (socket) => drip(socket, 10, () => 'b'))],
    ['one interim answer and then nothing', () => serveBytes('HTTP/1.1 103 Early Hints\r\n\r\n')],
  ])('%s is answer-timeout', async (_case, serve) => {
    const detail = 'no answer within the timeout';
    expect(await lookAt(await serve(), { timeoutMs: 150 })).toEqual({ vote: 'down', reason: 'answer-timeout', detail });
  });

  test.each([
    ['a drip of body', () => serveBytes(`${OK}content-length: 9999\r\n\r\n`, (socket) => drip(socket, 10, () => 'x'))],
    [
      'a drip of chunks',
      () => serveBytes(`${OK}transfer-encoding: chunked\r\n\r\n`, (socket) => drip(socket, 10, () => '1\r\nx\r\n')),
    ],
    ['a body without its end', () => serveBytes(`${OK}content-length: 10\r\n\r\nxxx`)],
  ])('%s is body-timeout', async (_case, serve) => {
    const detail = 'HTTP 200, and its body was not complete within the timeout';
    expect(await lookAt(await serve(), { timeoutMs: 150 })).toEqual({ vote: 'down', reason: 'body-timeout', detail });
  });

  test('interim answers without end are interim-answers', async () => {
    const server = await serveBytes('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(5_000));
    const detail = 'more than 16 interim answers (HTTP 1xx)';
    expect(await lookAt(server)).toEqual({ vote: 'down', reason: 'interim-answers', detail });
  });
});

describe('answers that are too large', () => {
  const MIB = 1_048_576;

  test('an endless body is body-too-large', async () => {
    const chunk = 'x'.repeat(65_536);
    const server = await serveBytes(`${OK}\r\n`, (socket) => {
      const more = () => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on('drain', more);
      more();
    });
    const detail = 'HTTP 200 with a body of more than 1 MiB';
    expect(await lookAt(server)).toEqual({ vote: 'down', reason: 'body-too-large', detail });
  });

  test('exactly 1 MiB is read, a byte more is not', async () => {
    expect(await lookAt(await serveAnswer(200, 'x'.repeat(MIB)))).toEqual({ vote: 'up', reason: 'ok' });
    const larger = await serveAnswer(200, 'x'.repeat(MIB + 1));
    expect(await lookAt(larger)).toMatchObject({ reason: 'body-too-large' });
  });

  const zeros = Buffer.alloc(32 * MIB);
  test.each([
    ['gzip', () => gzipSync(zeros)],
    ['br', () => brotliCompressSync(zeros)],
    ['zstd', () => zstdCompressSync(zeros)],
    ['gzip, gzip', () => gzipSync(gzipSync(zeros))],
  ])('a bomb in %s is body-too-large, and little of it is unpacked', async (coding, bomb) => {
    const server = await serveAnswer(200, bomb(), { 'content-encoding': coding });
    const before = process.memoryUsage();
    expect(await lookAt(server)).toMatchObject({ vote: 'down', reason: 'body-too-large' });
    const after = process.memoryUsage();
    expect(after.external - before.external).toBeLessThan(16 * MIB);
  });

  test('a body packed again and again is body-encoding', async () => {
    const server = await serveAnswer(200, gzipSync('x'), { 'content-encoding': 'gzip, gzip, gzip' });
    expect(await lookAt(server)).toMatchObject({ reason: 'body-encoding', detail: 'body is compressed 3 times' });
  });

  test.each([
    ['one of 64 KiB', `x-a: ${'b'.repeat(65_536)}\r\n`],
    ['a thousand', 'x-header-name: some value\r\n'.repeat(1_000)],
  ])('headers: %s is headers-too-large', async (_case, headers) => {
    const server = await serveBytes(`${OK}${headers}content-length: 0\r\n\r\n`);
    expect(await lookAt(server)).toEqual({ vote: 'down', reason: 'headers-too-large', detail: 'headers of more than 16 KiB' });
  });

  test('headers: a thousand empty ones are small, and too many', async () => {
    const server = await serveBytes(`${OK}${'x: \r\n'.repeat(1_000)}\r\n`);
    const detail = '1000 headers, more than 256';
    expect(await lookAt(server)).toEqual({ vote: 'down', reason: 'headers-too-large', detail });
  });
});

describe('connections that close early', () => {
  const end = (socket: Socket) => socket.end();
  const reset = (socket: Socket) => socket.resetAndDestroy();
  test.each([
    ['at once', () => serveRaw(end), 'before the answer'],
    ['after the request', () => serveBytes('', end), 'before the answer'],
    ['after the request, by reset', () => serveBytes('', reset), 'before the answer'],
    ['inside the status line', () => serveBytes('HTTP/1.1 20', end), 'before the answer'],
    ['inside the headers', () => serveBytes(`${OK}content-le`, end), 'before the answer'],
    [
      'inside a body of a known length',
      () => serveBytes(`${OK}content-length: 10\r\n\r\nxxx`, end),
      'in the middle of the body of HTTP 200',
    ],
    [
      'inside a chunked body',
      () => serveBytes(`${OK}transfer-encoding: chunked\r\n\r\n5\r\nxx`, end),
      'in the middle of the body of HTTP 200',
    ],
    [
      'before the last chunk',
      () => serveBytes(`${OK}transfer-encoding: chunked\r\n\r\n2\r\nxx\r\n`, end),
      'in the middle of the body of HTTP 200',
    ],
  ])('%s: closed-early', async (_case, serve, where) => {
    expect(await lookAt(await serve())).toEqual({ vote: 'down', reason: 'closed-early', detail: `connection closed ${where}` });
  });

  test('a reset at once is seen while connecting or right after', async () => {
    const result = await lookAt(await serveRaw(reset));
    expect(result).toMatchObject({ vote: 'down', reason: expect.stringMatching(/^(connect-failed|closed-early)$/) });
  });

  test('a body that ends with the connection is complete (RFC 9112 6.3)', async () => {
    expect(await lookAt(await serveBytes(`${OK}\r\nwhole`, end))).toEqual({ vote: 'up', reason: 'ok' });
  });
});

describe('answers that are not HTTP', () => {
  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['garbage', Buffer.from([0, 255, 13, 10, 7, 13, 10])],
    ['a status that is none', 'HTTP/1.1 abc OK\r\n\r\n'],
    ['NUL in a header name', `${OK}x\0y: 1\r\n\r\n`],
    ['an upgrade that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n'],
    ['100 Continue that nobody asked for', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ])('%s is protocol-error', async (_case, bytes) => {
    expect(await lookAt(await serveBytes(bytes))).toMatchObject({ vote: 'down', reason: 'protocol-error' });
  });

  const SENSELESS = 'what the answer says of its length makes no sense';
  test.each([
    ['a length that is none', `${OK}content-length: -1\r\n\r\n`, 'Invalid character in Content-Length'],
    ['two lengths', `${OK}content-length: 1\r\ncontent-length: 2\r\n\r\nx`, 'the lengths contradict each other'],
    [
      'length and chunks',
      `${OK}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      'the lengths contradict each other',
    ],
    ['a chunk that is none', `${OK}transfer-encoding: chunked\r\n\r\nzz\r\nxx\r\n`, 'Invalid character in chunk size'],
    ['a chunk of 2^72 bytes', `${OK}transfer-encoding: chunked\r\n\r\n${'f'.repeat(18)}\r\nxx\r\n`, 'Chunk size overflow'],
    ['204 with a body', 'HTTP/1.1 204 No\r\ncontent-length: 3\r\n\r\nxxx', 'the lengths contradict each other'],
  ])('%s is body-length', async (_case, bytes, why) => {
    const detail = `${SENSELESS} (${why})`;
    expect(await lookAt(await serveBytes(bytes))).toEqual({ vote: 'down', reason: 'body-length', detail });
  });

  test('a second answer behind the first is not read', async () => {
    const answer = `${OK}content-length: 2\r\n\r\nok`;
    expect(await lookAt(await serveBytes(`${answer}HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n`))).toEqual({
      vote: 'up',
      reason: 'ok',
    });
  });

  test('invalid UTF-8 is replaced', async () => {
    const server = await serveAnswer(500, Buffer.from([0x61, 0xff, 0xfe, 0x62]));
    expect(await lookAt(server)).toMatchObject({ reason: 'status', detail: 'HTTP 500, expected 2xx: "a��b"' });
  });
});

test('a pattern that other matchers need seconds or for ever for is linear', async () => {
  const server = await serveAnswer(200, 'ab x0'.repeat(200_000));
  const body = { contains: [], notContains: [], matches: '^(\\w+\\s?)+$|(?:a.*){30}q?x\\.' };
  const { probe } = httpCheck(server.url, { expect: { body } });
  expect(await lookAt(server, { probe, timeoutMs: 1_000 })).toMatchObject({ vote: 'up' });
});
