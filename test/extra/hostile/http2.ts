import http2 from 'node:http2';
import { gzipSync } from 'node:zlib';
import { httpCheck } from '../../probes/checks.ts';
import { drip, flood } from '../../probes/hostile-servers.ts';
import { certificate, listen, serveRaw } from '../../probes/servers.ts';
import { row } from './over-http.ts';
import { type HostileClass, type Row, SOON_MS } from './row.ts';

const soon = { timeoutMs: SOON_MS };

/** A server of HTTP/2 that does this with each stream. */
function overHttp2(
  does: string,
  reason: Row['reason'],
  act: (stream: http2.ServerHttp2Stream, session: http2.ServerHttp2Session) => void,
  parts: Pick<Row, 'timeoutMs'> = {},
): Row {
  const start = async () => {
    const own = await certificate();
    const server = http2.createSecureServer({ ...own, maxSendHeaderBlockLength: 200_000 });
    server.on('stream', (stream) => {
      stream.on('error', () => undefined);
      if (stream.session) act(stream, stream.session as http2.ServerHttp2Session);
    });
    const { port } = await listen(server.on('sessionError', () => undefined));
    const check = httpCheck(`https://node.test:${port}/`, { http2: true, address: '127.0.0.1' });
    return { check, ca: [own.cert] };
  };
  return row(does, 'http over HTTP/2', reason, start, parts);
}

/** Calls it again and again, until the stream is gone. */
function again(stream: http2.ServerHttp2Stream, call: () => void): void {
  const next = () => {
    if (stream.destroyed || stream.session?.destroyed !== false) return;
    for (let times = 0; times < 100; times += 1) call();
    setImmediate(next);
  };
  next();
}

const bomb = gzipSync(Buffer.alloc(32 * 1_048_576));
const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`x-${n}`, 'value']));

export const HTTP2: HostileClass = {
  name: 'HTTP/2',
  defence: 'The same bounds as for HTTP/1.1; a session has one stream, and 4 MiB.',
  rows: [
    overHttp2('silence', 'answer-timeout', () => undefined, soon),
    overHttp2(
      'a byte of the body every 10 ms',
      'body-timeout',
      (stream) => {
        stream.respond({ ':status': 200 });
        const timer = setInterval(() => stream.write('x'), 10);
        stream.on('close', () => clearInterval(timer));
      },
      soon,
    ),
    overHttp2('a body without end', 'body-too-large', (stream) => {
      stream.respond({ ':status': 200 });
      const more = () => {
        while (!stream.destroyed && stream.write('x'.repeat(65_536)));
      };
      stream.on('drain', more);
      more();
    }),
    overHttp2('32 MiB of zeros in gzip', 'body-too-large', (stream) => {
      stream.respond({ ':status': 200, 'content-encoding': 'gzip' });
      stream.end(bomb);
    }),
    overHttp2('a header of 64 KiB', 'headers-too-large', (stream) =>
      stream.respond({ ':status': 200, 'x-a': 'b'.repeat(65_536) }),
    ),
    overHttp2('a thousand headers', 'headers-too-large', (stream) => stream.respond({ ':status': 200, ...many })),
    overHttp2('103 Early Hints without end', 'interim-answers', (stream) =>
      again(stream, () => stream.additionalHeaders({ ':status': 103 })),
    ),
    overHttp2(
      'pings without end',
      'answer-timeout',
      (stream, session) => again(stream, () => session.ping(() => undefined)),
      soon,
    ),
    overHttp2('resets the stream', 'closed-early', (stream) => stream.close(http2.constants.NGHTTP2_CANCEL)),
    overHttp2('closes the connection', 'closed-early', (_stream, session) => session.destroy()),
  ],
};

/** A proxy that does this with whoever connects. */
const overProxy = (does: string, act: Parameters<typeof serveRaw>[0], parts: Pick<Row, 'timeoutMs'> = {}): Row =>
  row(
    does,
    'http by a proxy',
    'proxy',
    async () => {
      const { port } = await serveRaw(act);
      return httpCheck('http://node.test/', { proxy: { host: '127.0.0.1', port } });
    },
    { ...parts, vote: 'abstain' },
  );

export const PROXIES: HostileClass = {
  name: 'Proxies',
  defence: 'What a proxy does says nothing of the node: the vantage abstains.',
  rows: [
    overProxy('silence', () => undefined, soon),
    overProxy(
      'a header every 10 ms',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        drip('x-a: b\r\n')(socket);
      },
      soon,
    ),
    overProxy('headers without end', (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      flood('x-a: b\r\n'.repeat(8_192))(socket);
    }),
    overProxy('closes at once', (socket) => socket.end()),
    overProxy('another protocol', (socket) => socket.end('SSH-2.0-x\r\n\r\n\r\n')),
  ],
};
