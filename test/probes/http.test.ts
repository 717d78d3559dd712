import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { JsonExpect } from '../../lib/core/cell.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { httpCheck, look, lookTimed } from './checks.ts';
import { certificate, serveAnswer, serveHttp, serveHttps } from './servers.ts';

const UP = { vote: 'up', reason: 'ok' };
const down = (reason: string, detail: string) => ({ vote: 'down', reason, detail });

describe('status', () => {
  test.each([
    [200, [[200, 299]]],
    [204, [[200, 299]]],
    [404, [[404, 404]]],
    [
      301,
      [
        [200, 299],
        [301, 301],
      ],
    ],
  ] as [number, [number, number][]][])('%i is among %j', async (seen, status) => {
    const { url } = await serveAnswer(seen);
    expect(await look(httpCheck(url, { expect: { status } }))).toEqual(UP);
  });

  test.each([
    [
      'HAProxy without a server',
      503,
      '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n',
      'HTTP 503, expected 2xx: "No server is available to handle this request."',
    ],
    [
      'nginx',
      502,
      '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center></body></html>',
      'HTTP 502, expected 2xx: "nginx"',
    ],
    [
      'JSON',
      500,
      '{"code":500,"message":"Internal Service Error"}',
      'HTTP 500, expected 2xx: "{\\"code\\":500,\\"message\\":\\"Internal Service Error\\"}"',
    ],
    ['nothing', 500, '', 'HTTP 500, expected 2xx'],
  ])('an error of %s shows its first line', async (_who, status, body, detail) => {
    const { url } = await serveAnswer(status, body);
    expect(await look(httpCheck(url))).toEqual(down('status', detail));
  });

  test('the expected ones are named as they are written', async () => {
    const { url } = await serveAnswer(500);
    const status: [number, number][] = [
      [200, 200],
      [204, 206],
      [300, 399],
    ];
    expect(await look(httpCheck(url, { expect: { status } }))).toEqual(
      down('status', 'HTTP 500, expected 200 or 204-206 or 3xx'),
    );
  });

  test('a wrong status is the only thing said of an error page', async () => {
    const { url } = await serveAnswer(500, 'bad alloc');
    const expectations = { body: { contains: ['head_block_num'], notContains: [] }, json: [{ path: 'chain_id', equals: 'a' }] };
    expect(await look(httpCheck(url, { expect: expectations }))).toEqual(down('status', 'HTTP 500, expected 2xx: "bad alloc"'));
  });
});

describe('body', () => {
  const judged = async (body: string, expected: { contains?: string[]; notContains?: string[]; matches?: string }) => {
    const { url } = await serveAnswer(200, body);
    return look(httpCheck(url, { expect: { body: { contains: [], notContains: [], ...expected } } }));
  };

  test('what it must contain, must not contain and must match', async () => {
    expect(
      await judged('{"head_block_num": 7}', { contains: ['head', 'num'], notContains: ['bad'], matches: '": \\d+}$' }),
    ).toEqual(UP);
  });

  test('what it lacks, and what was seen instead', async () => {
    const expected = { contains: ['"id"', 'head_block_num'] };
    const detail = 'body lacks "\\"id\\""; body lacks "head_block_num": "{\\"error\\":\\n  \\"x\\"}"';
    expect(await judged('{"error":\n  "x"}', expected)).toEqual(down('body-mismatch', detail));
  });

  test('a pattern that does not match', async () => {
    expect(await judged('height 7', { matches: 'height \\d{2,}' })).toEqual(
      down('body-mismatch', 'body does not match /height \\d{2,}/: "height 7"'),
    );
  });

  test('what it must not contain comes before what it lacks', async () => {
    expect(await judged('NODEOS_UNREACHABLE', { contains: ['ok'], notContains: ['NODEOS_UNREACHABLE'] })).toEqual(
      down('body-forbidden', 'body contains "NODEOS_UNREACHABLE"; body lacks "ok": "NODEOS_UNREACHABLE"'),
    );
  });

  test('one line of at most 200 characters, with nothing invisible in it', async () => {
    const { detail } = await judged(`a\0b\u001b[31m\u202e\u2028\ud83d${'x'.repeat(999)}`, { contains: ['y'.repeat(150)] });
    expect(detail).toMatch(/^body lacks "y+…": "a\\u0000b\\u001b\[31m\\u202e\\u2028�x+…"$/);
    expect(detail?.length).toBeLessThanOrEqual(200);
  });
});

describe('compressed bodies', () => {
  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['deflate', deflateRawSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
    ['identity', (body: Buffer) => body],
    ['gzip, br', (body: Buffer) => brotliCompressSync(gzipSync(body))],
  ])('%s', async (coding, compress) => {
    const { url } = await serveAnswer(200, compress(Buffer.from('head_block_num')), { 'content-encoding': coding });
    expect(await look(httpCheck(url, { expect: { body: { contains: ['head_block_num'], notContains: [] } } }))).toEqual(UP);
  });

  test('a body that is not what its header says is body-encoding', async () => {
    const { url } = await serveAnswer(200, 'plain', { 'content-encoding': 'gzip' });
    expect(await look(httpCheck(url))).toEqual(down('body-encoding', 'body is not gzip, as its header says (Z_DATA_ERROR)'));
  });

  test('a coding nobody knows is body-encoding, behind a wrong status', async () => {
    const { url } = await serveAnswer(500, 'plain', { 'content-encoding': 'constructor' });
    const detail = 'HTTP 500, expected 2xx; body is compressed with "constructor", which nobody asked for';
    expect(await look(httpCheck(url))).toEqual(down('status', detail));
  });
});

describe('JSON', () => {
  const data = { chain_id: 'b', head: { num: 7, time: '2026-01-01T00:00:00' }, peers: [{ up: true }, { up: false }], none: null };
  const judged = async (json: JsonExpect[], body = JSON.stringify(data)) => {
    const { url } = await serveAnswer(200, body);
    return look(httpCheck(url, { expect: { json } }));
  };

  test('each of its words, met', async () => {
    const json = [
      { path: 'chain_id', equals: 'b', not: 'a', matches: '^[a-f]$', exists: true },
      { path: 'head', equals: { time: '2026-01-01T00:00:00', num: 7 } },
      { path: 'head.num', greaterThan: 6, lessThan: 8 },
      { path: 'length(peers[?up])', equals: 1 },
      { path: 'none', equals: null, exists: false },
      { path: 'absent', exists: false },
    ];
    expect(await judged(json)).toEqual(UP);
  });

  test.each([
    [{ path: 'chain_id', equals: 'a' }, 'chain_id is "b", expected "a"'],
    [{ path: 'chain_id', not: 'b' }, 'chain_id is "b", expected anything else'],
    [{ path: 'chain_id', matches: '^[0-9]+$' }, 'chain_id is "b", expected to match /^[0-9]+$/'],
    [{ path: 'chain_id', lessThan: 3 }, 'chain_id is "b", expected less than 3'],
    [{ path: 'head.num', lessThan: 7 }, 'head.num is 7, expected less than 7'],
    [{ path: 'head.num', greaterThan: 7 }, 'head.num is 7, expected more than 7'],
    [{ path: 'head.num', matches: '7' }, 'head.num is 7, expected to match /7/'],
    [{ path: 'head.num', exists: false }, 'head.num is 7, expected none'],
    [{ path: 'head.id', exists: true }, 'head.id is missing'],
    [{ path: 'head.id', equals: 'x' }, 'head.id is missing, expected "x"'],
    [{ path: 'peers[0]', equals: { up: false } }, 'peers[0] is {"up":true}, expected {"up":false}'],
    [{ path: 'constructor', exists: true }, 'constructor is missing'],
    [{ path: 'abs(chain_id)', equals: 1 }, expect.stringMatching(/^abs\(chain_id\) cannot be evaluated: /)],
  ])('%j is not met', async (expectation, detail) => {
    expect(await judged([expectation])).toEqual({ vote: 'down', reason: 'json-mismatch', detail });
  });

  test('a body that is not JSON is json-invalid', async () => {
    expect(await judged([{ path: 'a', exists: true }], '<html>')).toEqual(down('json-invalid', 'body is not JSON: "<html>"'));
  });

  test('256 levels are judged like any other value, more are not', async () => {
    const nested = (levels: number) => `{"a\\"[[[":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    expect(await judged([{ path: 'b', equals: 1 }], nested(256))).toEqual(down('json-mismatch', 'b is missing, expected 1'));
    const detail = expect.stringMatching(/^body is nested more than 256 levels deep: "/);
    expect(await judged([{ path: 'b', equals: 1 }], nested(257))).toEqual({ vote: 'down', reason: 'json-too-deep', detail });
  });

  test('a body that is not UTF-8 is no JSON', async () => {
    const { url } = await serveAnswer(200, Buffer.from('{"a":"\xff"}', 'latin1'));
    const result = await look(httpCheck(url, { expect: { json: [{ path: 'a', exists: true }] } }));
    const detail = 'body is not UTF-8, as JSON must be: "{\\"a\\":\\"\ufffd\\"}"';
    expect(result).toEqual(down('utf8-invalid', detail));
  });
});

describe('thresholds', () => {
  const slow = () => serveHttp((_request, response) => void setTimeout(() => response.end(), 30));

  test('slower than degraded', async () => {
    const { url } = await slow();
    const result = await look(httpCheck(url, { expect: { time: { degradedMs: 10, downMs: 10_000 } } }));
    expect(result).toEqual({
      vote: 'degraded',
      reason: 'slow',
      detail: expect.stringMatching(/^took \d+ ms, expected at most 10 ms$/),
    });
  });

  test('slower than down', async () => {
    const { url } = await slow();
    expect(await look(httpCheck(url, { expect: { time: { degradedMs: 5, downMs: 10 } } }))).toMatchObject({
      vote: 'down',
      reason: 'slow',
    });
  });

  test('within both', async () => {
    const { url } = await slow();
    expect(await look(httpCheck(url, { expect: { time: { degradedMs: 5_000, downMs: 9_000 } } }))).toEqual(UP);
  });

  test('down comes before degraded', async () => {
    const { url } = await serveHttp((_request, response) => void setTimeout(() => response.end('wrong'), 30));
    const result = await look(
      httpCheck(url, { expect: { time: { degradedMs: 10 }, body: { contains: ['right'], notContains: [] } } }),
    );
    expect(result).toMatchObject({ vote: 'down', reason: 'body-mismatch' });
    expect(result.detail).toMatch(/^body lacks "right": "wrong"; took \d+ ms/);
  });

  const DAY_MS = 86_400_000;
  test.each([
    [{ degradedMs: 14 * DAY_MS, downMs: DAY_MS }, 'degraded', /^certificate expires in 9d \(20..-.*Z\), expected at least 14d$/],
    [{ degradedMs: 14 * DAY_MS, downMs: 12 * DAY_MS }, 'down', /^certificate expires in 9d .*, expected at least 12d$/],
    [{ degradedMs: 36 * 3_600_000 }, 'up', undefined],
  ])('a certificate with ten days left under %j is %s', async (threshold, vote, detail) => {
    const tls = await certificate({ to: 10 });
    const { port } = await serveHttps(tls, (_request, response) => response.end());
    const check = httpCheck(`https://node.test:${port}/`, { allowPrivate: true, expect: { certificate: threshold } });
    const result = await look(check, { resolve: async () => ['127.0.0.1'], ca: [tls.cert] });
    expect(result.vote).toBe(vote);
    if (detail) expect(result).toMatchObject({ reason: 'certificate-expires', detail: expect.stringMatching(detail) });
  });
});

describe('the request', () => {
  const echo = () =>
    serveHttp((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      const { method, url, headers } = request;
      request.on('end', () => response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(chunks).toString() })));
    });

  test('method, path and query, headers and body are sent', async () => {
    const { url, port } = await echo();
    const headers = { 'X-Token': 'abc', 'User-Agent': 'mine' };
    const json = [
      { path: 'method', equals: 'POST' },
      { path: 'url', equals: '/v1/x?y=1' },
      { path: 'headers."x-token"', equals: 'abc' },
      { path: 'headers."user-agent"', equals: 'mine' },
      { path: 'headers.host', equals: `127.0.0.1:${port}` },
      { path: 'body', equals: '{"id":1}' },
    ];
    expect(await look(httpCheck(`${url}/v1/x?y=1#z`, { method: 'POST', headers, body: '{"id":1}', expect: { json } }))).toEqual(
      UP,
    );
  });

  test('the default User-Agent names the project', async () => {
    const { url } = await echo();
    const json = [{ path: 'headers."user-agent"', equals: `Quorumwatch/${packageJson.version}` }];
    expect(await look(httpCheck(url, { expect: { json } }))).toEqual(UP);
  });

  test('HEAD has no body', async () => {
    const { url } = await serveAnswer(200, 'ignored', { 'content-length': '7' });
    expect(await look(httpCheck(url, { method: 'HEAD' }))).toEqual(UP);
  });

  test('secrets are sent, and masked wherever they come back', async () => {
    const { url } = await serveHttp((request, response) => {
      response
        .writeHead(401)
        .end(`no: ${request.headers.authorization} ${request.headers['x-api-key']} ${request.headers['x-who']} hidden-1`);
    });
    const headers = { authorization: { ssm: '/token' }, 'x-api-key': 'from-env', 'x-who': 'me' };
    const result = await look(httpCheck(url, { headers }), {
      resolveText: async () => 'Bearer s3cr3t-t0ken',
      hidden: ['hidden-1'],
    });
    expect(result).toEqual(down('status', 'HTTP 401, expected 2xx: "no: *** *** me ***"'));
  });

  test('a part of a secret is masked too', async () => {
    const { url } = await serveAnswer(401, 'unknown token s3cr3t-t0ken');
    const result = await look(httpCheck(url, { headers: { authorization: { ssm: '/token' } } }), {
      resolveText: async () => 'Bearer s3cr3t-t0ken',
    });
    expect(result.detail).toBe('HTTP 401, expected 2xx: "unknown token ***"');
  });

  test('a secret that contains another one leaves no rest', async () => {
    const { url } = await serveAnswer(500, 'key abcd1234-efgh5678');
    const result = await look(httpCheck(url), { hidden: ['abcd1234', 'abcd1234-efgh5678'] });
    expect(result.detail).toBe('HTTP 500, expected 2xx: "key ***"');
  });

  test('what basic authentication packs is masked unpacked too', async () => {
    const { url } = await serveAnswer(500, 'no such user: ana:correct-horse, or wrong password correct-horse');
    const headers = { authorization: { ssm: '/basic' } };
    const packed = `Basic ${Buffer.from('ana:correct-horse').toString('base64')}`;
    expect(await look(httpCheck(url, { headers }), { resolveText: async () => packed })).toEqual(
      down('status', 'HTTP 500, expected 2xx: "no such user: ***, or wrong password ***"'),
    );
  });

  test('a secret from a file keeps no line break; one inside of it sends nothing', async () => {
    const { url, accepted } = await serveHttp(({ headers }, response) => response.end(headers.authorization));
    const read = (secret: string) => ({ resolveText: async () => secret });
    const body = { contains: ['***'], notContains: [] };
    const check = httpCheck(url, { headers: { authorization: { ssm: '/key' } }, expect: { body } });
    expect(await look(check, read('abcdefgh\n'))).toMatchObject({ detail: 'body lacks "***": "***"' });
    const detail = 'authorization: its value has a line break or another control character';
    expect(await look(check, read('a\r\nx-evil: 1'))).toEqual({ vote: 'abstain', reason: 'secret', detail });
    expect(accepted()).toBe(1);
  });

  test('a secret that cannot be read abstains, and asks nobody', async () => {
    const server = await serveAnswer(200);
    const resolveText = async () => {
      throw new Error('AccessDeniedException');
    };
    const result = await look(httpCheck(server.url, { body: { ssm: '/body' }, method: 'POST' }), { resolveText });
    expect(result).toEqual({ vote: 'abstain', reason: 'secret', detail: '/body: AccessDeniedException' });
    expect(server.accepted()).toBe(0);
  });

  test('a secret that never comes abstains at the timeout', async () => {
    const check = httpCheck('http://127.0.0.1:1/', { headers: { a: { secretsManager: 'id' } } }, { timeoutMs: 100 });
    const result = await look(check, { resolveText: () => new Promise(() => undefined) });
    expect(result).toEqual({ vote: 'abstain', reason: 'secret', detail: 'id: no answer within the timeout' });
  });

  test('the time that a secret took is not the node’s', async () => {
    const { url } = await serveAnswer(200);
    const resolveText = () => new Promise<string>((resolve) => setTimeout(resolve, 500, 'x'));
    const result = await lookTimed(httpCheck(url, { headers: { a: { ssm: '/a' } } }), { resolveText });
    expect(result.timings.totalMs).toBeLessThan(500);
  });

  test('a header that cannot be sent is our fault: abstain, secret', async () => {
    const { url } = await serveAnswer(200);
    expect(await look(httpCheck(url, { headers: { a: 'x\ny' } }))).toMatchObject({ vote: 'abstain', reason: 'secret' });
  });
});

test('each look opens a connection of its own', async () => {
  const server = await serveAnswer(200);
  await look(httpCheck(server.url));
  await look(httpCheck(server.url));
  expect(server.accepted()).toBe(2);
});
