import { describe, expect, test } from 'vitest';
import { createDial, type Dial } from '../../lib/probes/dial.ts';
import { httpCheck, look } from './checks.ts';
import { certificate, leavingNothing, serveAnswer, serveHttp, serveHttps } from './servers.ts';

const redirect = (status: number, location: string) => serveAnswer(status, 'moved', { location });
const trusted = (ca: string) => ({ resolve: async () => ['127.0.0.1'], ca: [ca] });

describe('http to https on the same host (a witness and its failover script)', () => {
  /** Speaks http on one port and sends everybody to https on the other, which echoes method and body. */
  async function upgrading(status: number) {
    const tls = await certificate();
    const secure = await serveHttps(tls, (request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk)).on('end', () => response.end(`${request.method} ${body}`));
    });
    const plain = await redirect(status, `https://node.test:${secure.port}/rpc`);
    return { options: trusted(tls.cert), secure, url: `http://node.test:${plain.port}/rpc` };
  }
  const POST = { method: 'POST', body: '{"id":1}', allowPrivate: true };

  test.each([301, 302, 303, 307, 308])('a GET over %i is followed and reported', async (status) => {
    const { url, options, secure } = await upgrading(status);
    const result = await leavingNothing(() => look(httpCheck(url, { allowPrivate: true }), options));
    expect(result).toEqual({ vote: 'up', reason: 'ok', detail: `${status} to https://node.test:${secure.port}/rpc followed` });
  });

  test.each([307, 308])('a POST over %i keeps method and body', async (status) => {
    const { url, options } = await upgrading(status);
    const expectations = { body: { contains: ['POST {"id":1}'], notContains: [] } };
    const result = await look(httpCheck(url, { ...POST, expect: expectations }), options);
    expect(result).toMatchObject({ vote: 'up', reason: 'ok', detail: expect.stringMatching(/^30[78] to https:.* followed$/) });
  });

  test.each([301, 302, 303])('a POST over %i says what following it would have done', async (status) => {
    const { url, options, secure } = await upgrading(status);
    const to = `https://node.test:${secure.port}/rpc`;
    const detail = `${status} to ${to} would turn POST into GET and drop the body; use 308, or write ${to} in url`;
    expect(await look(httpCheck(url, POST), options)).toEqual({ vote: 'down', reason: 'redirect-method', detail });
    expect(secure.accepted()).toBe(0);
  });

  test('a POST without a body has none to drop', async () => {
    const { url, options } = await upgrading(301);
    const result = await look(httpCheck(url, { method: 'POST', allowPrivate: true }), options);
    expect(result).toMatchObject({ reason: 'redirect-method', detail: expect.stringContaining('into GET; use 308') });
  });

  test('what it reports stays with what is wrong behind it', async () => {
    const { url, options } = await upgrading(308);
    const result = await look(httpCheck(url, { allowPrivate: true, expect: { status: [[204, 204]] } }), options);
    expect(result).toMatchObject({
      reason: 'status',
      detail: expect.stringMatching(/^HTTP 200, expected 204: "GET"; 308 to .* followed$/),
    });
  });

  test('from https back to http is redirect-refused', async () => {
    const tls = await certificate();
    const plain = await serveAnswer(200);
    const location = `http://node.test:${plain.port}/`;
    const secure = await serveHttps(tls, (_request, response) => response.writeHead(301, { location }).end());
    const result = await look(httpCheck(`https://node.test:${secure.port}/`, { allowPrivate: true }), trusted(tls.cert));
    expect(result).toEqual({
      vote: 'down',
      reason: 'redirect-refused',
      detail: `301 to ${location} not followed: it leaves https`,
    });
    expect(plain.accepted()).toBe(0);
  });
});

describe('redirects that are not followed', () => {
  test.each([
    ['http://169.254.169.254/latest/meta-data/', 'http://169.254.169.254/latest/meta-data/'],
    ['http://[::ffff:127.0.0.1]:PORT/', 'http://[::ffff:7f00:1]:PORT/'],
    ['http://127.0.0.2:PORT/', 'http://127.0.0.2:PORT/'],
    ['http://localhost:PORT/', 'http://localhost:PORT/'],
    ['http://node.test.evil.test:PORT/?secret=1', 'http://node.test.evil.test:PORT/'],
    ['//user:pass@evil.test/x', 'http://evil.test/x'],
  ])('to another host: %s', async (location, shown) => {
    const target = await serveAnswer(200);
    const { url } = await redirect(302, location.replace('PORT', String(target.port)));
    const result = await leavingNothing(() => look(httpCheck(url)));
    const detail = `302 to ${shown.replace('PORT', String(target.port))} not followed: another host than 127.0.0.1`;
    expect(result).toEqual({ vote: 'down', reason: 'redirect-refused', detail });
    expect(target.accepted()).toBe(0);
  });

  test.each(['2130706433', '0x7f.1', '127.0.0.1', '0177.0.0.1'])('from a name to loopback written as %s', async (host) => {
    const target = await serveAnswer(200);
    const { port } = await redirect(302, `http://${host}:${target.port}/`);
    const result = await look(httpCheck(`http://node.test:${port}/`, { allowPrivate: true }), {
      resolve: async () => ['127.0.0.1'],
    });
    const detail = `302 to http://127.0.0.1:${target.port}/ not followed: another host than node.test`;
    expect(result).toEqual({ vote: 'down', reason: 'redirect-refused', detail });
    expect(target.accepted()).toBe(0);
  });

  test('those forms of the configured address itself are the same host', async () => {
    const target = await serveAnswer(200);
    const { url } = await redirect(302, `http://0x7f.1:${target.port}/`);
    expect(await look(httpCheck(url))).toMatchObject({ vote: 'up', detail: `302 to http://127.0.0.1:${target.port}/ followed` });
  });

  test('to the same name, which now leads to a private address', async () => {
    const target = await serveAnswer(200);
    const { port } = await redirect(302, `http://node.test:${target.port}/`);
    const rebound = createDial({ resolve: async () => ['10.0.0.1'] });
    let looks = 0;
    const dial: Dial = (to, signal) => (looks++ === 0 ? createDial()({ ...to, host: '127.0.0.1' }, signal) : rebound(to, signal));
    const result = await look(httpCheck(`http://node.test:${port}/`), { dial });
    const detail = `redirect to http://node.test:${target.port}/ not followed: node.test is not a public address (10.0.0.1, private)`;
    expect(result).toEqual({ vote: 'down', reason: 'redirect-refused', detail });
  });

  test.each(['ftp://127.0.0.1/', 'file:///etc/passwd', 'javascript:alert(1)'])('to another scheme: %s', async (location) => {
    const { url } = await redirect(302, location);
    expect(await look(httpCheck(url))).toMatchObject({
      reason: 'redirect-refused',
      detail: expect.stringMatching(/only http and https are$/),
    });
  });

  test('to what is no URL is protocol-error', async () => {
    const { url } = await redirect(302, 'http://[bad');
    expect(await look(httpCheck(url))).toEqual({
      vote: 'down',
      reason: 'protocol-error',
      detail: 'HTTP 302 to "http://[bad", which is not a URL',
    });
  });
});

describe('how many', () => {
  const countdown = () =>
    serveHttp((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) return response.end('there');
      return response.writeHead(307, { location: `/${left - 1}` }).end();
    });

  test('as many as the check follows', async () => {
    const { url, port, accepted } = await countdown();
    const followed = `307 to http://127.0.0.1:${port}/1 followed, 307 to http://127.0.0.1:${port}/0 followed`;
    expect(await look(httpCheck(`${url}/2`, { redirects: 2 }))).toEqual({ vote: 'up', reason: 'ok', detail: followed });
    expect(accepted()).toBe(3);
  });

  test('one more is redirect-limit', async () => {
    const { url, port } = await countdown();
    const detail = `more than 2 redirects, the last one to http://127.0.0.1:${port}/0`;
    expect(await look(httpCheck(`${url}/3`, { redirects: 2 }))).toEqual({ vote: 'down', reason: 'redirect-limit', detail });
  });

  test('a loop ends at the limit', async () => {
    const server = await redirect(301, '/');
    const result = await leavingNothing(() => look(httpCheck(server.url, { redirects: 5 })));
    expect(result).toMatchObject({ vote: 'down', reason: 'redirect-limit' });
    expect(server.accepted()).toBe(6);
  });

  test('with none to follow, the redirect itself is judged', async () => {
    const { url } = await redirect(301, 'https://other.example/');
    expect(await look(httpCheck(url, { redirects: 0 }))).toEqual({
      vote: 'down',
      reason: 'status',
      detail: 'HTTP 301, expected 2xx: "moved"',
    });
    expect(await look(httpCheck(url, { redirects: 0, expect: { status: [[301, 301]] } }))).toEqual({ vote: 'up', reason: 'ok' });
  });

  test('without a Location there is nothing to follow', async () => {
    const { url } = await serveAnswer(301, 'moved');
    expect(await look(httpCheck(url))).toMatchObject({ reason: 'status', detail: 'HTTP 301, expected 2xx: "moved"' });
  });

  test('all hops share one timeout', async () => {
    const { url } = await serveHttp((_request, response) => {
      setTimeout(() => response.writeHead(302, { location: '/' }).end(), 60);
    });
    const result = await leavingNothing(() => look(httpCheck(url, { redirects: 20 }, { timeoutMs: 150 })));
    expect(result).toMatchObject({ vote: 'down', reason: 'answer-timeout' });
  });
});
