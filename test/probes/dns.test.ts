import dns from 'node:dns';
import type { Answer } from 'dns-packet';
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest';
import type { DnsRecordType, DnsSpec } from '../../lib/core/cell.ts';
import { look, lookTimed } from './checks.ts';
import { head, type Script, serveDns, serveScript, withLength } from './dns-servers.ts';
import { dnsCheck } from './kinds.ts';
import { leavingNothing } from './servers.ts';

let getServers: MockInstance<typeof dns.getServers>;
beforeEach(() => {
  getServers = vi.spyOn(dns, 'getServers');
});
afterEach(() => getServers.mockRestore());

const UP = { vote: 'up', reason: 'ok' };
const down = (reason: string, detail: string) => ({ vote: 'down', reason, detail });
const name = 'api.example.org';
const record = (type: DnsRecordType, data: unknown, of = name) => ({ name: of, type, ttl: 30, data }) as unknown as Answer;
const serve = (...answers: Answer[]) => serveDns(() => ({ rcode: 'NOERROR', answers, authorities: [] }));
const seen = (port: number, parts: Partial<Omit<DnsSpec, 'expect'>> & { expect?: Partial<DnsSpec['expect']> } = {}) =>
  leavingNothing(() => look(dnsCheck(port, parts, { timeoutMs: 1_000 })));

describe('an answer', () => {
  test('that holds a record of the type is up, with the time until it came', async () => {
    const port = await serve(record('A', '192.0.2.1'));
    const { timings, ...verdict } = await leavingNothing(() => lookTimed(dnsCheck(port)));
    expect(verdict).toEqual(UP);
    expect(Object.keys(timings).sort()).toEqual(['connectMs', 'firstByteMs', 'totalMs']);
  });

  test('without one is dns-empty', async () => {
    expect(await seen(await serve())).toEqual(down('dns-empty', 'api.example.org has no A'));
    expect(await seen(await serve(record('TXT', 'x')))).toMatchObject({ reason: 'dns-empty' });
    expect(await seen(await serve(record('A', '192.0.2.1', 'other.example.org')))).toMatchObject({ reason: 'dns-empty' });
  });

  test.each<[DnsRecordType, unknown[], string[]]>([
    ['A', ['192.0.2.2', '192.0.2.1'], ['192.0.2.1', '192.0.2.2']],
    ['AAAA', ['2001:db8:0:0:0:0:0:1'], ['2001:DB8::1']],
    ['CNAME', ['EU1.example.net'], ['eu1.example.net.']],
    ['NS', ['ns1.example.org', 'ns2.example.org'], ['ns2.example.org', 'ns1.example.org']],
    ['MX', [{ preference: 10, exchange: 'Mail.example.org' }], ['10 mail.example.org.']],
    ['TXT', [['v=spf1 ', '-all'], 'Second'], ['v=spf1 -all', 'Second']],
    ['CAA', [{ flags: 0, tag: 'issue', value: 'ca.example.net' }], ['0 issue "ca.example.net"']],
    [
      'SOA',
      [{ mname: 'ns1.example.org', rname: 'hostmaster.example.org', serial: 7, refresh: 1, retry: 2, expire: 3, minimum: 4 }],
      ['ns1.example.org hostmaster.example.org 7 1 2 3 4'],
    ],
  ])('of %s is compared as a set', async (type, data, values) => {
    const port = await serve(...data.map((each) => record(type, each)));
    expect(await seen(port, { record: type, expect: { values } })).toEqual(UP);
  });

  test('with other values is dns-mismatch, and says which are missing and which too many', async () => {
    const port = await serve(record('A', '192.0.2.1'), record('A', '192.0.2.9'));
    const detail = 'api.example.org A: "192.0.2.2" is missing, "192.0.2.9" is not expected';
    expect(await seen(port, { expect: { values: ['192.0.2.1', '192.0.2.2'] } })).toEqual(down('dns-mismatch', detail));
  });

  test('with none, where none is expected, is up', async () => {
    expect(await seen(await serve(), { expect: { values: [] } })).toEqual(UP);
    expect(await seen(await serve(record('A', '192.0.2.1')), { expect: { values: [] } })).toMatchObject({
      reason: 'dns-mismatch',
    });
  });

  test('by way of aliases counts, also where they lead in a circle', async () => {
    const alias = (of: string, to: string) => record('CNAME', to, of);
    const chain = [
      alias(name, 'a.example.net'),
      alias('a.example.net', 'b.example.net'),
      record('A', '192.0.2.1', 'b.example.net'),
    ];
    expect(await seen(await serve(...chain))).toEqual(UP);
    expect(await seen(await serve(alias(name, 'a.example.net'), alias('a.example.net', name)))).toMatchObject({
      reason: 'dns-empty',
    });
  });

  test('is authoritative or not, as expected', async () => {
    const own = await serve(record('A', '192.0.2.1'));
    expect(await seen(own, { expect: { authoritative: true } })).toEqual(UP);
    const foreign = down('dns-not-authoritative', 'the answer is authoritative, expected one that is not');
    expect(await seen(own, { expect: { authoritative: false } })).toEqual(foreign);
    const cached = await serveScript({ udp: (question) => [aRecord(question)] });
    expect(await seen(cached, { expect: { authoritative: false } })).toEqual(UP);
    expect(await seen(cached, { expect: { authoritative: true } })).toEqual(
      down('dns-not-authoritative', 'the answer is not authoritative'),
    );
  });

  test('slower than the thresholds is degraded or down', async () => {
    const port = await serve(record('A', '192.0.2.1'));
    expect(await seen(port, { expect: { time: { degradedMs: 0.01, downMs: 9_000 } } })).toMatchObject({
      vote: 'degraded',
      reason: 'slow',
    });
    expect(await seen(port, { expect: { time: { downMs: 0.01 } } })).toMatchObject({ vote: 'down', reason: 'slow' });
  });

  test.each([
    ['NXDOMAIN', 3],
    ['SERVFAIL', 2],
    ['REFUSED', 5],
  ])('that is an error names it: %s', async (rcode, code) => {
    const port = await serveScript({ udp: (question) => [head(question, { flags: 0x8180 | code })] });
    expect(await seen(port)).toEqual(down('dns-error', `api.example.org A is answered with ${rcode}`));
  });

  test('that is cut comes again over TCP', async () => {
    const values = Array.from({ length: 60 }, (_, at) => `192.0.2.${at}`);
    const port = await serve(...values.map((value) => record('A', value)));
    expect(await seen(port, { expect: { values } })).toEqual(UP);
  });
});

describe('the server', () => {
  test('by default is the first of the system, address and port', async () => {
    const port = await serve(record('A', '192.0.2.1'));
    getServers.mockReturnValue([`127.0.0.1:${port}`, '192.0.2.53']);
    expect(await seen(53, { server: undefined })).toEqual(UP);
    getServers.mockReturnValue([]);
    expect(await seen(53, { server: undefined })).toMatchObject({ vote: 'down', reason: 'dns-failed' });
  });

  test.each([
    ['192.0.2.53', { host: '192.0.2.53', port: 53 }],
    ['2001:db8::53', { host: '2001:db8::53', port: 53 }],
    ['[2001:db8::53]:5353', { host: '2001:db8::53', port: 5353 }],
  ])('of the system may be %s', async (first, expected) => {
    getServers.mockReturnValue([first]);
    const dial = vi.fn().mockRejectedValue(new Error('enough'));
    await look(dnsCheck(53, { server: undefined }), { dial });
    expect(dial.mock.calls[0]?.[0]).toMatchObject(expected);
  });

  test('that leads to a private address by name is refused, unless that is allowed', async () => {
    const port = await serve(record('A', '192.0.2.1'));
    const resolve = async () => ['127.0.0.1'];
    expect(await look(dnsCheck(port, { server: 'ns.test' }), { resolve })).toMatchObject({ reason: 'address-refused' });
    expect(await look(dnsCheck(port, { server: 'ns.test', allowPrivate: true }), { resolve })).toEqual(UP);
  });

  test('whose port is closed refuses the question', async () => {
    expect(await seen(1)).toEqual(down('connect-refused', 'the port refused the question'));
  });
});

const ANSWER = Buffer.from('c00c00010001000000010004c0000201', 'hex');
const aRecord = (question: Buffer, id?: number) =>
  Buffer.concat([head(question, { answers: 1, ...(id !== undefined && { id }) }), ANSWER]);
const TRUNCATED = 0x8380;
/** A record of a type that nobody knows, its name and its data given. */
const unknown = (owner: Buffer, data: Buffer) =>
  Buffer.concat([
    owner,
    Buffer.from('ff0000010000000000', 'hex').subarray(0, 8),
    Buffer.from([data.length >> 8, data.length & 0xff]),
    data,
  ]);

describe('hostile servers', () => {
  const lookAt = async (script: Script, timeoutMs = 1_000) => {
    const port = await serveScript(script);
    const startedAt = performance.now();
    const result = await leavingNothing(() => look(dnsCheck(port, {}, { timeoutMs })));
    expect(performance.now() - startedAt).toBeLessThan(timeoutMs + 500);
    return result;
  };
  const cut = (question: Buffer) => [head(question, { flags: TRUNCATED })];

  test.each<[string, Script]>([
    ['silence', {}],
    ['silence over TCP', { udp: cut, tcp: () => Buffer.alloc(0) }],
    ['half an answer over TCP', { udp: cut, tcp: (question) => withLength(aRecord(question)).subarray(0, 20) }],
    ['the question itself', { udp: (question) => [question] }],
    ['less than a header', { udp: () => [Buffer.from([1, 2, 3])] }],
  ])('%s is answer-timeout', async (_case, script) => {
    expect(await lookAt(script, 150)).toEqual(down('answer-timeout', 'no answer within the timeout'));
  });

  test('answers to other questions are passed over, and the right one is taken', async () => {
    const other = (question: Buffer) => Buffer.from(aRecord(question).toString('latin1').replace('api', 'abc'), 'latin1');
    const wrongId = (question: Buffer) => aRecord(question, (question.readUInt16BE(0) + 1) % 65_536);
    expect(await lookAt({ udp: (question) => [wrongId(question), other(question), aRecord(question)] })).toEqual(UP);
    expect(await lookAt({ udp: cut, tcp: (question) => withLength(wrongId(question)) })).toEqual(
      down('protocol-error', 'the answer is to another question'),
    );
  });

  test('a flood of them is protocol-error', async () => {
    const flood = (question: Buffer) =>
      Array.from({ length: 150 }, () => aRecord(question, (question.readUInt16BE(0) + 1) % 65_536));
    expect(await lookAt({ udp: flood })).toEqual(down('protocol-error', 'more than 100 answers to other questions'));
  });

  test.each<[string, (question: Buffer) => Buffer]>([
    ['a name that points to itself', (question) => loop(question, 0)],
    ['two names that point to each other', (question) => loop(question, 2)],
    ['more records than it has', (question) => Buffer.concat([head(question, { answers: 60_000 }), ANSWER])],
    ['a record that ends early', (question) => aRecord(question).subarray(0, -3)],
    [
      'a label of a kind that does not exist',
      (question) => Buffer.concat([head(question, { answers: 1 }), Buffer.from([0x80, 1])]),
    ],
  ])('%s is dns-invalid', async (_case, answer) => {
    const result = { vote: 'down', reason: 'dns-invalid', detail: expect.stringMatching(/^the answer cannot be read: /) };
    expect(await lookAt({ udp: (question) => [answer(question)] })).toEqual(result);
    expect(await lookAt({ udp: cut, tcp: (question) => withLength(answer(question)) })).toEqual(result);
  });

  test('a huge answer is answer-too-large, before it is there', async () => {
    const huge = (question: Buffer) => withLength(Buffer.concat([aRecord(question), Buffer.alloc(60_000)])).subarray(0, 500);
    const result = {
      vote: 'down',
      reason: 'answer-too-large',
      detail: expect.stringMatching(/^an answer of 60\d+ bytes, more than 8 KiB$/),
    };
    expect(await lookAt({ udp: cut, tcp: huge })).toEqual(result);
    expect(await lookAt({ udp: (question) => [Buffer.concat([aRecord(question), Buffer.alloc(20_000)])] })).toMatchObject({
      reason: 'answer-too-large',
    });
  });

  test('pointers to pointers, as many as fit, are followed in no time', async () => {
    const startedAt = performance.now();
    expect(await lookAt({ udp: cut, tcp: (question) => withLength(pointers(question, 8_000)) })).toMatchObject({ vote: 'down' });
    expect(performance.now() - startedAt).toBeLessThan(500);
  });

  test('a close before the answer over TCP is closed-early', async () => {
    const closing = (_question: Buffer, socket: import('node:net').Socket) => {
      socket.end();
      return Buffer.alloc(0);
    };
    expect(await lookAt({ udp: cut, tcp: closing })).toEqual(down('closed-early', 'connection closed before the answer'));
  });

  test('TCP that is refused after a cut answer is connect-refused', async () => {
    const { createSocket } = await import('node:dgram');
    const udp = createSocket('udp4').on('message', (question, from) => {
      for (const datagram of cut(question)) udp.send(datagram, from.port, from.address);
    });
    const port = await new Promise<number>((resolve) => udp.bind(0, '127.0.0.1', () => resolve(udp.address().port)));
    const result = await look(dnsCheck(port));
    udp.close();
    expect(result).toMatchObject({ vote: 'down', reason: 'connect-refused' });
  });
});

/** An answer whose name points to itself, or to a pointer that points back. */
function loop(question: Buffer, ahead: number): Buffer {
  const at = question.length;
  const pointer = (to: number) => Buffer.from([0xc0 | (to >> 8), to & 0xff]);
  return Buffer.concat([head(question, { answers: 1 }), pointer(at + ahead), pointer(at), ANSWER.subarray(2)]);
}

/** Half of it pointers, each to the one before; the other half records whose names start at the last of them. */
function pointers(question: Buffer, bytes: number): Buffer {
  const start = question.length + 12;
  const chain = Array.from({ length: bytes / 4 }, (_, at) => {
    const to = at === 0 ? 12 : start + 2 * (at - 1);
    return Buffer.from([0xc0 | (to >> 8), to & 0xff]);
  });
  const last = start + 2 * (chain.length - 1);
  const owner = Buffer.from([0xc0 | (last >> 8), last & 0xff]);
  const records = Array.from({ length: Math.floor(bytes / 2 / 12) }, () => unknown(owner, Buffer.alloc(0)));
  return Buffer.concat([
    head(question, { answers: 1 + records.length }),
    unknown(Buffer.from([0xc0, 12]), Buffer.concat(chain)),
    ...records,
  ]);
}
