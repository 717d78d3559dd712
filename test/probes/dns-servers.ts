import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import { decode } from 'dns-packet';
import { onTestFinished } from 'vitest';
import { createDnsServer } from '../../lib/local/dns.ts';

type Answer = Parameters<typeof createDnsServer>[0]['answer'];

/** A server that answers as it should, over UDP and TCP; its port. */
export async function serveDns(answer: Answer): Promise<number> {
  const server = await createDnsServer({ port: 0, answer });
  onTestFinished(() => server.close());
  return server.port;
}

/** Bytes that are sent back for a question, as many datagrams; over TCP all in one, without a length in front. */
export interface Script {
  udp?: (question: Buffer) => Buffer[];
  tcp?: (question: Buffer, socket: Socket) => Buffer;
}

/** A server that says what the test makes it say, on one port for UDP and TCP; the port is the one of TCP. */
export async function serveScript({ udp = () => [], tcp }: Script): Promise<number> {
  const stream = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (question) => void (tcp && socket.write(tcp(question.subarray(2), socket))));
  });
  const port = await new Promise<number>((resolve) => {
    stream.listen(0, '127.0.0.1', () => resolve((stream.address() as { port: number }).port));
  });
  const datagrams = createSocket('udp4');
  datagrams.on('message', (question, from) => {
    for (const datagram of udp(question)) datagrams.send(datagram, from.port, from.address, () => undefined);
  });
  await new Promise<void>((resolve) => datagrams.bind(port, '127.0.0.1', resolve));
  onTestFinished(async () => {
    await Promise.all([
      new Promise<void>((done) => datagrams.close(done)),
      new Promise<void>((done) => void stream.close(() => done())),
    ]);
  });
  return port;
}

/** A response's header with the question's id, and the question behind it. */
export function head(question: Buffer, { flags = 0x8180, answers = 0, id = decode(question).id ?? 0 } = {}): Buffer {
  const bytes = Buffer.from(question);
  bytes.writeUInt16BE(id, 0);
  bytes.writeUInt16BE(flags, 2);
  bytes.writeUInt16BE(answers, 6);
  return bytes;
}

export const withLength = (message: Buffer): Buffer =>
  Buffer.concat([Buffer.from([message.length >> 8, message.length & 0xff]), message]);
