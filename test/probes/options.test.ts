import type { TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { createDial } from '../../lib/probes/dial.ts';
import { httpCheck, look, tcpCheck } from './checks.ts';
import { issue } from './pki.ts';
import { type Certificate, leavingNothing, serveAnswer, serveHttp, serveHttps } from './servers.ts';

const UP = { vote: 'up', reason: 'ok' };
const loopback = async () => ['127.0.0.1'];

describe('ipVersion', () => {
  const both = async () => ['127.0.0.1', '::1'];
  const seen = (host: string, ipVersion: 4 | 6, resolve = both) =>
    leavingNothing(() => look(tcpCheck(host, 1, { ipVersion, allowPrivate: true }), { resolve }));

  test.each([
    [4, '127.0.0.1:1 refused the connection'],
    [6, '[::1]:1 refused the connection'],
  ] as const)('%i connects to addresses of it alone, also of localhost', async (version, detail) => {
    expect(await seen('node.test', version)).toEqual({ vote: 'down', reason: 'connect-refused', detail });
    expect(await seen('localhost', version)).toEqual({ vote: 'down', reason: 'connect-refused', detail });
  });

  test('that the name does not have is dns-failed', async () => {
    expect(await seen('node.test', 6, loopback)).toEqual({
      vote: 'down',
      reason: 'dns-failed',
      detail: 'node.test has no IPv6 address',
    });
    expect(await seen('127.0.0.1', 6)).toEqual({ vote: 'down', reason: 'dns-failed', detail: '127.0.0.1 has no IPv6 address' });
  });
});

describe('an address that the check pins', () => {
  test('is connected to without a look-up, while Host stays', async () => {
    const { port } = await serveHttp((request, response) => response.end(request.headers.host));
    const resolve = vi.fn(loopback);
    const body = { contains: [`shared.test:${port}`], notContains: [] };
    const check = httpCheck(`http://shared.test:${port}/`, { address: '127.0.0.1', expect: { body } });
    expect(await leavingNothing(() => look(check, { resolve }))).toEqual(UP);
    expect(resolve).not.toHaveBeenCalled();
  });

  test('keeps SNI and the name that the certificate must be for', async () => {
    const own = await issue('shared.test', { names: ['shared.test'] });
    const { port } = await serveHttps(own, (request, response) => response.end((request.socket as TLSSocket).servername));
    const pinned = (name: string, expected: string) => {
      const body = { contains: [expected], notContains: [] };
      const parts = { address: '127.0.0.1', tls: { ca: own.cert }, expect: { body } };
      return leavingNothing(() => look(httpCheck(`https://${name}:${port}/`, parts)));
    };
    expect(await pinned('shared.test', 'shared.test')).toEqual(UP);
    expect(await pinned('other.test', 'other.test')).toMatchObject({ vote: 'down', reason: 'certificate-wrong-host' });
  });

  test('holds for redirects, which lead to the same host alone', async () => {
    const { port } = await serveHttp((request, response) =>
      request.url === '/' ? response.writeHead(302, { location: '/there' }).end() : response.end('there'),
    );
    const body = { contains: ['there'], notContains: [] };
    const check = httpCheck(`http://shared.test:${port}/`, { address: '127.0.0.1', expect: { body } });
    expect(await look(check)).toMatchObject(UP);
  });
});

describe('TLS options', () => {
  let authority: Certificate;
  let client: Certificate;
  let server: Certificate;

  beforeAll(async () => {
    authority = await issue('Client authority', { authority: true });
    client = await issue('Quorumwatch', { by: authority });
    server = await issue('node.test', { names: ['node.test', 'inner.test'] });
  });

  const serve = () =>
    serveHttps({ ...server, requestCert: true, rejectUnauthorized: true, ca: authority.cert }, (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      response.end(`hello ${subject.CN}`);
    });
  const seen = async (tls: object, resolveText?: (text: object | string) => Promise<string>) => {
    const { port } = await serve();
    const body = { contains: ['hello Quorumwatch'], notContains: [] };
    const check = httpCheck(`https://node.test:${port}/`, { allowPrivate: true, tls, expect: { body } });
    return leavingNothing(() => look(check, { resolve: loopback, ...(resolveText && { resolveText }) }));
  };

  test('a client certificate is shown to a server that wants one', async () => {
    expect(await seen({ ca: server.cert, ...client })).toEqual(UP);
  });

  test('a server that wants one and is shown none says so with an alert: tls-failed', async () => {
    const detail = 'TLS ended with an alert (ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED)';
    expect(await seen({ ca: server.cert })).toEqual({ vote: 'down', reason: 'tls-failed', detail });
  });

  test('a server that is shown a foreign one hangs up', async () => {
    const foreign = await issue('Quorumwatch', {});
    expect(await seen({ ca: server.cert, ...foreign })).toMatchObject({ vote: 'down', reason: 'closed-early' });
  });

  test('its texts may be secrets', async () => {
    const secrets: Record<string, string> = { '/ca': server.cert, '/cert': client.cert, '/key': client.key };
    const resolveText = async (text: object | string) => secrets[(text as { ssm: string }).ssm] ?? '';
    expect(await seen({ ca: { ssm: '/ca' }, cert: { ssm: '/cert' }, key: { ssm: '/key' } }, resolveText)).toEqual(UP);
  });

  test('a secret that cannot be read, and a text that is no certificate, abstain and show nothing of it', async () => {
    const unreadable = async () => Promise.reject(new Error('access denied'));
    expect(await seen({ ca: { ssm: '/ca' } }, unreadable)).toEqual({
      vote: 'abstain',
      reason: 'secret',
      detail: '/ca: access denied',
    });
    const result = await seen({ ca: 'not a certificate at all' });
    expect(result).toMatchObject({
      vote: 'abstain',
      reason: 'secret',
      detail: expect.stringMatching(/^tls: ca, cert or key cannot be used/),
    });
    expect(result.detail).not.toContain('at all');
    expect(await seen({ ca: server.cert, cert: client.cert, key: server.key })).toMatchObject({
      vote: 'abstain',
      reason: 'secret',
    });
  });

  test('servername is sent, and the certificate must be for it', async () => {
    const { port } = await serveHttps(server, (request, response) => response.end((request.socket as TLSSocket).servername));
    const named = (servername: string) => {
      const body = { contains: [servername], notContains: [] };
      const parts = { address: '127.0.0.1', tls: { ca: server.cert, servername }, expect: { body } };
      return look(httpCheck(`https://outer.test:${port}/`, parts));
    };
    expect(await named('inner.test')).toEqual(UP);
    expect(await named('outer.test')).toMatchObject({ vote: 'down', reason: 'certificate-wrong-host' });
  });

  test('of one check are not those of the next', async () => {
    const { port } = await serveHttps(server, (_request, response) => response.end());
    const dial = { dial: createDial({ resolve: loopback }) };
    const url = `https://node.test:${port}/`;
    expect(await look(httpCheck(url, { allowPrivate: true, tls: { ca: server.cert } }), dial)).toEqual(UP);
    expect(await look(httpCheck(url, { allowPrivate: true }), dial)).toMatchObject({ reason: 'certificate-self-signed' });
  });
});

test('an address that a check pins may be private: the configuration names it', async () => {
  const { port } = await serveAnswer(200);
  expect(await look(httpCheck(`http://node.test:${port}/`, { address: '127.0.0.1' }))).toEqual(UP);
});
