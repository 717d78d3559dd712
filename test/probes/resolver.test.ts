import { describe, expect, test } from 'vitest';
import { createResolver } from '../../lib/probes/resolver.ts';
import { httpCheck, look } from './checks.ts';
import { head, serveDns, serveScript } from './dns-servers.ts';
import { leavingNothing, serveAnswer } from './servers.ts';

type Records = Record<string, Record<string, string>>;

const serve = (records: Records) =>
  serveDns(({ name, type }) => {
    const data = records[name]?.[type];
    if (!records[name]) return { rcode: 'NXDOMAIN', answers: [], authorities: [] };
    return { rcode: 'NOERROR', authorities: [], answers: data === undefined ? [] : [{ name, type: type as 'A', ttl: 0, data }] };
  });

const lookUp = async (port: number, host: string, ipVersion?: 4 | 6) =>
  leavingNothing(() => createResolver([`127.0.0.1:${port}`])(host, { ipVersion, signal: new AbortController().signal }));

describe('names', () => {
  test('have addresses of both versions: IPv6 is asked for where there is no other, or none other is wanted', async () => {
    const port = await serve({ 'both.test': { A: '127.0.0.1', AAAA: '::1' }, 'six.test': { AAAA: '::1' }, 'none.test': {} });
    expect(await lookUp(port, 'both.test')).toEqual(['127.0.0.1']);
    expect(await lookUp(port, 'both.test', 6)).toEqual(['::1']);
    expect(await lookUp(port, 'six.test')).toEqual(['::1']);
    expect(await lookUp(port, 'six.test', 4)).toEqual([]);
    expect(await lookUp(port, 'none.test')).toEqual([]);
    await expect(lookUp(port, 'gone.test')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  test('lead a probe to their server, and are judged like any others', async () => {
    const { port } = await serveAnswer(200);
    const resolve = createResolver([`127.0.0.1:${await serve({ 'node.test': { A: '127.0.0.1' } })}`]);
    const url = `http://node.test:${port}/`;
    expect(await look(httpCheck(url, { allowPrivate: true }), { resolve })).toEqual({ vote: 'up', reason: 'ok' });
    expect(await look(httpCheck(url), { resolve })).toMatchObject({ vote: 'down', reason: 'address-refused' });
  });
});

describe('name servers', () => {
  test('that stay silent end with the look, and nothing of the question is left', async () => {
    const resolve = createResolver([`127.0.0.1:${await serveScript({})}`]);
    const result = await leavingNothing(() => look(httpCheck('http://node.test/', {}, { timeoutMs: 100 }), { resolve }));
    expect(result).toEqual({ vote: 'down', reason: 'dns-timeout', detail: 'no answer for node.test within 100 ms' });
  });

  test('that stay silent keep nobody else waiting', async () => {
    const silent = `127.0.0.1:${await serveScript({})}`;
    const looks = Array.from({ length: 32 }, () =>
      look(httpCheck('http://node.test/', {}, { timeoutMs: 300 }), { resolve: createResolver([silent]) }),
    );
    const startedAt = performance.now();
    const port = await serve({ 'both.test': { A: '127.0.0.1' } });
    expect(await createResolver([`127.0.0.1:${port}`])('both.test', { signal: new AbortController().signal })).toHaveLength(1);
    expect(performance.now() - startedAt).toBeLessThan(250);
    expect(new Set((await Promise.all(looks)).map(({ reason }) => reason))).toEqual(new Set(['dns-timeout']));
  });

  test('that talk nonsense are dns-failed', async () => {
    const resolve = createResolver([`127.0.0.1:${await serveScript({ udp: (question) => [head(question, { answers: 9 })] })}`]);
    const result = await leavingNothing(() => look(httpCheck('http://node.test/', {}, { timeoutMs: 3_000 }), { resolve }));
    expect(result).toEqual({ vote: 'down', reason: 'dns-failed', detail: 'node.test does not resolve (EBADRESP)' });
  });
});
