import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { serveRaw } from './servers.ts';

/** Writes as fast as the other side takes it, until it goes. */
export const flood = (chunk: string | Buffer) => (socket: Socket) => {
  const more = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', more);
  more();
};

/** Writes it every few ms, until the other side goes. */
export const drip = (chunk: string | Buffer) => (socket: Socket) => {
  const timer = setInterval(() => socket.write(chunk), 10);
  socket.on('close', () => clearInterval(timer));
};

/** A server that takes the WebSocket handshake, and then sends these bytes. */
export const serveFrames = (frames: Buffer, then: (socket: Socket) => void = () => undefined) =>
  serveRaw((socket) =>
    socket.once('data', (request) => {
      const [, key] = /sec-websocket-key: (.+)\r\n/i.exec(String(request)) ?? [];
      const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
      );
      socket.write(frames, () => then(socket));
    }),
  );

/** Frames (RFC 6455 5.2). */
export const FRAMES = {
  nothing: Buffer.alloc(0),
  ping: Buffer.from([0x89, 0]),
  pong: Buffer.from([0x8a, 0]),
  text: Buffer.concat([Buffer.from([0x81, 4]), Buffer.from('tick')]),
  /** The first piece of a message, and a further one. */
  part: Buffer.from([0x01, 1, 0x78]),
  more: Buffer.from([0x00, 1, 0x78]),
};

/** A text message of any length. */
export function textFrame(text: string | Buffer): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(10);
  head.writeUInt16BE(0x817f, 0);
  head.writeBigUInt64BE(BigInt(body.length), 2);
  return Buffer.concat([head, body]);
}
