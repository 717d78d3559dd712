import type { IncomingMessage, Server } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import type { WebsocketSpec } from '../../lib/core/cell.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { look, lookTimed } from './checks.ts';
import { drip, FRAMES, flood, serveFrames } from './hostile-servers.ts';
import { websocketCheck } from './kinds.ts';
import { issue } from './pki.ts';
import { leavingNothing, serveAnswer, serveBytes, serveRaw } from './servers.ts';

const UP = { vote: 'up', reason: 'ok' };
const down = (reason: string, detail: string) => ({ vote: 'down', reason, detail });
type Expect = Partial<WebsocketSpec['expect']>;

/** A WebSocket server of the ws package; its URL. */
async function serve(
  onOpen: (client: WebSocket, request: IncomingMessage) => void,
  server: Server = http.createServer(),
): Promise<string> {
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (client, request) => {
    client.on('error', () => undefined);
    onOpen(client, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const client of sockets.clients) client.terminate();
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/feed`;
}

/** Says these, one after the other, to whoever comes. */
const say = (...messages: string[]) =>
  serve((client) => {
    for (const message of messages) client.send(message);
  });
const seen = (url: string, expectation: Expect = {}, parts: Partial<WebsocketSpec> = {}, timeoutMs = 2_000) =>
  leavingNothing(() => look(websocketCheck(url, { ...parts, expect: expectation }, { timeoutMs })));
const message = (parts: object) => ({ message: { contains: [], notContains: [], ...parts } });

describe('a handshake', () => {
  test('is up without expectations, with a time for each phase', async () => {
    const { timings, ...verdict } = await leavingNothing(async () => lookTimed(websocketCheck(await say())));
    expect(verdict).toEqual(UP);
    expect(Object.keys(timings).sort()).toEqual(['connectMs', 'firstByteMs', 'totalMs']);
  });

  test('carries the headers, the path and our name', async () => {
    const url = await serve((client, { url: path, headers }) =>
      client.send(`${path} ${headers['x-note']} ${headers['user-agent']}`),
    );
    const contains = [`/feed hello Quorumwatch/${packageJson.version}`];
    expect(await seen(url, message({ contains }), { headers: { 'x-note': 'hello' } })).toEqual(UP);
  });

  test('over TLS is judged by its certificate', async () => {
    const own = await issue('127.0.0.1', { names: ['node.test'], to: 20 });
    const url = (await serve((client) => client.send('x'), https.createServer(own) as unknown as Server)).replace(
      'ws://127.0.0.1',
      'wss://node.test',
    );
    const secure = (expectation: Expect, tls = { ca: own.cert }) =>
      leavingNothing(() =>
        look(websocketCheck(url, { allowPrivate: true, tls, expect: expectation }), { resolve: async () => ['127.0.0.1'] }),
      );
    expect(await secure({})).toEqual(UP);
    expect(await secure({ certificate: { degradedMs: 30 * 86_400_000 } })).toMatchObject({
      vote: 'degraded',
      reason: 'certificate-expires',
    });
    expect(await secure({}, { ca: (await issue('other')).cert })).toMatchObject({ reason: 'certificate-self-signed' });
  });

  test.each([
    [200, 'OK'],
    [401, 'Unauthorized'],
    [503, 'Service Unavailable'],
    [301, 'Moved'],
  ])('that is answered with %i is status', async (status) => {
    const { url } = await serveAnswer(status, 'no', { location: 'http://127.0.0.1:1/' });
    expect(await seen(url.replace('http', 'ws'))).toEqual(down('status', `HTTP ${status}, expected 101`));
  });

  test('slower than the thresholds is degraded or down', async () => {
    expect(await seen(await say(), { time: { degradedMs: 0.01, downMs: 9_000 } })).toMatchObject({
      vote: 'degraded',
      reason: 'slow',
    });
    expect(await seen(await say(), { time: { downMs: 0.01 } })).toMatchObject({ vote: 'down', reason: 'slow' });
  });
});

describe('messages', () => {
  test('may be kept back until a ping is answered', async () => {
    const url = await serve((client) => {
      client.on('pong', () => client.send('ready'));
      client.ping();
    });
    expect(await seen(url, message({ contains: ['ready'] }))).toEqual(UP);
  });

  test('are sent in order once the handshake is done', async () => {
    const url = await serve((client) => {
      const heard: string[] = [];
      client.on('message', (data) => {
        heard.push(String(data));
        client.send(heard.join());
      });
    });
    expect(await seen(url, message({ contains: ['a,b'] }), { send: ['a', 'b'] })).toEqual(UP);
  });

  test('one of them must say what is expected', async () => {
    const url = await say('welcome', '{"block":7}', 'bye');
    expect(
      await seen(url, { ...message({ contains: ['block'], matches: '^\\{' }), json: [{ path: 'block', greaterThan: 6 }] }),
    ).toEqual(UP);
  });

  test.each<[string, Expect, string, string]>([
    ['lacks it', message({ contains: ['x'] }), 'body-mismatch', 'message lacks "x": "two", in 2 messages, then closed'],
    [
      'does not match',
      message({ matches: '^x' }),
      'body-mismatch',
      'message does not match /^x/: "two", in 2 messages, then closed',
    ],
    [
      'says what it must not',
      message({ notContains: ['o'] }),
      'body-forbidden',
      'message contains "o", in 2 messages, then closed',
    ],
    [
      'is not JSON',
      { json: [{ path: 'a', exists: true }] },
      'json-invalid',
      'message is not JSON: "two", in 2 messages, then closed',
    ],
  ])('each of which %s: down', async (_case, expectation, reason, detail) => {
    const url = await serve((client) => {
      client.send('one');
      client.send('two');
      client.close();
    });
    expect(await seen(url, expectation)).toEqual(down(reason, detail));
  });

  test('that never come are message-missing', async () => {
    const any = message({ matches: '.' });
    expect(await seen(await say(), any, {}, 150)).toEqual(
      down('message-missing', 'nothing more within the timeout before a message'),
    );
    expect(await seen(await serve((client) => client.close()), any)).toEqual(down('message-missing', 'closed before a message'));
  });
});

describe('a number that must grow', () => {
  const heads = (...values: unknown[]) => say(...values.map((head) => JSON.stringify({ params: { head } })));
  const grows = { grows: 'params.head' };

  test.each([
    ['numbers', [7, 8]],
    ['hex', ['0xff', '0x100']],
    ['decimal text, with other messages between', ['9', null, 'x', '10']],
    ['after a fall', [7, 5, 6]],
  ])('does: %s', async (_case, values) => {
    expect(await seen(await heads(...values), grows)).toEqual(UP);
  });

  test.each([
    ['it stays', [7, 7, 7], 'params.head did not grow beyond 7 in 3 messages'],
    ['it falls', [7, 6], 'params.head did not grow beyond 6 in 2 messages'],
    ['it comes once', [7], 'params.head did not grow beyond 7 in 1 message'],
    ['it is no number', ['x', true], 'params.head is no number in 2 messages'],
  ])('does not: %s', async (_case, values, what) => {
    const url = await serve((client) => {
      for (const head of values) client.send(JSON.stringify({ params: { head } }));
      client.close();
    });
    expect(await seen(url, grows)).toEqual(down('not-growing', `${what}, then closed`));
  });
});

const { nothing: NOTHING, ping: PING, pong: PONG, text: TEXT, part: PART, more: MORE } = FRAMES;

describe('hostile servers', () => {
  const lookAt = async (server: { url: string }, timeoutMs = 2_000) => {
    const startedAt = performance.now();
    const before = process.memoryUsage();
    const result = await seen(server.url.replace('http', 'ws'), message({ contains: ['never'] }), {}, timeoutMs);
    expect(performance.now() - startedAt).toBeLessThan(timeoutMs + 500);
    expect(process.memoryUsage().rss - before.rss).toBeLessThan(64 * 1_048_576);
    return result;
  };

  test.each<[string, () => Promise<{ url: string }>, string]>([
    ['silence', () => serveRaw(() => undefined), 'answer-timeout'],
    ['a drip of headers', () => serveBytes('HTTP/1.1 101 Switching\r\n', drip(Buffer.from('x-a: b\r\n'))), 'answer-timeout'],
    ['a drip of messages', () => serveFrames(TEXT, drip(TEXT)), 'body-mismatch'],
    ['a drip of pings', () => serveFrames(NOTHING, drip(PING)), 'message-missing'],
    ['a message in pieces without end', () => serveFrames(PART, drip(MORE)), 'message-missing'],
    ['half a frame', () => serveFrames(Buffer.from([0x81, 126, 1])), 'message-missing'],
  ])('%s ends at the timeout', async (_case, server, reason) => {
    expect(await lookAt(await server(), 150)).toMatchObject({ vote: 'down', reason });
  });

  const many = (frame: Buffer) => Buffer.concat(Array.from({ length: 2_000 }, () => frame));
  const LARGE = Buffer.concat([Buffer.from([0x81, 126, 0xff, 0xff]), Buffer.alloc(0xffff, 'x')]);
  test.each<[string, Buffer, Buffer, string, string]>([
    ['messages', NOTHING, many(TEXT), 'body-too-large', 'more than 1000 messages'],
    ['large messages', NOTHING, LARGE, 'body-too-large', 'messages of more than 1 MiB'],
    ['pieces of one message', Buffer.from([0x01, 0]), many(MORE), 'body-too-large', 'a message in too many pieces'],
    ['pings', NOTHING, many(PING), 'protocol-error', 'more than 100 pings and pongs'],
    ['pongs', NOTHING, many(PONG), 'protocol-error', 'more than 100 pings and pongs'],
  ])('a flood of %s ends at once', async (_case, first, chunk, reason, detail) => {
    expect(await lookAt(await serveFrames(first, flood(chunk)))).toEqual(down(reason, detail));
  });

  test('a frame that announces more than 1 MiB is body-too-large before it is there', async () => {
    const announced = Buffer.from([0x81, 127, 0, 0, 0, 0, 0, 0x20, 0, 0]);
    expect(await lookAt(await serveFrames(announced))).toEqual(down('body-too-large', 'a message of more than 1 MiB'));
  });

  test('a message that is not UTF-8 is utf8-invalid', async () => {
    const frame = Buffer.from([0x81, 2, 0xff, 0xfe]);
    expect(await lookAt(await serveFrames(frame))).toEqual(down('utf8-invalid', 'a message that is not UTF-8'));
  });

  test.each<[string, Buffer]>([
    ['a masked frame', Buffer.from([0x81, 0x81, 1, 2, 3, 4, 5])],
    ['reserved bits', Buffer.from([0xf1, 0])],
    ['compression that nobody offered', Buffer.from([0xc1, 1, 0])],
    ['an opcode that does not exist', Buffer.from([0x83, 0])],
    ['a continuation of nothing', MORE],
    ['a ping in pieces', Buffer.from([0x09, 0])],
    ['a length of 2^63', Buffer.from([0x81, 127, 255, 255, 255, 255, 255, 255, 255, 255])],
  ])('%s is an error of the protocol or too large', async (_case, frames) => {
    const result = await lookAt(await serveFrames(frames));
    expect(result).toMatchObject({ vote: 'down', reason: expect.stringMatching(/^(protocol-error|body-too-large)$/) });
  });

  test.each<[string, string, string]>([
    [
      'a wrong key',
      'HTTP/1.1 101 x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: x\r\n\r\n',
      'protocol-error',
    ],
    ['another protocol', 'HTTP/1.1 101 x\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n', 'protocol-error'],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', 'protocol-error'],
    ['headers of 64 KiB', `HTTP/1.1 101 x\r\nx-a: ${'b'.repeat(65_536)}\r\n\r\n`, 'headers-too-large'],
    ['interim answers without end', 'HTTP/1.1 103 x\r\n\r\n'.repeat(5_000), 'interim-answers'],
  ])('a handshake with %s', async (_case, bytes, reason) => {
    expect(await lookAt(await serveBytes(bytes), 300)).toMatchObject({ vote: 'down', reason });
  });

  test('a close in the handshake is closed-early', async () => {
    const result = await lookAt(await serveRaw((socket) => socket.once('data', () => socket.destroy())));
    expect(result).toEqual(down('closed-early', 'connection closed before the handshake'));
  });
});
