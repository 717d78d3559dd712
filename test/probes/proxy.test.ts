import http from 'node:http';
import net from 'node:net';
import { describe, expect, test } from 'vitest';
import type { HttpSpec, ProxySpec } from '../../lib/core/cell.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { httpCheck, look, lookTimed, tcpCheck } from './checks.ts';
import { jsonrpcCheck, websocketCheck } from './kinds.ts';
import { certificate, leavingNothing, listen, serveAnswer, serveBytes, serveHttps, serveRaw } from './servers.ts';

const UP = { vote: 'up', reason: 'ok' };
const says = (vote: string, reason: string, detail: unknown) => ({ vote, reason, detail });
const LOOPBACK = '127.0.0.1';

/** A proxy that leads every tunnel to this port; what it was asked, with the headers that matter. */
async function serveProxy(to: number) {
  const asked: string[] = [];
  const server = http.createServer();
  server.on('connect', (request, socket, head) => {
    const { 'user-agent': agent, 'proxy-authorization': credentials = 'nobody' } = request.headers;
    asked.push(`${request.url} ${credentials} ${agent}`);
    const node = net.connect(to, LOOPBACK, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      node.write(head);
      node.pipe(socket).pipe(node);
    });
    node.on('error', () => socket.destroy());
    socket.on('error', () => node.destroy());
  });
  return { ...(await listen(server)), asked };
}

const proxyAt = (port: number, parts: Partial<ProxySpec> = {}): ProxySpec => ({ host: LOOPBACK, port, ...parts });

/** A page of a host that only the proxy knows. */
const page = (proxy: ProxySpec, parts: Partial<HttpSpec> = {}, url = 'http://inside.test:8080/x') =>
  httpCheck(url, { proxy, ...parts }, { timeoutMs: 1_000 });
const seen = (...of: Parameters<typeof page>) => leavingNothing(() => look(page(...of)));

describe('a tunnel', () => {
  test('leads to the host by its name, which the proxy resolves, and says who we are', async () => {
    const proxy = await serveProxy((await serveAnswer(200, 'fine')).port);
    expect(await seen(proxyAt(proxy.port))).toEqual(UP);
    expect(proxy.asked).toEqual([`inside.test:8080 nobody Quorumwatch/${packageJson.version}`]);
  });

  test('leads to the address that the check pins, and TLS is spoken with the host', async () => {
    const own = await certificate({ names: ['inside.test'] });
    const proxy = await serveProxy((await serveHttps(own, (_request, response) => response.end('fine'))).port);
    const check = page(proxyAt(proxy.port), { address: '2001:db8::7' }, 'https://inside.test/');
    expect(await leavingNothing(() => look(check, { ca: [own.cert] }))).toEqual(UP);
    expect(proxy.asked[0]).toMatch(/^\[2001:db8::7\]:443 /);
  });

  test('carries other protocols, and what the node says first', async () => {
    const ssh = await serveProxy((await serveRaw((socket) => socket.write('SSH-2.0-x\r\n'))).port);
    const banner = tcpCheck('inside.test', 22, { proxy: proxyAt(ssh.port), expect: { banner: '^SSH-2', time: {} } });
    expect(await leavingNothing(() => look(banner))).toEqual(UP);
    const web = await serveProxy((await serveAnswer(200, '{"jsonrpc":"2.0","id":1,"result":1}')).port);
    expect(await look(jsonrpcCheck('http://inside.test', { proxy: proxyAt(web.port) }))).toEqual(UP);
    expect(await leavingNothing(() => look(websocketCheck('ws://inside.test', { proxy: proxyAt(web.port) })))).toMatchObject({
      reason: 'status',
    });
  });

  test('may need credentials, which are a secret', async () => {
    const proxy = await serveProxy((await serveAnswer(500, 'you are Basic c2VjcmV0LXBhc3N3b3Jk')).port);
    const secret = 'Basic c2VjcmV0LXBhc3N3b3Jk';
    // Plain text may have come from the environment.
    for (const authorization of [{ ssm: '/proxy' }, secret]) {
      const seen = await look(page(proxyAt(proxy.port, { authorization })), { resolveText: async () => secret });
      expect(seen.detail).toBe('HTTP 500, expected 2xx: "you are ***"');
    }
    expect(proxy.asked).toEqual(Array(2).fill(expect.stringContaining(` ${secret} `)));
  });

  test('counts as connecting', async () => {
    const proxy = await serveProxy((await serveAnswer(200)).port);
    const { timings } = await lookTimed(page(proxyAt(proxy.port)));
    expect(Object.keys(timings).sort()).toEqual(['connectMs', 'firstByteMs', 'totalMs']);
  });
});

describe('a proxy', () => {
  const answering = async (bytes: string) => proxyAt((await serveBytes(bytes, (socket) => socket.end())).port);

  test.each([
    ['502 Bad Gateway', 'connect-failed'],
    ['503 Service Unavailable', 'connect-failed'],
    ['504 Gateway Timeout', 'connect-timeout'],
  ])('that says %s did not reach the node: down', async (line, reason) => {
    const proxy = await answering(`HTTP/1.1 ${line}\r\ncontent-length: 0\r\n\r\n`);
    const detail = `the proxy ${LOOPBACK}:${proxy.port} has no connection to inside.test:8080 (HTTP ${line.slice(0, 3)})`;
    expect(await seen(proxy)).toEqual(says('down', reason, detail));
  });

  test.each([
    ['HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', /refuses a tunnel to inside.test:8080 \(HTTP 407\)$/],
    ['HTTP/1.1 403 Forbidden\r\n\r\n', /refuses a tunnel to inside.test:8080 \(HTTP 403\)$/],
    ['SSH-2.0-x\r\n\r\n', /does not speak HTTP$/],
    ['HTTP/1.1 200', /closed the connection$/],
    [`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(4_000)}`, /answers without end$/],
  ])('that fails itself says nothing of the node (%#)', async (bytes, detail) => {
    expect(await seen(await answering(bytes))).toEqual(says('abstain', 'proxy', expect.stringMatching(detail)));
  });

  test('that is not there, or silent, says nothing of the node', async () => {
    const refused = says('abstain', 'proxy', `the proxy ${LOOPBACK}:1: ${LOOPBACK}:1 refused the connection`);
    expect(await seen(proxyAt(1))).toEqual(refused);
    const { port } = await serveRaw(() => undefined);
    const silent = httpCheck('http://inside.test', { proxy: proxyAt(port) }, { timeoutMs: 300 });
    const detail = `the proxy ${LOOPBACK}:${port} did not answer within the timeout`;
    expect(await leavingNothing(() => look(silent))).toEqual(says('abstain', 'proxy', detail));
  });

  test('may be at a private address only where it is named, or the check allows it', async () => {
    const { port } = await serveProxy((await serveAnswer(200)).port);
    const resolve = async () => [LOOPBACK];
    const named = (parts: Partial<HttpSpec>) => look(page({ host: 'proxy.test', port }, parts), { resolve });
    const refused = `the proxy proxy.test:${port}: proxy.test is not a public address (${LOOPBACK}, loopback)`;
    expect(await named({})).toEqual(says('abstain', 'proxy', refused));
    // The pinned address is the node's, not the proxy's.
    expect(await named({ address: LOOPBACK })).toEqual(says('abstain', 'proxy', refused));
    expect(await named({ allowPrivate: true })).toEqual(UP);
  });
});
