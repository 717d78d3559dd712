/** Whatever strangers say, a look ends with a vote and a reason: parsers never throw anything else. */
import { createHash } from 'node:crypto';
import { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { encode } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Check, DnsRecordType } from '../../lib/core/cell.ts';
import { REASONS } from '../../lib/core/reasons.ts';
import { certificateFailure, certificatesOf, type PeerCertificate } from '../../lib/probes/certificates.ts';
import { quantities } from '../../lib/probes/chains/quantities.ts';
import { judgeCertificates } from '../../lib/probes/expectations.ts';
import { ProbeFailure } from '../../lib/probes/failure.ts';
import { createProbe } from '../../lib/probes/index.ts';
import { createShow } from '../../lib/probes/show.ts';
import { askForTls } from '../../lib/probes/starttls.ts';
import { tcpCheck } from './checks.ts';
import { dnsCheck, websocketCheck } from './kinds.ts';

const show = createShow([]);
const RUNS = { numRuns: 200 };

/** A connection whose other side says the greeting, answers each message so, once for each, and closes when nothing more is asked. */
function answering(greeting: string, ...answers: ((message: Buffer) => Buffer)[]): Duplex {
  const left = [...answers];
  let asked = 0;
  const say = (bytes: Buffer) => {
    if (bytes.length > 0) socket.push(bytes);
    const before = asked;
    setImmediate(() => setImmediate(() => void (asked === before && !socket.destroyed && socket.push(null))));
  };
  const socket: Duplex = new Duplex({
    read() {},
    write(message: Buffer, _encoding, done) {
      done();
      asked += 1;
      say(left.shift()?.(Buffer.from(message)) ?? Buffer.alloc(0));
    },
    final: (done) => done(),
  });
  if (greeting !== '') say(Buffer.from(greeting));
  // As sockets do: who closes is gone.
  return socket.on('end', () => setImmediate(() => socket.destroy()));
}

/** One look over this connection: any vote of the node, never a fault of ours. */
async function expectVerdict(check: Check, socket: Duplex): Promise<void> {
  const probe = createProbe({ dial: async () => ({ socket, timings: {} }), resolveText: async () => '' });
  const { vote, reason, detail = '' } = await probe(check, new AbortController().signal);
  expect(Object.keys(REASONS)).toContain(reason);
  expect({ vote, reason, detail }).not.toMatchObject({ vote: 'abstain' });
  expect(detail.length).toBeLessThanOrEqual(200);
}

const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
/** What is right but for a few bytes finds more than noise does. */
const damaged = (message: Buffer, damages: readonly [at: number, byte: number][]): Buffer => {
  const copy = Buffer.from(message);
  for (const [at, byte] of damages) copy[at % copy.length] = byte;
  return copy;
};
const damages = fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 }) as fc.Arbitrary<[number, number][]>;

describe('DNS answers', () => {
  const types: DnsRecordType[] = ['A', 'AAAA', 'CNAME', 'MX', 'TXT', 'NS', 'SOA', 'CAA'];
  const records = [
    { type: 'A', data: '192.0.2.1' },
    { type: 'AAAA', data: '2001:db8::1' },
    { type: 'CNAME', data: 'www.example.org' },
    { type: 'MX', data: { preference: 10, exchange: 'mail.example.org' } },
    { type: 'TXT', data: ['one', 'two'] },
    { type: 'NS', data: 'ns.example.org' },
    { type: 'SOA', data: { mname: 'ns.example.org', rname: 'ops.example.org', serial: 1 } },
    { type: 'CAA', data: { flags: 0, tag: 'issue', value: 'ca.example.org' } },
  ] as const;
  const name = 'api.example.org';
  const answers = records.map((record) => ({ name, ttl: 60, class: 'IN', ...record }));
  const whole = (query: Buffer) =>
    encode({ type: 'response', id: query.readUInt16BE(0), questions: [{ type: 'A', name }], answers: answers as never });

  test.each(types)('%s: damaged ones', async (record) => {
    const check = dnsCheck(53, { record, name, expect: { values: ['nothing'] } }, { timeoutMs: 1_000 });
    const property = fc.asyncProperty(damages, fc.nat(600), (where, length) =>
      expectVerdict(
        check,
        answering('', (query) => {
          const answer = damaged(whole(query), where);
          // The question is repeated, or the answer would be left aside.
          query.copy(answer, 12, 12);
          query.copy(answer, 0, 0, 2);
          return answer.subarray(0, Math.max(12, length));
        }),
      ),
    );
    await fc.assert(property, { numRuns: 30 });
  });

  test('noise behind the question', async () => {
    const property = fc.asyncProperty(bytes, fc.nat(0xffff), (noise, counts) =>
      expectVerdict(
        dnsCheck(53, {}, { timeoutMs: 1_000 }),
        answering('', (query) => {
          const answer = Buffer.concat([query, noise]);
          answer.writeUInt16BE(0x8180, 2);
          answer.writeUInt16BE(counts, 6);
          return answer;
        }),
      ),
    );
    await fc.assert(property, RUNS);
  });
});

describe('STARTTLS dialogues', () => {
  const line = fc.oneof(
    fc.constantFrom(
      '220 hello\r\n',
      '250-STARTTLS\r\n250 x\r\n',
      '220 go\r\n',
      '* OK x\r\n',
      'a OK\r\n',
      'a NO\r\n',
      'S',
      'N',
      '250-\n',
      '\r\n',
      '220-',
    ),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );
  test.each(['smtp', 'imap', 'postgres'] as const)('%s', async (protocol) => {
    const property = fc.asyncProperty(fc.array(line, { maxLength: 5 }), async (lines) => {
      const [greeting = '', ...others] = lines;
      const answers = others.map((text) => () => Buffer.from(text));
      const socket = answering(protocol === 'postgres' ? '' : greeting || '\n', ...answers);
      const failure = await askForTls(protocol, show)(socket, AbortSignal.timeout(1_000)).catch((error) => error);
      socket.destroy();
      if (failure !== undefined) expect(failure).toBeInstanceOf(ProbeFailure);
    });
    await fc.assert(property, RUNS);
  });
});

describe('WebSocket frames', () => {
  const frame = fc.tuple(fc.constantFrom(0x00, 0x01, 0x02, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8a, 0xc1, 0xf3), fc.nat(255), bytes);
  test('of any kind, length and content', async () => {
    const check = websocketCheck(
      'ws://127.0.0.1:1/',
      { expect: { json: [{ path: 'a', exists: true }], grows: 'b' } },
      { timeoutMs: 1_000 },
    );
    const property = fc.asyncProperty(fc.array(frame, { maxLength: 5 }), (frames) =>
      expectVerdict(
        check,
        answering('', (request) => {
          const [, key = ''] = /sec-websocket-key: (.+)\r\n/i.exec(String(request)) ?? [];
          const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
          const head = `HTTP/1.1 101 x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`;
          return Buffer.concat([
            Buffer.from(head),
            ...frames.map(([kind, length, body]) => Buffer.concat([Buffer.from([kind, length]), body])),
          ]);
        }),
      ),
    );
    await fc.assert(property, { numRuns: 100 });
  });
});

test('banners', async () => {
  const check = tcpCheck('127.0.0.1', 1, { send: 'x', expect: { banner: '^(a+)+$', time: {} } }, { timeoutMs: 1_000 });
  await fc.assert(
    fc.asyncProperty(bytes, (noise) =>
      expectVerdict(
        check,
        answering('', () => noise),
      ),
    ),
    RUNS,
  );
});

describe('quantities of chains', () => {
  const nearly = fc.oneof(
    fc.stringMatching(/^-?(0x)?[0-9a-fA-F]{0,20}$/),
    fc.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,10})?(Z|[+-]\d\d:\d\d)?$/),
    fc.double(),
    fc.anything({ withBigInt: true, withNullPrototype: true, withObjectString: true }),
    fc.jsonValue(),
  );
  test('are of their kind, or said to be none', () => {
    const read = quantities(show);
    const kinds = {
      count: (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0,
      instant: (value: unknown) => new Date(Number(value)).toISOString() !== '',
      name: (value: unknown) => /^[\x21-\x7e]{1,128}$/.test(String(value)),
      flag: (value: unknown) => typeof value === 'boolean',
    };
    for (const [kind, isOne] of Object.entries(kinds)) {
      const property = fc.property(nearly, (value) => {
        try {
          expect(isOne(read[kind as keyof typeof kinds](value, 'field'))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(ProbeFailure);
          expect(error).toMatchObject({ reason: 'chain-data', message: expect.stringMatching(/^field is [\s\S]+, expected/) });
        }
      });
      fc.assert(property, { numRuns: 500 });
    }
  });
});

describe('certificates', () => {
  const certificate = fc.record({
    subject: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
    issuer: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
    subjectAltName: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
    validFromDate: fc.date({ noInvalidDate: false }),
    validToDate: fc.date({ noInvalidDate: false }),
  });
  const codes = [
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'UNABLE_TO_GET_ISSUER_CERT',
    'ERROR_IN_CERT_NOT_AFTER_FIELD',
  ];

  test('that do not hold are explained, whatever is in them', () => {
    const property = fc.property(
      fc.array(certificate, { maxLength: 4 }),
      fc.constantFrom(...codes),
      (chain, authorizationError) => {
        const leaf = chain.reduceRight<object | undefined>(
          (issuerCertificate, each) => ({ ...each, issuerCertificate }),
          undefined,
        );
        const socket = { authorizationError, getPeerX509Certificate: () => leaf } as unknown as TLSSocket;
        expect(certificateFailure(socket, 'node.test', Date.now()).reason).toMatch(/^certificate-/);
        for (const { expiresAt } of certificatesOf(socket)) expect(new Date(expiresAt).toISOString()).not.toBe('');
      },
    );
    fc.assert(property, RUNS);
  });

  test('that hold are judged, whatever their dates', () => {
    const at = fc.date({ noInvalidDate: true }).map((date) => date.getTime());
    const dated = fc.record({ name: fc.string(), issuer: fc.string(), hosts: fc.string(), validFrom: at, expiresAt: at });
    const property = fc.property(fc.array(dated, { maxLength: 4 }), (chain: PeerCertificate[]) => {
      for (const { vote } of judgeCertificates(chain, Date.now(), { downMs: 1, degradedMs: 8.64e7 }))
        expect(vote).not.toBe('abstain');
    });
    fc.assert(property, RUNS);
  });
});
