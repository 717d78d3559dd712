import { describe, expect, test } from 'vitest';
import type { JsonrpcSpec } from '../../lib/core/cell.ts';
import { look } from './checks.ts';
import { jsonrpcCheck } from './kinds.ts';
import { issue } from './pki.ts';
import { leavingNothing, serveAnswer, serveHttp, serveHttps } from './servers.ts';

const UP = { vote: 'up', reason: 'ok' };
const down = (reason: string, detail: string) => ({ vote: 'down', reason, detail });
const seen = (
  url: string,
  { expect: expected, ...parts }: Partial<Omit<JsonrpcSpec, 'expect'>> & { expect?: Partial<JsonrpcSpec['expect']> } = {},
) => leavingNothing(() => look(jsonrpcCheck(url, { ...parts, ...(expected && { expect: expected }) })));
const answering = (message: object, status = 200) => serveAnswer(status, JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }));

describe('a call', () => {
  test('is a POST of JSON with method and params, in the check’s own headers', async () => {
    const { url } = await serveHttp((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        const { method, headers } = request;
        const result = {
          method,
          type: headers['content-type'],
          accept: headers.accept,
          key: headers['x-key'],
          call: JSON.parse(body),
        };
        response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result }));
      });
    });
    const call = { jsonrpc: '2.0', id: 1, method: 'eth_getBlockByNumber', params: ['latest', false] };
    const equals = { method: 'POST', type: 'application/json', accept: 'application/json', key: 'k', call };
    const json = [{ path: '@', equals }];
    expect(await seen(url, { method: call.method, params: call.params, headers: { 'x-key': 'k' }, expect: { json } })).toEqual(
      UP,
    );
  });

  test.each([307, 308])('keeps method and body over %i', async (status) => {
    const { url } = await serveHttp((request, response) => {
      if (request.url === '/') return response.writeHead(status, { location: '/v2' }).end();
      const chunks: Buffer[] = [];
      request.on('data', (chunk) => chunks.push(chunk));
      return request.on('end', () => {
        const call = JSON.parse(Buffer.concat(chunks).toString());
        response.end(JSON.stringify({ id: 1, result: `${request.method} ${call.method}` }));
      });
    });
    const result = await seen(`${url}/`, { expect: { json: [{ path: '@', equals: 'POST eth_chainId' }] } });
    expect(result).toEqual({ ...UP, detail: `${status} to ${url}/v2 followed` });
  });

  test('says what a 301 would do to it', async () => {
    const { url } = await serveAnswer(301, '', { location: '/v2' });
    const detail = `301 to ${url}/v2 would turn POST into GET and drop the body; use 308, or write ${url}/v2 in url`;
    expect(await seen(url)).toEqual(down('redirect-method', detail));
  });
});

describe('a result', () => {
  test('is judged by JMESPath', async () => {
    const { url } = await answering({ result: { number: '0x10', peers: 3 } });
    const json = [
      { path: 'number', matches: '^0x' },
      { path: 'peers', greaterThan: 2 },
    ];
    expect(await seen(url, { expect: { json } })).toEqual(UP);
    expect(await seen(url, { expect: { json: [{ path: 'peers', greaterThan: 3 }] } })).toEqual(
      down('json-mismatch', 'peers is 3, expected more than 3'),
    );
  });

  test.each([[false], [null], [0], ['']])('may be %j', async (result) => {
    const { url } = await answering({ result, error: null });
    expect(await seen(url)).toEqual(UP);
  });

  test('that is late is degraded or down', async () => {
    const { url } = await answering({ result: 1 });
    expect(await seen(url, { expect: { time: { degradedMs: 0.01, downMs: 9_000 } } })).toMatchObject({
      vote: 'degraded',
      reason: 'slow',
    });
    expect(await seen(url, { expect: { time: { downMs: 0.01 } } })).toMatchObject({ vote: 'down', reason: 'slow' });
  });

  test('over https comes with a certificate that is judged', async () => {
    const own = await issue('127.0.0.1', { names: ['node.test'], to: 20 });
    const { port } = await serveHttps(own, (_request, response) => response.end('{"id":1,"result":1}'));
    const certificate = { degradedMs: 30 * 86_400_000 };
    const check = jsonrpcCheck(`https://node.test:${port}`, {
      allowPrivate: true,
      tls: { ca: own.cert },
      expect: { certificate },
    });
    const result = await leavingNothing(() => look(check, { resolve: async () => ['127.0.0.1'] }));
    expect(result).toMatchObject({ vote: 'degraded', reason: 'certificate-expires' });
  });
});

describe('an error', () => {
  test.each([200, 500])('object is rpc-error with its code and message, with status %i too', async (status) => {
    const { url } = await answering({ error: { code: -32_601, message: 'Method not found' } }, status);
    expect(await seen(url)).toEqual(down('rpc-error', 'eth_chainId: error -32601, "Method not found"'));
  });

  test('may have no code and a message that is none', async () => {
    const { url } = await answering({ error: { message: { a: [1] } } });
    expect(await seen(url)).toEqual(down('rpc-error', 'eth_chainId: error missing, {"a":[1]}'));
  });

  test('status without one is status, with its first line', async () => {
    const { url } = await serveAnswer(503, '<h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n');
    expect(await seen(url)).toEqual(down('status', 'HTTP 503, expected 2xx: "No server is available to handle this request."'));
  });
});

describe('an answer that makes no sense', () => {
  test.each<[string, string, string, string]>([
    ['no JSON', 'NODEOS', 'json-invalid', 'body is not JSON: "NODEOS"'],
    ['a list', '[{"id":1,"result":1}]', 'protocol-error', 'not an answer of JSON-RPC: "[{\\"id\\":1,\\"result\\":1}]"'],
    ['a number', '7', 'protocol-error', 'not an answer of JSON-RPC: "7"'],
    ['another id', '{"id":2,"result":1}', 'protocol-error', 'the answer is to call 2, not 1'],
    ['no id', '{"result":1}', 'protocol-error', 'the answer is to call missing, not 1'],
    ['neither result nor error', '{"id":1}', 'protocol-error', 'neither result nor error: "{\\"id\\":1}"'],
  ])('%s', async (_case, body, reason, detail) => {
    expect(await seen((await serveAnswer(200, body)).url)).toEqual(down(reason, detail));
  });

  test('10,000 levels deep is json-too-deep', async () => {
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    const { url } = await serveAnswer(200, `{"id":1,"result":${deep}}`);
    expect(await seen(url, { expect: { json: [{ path: 'a', exists: true }] } })).toMatchObject({
      vote: 'down',
      reason: 'json-too-deep',
    });
  });
});
