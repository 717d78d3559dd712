import { describe, expect, test } from 'vitest';
import { look, lookTimed, tcpCheck } from './checks.ts';
import { leavingNothing, serveRaw } from './servers.ts';

const UP = { vote: 'up', reason: 'ok' };
const SSH = '^SSH-2\\.0';

describe('an open port', () => {
  test('is up, with the phases that it has', async () => {
    const { port } = await serveRaw(() => undefined);
    const { timings, ...verdict } = await leavingNothing(() => lookTimed(tcpCheck('127.0.0.1', port)));
    expect(verdict).toEqual(UP);
    expect(Object.keys(timings)).toEqual(['connectMs', 'totalMs']);
  });

  test('is up even if the server hangs up, as long as no banner is expected', async () => {
    const { port } = await serveRaw((socket) => socket.end());
    expect(await leavingNothing(() => look(tcpCheck('127.0.0.1', port)))).toEqual(UP);
  });

  test('slower than the thresholds is degraded or down', async () => {
    const { port } = await serveRaw((socket) => void setTimeout(() => socket.write('SSH-2.0-x'), 30));
    const timed = (time: object) => look(tcpCheck('127.0.0.1', port, { expect: { banner: SSH, time } }));
    expect(await timed({ degradedMs: 10, downMs: 5_000 })).toMatchObject({ vote: 'degraded', reason: 'slow' });
    expect(await timed({ downMs: 10 })).toMatchObject({ vote: 'down', reason: 'slow' });
  });

  test('by name, refused where the name leads to loopback', async () => {
    const result = await look(tcpCheck('node.test', 22), { resolve: async () => ['127.0.0.1'] });
    expect(result).toMatchObject({ vote: 'down', reason: 'address-refused' });
  });

  test('closed is connect-refused', async () => {
    expect(await look(tcpCheck('127.0.0.1', 1))).toMatchObject({ vote: 'down', reason: 'connect-refused' });
  });
});

describe('a banner (a baker behind a signer, tunnels and a firewall)', () => {
  const ssh = (port: number, send?: string, timeoutMs = 2_000) =>
    tcpCheck('127.0.0.1', port, { expect: { banner: SSH, time: {} }, ...(send !== undefined && { send }) }, { timeoutMs });
  const seen = (...parts: Parameters<typeof ssh>) => leavingNothing(() => look(ssh(...parts)));

  test('that matches, in several pieces, is up', async () => {
    const { port } = await serveRaw((socket) => {
      socket.write('SS');
      setTimeout(() => socket.write('H-2.0-OpenSSH_9.6\r\n'), 20);
    });
    expect(await seen(port)).toEqual(UP);
  });

  test('that comes only after something was sent', async () => {
    const { port } = await serveRaw((socket) => socket.on('data', (data) => socket.write(`SSH-2.0 ${data}`)));
    expect(await seen(port, 'hello\r\n')).toEqual(UP);
  });

  test('accepted and closed before it: banner-missing', async () => {
    const { port } = await serveRaw((socket) => socket.end());
    const detail = `closed before a banner, expected a banner that matches /${SSH}/`;
    expect(await seen(port)).toEqual({ vote: 'down', reason: 'banner-missing', detail });
  });

  test('silence is banner-missing at the timeout', async () => {
    const { port } = await serveRaw(() => undefined);
    const result = await seen(port, undefined, 100);
    expect(result).toMatchObject({
      vote: 'down',
      reason: 'banner-missing',
      detail: expect.stringMatching(/^silent for \d+ ms before a banner/),
    });
  });

  test('another one is banner-mismatch, and shown', async () => {
    const { port } = await serveRaw((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n'));
    const detail = `"HTTP/1.1 400 Bad Request\\r\\n", then closed; expected a banner that matches /${SSH}/`;
    expect(await seen(port)).toEqual({ vote: 'down', reason: 'banner-mismatch', detail });
  });

  test('another one and then silence is banner-mismatch', async () => {
    const { port } = await serveRaw((socket) => socket.write('220 mail\r\n'));
    expect(await seen(port, undefined, 200)).toMatchObject({
      vote: 'down',
      reason: 'banner-mismatch',
      detail: expect.stringMatching(/then silent for/),
    });
  });

  test('only the first KiB is read', async () => {
    const { port } = await serveRaw((socket) => socket.write(`${'x'.repeat(1_024)}SSH-2.0`));
    const check = tcpCheck('127.0.0.1', port, { expect: { banner: 'SSH', time: {} } });
    expect(await leavingNothing(() => look(check))).toMatchObject({ vote: 'down', reason: 'banner-mismatch' });
  });
});
