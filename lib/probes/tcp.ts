import type { Duplex } from 'node:stream';
import type { TcpSpec } from '../core/cell.ts';
import { judgeTime } from './expectations.ts';
import { type Finding, type Look, met, type Outcome } from './look.ts';
import { matches } from './patterns.ts';

/** Banners are a line or a few (RFC 4253 4.2 allows SSH some lines before its own). */
const MAX_BANNER_BYTES = 1_024;

/** Connects, sends, and waits for a banner if one is expected; without one, an open port is up. */
export async function probeTcp({ host, port, send, expect }: TcpSpec, look: Look): Promise<Outcome> {
  const { socket } = await look.dial({ host, port });
  try {
    if (send !== undefined) socket.write(send);
    const findings = expect.banner === undefined ? [] : await judgeBanner(socket, expect.banner, look);
    const tookMs = look.elapsedMs();
    return { findings: [...findings, ...judgeTime(tookMs, expect.time)], tookMs };
  } finally {
    socket.destroy();
  }
}

async function judgeBanner(socket: Duplex, pattern: string, look: Look): Promise<Finding[]> {
  const { banner, matched, ending } = await readBanner(socket, pattern, look);
  if (matched) return [met(`banner ${look.show.quote(banner)} matches /${pattern}/`)];
  const expected = `expected a banner that matches /${pattern}/`;
  if (banner === '') return [{ vote: 'down', reason: 'banner-missing', detail: `${ending} before a banner, ${expected}` }];
  return [{ vote: 'down', reason: 'banner-mismatch', detail: `${look.show.quote(banner)}, then ${ending}; ${expected}` }];
}

/** Reads until the pattern matches, the server closes, enough was read or the time is up. */
function readBanner(socket: Duplex, pattern: string, look: Look): Promise<{ banner: string; matched: boolean; ending: string }> {
  const startedAt = performance.now();
  const chunks: Buffer[] = [];
  return new Promise((resolve) => {
    const end = (ending: string, matched = false) => {
      look.signal.removeEventListener('abort', silent);
      socket.removeAllListeners('data');
      resolve({ banner: text(), matched, ending });
    };
    const text = () => Buffer.concat(chunks).subarray(0, MAX_BANNER_BYTES).toString();
    const silent = () => end(`silent for ${Math.round(performance.now() - startedAt)} ms`);
    socket.on('data', (chunk: Buffer) => {
      look.timings.firstByteMs ??= performance.now() - startedAt;
      chunks.push(chunk);
      if (matches(pattern, text())) end('', true);
      else if (Buffer.concat(chunks).length >= MAX_BANNER_BYTES) end('more than 1 KiB');
    });
    socket.on('close', () => end('closed'));
    if (look.signal.aborted) silent();
    else look.signal.addEventListener('abort', silent, { once: true });
  });
}
