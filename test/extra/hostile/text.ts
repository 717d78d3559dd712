import type { Check } from '../../../lib/core/cell.ts';
import { httpCheck, tcpCheck } from '../../probes/checks.ts';
import { head, serveScript, withLength } from '../../probes/dns-servers.ts';
import { serveFrames, textFrame } from '../../probes/hostile-servers.ts';
import { dnsCheck, jsonrpcCheck, tlsCheck, websocketCheck } from '../../probes/kinds.ts';
import { issue } from '../../probes/pki.ts';
import { serveAnswer, serveBytes, serveRaw, serveTls } from '../../probes/servers.ts';
import { ALL_HTTP_KINDS, HTTP_KINDS, overHttp, row } from './over-http.ts';
import type { HostileClass } from './row.ts';
import { cutOff } from './slow-and-large.ts';

const NOTHING = { contains: [], notContains: [] };
const OK = 'HTTP/1.1 200 OK\r\n';
/** A WebSocket check that expects JSON. */
const jsonFeed = (url: string) => websocketCheck(url.replace('http', 'ws'), { expect: { json: [{ path: 'a', exists: true }] } });
const bannerCheck = (port: number, banner: string) => tcpCheck('127.0.0.1', port, { expect: { banner, time: {} } });
const bytes = (text: string) => Buffer.from(text, 'latin1');

export const UTF8: HostileClass = {
  name: 'Invalid UTF-8',
  defence: 'JSON and messages must be UTF-8; in other texts what is not is replaced before it is shown.',
  rows: [
    ...overHttp('JSON with a byte that is none', 'utf8-invalid', () => serveAnswer(200, bytes('{"id":1,"result":"\xff"}'))),
    ...overHttp('JSON with an overlong slash', 'utf8-invalid', () => serveAnswer(200, bytes('{"id":1,"result":"\xc0\xaf"}'))),
    ...overHttp('an error page in another encoding', 'status', () => serveAnswer(500, bytes('D\xe9faillance'))),
    row('a message with half a character', 'websocket', 'utf8-invalid', async () =>
      jsonFeed((await serveFrames(textFrame(bytes('\xe2\x82')))).url),
    ),
    row('a surrogate in a message', 'websocket', 'utf8-invalid', async () =>
      jsonFeed((await serveFrames(textFrame(bytes('\xed\xa0\x80')))).url),
    ),
    row('a banner of bytes that are none', 'tcp', 'banner-mismatch', async () =>
      bannerCheck((await serveRaw((socket) => socket.end(bytes('\xff\xfe\xfd')))).port, '^SSH'),
    ),
  ],
};

const LISTS = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
const OBJECTS = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
const UNCLOSED = '['.repeat(1_000_000);
const EMPTY_LISTS = `[${'[],'.repeat(340_000)}0]`;
const EMPTY_OBJECTS = `[${'{},'.repeat(340_000)}0]`;

export const DEEP: HostileClass = {
  name: '10,000-level JSON',
  defence: 'Levels are counted, at most 256, before anything is parsed.',
  rows: [
    ...overHttp('10,000 lists', 'json-too-deep', () => serveAnswer(200, LISTS)),
    ...overHttp('10,000 objects', 'json-too-deep', () => serveAnswer(200, OBJECTS)),
    ...overHttp('a million lists that never close', 'json-too-deep', () => serveAnswer(200, UNCLOSED)),
    ...overHttp('340,000 empty lists side by side', 'json-mismatch', () => serveAnswer(200, EMPTY_LISTS), { kinds: ['http'] }),
    ...overHttp('340,000 empty objects side by side', 'json-mismatch', () => serveAnswer(200, EMPTY_OBJECTS), {
      kinds: ['http'],
    }),
    ...overHttp('340,000 empty lists side by side', 'protocol-error', () => serveAnswer(200, EMPTY_LISTS), {
      kinds: ['jsonrpc'],
    }),
    ...overHttp('340,000 empty lists side by side', 'chain-data', () => serveAnswer(200, EMPTY_LISTS), { kinds: ['eosio'] }),
    row('10,000 lists in a message', 'websocket', 'json-too-deep', async () =>
      jsonFeed((await serveFrames(textFrame(LISTS), (socket) => socket.end())).url),
    ),
    row('10,000 objects in a message', 'websocket', 'json-too-deep', async () =>
      jsonFeed((await serveFrames(textFrame(OBJECTS), (socket) => socket.end())).url),
    ),
  ],
};

/** Matchers that go back need longer than the universe for these. */
const NESTED = '^(a+)+b$';
const OVERLAPPING = '(?:a.*){25}q?x\\.$';
const ALMOST = `${'a'.repeat(500_000)}!`;

export const PATTERNS: HostileClass = {
  name: 'Catastrophic regular expressions',
  defence:
    'Patterns are RE2: their time is linear in the text, and look-ahead and back-references are refused in the configuration.',
  rows: [
    ...[NESTED, OVERLAPPING].flatMap((pattern) => [
      row(`half a megabyte for /${pattern}/`, 'http', 'body-mismatch', async () =>
        httpCheck((await serveAnswer(200, ALMOST)).url, { expect: { body: { ...NOTHING, matches: pattern } } }),
      ),
      row(`half a megabyte for /${pattern}/`, 'jsonrpc', 'json-mismatch', async () => {
        const { url } = await serveAnswer(200, JSON.stringify({ id: 1, result: { a: ALMOST } }));
        return jsonrpcCheck(url, { expect: { json: [{ path: 'a', matches: pattern }] } });
      }),
      row(`half a megabyte for /${pattern}/`, 'websocket', 'body-mismatch', async () => {
        const { url } = await serveFrames(textFrame(ALMOST), (socket) => socket.end());
        return websocketCheck(url.replace('http', 'ws'), { expect: { message: { ...NOTHING, matches: pattern } } });
      }),
      row(`1 KiB, a byte at a time, for /${pattern}/`, 'tcp', 'banner-mismatch', async () => {
        const { port } = await serveRaw((socket) => {
          const bytesLeft = [...ALMOST.slice(0, 1_100)].values();
          const next = () => socket.write(bytesLeft.next().value ?? '!', () => void (socket.destroyed || setImmediate(next)));
          next();
        });
        return bannerCheck(port, pattern);
      }),
    ]),
  ],
};

/** A certificate for this name, checked for `node.test`. */
async function certified(name: string): Promise<{ check: Check; ca: string[] }> {
  const authority = await issue('root', { authority: true });
  const leaf = await issue(name, { by: authority, names: [name] });
  const { port } = await serveTls(leaf);
  return { check: tlsCheck(port, { address: '127.0.0.1' }), ca: [authority.cert] };
}

export const NUL: HostileClass = {
  name: 'NUL in names',
  defence: 'A name with NUL is no name, and matches none that ends before it; in details it is shown escaped.',
  rows: [
    ...overHttp('NUL in a header’s name', 'protocol-error', () => serveBytes(`${OK}x\0y: 1\r\ncontent-length: 0\r\n\r\n`), {
      kinds: ALL_HTTP_KINDS,
    }),
    ...overHttp('a redirect to a host with NUL', 'protocol-error', () =>
      serveBytes('HTTP/1.1 307 x\r\nlocation: http://127.0.0.1%00.evil.test/\r\ncontent-length: 0\r\n\r\n'),
    ),
    row('a certificate for a name with NUL in it', 'tls', 'certificate-wrong-host', () => certified('node.test\0.evil.test')),
    row('an alias with NUL in its name', 'dns', 'dns-mismatch', async () => {
      const alias = (question: Buffer) =>
        Buffer.concat([
          head(question, { answers: 1 }),
          Buffer.from([0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 9]),
          bytes('\x05a\0b.c\x01d\0'),
        ]);
      return dnsCheck(await serveScript({ udp: (question) => [alias(question)] }), {
        record: 'CNAME',
        expect: { values: ['a'] },
      });
    }),
    row('NUL in a message', 'websocket', 'json-mismatch', async () =>
      jsonFeed((await serveFrames(textFrame('{"a\\u0000":1}'), (socket) => socket.end())).url),
    ),
    ...HTTP_KINDS.slice(0, 1).map((kind) =>
      row('NUL in the name of a field', kind, 'json-mismatch', async () =>
        httpCheck((await serveAnswer(200, '{"a\\u0000b":1}')).url, { expect: { json: [{ path: 'a', exists: true }] } }),
      ),
    ),
  ],
};

/** So many records of type A, whose names point to the question's. */
const records = (question: Buffer, count: number) =>
  Buffer.concat([
    head(question, { answers: count }),
    ...Array<Buffer>(count).fill(Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 9])),
  ]);

export const HUGE_DNS: HostileClass = {
  name: 'Huge DNS answers',
  defence: 'Answers are read up to 8 KiB, and of a name’s addresses at most four are tried.',
  rows: [
    row('4,000 records over TCP', 'dns', 'answer-too-large', async () =>
      dnsCheck(
        await serveScript({ udp: (question) => [cutOff(question)], tcp: (question) => withLength(records(question, 4_000)) }),
      ),
    ),
    row('a datagram of 60 KB', 'dns', 'answer-too-large', async () =>
      dnsCheck(await serveScript({ udp: (question) => [records(question, 3_700)] })),
    ),
    row('500 records in 8 KiB', 'dns', 'dns-mismatch', async () =>
      dnsCheck(await serveScript({ udp: (question) => [records(question, 500)] }), { expect: { values: ['192.0.2.1'] } }),
    ),
    row('4,000 addresses for a name, none of them public', 'http', 'address-refused', async () => ({
      check: httpCheck('http://node.test/'),
      nameServer: await serveScript({
        udp: (question) => [cutOff(question)],
        tcp: (question) => withLength(records(question, 4_000)),
      }),
    })),
  ],
};
