import { connect } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { describe, expect, test, vi } from 'vitest';
import { createDial } from '../../lib/probes/dial.ts';
import { createProbe } from '../../lib/probes/index.ts';
import { blackHole } from './black-hole.ts';
import { httpCheck, look, lookTimed, tcpCheck } from './checks.ts';
import { certificate, leavingNothing, serveAnswer, serveHttps, serveRaw } from './servers.ts';

describe('names', () => {
  test('a name that does not resolve is dns-failed', async () => {
    const resolve = async () => {
      throw Object.assign(new Error('getaddrinfo ENOTFOUND gone.test'), { code: 'ENOTFOUND' });
    };
    const result = await look(httpCheck('http://gone.test/'), { resolve });
    expect(result).toEqual({ vote: 'down', reason: 'dns-failed', detail: 'gone.test does not resolve (ENOTFOUND)' });
  });

  test('a name without addresses is dns-failed', async () => {
    const result = await look(httpCheck('http://empty.test/'), { resolve: async () => [] });
    expect(result).toEqual({ vote: 'down', reason: 'dns-failed', detail: 'empty.test has no address' });
  });

  test('a look-up that never ends is dns-timeout at the timeout', async () => {
    const resolve = () => new Promise<string[]>(() => undefined);
    const result = await leavingNothing(() => lookTimed(httpCheck('http://slow.test/', {}, { timeoutMs: 100 }), { resolve }));
    expect(result).toMatchObject({ vote: 'down', reason: 'dns-timeout', detail: 'no answer for slow.test within 100 ms' });
    expect(result.timings.dnsMs).toBeGreaterThan(90);
  });

  test('a host that is none is dns-failed', async () => {
    expect(await look(tcpCheck('a b', 1))).toMatchObject({ reason: 'dns-failed', detail: '"a b" is not a host name' });
  });

  test('localhost is loopback, and no resolver is asked', async () => {
    const resolve = vi.fn(async () => ['10.0.0.1']);
    const { port } = await serveAnswer(200);
    expect(await look(httpCheck(`http://localhost:${port}/`), { resolve })).toEqual({ vote: 'up', reason: 'ok' });
    expect(resolve).not.toHaveBeenCalled();
  });

  test('the system resolver is asked by default', async () => {
    expect(await look(httpCheck('http://gone.invalid/', {}, { timeoutMs: 500 }))).toMatchObject({
      vote: 'down',
      reason: 'dns-failed',
    });
  });
});

describe('address rules', () => {
  test.each([
    ['127.0.0.1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['169.254.169.254', 'linkLocal'],
    ['10.0.0.1', 'private'],
  ])('a name that leads to %s is address-refused', async (address, range) => {
    const server = await serveAnswer(200);
    const result = await look(httpCheck(`http://node.test:${server.port}/`), { resolve: async () => [address] });
    const detail = `node.test is not a public address (${address}, ${range})`;
    expect(result).toEqual({ vote: 'down', reason: 'address-refused', detail });
    expect(server.accepted()).toBe(0);
  });

  test('allowPrivate lets a name lead there', async () => {
    const { port } = await serveAnswer(200);
    const check = httpCheck(`http://node.test:${port}/`, { allowPrivate: true });
    expect(await look(check, { resolve: async () => ['127.0.0.1'] })).toEqual({ vote: 'up', reason: 'ok' });
  });

  test.each(['127.0.0.1', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]'])(
    'an address in the target names itself: %s',
    async (host) => {
      const { port } = await serveAnswer(200);
      expect(await look(httpCheck(`http://${host}:${port}/`))).toEqual({ vote: 'up', reason: 'ok' });
    },
  );

  test('one look-up decides: a resolver that would answer otherwise later is not asked again', async () => {
    const resolve = vi.fn().mockResolvedValueOnce(['127.0.0.1']).mockResolvedValue(['192.0.2.1']);
    const { port, accepted } = await serveAnswer(200);
    const check = httpCheck(`http://rebind.test:${port}/`, { allowPrivate: true });
    expect(await look(check, { resolve })).toEqual({ vote: 'up', reason: 'ok' });
    expect(resolve).toHaveBeenCalledOnce();
    expect(accepted()).toBe(1);
  });

  test('every address of a name is judged, and none of the refused ones is tried', async () => {
    const server = await serveAnswer(200);
    const result = await look(httpCheck(`http://many.test:${server.port}/`), { resolve: async () => ['::1', '127.0.0.1'] });
    const detail = 'many.test is not a public address (::1, loopback; 127.0.0.1, loopback)';
    expect(result).toEqual({ vote: 'down', reason: 'address-refused', detail });
    expect(server.accepted()).toBe(0);
  });
});

describe('connecting', () => {
  test('a closed port is connect-refused', async () => {
    const result = await leavingNothing(() => look(httpCheck('http://127.0.0.1:1/')));
    expect(result).toEqual({ vote: 'down', reason: 'connect-refused', detail: '127.0.0.1:1 refused the connection' });
  });

  test('the next address is tried', async () => {
    const { port } = await serveAnswer(200);
    const check = httpCheck(`http://two.test:${port}/`, { allowPrivate: true });
    expect(await look(check, { resolve: async () => ['::1', '127.0.0.1'] })).toEqual({ vote: 'up', reason: 'ok' });
  });

  test('when none answers, the first failure is told', async () => {
    const check = tcpCheck('two.test', 1, { allowPrivate: true });
    const result = await look(check, { resolve: async () => ['127.0.0.1', '255.255.255.255'] });
    expect(result).toMatchObject({ vote: 'down', reason: 'connect-refused' });
  });

  test('an unreachable network is connect-failed', async () => {
    const result = await leavingNothing(() => look(tcpCheck('255.255.255.255', 80)));
    expect(result).toMatchObject({ vote: 'down', reason: 'connect-failed' });
  });

  test('a host that swallows connections is connect-timeout', async () => {
    const hole = await blackHole();
    try {
      const result = await leavingNothing(() => look(tcpCheck('127.0.0.1', hole.port, {}, { timeoutMs: 150 })));
      expect(result).toMatchObject({ vote: 'down', reason: 'connect-timeout' });
    } finally {
      await hole.close();
    }
  });
});

describe('TLS', () => {
  const resolve = async () => ['127.0.0.1'];
  const secure = (port: number, timeoutMs = 2_000) =>
    httpCheck(`https://node.test:${port}/`, { allowPrivate: true }, { timeoutMs });

  test('a trusted certificate of this host is up, with a time for each phase', async () => {
    const tls = await certificate();
    const { port } = await serveHttps(tls, (_request, response) => response.end('fine'));
    const { timings, ...verdict } = await leavingNothing(() => lookTimed(secure(port), { resolve, ca: [tls.cert] }));
    expect(verdict).toEqual({ vote: 'up', reason: 'ok' });
    expect(Object.keys(timings).sort()).toEqual(['connectMs', 'dnsMs', 'firstByteMs', 'tlsMs', 'totalMs']);
    const { totalMs, ...phases } = timings;
    expect(Object.values(phases).reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(totalMs);
  });

  test('an address is checked against the certificate too, without SNI', async () => {
    const tls = await certificate({ names: ['127.0.0.1'] });
    const { port } = await serveHttps(tls, (_request, response) => response.end());
    expect(await look(httpCheck(`https://127.0.0.1:${port}/`), { ca: [tls.cert] })).toEqual({ vote: 'up', reason: 'ok' });
  });

  test('the name is sent as SNI', async () => {
    const tls = await certificate();
    const { port } = await serveHttps(tls, (request, response) => response.end((request.socket as TLSSocket).servername));
    const body = { contains: ['node.test'], notContains: [] };
    const check = httpCheck(`https://node.test:${port}/`, { allowPrivate: true, expect: { body } });
    expect(await look(check, { resolve, ca: [tls.cert] })).toEqual({ vote: 'up', reason: 'ok' });
  });

  test.each([
    ['wrong-host', { names: ['other.test'] }, /^certificate of node.test is for another host: DNS:other.test$/],
    ['expired', { from: -9, to: -2 }, /^certificate of node.test has expired: "node.test" on 20\S+Z$/],
    ['not-yet-valid', { from: 2, to: 9 }, /^certificate of node.test is not yet valid: "node.test" from 20\S+Z$/],
  ])('a certificate that does not hold is certificate-%s', async (why, options, detail) => {
    const tls = await certificate(options);
    const { port } = await serveHttps(tls, (_request, response) => response.end());
    const result = await leavingNothing(() => look(secure(port), { resolve, ca: [tls.cert] }));
    expect(result).toMatchObject({ vote: 'down', reason: `certificate-${why}`, detail: expect.stringMatching(detail) });
  });

  test('a certificate that vouches for itself is certificate-self-signed', async () => {
    const { port } = await serveHttps(await certificate(), (_request, response) => response.end());
    const detail = 'certificate of node.test is signed by itself: "node.test"';
    expect(await look(secure(port), { resolve })).toEqual({ vote: 'down', reason: 'certificate-self-signed', detail });
  });

  test('a server that does not speak TLS is tls-failed', async () => {
    const { port } = await serveRaw((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
    const result = await leavingNothing(() => look(secure(port), { resolve }));
    expect(result).toMatchObject({ vote: 'down', reason: 'tls-failed' });
  });

  test('a connection closed inside the handshake is tls-closed', async () => {
    const { port } = await serveRaw((socket) => socket.once('data', () => socket.destroy()));
    const result = await leavingNothing(() => look(secure(port), { resolve }));
    expect(result).toMatchObject({ vote: 'down', reason: 'tls-closed' });
  });

  test('a handshake that stalls is tls-timeout', async () => {
    const { port } = await serveRaw((socket) => socket.resume());
    const result = await leavingNothing(() => look(secure(port, 150), { resolve }));
    expect(result).toMatchObject({ vote: 'down', reason: 'tls-timeout' });
  });
});

describe('the seam', () => {
  test('a look that its run ends is abstain, unfinished', async () => {
    const { port } = await serveRaw(() => undefined);
    const run = new AbortController();
    const probe = createProbe({ resolveText: async () => '', dial: createDial() });
    const result = await leavingNothing(async () => {
      const looking = probe(httpCheck(`http://127.0.0.1:${port}/`), run.signal);
      run.abort();
      return looking;
    });
    expect(result).toMatchObject({ vote: 'abstain', reason: 'unfinished' });
    expect(result).not.toHaveProperty('detail');
  });

  test('what a dial that is not ours does is judged like the real one', async () => {
    const { port } = await serveRaw((socket) => socket.end('garbage\r\n'));
    const probe = createProbe({
      resolveText: async () => '',
      dial: async () => ({ socket: connect(port, '127.0.0.1'), timings: { connectMs: 1 } }),
    });
    const result = await probe(httpCheck('https://node.example.org/'), new AbortController().signal);
    expect(result).toMatchObject({ vote: 'down', reason: 'protocol-error', timings: { connectMs: 1 } });
  });

  test('a fault of a dial itself is the monitor’s: abstain, internal', async () => {
    const dial = async () => {
      throw new TypeError('not a function');
    };
    const probe = createProbe({ resolveText: async () => '', dial });
    const result = await probe(httpCheck('http://node.example.org/'), new AbortController().signal);
    expect(result).toMatchObject({ vote: 'abstain', reason: 'internal', detail: 'not a function' });
  });
});
