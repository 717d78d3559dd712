import { randomInt } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { decode, encode, type Packet, type Question, RECURSION_DESIRED, TRUNCATED_RESPONSE } from 'dns-packet';
import { codeOf, isOwn, ProbeFailure } from './failure.ts';
import type { Look } from './look.ts';

/** More than real answers have; 64 KiB of pointers to pointers take seconds to follow. */
const MAX_ANSWER_BYTES = 8_192;
/** Datagrams that answer another question: late ones, and whoever guesses. */
const MAX_FOREIGN = 100;
const HEADER_BYTES = 12;

/**
 * The answer to one question, asked over UDP, and over TCP if it came truncated (RFC 7766 5). Answers to other questions are
 * left aside. Throws `answer-timeout`, `closed-early`, `connect-refused`, `answer-too-large`,
 * `dns-invalid`, `protocol-error`.
 */
export async function askDns(question: Question, server: { host: string; port: number }, look: Look): Promise<Packet> {
  const id = randomInt(0x1_0000);
  // Without EDNS0: old servers stumble over it, and what is longer than 512 bytes comes over TCP.
  const query = encode({ type: 'query', id, flags: RECURSION_DESIRED, questions: [question] });
  const startedAt = performance.now();
  const first = await exchange(await look.dial({ ...server, transport: 'udp' }), query, datagram(id, question), look);
  const answer = isTruncated(first)
    ? await exchange(await look.dial(server), withLength(query), stream(id, question), look)
    : first;
  look.timings.firstByteMs = performance.now() - startedAt;
  return parse(answer);
}

/** Gives the answer once it is whole; throws if it can become none. Called with each piece. */
type Reader = (piece: Buffer) => Buffer | undefined;

const datagram = (id: number, question: Question): Reader => {
  let foreign = 0;
  return (piece) => {
    if (answers(piece, id, question)) return piece;
    foreign += 1;
    if (foreign > MAX_FOREIGN) throw new ProbeFailure('protocol-error', `more than ${MAX_FOREIGN} answers to other questions`);
    return undefined;
  };
};

/** RFC 1035 4.2.2: two bytes of length in front. */
const stream = (id: number, question: Question): Reader => {
  let said = Buffer.alloc(0);
  return (piece) => {
    said = Buffer.concat([said, piece]);
    if (said.length < 2) return undefined;
    const length = said.readUInt16BE(0);
    if (length > MAX_ANSWER_BYTES) throw tooLarge(length);
    if (said.length < 2 + length) return undefined;
    const answer = said.subarray(2, 2 + length);
    if (!answers(answer, id, question)) throw new ProbeFailure('protocol-error', 'the answer is to another question');
    return answer;
  };
};

function withLength(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** Is this a response with our id that repeats our question (RFC 5452 9.1)? The header alone also answers: servers in trouble send it. */
function answers(message: Buffer, id: number, question: Question): boolean {
  if (message.length < HEADER_BYTES || message.readUInt16BE(0) !== id || (message.readUInt16BE(2) & 0x8000) === 0) return false;
  if (message.readUInt16BE(4) === 0) return true;
  const asked = encode({ type: 'query', id, questions: [question] }).subarray(HEADER_BYTES);
  const repeated = message.subarray(HEADER_BYTES, HEADER_BYTES + asked.length);
  return repeated.toString('latin1').toLowerCase() === asked.toString('latin1').toLowerCase();
}

const isTruncated = (message: Buffer): boolean => (message.readUInt16BE(2) & TRUNCATED_RESPONSE) !== 0;

function parse(message: Buffer): Packet {
  if (message.length > MAX_ANSWER_BYTES) throw tooLarge(message.length);
  try {
    const packet = decode(message);
    // The library reads addresses beyond the end.
    if (decode.bytes > message.length) throw new Error('it ends in the middle of a record');
    return packet;
  } catch (error) {
    throw new ProbeFailure('dns-invalid', `the answer cannot be read: ${(error as Error).message}`);
  }
}

const tooLarge = (bytes: number) => new ProbeFailure('answer-too-large', `an answer of ${bytes} bytes, more than 8 KiB`);

/** Sends, and reads until the reader has its answer; the socket is closed afterwards. */
function exchange({ socket }: { socket: Duplex }, message: Buffer, read: Reader, { signal }: Look): Promise<Buffer> {
  return new Promise<Buffer>((resolve, reject) => {
    const late = () => reject(new ProbeFailure('answer-timeout', 'no answer within the timeout'));
    socket.on('data', (piece: Buffer) => {
      try {
        const answer = read(piece);
        if (answer) resolve(answer);
      } catch (error) {
        reject(error);
      }
    });
    socket.on('error', (error) => reject(failureOf(error)));
    socket.on('close', () => reject(new ProbeFailure('closed-early', 'connection closed before the answer')));
    if (signal.aborted) late();
    else signal.addEventListener('abort', late, { once: true });
    socket.write(message);
  }).finally(() => socket.destroy());
}

/** A closed port says so by ICMP (connect(2), "Linux UDP": ECONNREFUSED). */
function failureOf(error: Error): ProbeFailure {
  const code = codeOf(error);
  if (isOwn(code)) return new ProbeFailure('internal', `no socket is to be had (${code})`);
  if (code === 'ECONNREFUSED') return new ProbeFailure('connect-refused', 'the port refused the question');
  return new ProbeFailure(code === 'ECONNRESET' ? 'closed-early' : 'connect-failed', `no way to the server (${code})`);
}
