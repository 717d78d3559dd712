import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { describe, expect, type TestContext, test, vi } from 'vitest';
import type { Status } from '../../lib/core/status.ts';
import { run } from './output.ts';
import { type Process, quorumwatch } from './process.ts';

// Most of the time other processes are being waited for.
vi.setConfig({ maxConcurrency: 10, testTimeout: 40_000 });

interface Event {
  at: string;
  event: string;
  [field: string]: unknown;
}

async function listening(context: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function file(context: TestContext, name: string, content: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'quorumwatch-'));
  context.onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, name), content);
  return join(dir, name);
}

/** `alpha` answers, nobody listens at `beta`. */
async function configuration(context: TestContext): Promise<string> {
  const alpha = await listening(
    context,
    createServer((_request, response) => response.end('ok')),
  );
  return file(
    context,
    'two.yaml',
    `
name: two
vantages: [eu-west-1, us-east-2, ap-northeast-1]
interval: 10s
defaults: { timeout: 2s, attempts: 1, downFor: 1s }
nodes:
  alpha: { url: "http://127.0.0.1:${alpha}", checks: { api: { type: http }, nightly: { type: heartbeat, every: 24h } } }
  beta: { url: "http://127.0.0.1:1", checks: { api: { type: http } } }
records:
  api:
    name: api.example.test
    zone: example.test
    members: [{ node: beta, value: 203.0.113.2, role: primary }, { node: alpha, value: 203.0.113.1, role: secondary }]
    guard: { hold: 1m }
`,
  );
}

const FREE = ['--port', '0', '--dns-port', '0'];

/** The first event like this. */
const told = (system: Process, wanted: Partial<Event>): Promise<Event> =>
  system.line((line) => {
    const event = JSON.parse(line) as Event;
    return Object.entries(wanted).every(([key, value]) => event[key] === value) ? event : undefined;
  });

async function stop(system: Process) {
  const interruptedAt = Date.now();
  system.interrupt();
  const ended = await system.ended();
  expect(Date.now() - interruptedAt).toBeLessThan(5_000);
  return ended;
}

async function dig({ dnsPort }: Event): Promise<string[]> {
  const resolver = new Resolver({ timeout: 1_000, tries: 2 });
  resolver.setServers([`127.0.0.1:${dnsPort}`]);
  return resolver.resolve4('api.example.test');
}

const statusOf = async ({ url }: Event) => (await (await fetch(`${url}/api/v1/status`)).json()) as Status;

/** Where the heartbeats of `alpha/nightly` go, as a note says. */
const beatUrlOf = (system: Process): Promise<string> =>
  system.line((line) => /"note","text":"heartbeats of alpha\/nightly go to (http:\/\/127[^"]+)"/.exec(line)?.[1]);

/** What a person does with the command that is shown, while `beta` is down. */
async function actOn(there: readonly string[]): Promise<void> {
  const status = await run('status', ...there);
  expect(status).toMatchObject({ code: 1, err: '', out: expect.stringContaining('\nbeta is down.\n') });
  const [incident] = JSON.parse((await run('incidents', ...there, '--json')).out) as { id: string }[];
  const ack = await run('ack', incident?.id ?? '', '--by', 'ana', ...there);
  expect(ack).toEqual({ code: 0, err: '', out: 'beta: taken by ana; nobody else is paged for 4 h\n' });
  const drain = await run('drain', 'alpha', ...there, '--json');
  const members = [
    { record: 'api', node: 'alpha', inService: true, why: expect.stringContaining('held: too few other members') },
  ];
  expect(JSON.parse(drain.out)).toMatchObject({ act: { kind: 'drain', node: 'alpha' }, consumed: true, members });
  const explained = await run('explain', incident?.id ?? '', ...there);
  expect(explained.out).toContain('beta/api went from up to down at ');
  expect(explained.out).toContain('taken by ana');
}

describe.concurrent('quorumwatch local', () => {
  test('tells as JSON what happens, stops on Ctrl-C, and goes on where it was with --data', async (context) => {
    const config = await configuration(context);
    const argv = ['local', config, '--json', '--interval', '1s', ...FREE, '--data', join(config, '..', 'data')];
    const first = quorumwatch(context, argv);
    const ready = await told(first, { event: 'ready' });
    expect(Object.keys(ready)).toEqual(['at', 'event', 'url', 'dnsPort']);
    expect(JSON.parse(first.lines[0] ?? '')).toEqual(ready);
    const beatUrl = await beatUrlOf(first);
    expect(await (await fetch(`${beatUrl}?exit=0`)).json()).toEqual({ check: 'alpha/nightly', state: 'success' });
    const page = await told(first, { event: 'page' });
    expect(page).toMatchObject({ state: 'down', tier: 1, attempt: 1, incident: expect.stringMatching(/-beta$/) });
    await told(first, { event: 'flip', record: 'api', node: 'beta', inService: false });
    expect(await dig(ready)).toEqual(['203.0.113.1']);
    const before = await statusOf(ready);
    const { code, out, err } = await stop(first);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const line of out.trim().split('\n')) {
      expect(JSON.parse(line)).toEqual(
        expect.objectContaining({ event: expect.any(String), at: expect.stringMatching(/^\d{4}-.*Z$/) }),
      );
    }
    const ballot = await told(first, { event: 'ballot' });
    expect(ballot).toMatchObject({ vantage: expect.any(String), votes: expect.any(Object) });

    const second = quorumwatch(context, argv);
    const again = await told(second, { event: 'ready' });
    expect(await dig(again)).toEqual(['203.0.113.1']);
    expect((await statusOf(again)).incidents).toEqual(before.incidents);
    expect(new URL(await beatUrlOf(second)).pathname).toBe(new URL(beatUrl).pathname);
    let rounds = 0;
    await second.line((line) => (line.includes('"ballot","vantage":"us-east-2"') && ++rounds === 4 ? line : undefined));
    expect(await dig(again)).toEqual(['203.0.113.1']);
    expect((await stop(second)).code).toBe(0);
    const acts = second.lines
      .map((line) => (JSON.parse(line) as Event).event)
      .filter((event) => !['ready', 'ballot', 'note'].includes(event));
    expect(acts).toEqual([]);
  });

  test('for people it says where to look, what to ask, and how to act', async (context) => {
    const config = await configuration(context);
    const system = quorumwatch(context, ['local', config, '--interval', '1s', ...FREE]);
    await system.line((line) => (line.includes('beta is out of service') ? line : undefined));
    const [, url = ''] = /look at {3}(\S+)/.exec(system.lines.join('\n')) ?? [];
    await actOn(['--config', config, '--endpoint', url]);
    // Ctrl-C reaches a child of npm or of an older Node twice.
    const impatience = setInterval(() => system.interrupt(), 5);
    context.onTestFinished(() => clearInterval(impatience));
    expect((await stop(system)).code).toBe(0);
    expect(system.lines.slice(0, 5)).toEqual([
      'two: 3 checks, 3 vantages, quorum 2, every 1 s',
      expect.stringMatching(/^ {2}look at {3}http:\/\/127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^ {2}ask {7}dig @127\.0\.0\.1 -p \d+ \+short api\.example\.test A$/),
      expect.stringMatching(/^ {2}act {7}quorumwatch status --config \S+two\.yaml --endpoint http:\/\/127\.0\.0\.1:\d+$/),
      '  stop      Ctrl-C',
    ]);
  });

  test('a busy port is said in one line', async (context) => {
    const port = await listening(context, createServer());
    const argv = ['local', await configuration(context), '--json', '--dns-port', '0', '--port', String(port)];
    const err = `--port: ${port} is in use (write another one, or 0 for any that is free)\n`;
    expect(await quorumwatch(context, argv).ended()).toEqual({ code: 2, out: '', err });
  });
});

describe.concurrent('quorumwatch probe', () => {
  // Steem, 2018-07-28: the node had moved to https, and whoever asked by http went without an answer.
  test('a redirect from http to https on the same host is followed and reported', async (context) => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'node' }], {
      keyType: 'ec',
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    });
    const secure = await listening(
      context,
      createHttps({ key, cert }, (request, response) => {
        request.on('data', (body) => response.write(`${request.method} ${body}`)).on('end', () => response.end());
      }),
    );
    const plain = await listening(
      context,
      createServer((_request, response) => response.writeHead(308, { location: `https://127.0.0.1:${secure}/rpc` }).end()),
    );
    const config = file(
      context,
      'moved.yaml',
      `
name: moved
vantages: [a, b, c]
nodes:
  moved:
    url: http://127.0.0.1:${plain}
    checks:
      api: { type: http, path: /rpc, method: POST, body: '{"id":1}', expect: { body: { contains: 'POST {"id":1}' } } }
`,
    );
    const env = { NODE_EXTRA_CA_CERTS: file(context, 'ca.pem', cert) };
    const { code, out, err } = await quorumwatch(context, ['probe', config, '--json'], env).ended();
    expect(JSON.parse(out)).toEqual([
      {
        node: 'moved',
        check: 'api',
        vote: 'up',
        reason: 'ok',
        detail: `308 to https://127.0.0.1:${secure}/rpc followed`,
        timings: {
          connectMs: expect.any(Number),
          tlsMs: expect.any(Number),
          firstByteMs: expect.any(Number),
          totalMs: expect.any(Number),
        },
      },
    ]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });
});
