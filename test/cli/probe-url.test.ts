import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { main } from '../../lib/cli/main.ts';
import { loadConfig } from '../../lib/config/load.ts';
import { serveAnswer, serveHttp, serveRaw } from '../probes/servers.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'quorumwatch-probe-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function run(...argv: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const { signal } = new AbortController();
  const code = await main(['probe', ...argv], {
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: (text: string) => err.push(text) },
    signal,
  });
  return { code, out: out.join(''), err: err.join('') };
}

/** What is printed, taken for a configuration. */
async function written(out: string) {
  const file = join(directory, 'quorumwatch.config.yaml');
  await writeFile(file, out);
  const loaded = await loadConfig(file);
  return loaded.ok ? loaded.cell.checks : loaded.faults;
}

describe('a URL', () => {
  test('is looked at, and all that is printed is a configuration that looks at it again', async () => {
    const { url } = await serveAnswer(200, 'fine');
    const { code, out, err } = await run(`${url}/health?full=1#part`);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^# 127-0-0-1 {2}page {2}up {2}ok\n/);
    expect(out).toContain('#   ✓ HTTP 200, expected 2xx\n');
    expect(out).toMatch(/# {3}✓ took \d+ ms, expected at most 1000 ms\n/);
    expect(await written(out)).toMatchObject([
      { key: '127-0-0-1/page', probe: { kind: 'http', url: `${url}/health?full=1`, expect: { status: [[200, 299]] } } },
    ]);
  });

  test('that fails says what was expected and seen, tried as often as a vantage would', async () => {
    let asked = 0;
    const { url } = await serveHttp((_request, response) => {
      asked += 1;
      response.writeHead(503).end('no server');
    });
    const { code, out } = await run(url);
    expect({ code, asked }).toEqual({ code: 1, asked: 2 });
    expect(out).toContain('#   ✗ HTTP 503, expected 2xx: "no server"\n');
    expect(await written(out)).toMatchObject([{ probe: { url: `${url}/` } }]);
  });

  test('of a WebSocket or a port becomes a check of that kind', async () => {
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    onTestFinished(() => sockets.close());
    await once(sockets, 'listening');
    const { port } = sockets.address() as { port: number };
    const feed = await run(`ws://127.0.0.1:${port}/feed`);
    expect([feed.code, await written(feed.out)]).toMatchObject([
      0,
      [{ probe: { kind: 'websocket', url: `ws://127.0.0.1:${port}/feed` } }],
    ]);
    const raw = await serveRaw((socket) => void socket.once('data', () => socket.end('no TLS')));
    const tcp = await run(`tcp://localhost:${raw.port}`);
    expect([tcp.code, await written(tcp.out)]).toMatchObject([
      0,
      [{ key: 'localhost/port', probe: { kind: 'tcp', host: 'localhost', port: raw.port } }],
    ]);
    const tls = await run(`tls://localhost:${raw.port}`, '--json');
    expect(JSON.parse(tls.out)).toMatchObject([{ check: 'certificate', vote: 'down' }]);
  });

  test('with --json prints what was seen alone', async () => {
    const { url } = await serveAnswer(200, 'fine');
    const rows = JSON.parse((await run(url, '--json')).out);
    expect(rows).toMatchObject([{ node: '127-0-0-1', check: 'page', vote: 'up', reason: 'ok', detail: '' }]);
    expect(Object.keys(rows[0])).toEqual(['node', 'check', 'vote', 'reason', 'detail', 'timings']);
  });

  test('that a Lambda would not reach says so in its configuration', async () => {
    const { out } = await run('tcp://[::1]:25');
    expect(out).toContain('# not on AWS: IPv6 is out of reach for a Lambda outside a VPC (');
    expect(out).toContain('# not on AWS: port 25 is closed to Lambda (');
  });

  test.each([
    [
      ['ftp://x'],
      'URL: it is of no kind that can be probed (write https://HOST/PATH, wss://HOST, tcp://HOST:PORT or tls://HOST)',
    ],
    [
      ['tcp://x'],
      'URL: it is of no kind that can be probed (write https://HOST/PATH, wss://HOST, tcp://HOST:PORT or tls://HOST)',
    ],
    [
      ['https://u:p@x/'],
      'URL: the URL carries a user name or password (write them as a header of the check, like authorization: { ssm: /path })',
    ],
    [['https://x/', '--node', 'y'], '--node: a URL has one check (leave it out, or name a file)'],
  ])('%j is wrong input', async (argv, line) => {
    expect(await run(...argv)).toEqual({ code: 2, out: '', err: `${line}\n` });
  });
});
