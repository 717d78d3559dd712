import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { httpCheck, tcpCheck } from '../../probes/checks.ts';
import { head, serveScript, withLength } from '../../probes/dns-servers.ts';
import { FRAMES, serveFrames } from '../../probes/hostile-servers.ts';
import { dnsCheck, jsonrpcCheck, tlsCheck } from '../../probes/kinds.ts';
import { serveAnswer, serveBytes, serveHttp, serveRaw } from '../../probes/servers.ts';
import { ALL_HTTP_KINDS, overHttp, row } from './over-http.ts';
import { type HostileClass, SOON_MS } from './row.ts';
import { cutOff, saying } from './slow-and-large.ts';

const OK = 'HTTP/1.1 200 OK\r\n';
const soon = { timeoutMs: SOON_MS };
const sockets = { kinds: ['websocket'] };
const end = (socket: Socket) => socket.end();
const bannerCheck = (port: number) => tcpCheck('127.0.0.1', port, { expect: { banner: '^SSH-2.0', time: {} } });
const overTcp = (answer: (question: Buffer, socket: Socket) => Buffer) =>
  serveScript({ udp: (question) => [cutOff(question)], tcp: answer });
const smtpCheck = (port: number) => tlsCheck(port, { host: '127.0.0.1', starttls: 'smtp' });

/** Says the greeting, and each of these to one message; then does what it is told. */
const serveSmtp = (answers: string[], then: (socket: Socket) => void) =>
  serveRaw((socket) => {
    const left = [...answers];
    const next = () => (left.length > 0 ? socket.write(left.shift() ?? '') : then(socket));
    socket.on('data', next);
    next();
  });
const WELCOME = ['220 hello\r\n', '250-x\r\n250 STARTTLS\r\n', '220 go\r\n'];

export const LOOPS: HostileClass = {
  name: 'Redirect loops',
  defence: 'At most `redirects` are followed, 5 unless told otherwise; a WebSocket’s never.',
  rows: [
    ...overHttp('a redirect to itself', 'redirect-limit', () => serveAnswer(307, '', { location: '/' })),
    ...overHttp('two pages that lead to each other', 'redirect-limit', () =>
      serveHttp(({ url }, response) => response.writeHead(308, { location: url === '/a' ? '/b' : '/a' }).end()),
    ),
    ...overHttp('a path that grows with each redirect', 'redirect-limit', () =>
      serveHttp(({ url }, response) => response.writeHead(308, { location: `/more${url}` }).end()),
    ),
    ...overHttp('a redirect to itself', 'status', () => serveAnswer(307, '', { location: '/' }), sockets),
  ],
};

export const CLOSED: HostileClass = {
  name: 'Early close at each phase',
  defence: 'A connection that ends is an answer: nothing waits for the timeout.',
  rows: [
    ...overHttp('closes at once', 'closed-early', () => serveRaw(end), { kinds: ALL_HTTP_KINDS }),
    ...overHttp('closes after the request', 'closed-early', () => serveBytes('', end), { kinds: ALL_HTTP_KINDS }),
    ...overHttp('resets after the request', 'closed-early', () => serveBytes('', (socket) => socket.resetAndDestroy()), {
      kinds: ALL_HTTP_KINDS,
    }),
    ...overHttp('closes inside the status line', 'closed-early', () => serveBytes('HTTP/1.1 20', end)),
    ...overHttp('closes inside the headers', 'closed-early', () => serveBytes(`${OK}content-le`, end)),
    ...overHttp('closes inside the body', 'closed-early', () => serveBytes(`${OK}content-length: 10\r\n\r\nxxx`, end)),
    ...overHttp('closes inside a chunk', 'closed-early', () => serveBytes(`${OK}transfer-encoding: chunked\r\n\r\n5\r\nxx`, end)),
    ...overHttp('closes behind the handshake', 'message-missing', () => serveFrames(FRAMES.nothing, end), sockets),
    ...overHttp('closes inside a frame', 'message-missing', () => serveFrames(Buffer.from([0x81, 126, 1]), end), sockets),
    row('closes before the banner', 'tcp', 'banner-missing', async () => bannerCheck((await serveRaw(end)).port)),
    row('closes inside the banner', 'tcp', 'banner-mismatch', async () =>
      bannerCheck((await serveRaw((socket) => socket.end('SSH-'))).port),
    ),
    row('closes inside the TLS handshake', 'tls', 'tls-closed', async () =>
      tlsCheck((await serveBytes(Buffer.from([22, 3, 3, 0, 100, 2]), end)).port, { host: '127.0.0.1' }),
    ),
    row('closes before its greeting', 'tls, smtp', 'closed-early', async () => smtpCheck((await serveRaw(end)).port)),
    row('closes after EHLO', 'tls, smtp', 'closed-early', async () =>
      smtpCheck((await serveSmtp(WELCOME.slice(0, 1), end)).port),
    ),
    row('closes when TLS was agreed on', 'tls, smtp', 'tls-closed', async () => smtpCheck((await serveSmtp(WELCOME, end)).port)),
    row('closes before the answer over TCP', 'dns', 'closed-early', async () =>
      dnsCheck(await overTcp((_question, socket) => saying(socket, end))),
    ),
    row('closes inside the answer over TCP', 'dns', 'closed-early', async () =>
      dnsCheck(await overTcp((_question, socket) => saying(socket, (each) => setImmediate(end, each), [2, 0, 1]))),
    ),
  ],
};

const SERVER_HELLO_HALF = Buffer.from([22, 3, 3, 0, 122, 2, 0, 0, 118, 3, 3]);
const stalls = { ...soon, job: {} };
const tlsUrl = async (serving: Promise<{ url: string }>) => ({ url: (await serving).url.replace('http', 'https') });

export const STALLS: HostileClass = {
  name: 'TLS stalls',
  defence: 'The handshake is part of the look’s one timeout, also behind STARTTLS.',
  rows: [
    ...overHttp('silence after ClientHello', 'tls-timeout', () => tlsUrl(serveRaw(() => undefined)), {
      ...stalls,
      kinds: ALL_HTTP_KINDS,
    }),
    ...overHttp('half of ServerHello', 'tls-timeout', () => tlsUrl(serveBytes(SERVER_HELLO_HALF)), stalls),
    ...overHttp(
      'a byte of ServerHello every 10 ms',
      'tls-timeout',
      () =>
        tlsUrl(
          serveBytes(SERVER_HELLO_HALF, (socket) => {
            const timer = setInterval(() => socket.write(Buffer.from([0])), 10);
            socket.on('close', () => clearInterval(timer));
          }),
        ),
      stalls,
    ),
    row(
      'silence after ClientHello',
      'tls',
      'tls-timeout',
      async () => tlsCheck((await serveRaw(() => undefined)).port, { host: '127.0.0.1' }),
      soon,
    ),
    row(
      'silence when TLS was agreed on',
      'tls, smtp',
      'tls-timeout',
      async () => smtpCheck((await serveSmtp(WELCOME, () => undefined)).port),
      soon,
    ),
    row(
      'silence after SSLRequest',
      'tls, postgres',
      'answer-timeout',
      async () => tlsCheck((await serveRaw(() => undefined)).port, { host: '127.0.0.1', starttls: 'postgres' }),
      soon,
    ),
  ],
};

export const LENGTHS: HostileClass = {
  name: 'Wrong-length bodies',
  defence: 'Lengths that contradict each other are refused; what is behind the length is not read.',
  rows: [
    ...overHttp('two lengths', 'body-length', () => serveBytes(`${OK}content-length: 1\r\ncontent-length: 2\r\n\r\nxx`)),
    ...overHttp('a length and chunks', 'body-length', () =>
      serveBytes(`${OK}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`),
    ),
    ...overHttp('a negative length', 'body-length', () => serveBytes(`${OK}content-length: -1\r\n\r\nx`)),
    ...overHttp('a length of 10^20', 'body-length', () => serveBytes(`${OK}content-length: 1${'0'.repeat(20)}\r\n\r\nx`)),
    ...overHttp('a chunk of 2^72 bytes', 'body-length', () =>
      serveBytes(`${OK}transfer-encoding: chunked\r\n\r\n${'f'.repeat(18)}\r\nx`),
    ),
    ...overHttp('less than was announced', 'body-timeout', () => serveBytes(`${OK}content-length: 10\r\n\r\nxxx`), soon),
    ...overHttp('more than was announced', 'json-invalid', () => serveBytes(`${OK}content-length: 1\r\n\r\n{}`)),
    ...overHttp(
      'a frame of 2^40 bytes',
      'body-too-large',
      () => serveFrames(Buffer.from([0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0])),
      sockets,
    ),
    row(
      'less over TCP than was announced',
      'dns',
      'answer-timeout',
      async () => dnsCheck(await overTcp((question) => withLength(head(question)).subarray(0, 20))),
      soon,
    ),
    row('records announced that are not there', 'dns', 'dns-invalid', async () =>
      dnsCheck(await serveScript({ udp: (question) => [head(question, { answers: 9 })] })),
    ),
  ],
};

const TWICE = `${OK}content-length: 13\r\n\r\n{"answer":42}HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n`;
const rpc = (id: number) => `{"id":${id},"result":1}`;
const lengthy = (body: string, status = '200 OK') => `HTTP/1.1 ${status}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

export const SMUGGLED: HostileClass = {
  name: 'Smuggled second responses',
  defence: 'One request a connection: the first answer counts, and what comes behind it is nobody’s (RFC 9112 9.2).',
  rows: [
    row(
      'a failure behind the answer',
      'http',
      'ok',
      async () => httpCheck((await serveBytes(TWICE)).url, { expect: { json: [{ path: 'answer', equals: 42 }] } }),
      { vote: 'up' },
    ),
    row('a success behind the failure', 'http', 'status', async () =>
      httpCheck((await serveBytes(lengthy('bad', '500 No') + lengthy('fine'))).url),
    ),
    row('the right answer behind another call’s', 'jsonrpc', 'protocol-error', async () =>
      jsonrpcCheck((await serveBytes(lengthy(rpc(2)) + lengthy(rpc(1)))).url),
    ),
    row('a second answer inside the first one’s length', 'jsonrpc', 'json-invalid', async () =>
      jsonrpcCheck((await serveBytes(lengthy(rpc(1) + lengthy(rpc(1))))).url),
    ),
    row('plain text behind the consent to TLS', 'tls, smtp', 'protocol-error', async () =>
      smtpCheck((await serveSmtp([...WELCOME.slice(0, 2), '220 go\r\n250 evil\r\n'], () => undefined)).port),
    ),
    row('an answer to another question first', 'dns', 'dns-error', async () =>
      dnsCheck(
        await serveScript({
          udp: (question) => [
            head(question, { id: 1 + (head(question).readUInt16BE(0) % 65_535) }),
            head(question, { flags: 0x8182 }),
          ],
        }),
      ),
    ),
  ],
};

/** A message that is packed over and over. */
const packedTwelveTimes = Array(12)
  .fill(0)
  .reduce<Buffer>((body) => gzipSync(body), Buffer.from('{}'));

export const LAYERS: HostileClass = {
  name: 'Compression loops',
  defence: 'At most two layers of packing; names in DNS may not point at themselves or ahead.',
  rows: [
    ...overHttp('a body packed twelve times', 'body-encoding', () =>
      serveAnswer(200, packedTwelveTimes, { 'content-encoding': Array(12).fill('gzip').join() }),
    ),
    ...overHttp('a body that is not packed as it says', 'body-encoding', () =>
      serveAnswer(200, '{}', { 'content-encoding': 'gzip' }),
    ),
    ...['a name that points to itself', 'a name that points ahead, and back'].map((does, at) =>
      row(does, 'dns', 'dns-invalid', async () => dnsCheck(await serveScript({ udp: (question) => [looping(question, at)] }))),
    ),
    row(
      'a name that points to itself, asked by the resolver',
      'http',
      'dns-failed',
      async () => ({
        check: httpCheck('http://node.test/'),
        nameServer: await serveScript({ udp: (question) => [looping(question, 0)] }),
      }),
      { timeoutMs: 3_000 },
    ),
  ],
};

/** An answer with one record, whose name is a pointer (RFC 1035 4.1.4) to itself, or to one behind it that leads back. */
function looping(question: Buffer, ahead: number): Buffer {
  const at = question.length;
  const pointer = (to: number) => [0xc0 | (to >> 8), to & 0xff];
  const name = ahead === 0 ? pointer(at) : [...pointer(at + 2), ...pointer(at)];
  return Buffer.concat([head(question, { answers: 1 }), Buffer.from([...name, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1])]);
}
