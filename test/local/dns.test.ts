import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { connect, createServer, type Socket } from 'node:net';
import { type DecodedPacket, decode, encode, type Packet, RECURSION_DESIRED } from 'dns-packet';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordSpec } from '../../lib/core/cell.ts';
import type { SwitchState } from '../../lib/core/inputs.ts';
import { answer } from '../../lib/local/answers.ts';
import { createDnsServer, type DnsServer, respond } from '../../lib/local/dns.ts';

const member = (node: string, value: string) => ({ node, value });
const base = { zone: 'example.org', ttlMs: 30_000, policy: 'multivalue', requires: [] };
/** Eight answers of this name do not fit into 512 bytes. */
const LONG = `${'l'.repeat(60)}.example.org`;
const records = [
  {
    ...base,
    id: 'api',
    name: 'api.example.org',
    type: 'A',
    policy: 'failover',
    members: [
      { ...member('eu1', '203.0.113.10'), role: 'primary' },
      { ...member('us1', '198.51.100.7'), role: 'secondary' },
    ],
  },
  { ...base, id: 'api6', name: 'api.example.org', type: 'AAAA', members: [member('eu1', '2001:db8::1')] },
  { ...base, id: 'www', name: 'www.example.org', type: 'CNAME', policy: 'weighted', members: [member('eu1', 'eu1.example.net')] },
  { ...base, id: 'long', name: LONG, type: 'A', members: Array.from({ length: 8 }, (_, i) => member(`n${i}`, `192.0.2.${i}`)) },
] as unknown as RecordSpec[];

let switches: SwitchState[] = [];
let server: DnsServer;
let resolver: Resolver;
const answerNow = (query: { name: string; type: string }) => answer(records, switches, query, () => 0.5);

beforeAll(async () => {
  server = await createDnsServer({ port: 0, answer: answerNow, idleTimeoutMs: 60_000 });
  resolver = new Resolver({ timeout: 2_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${server.port}`]);
});
afterAll(() => server.close());

/** Sends one datagram and gives the answer to it. */
async function overUdp(message: Buffer): Promise<DecodedPacket> {
  const socket = createSocket('udp4');
  const reply = new Promise<Buffer>((resolve) => socket.once('message', resolve));
  socket.send(message, server.port, '127.0.0.1');
  return decode(await reply.finally(() => socket.close()));
}

const framed = (message: Buffer) => Buffer.concat([Buffer.from([message.length >> 8, message.length & 0xff]), message]);
const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));

/** The next `count` answers of a connection. */
async function answersOn(socket: Socket, count: number): Promise<DecodedPacket[]> {
  const found: DecodedPacket[] = [];
  let pending = Buffer.alloc(0);
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    pending = Buffer.concat([pending, chunk]);
    for (
      ;
      pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0);
      pending = pending.subarray(2 + pending.readUInt16BE(0))
    )
      found.push(decode(pending.subarray(2, 2 + pending.readUInt16BE(0))));
    if (found.length >= count) return found;
  }
  return found;
}

const query = (name: string, type = 'A', rest: Partial<Packet> = {}): Buffer =>
  encode({ type: 'query', id: 7, flags: RECURSION_DESIRED, questions: [{ name, type: type as 'A' }], ...rest });
const opt = (udpPayloadSize: number, ednsVersion = 0): Packet['additionals'] => [
  { type: 'OPT', name: '.', udpPayloadSize, ednsVersion, extendedRcode: 0, flags: 0, flag_do: false, options: [] },
];

describe('a stub resolver', () => {
  it('gets addresses with their TTL, over UDP', async () => {
    expect(await resolver.resolve4('api.example.org', { ttl: true })).toEqual([{ address: '203.0.113.10', ttl: 30 }]);
    expect(await resolver.resolve6('api.example.org')).toEqual(['2001:db8::1']);
    expect(await resolver.resolveCname('www.example.org')).toEqual(['eu1.example.net']);
    expect(await resolver.resolveSoa('example.org')).toMatchObject({
      nsname: 'ns.example.org',
      hostmaster: 'hostmaster.example.org',
    });
  });

  it('gets the other address as soon as a switch is flipped', async () => {
    switches = [{ record: 'api', node: 'eu1', inService: false, version: 2 }];
    expect(await resolver.resolve4('api.example.org')).toEqual(['198.51.100.7']);
    switches = [];
    expect(await resolver.resolve4('api.example.org')).toEqual(['203.0.113.10']);
  });

  it('asks again over TCP when the answer does not fit', async () => {
    expect(await resolver.resolve4(LONG)).toHaveLength(8);
  });

  it.each([
    ['no data', 'api.example.org', 'ENODATA'],
    ['no such name', 'none.example.org', 'ENOTFOUND'],
    ['a foreign zone', 'example.com', 'EREFUSED'],
  ])('is told: %s', async (_, name, code) => {
    await expect(resolver.resolveMx(name)).rejects.toMatchObject({ code });
  });
});

describe('an answer over UDP', () => {
  it('has the id, the question as it was written, authority, RD as asked and no recursion', async () => {
    const found = await overUdp(query('aPi.eXample.org'));
    expect(found).toMatchObject({ id: 7, type: 'response', flag_aa: true, flag_rd: true, flag_ra: false, flag_tc: false });
    expect(found.questions).toEqual([{ name: 'aPi.eXample.org', type: 'A', class: 'IN' }]);
    expect(found.answers).toMatchObject([{ name: 'aPi.eXample.org', data: '203.0.113.10' }]);
    expect(found.additionals).toEqual([]);
    expect((await overUdp(query('api.example.org', 'A', { flags: 0 }))).flag_rd).toBe(false);
  });

  it('has no authority where it is refused', async () => {
    expect(await overUdp(query('example.com'))).toMatchObject({ rcode: 'REFUSED', flag_aa: false });
  });

  it('of 512 bytes at most without EDNS0, else truncated and empty; with it as much as the client takes, up to 1232 bytes', async () => {
    expect(await overUdp(query(LONG))).toMatchObject({ flag_tc: true, answers: [] });
    expect(await overUdp(query(LONG, 'A', { additionals: opt(100) }))).toMatchObject({ flag_tc: true });
    const roomy = await overUdp(query(LONG, 'A', { additionals: opt(4_096) }));
    expect(roomy.flag_tc).toBe(false);
    expect(roomy.answers).toHaveLength(8);
    expect(roomy.additionals).toMatchObject([{ type: 'OPT', udpPayloadSize: 1_232, ednsVersion: 0 }]);
  });

  it('never has more than 1232 bytes, whatever the client takes', () => {
    const huge = () => answer(records, [], { name: LONG, type: 'A' }, () => 0.5);
    const twice = () => ({ ...huge(), answers: [...huge().answers, ...huge().answers] });
    const response = respond(query(LONG, 'A', { additionals: opt(65_535) }), twice, 'udp');
    expect(response && decode(response)).toMatchObject({ flag_tc: true, answers: [] });
    expect(response && respond(query(LONG), twice, 'tcp')?.length).toBeGreaterThan(1_232);
  });
});

describe('what is not a plain question', () => {
  it('unknown opcodes: NOTIMP, with the opcode', async () => {
    for (const opcode of [1, 2, 4, 5, 15]) {
      const found = await overUdp(query('api.example.org', 'A', { flags: (opcode << 11) | RECURSION_DESIRED }));
      expect(found).toMatchObject({ id: 7, rcode: 'NOTIMP', flag_rd: true, flag_aa: false, questions: [] });
      expect(((found.flags ?? 0) >> 11) & 0xf).toBe(opcode);
    }
  });

  it('several questions, none, two OPT records, a body cut short: FORMERR', async () => {
    const one = { name: 'api.example.org', type: 'A' } as const;
    const cut = query('api.example.org').subarray(0, 20);
    const messages = [
      query('', 'A', { questions: [one, one] }),
      query('', 'A', { questions: [] }),
      query('api.example.org', 'A', { additionals: [...(opt(512) ?? []), ...(opt(512) ?? [])] }),
      cut,
    ];
    for (const message of messages)
      expect(await overUdp(message)).toMatchObject({ id: 7, rcode: 'FORMERR', questions: [], answers: [] });
  });

  it('a later EDNS version: BADVERS', async () => {
    const found = await overUdp(query('api.example.org', 'A', { additionals: opt(1_232, 1) }));
    expect(found).toMatchObject({
      rcode: 'NOERROR',
      answers: [],
      additionals: [{ type: 'OPT', extendedRcode: 1, ednsVersion: 0 }],
    });
  });

  it('another class: REFUSED', async () => {
    const questions = [{ name: 'api.example.org', type: 'TXT', class: 'CH' } as const];
    expect(await overUdp(query('', 'A', { questions }))).toMatchObject({ rcode: 'REFUSED' });
  });

  it('types it has never heard of: no data', async () => {
    const https = query('api.example.org');
    https.writeUInt16BE(65, https.length - 4);
    expect(await overUdp(https)).toMatchObject({ rcode: 'NOERROR', answers: [], authorities: [{ type: 'SOA' }] });
  });

  it('answers and fragments of a header get nothing back: no loops between servers', () => {
    expect(respond(encode({ type: 'response', id: 7, questions: [] }), answerNow, 'udp')).toBeUndefined();
    expect(respond(Buffer.alloc(11), answerNow, 'udp')).toBeUndefined();
  });

  it('a name with a dot inside a label is refused: it could not be repeated as it came', () => {
    const message = query('apix.example.org', 'A', { additionals: opt(1_232) });
    const dot = message.indexOf('ix');
    for (const [name, bytes] of Object.entries({ 'api..example.org': 'i.', 'ap.x.example.org': '.x' })) {
      message.write(bytes, dot);
      expect(decode(respond(message, answerNow, 'udp') as Buffer), name).toMatchObject({ rcode: 'FORMERR', questions: [] });
    }
  });

  it('whatever comes, it answers what can be decoded or nothing, and never throws', () => {
    const start = query('api.example.org', 'A', { additionals: opt(1_232) });
    const damaged = fc
      .tuple(fc.array(fc.tuple(fc.nat(start.length - 1), fc.nat(255)), { maxLength: 6 }), fc.nat(start.length))
      .map(([changes, length]) => {
        const message = Buffer.from(start);
        for (const [at, byte] of changes) message[at] = byte;
        return message.subarray(0, length);
      });
    const noise = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(damaged, noise), (message) => {
        const response = respond(message, answerNow, 'udp');
        if (!response) return;
        expect(response.length).toBeLessThanOrEqual(1_232);
        expect(decode(response)).toMatchObject({ type: 'response', id: message.readUInt16BE(0) });
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('over TCP', () => {
  it('several questions of one connection are answered, however the bytes are cut', async () => {
    const socket = connect(server.port, '127.0.0.1');
    const bytes = Buffer.concat([
      framed(query('api.example.org')),
      framed(query('www.example.org', 'CNAME')),
      framed(query(LONG)),
    ]);
    socket.setNoDelay();
    socket.write(bytes.subarray(0, 1));
    socket.write(bytes.subarray(1, 40));
    socket.write(bytes.subarray(40));
    const found = await answersOn(socket, 3);
    expect(found.map(({ answers }) => answers?.length)).toEqual([1, 1, 8]);
    socket.destroy();
  });

  it('a connection that stays silent for too long is closed', async () => {
    const impatient = await createDnsServer({ port: 0, answer: answerNow, idleTimeoutMs: 20 });
    const socket = connect(impatient.port, '127.0.0.1').on('error', () => {}); // a reset closes it too
    socket.write(Buffer.from([0]));
    await closed(socket.resume());
    await impatient.close();
  });

  it('a connection that sends what is no question is closed', async () => {
    const socket = connect(server.port, '127.0.0.1').on('error', () => {}); // a reset closes it too
    socket.write(framed(Buffer.from([1, 2, 3])));
    await closed(socket.resume());
  });

  it('a client that resets its connection harms nobody', async () => {
    const socket = connect(server.port, '127.0.0.1');
    await new Promise((connected) => socket.once('connect', connected));
    socket.write(framed(query('api.example.org')));
    socket.resetAndDestroy();
    expect(await resolver.resolve4('api.example.org')).toHaveLength(1);
  });
});

describe('the port', () => {
  it('that is taken for TCP or for UDP is an error with its code, and nothing stays open', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(createDnsServer({ port, answer: answerNow })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await new Promise((done) => other.close(done));

    const udp = createSocket('udp4');
    await new Promise<void>((done) => udp.bind(port, '127.0.0.1', done));
    await expect(createDnsServer({ port, answer: answerNow })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await new Promise<void>((done) => udp.close(done));

    const free = await createDnsServer({ port, answer: answerNow });
    expect(free).toMatchObject({ host: '127.0.0.1', port });
    await free.close();
  });

  it('is free again after close, open connections included', async () => {
    const first = await createDnsServer({ port: 0, answer: answerNow });
    const socket = connect(first.port, '127.0.0.1');
    await new Promise((connected) => socket.once('connect', connected));
    const gone = closed(socket.resume());
    await first.close();
    await gone;
    const second = await createDnsServer({ port: first.port, answer: answerNow });
    await second.close();
  });
});
