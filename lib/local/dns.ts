import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import {
  type Answer,
  AUTHORITATIVE_ANSWER,
  decode,
  encode,
  type OptAnswer,
  type Packet,
  type Question,
  RECURSION_DESIRED,
} from 'dns-packet';
import type { DnsAnswer, DnsQuery } from './answers.ts';

export interface DnsServer {
  host: string;
  port: number;
  close(): Promise<void>;
}

export interface DnsOptions {
  /** @default 127.0.0.1 */
  host?: string;
  /** 0: one that is free for both UDP and TCP. */
  port: number;
  answer: (query: DnsQuery) => DnsAnswer;
  /** How long a TCP connection may stay silent. @default 10 s (RFC 7766 6.2.3: a few seconds) */
  idleTimeoutMs?: number;
}

const HEADER_BYTES = 12;
/** What a client takes without EDNS0 (RFC 1035 2.3.4), and what is sent at most with it, so that nothing is fragmented (DNS Flag Day 2020). */
const MIN_UDP_BYTES = 512;
const MAX_UDP_BYTES = 1_232;
const TRUNCATED = 1 << 9;
const OPCODE_MASK = 0x7800;
/** RFC 1035 4.1.1; BADVERS (16) is 0 here and 1 in the OPT record (RFC 6891 6.1.3). */
const RCODES = { NOERROR: 0, FORMERR: 1, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 };
const BADVERS_HIGH_BITS = 1;
/** A port that is free for TCP may be taken for UDP: with port 0, others are tried. */
const PORT_TRIES = 10;

/**
 * Answers DNS queries over UDP and TCP on one port, with authority and without recursion.
 * Rejects with the system's error (`code`: `EADDRINUSE`, `EACCES`) when the port cannot be had.
 */
export async function createDnsServer({
  host = '127.0.0.1',
  port,
  answer,
  idleTimeoutMs = 10_000,
}: DnsOptions): Promise<DnsServer> {
  for (let tries = 1; ; tries += 1) {
    const connections = new Set<Socket>();
    const tcp = createServer((socket) => serveConnection(socket, connections, answer, idleTimeoutMs));
    const chosen = await listenTcp(tcp, port, host);
    try {
      const udp = await listenUdp(chosen, host, answer);
      return { host, port: chosen, close: () => closeBoth(tcp, udp, connections) };
    } catch (error) {
      await new Promise((done) => tcp.close(done));
      if (port !== 0 || tries === PORT_TRIES) throw error;
    }
  }
}

/** The answer to one message, or nothing where none must be given: to answers, and to what has no header. */
export function respond(message: Buffer, answer: (query: DnsQuery) => DnsAnswer, transport: 'udp' | 'tcp'): Buffer | undefined {
  if (message.length < HEADER_BYTES || isResponse(message)) return undefined;
  if ((message.readUInt16BE(2) & OPCODE_MASK) !== 0) return bare(message, 'NOTIMP');
  const query = parse(message);
  const [question, ...more] = query?.questions ?? [];
  const opts = query?.additionals?.filter((record): record is OptAnswer => record.type === 'OPT') ?? [];
  // One question (RFC 9619), at most one OPT (RFC 6891 6.1.1).
  if (!query || !question || more.length > 0 || opts.length > 1 || !isRepeatable(question, message))
    return bare(message, 'FORMERR');

  const [opt] = opts;
  const wrongVersion = opt !== undefined && opt.ednsVersion > 0;
  const found: DnsAnswer =
    wrongVersion || question.class !== 'IN'
      ? { rcode: wrongVersion ? 'NOERROR' : 'REFUSED', answers: [], authorities: [] }
      : answer({ name: question.name, type: question.type });
  const flags = (message.readUInt16BE(2) & RECURSION_DESIRED) | RCODES[found.rcode];
  const packet: Packet = {
    type: 'response',
    id: message.readUInt16BE(0),
    flags: found.rcode === 'REFUSED' || wrongVersion ? flags : flags | AUTHORITATIVE_ANSWER,
    questions: [question],
    answers: found.answers,
    authorities: found.authorities,
    additionals: opt ? [optOf(wrongVersion)] : [],
  };
  return transport === 'tcp' ? encode(packet) : truncated(packet, opt?.udpPayloadSize ?? 0);
}

/** What does not fit is left out and said to be: the client asks again over TCP (RFC 2181 9). */
function truncated(packet: Packet, acceptedBytes: number): Buffer {
  const whole = encode(packet);
  if (whole.length <= Math.min(Math.max(acceptedBytes, MIN_UDP_BYTES), MAX_UDP_BYTES)) return whole;
  return encode({ ...packet, flags: (packet.flags ?? 0) | TRUNCATED, answers: [], authorities: [] });
}

const isResponse = (message: Buffer): boolean => (message.readUInt16BE(2) & 0x8000) !== 0;

function parse(message: Buffer): Packet | undefined {
  try {
    return decode(message);
  } catch {
    return undefined; // the caller says FORMERR
  }
}

/** A name whose labels hold dots or are no UTF-8 comes out of dns-packet as another name: its question could not be repeated. */
function isRepeatable(question: Question, message: Buffer): boolean {
  const repeated = encode({ type: 'query', questions: [question] }).subarray(HEADER_BYTES);
  return repeated.equals(message.subarray(HEADER_BYTES, HEADER_BYTES + repeated.length));
}

/** Header alone: the question is not understood, so it is not repeated. */
function bare(message: Buffer, rcode: 'FORMERR' | 'NOTIMP'): Buffer {
  const asked = message.readUInt16BE(2) & (OPCODE_MASK | RECURSION_DESIRED);
  return encode({ type: 'response', id: message.readUInt16BE(0), flags: asked | RCODES[rcode] });
}

const optOf = (wrongVersion: boolean): Answer => ({
  type: 'OPT',
  name: '.',
  udpPayloadSize: MAX_UDP_BYTES,
  extendedRcode: wrongVersion ? BADVERS_HIGH_BITS : 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
});

/** Messages of one connection, each with its length in front (RFC 1035 4.2.2); several may come at once (RFC 7766 6.2.1.1). */
function serveConnection(
  socket: Socket,
  connections: Set<Socket>,
  answer: (query: DnsQuery) => DnsAnswer,
  idleTimeoutMs: number,
): void {
  connections.add(socket);
  socket.on('close', () => connections.delete(socket));
  socket.on('error', () => socket.destroy()); // the client went away
  socket.setTimeout(idleTimeoutMs, () => socket.destroy());
  let pending = Buffer.alloc(0);
  socket.on('data', (data) => {
    pending = Buffer.concat([pending, data]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const end = 2 + pending.readUInt16BE(0);
      const response = respond(pending.subarray(2, end), answer, 'tcp');
      pending = pending.subarray(end);
      if (!response) return void socket.destroy();
      const length = Buffer.alloc(2);
      length.writeUInt16BE(response.length);
      socket.write(Buffer.concat([length, response]));
    }
  });
}

function listenTcp(tcp: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen(port, host, () => {
      tcp.off('error', reject);
      const address = tcp.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

function listenUdp(port: number, host: string, answer: (query: DnsQuery) => DnsAnswer): Promise<UdpSocket> {
  const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  udp.on('message', (message, from) => {
    const response = respond(message, answer, 'udp');
    if (response) udp.send(response, from.port, from.address, () => {}); // a lost datagram is the client's to repeat
  });
  return new Promise((resolve, reject) => {
    udp.once('error', reject);
    udp.bind(port, host, () => {
      udp.off('error', reject);
      resolve(udp);
    });
  });
}

async function closeBoth(tcp: Server, udp: UdpSocket, connections: ReadonlySet<Socket>): Promise<void> {
  for (const socket of connections) socket.destroy();
  await Promise.all([new Promise((done) => tcp.close(done)), new Promise<void>((done) => udp.close(done))]);
}
