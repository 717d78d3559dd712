import type { ChainExpect, ChainSpec } from '../../../lib/core/cell.ts';
import { look } from '../checks.ts';
import { serveHttp } from '../servers.ts';
import { chainCheck } from './check.ts';
import type { Answers } from './shapes.ts';

/** In place of a result: a JSON-RPC error. */
export const rpcError = (code: number, message: string, data?: unknown) => ({ isError: true, error: { code, message, data } });

/** A text that is sent as it is, JSON or not, for what `JSON.stringify` cannot say. */
export const raw = (text: string) => ({ isRaw: true, text });

type Special = { isError?: true; error?: unknown; isRaw?: true; text?: string };

/** A node that answers so; what it was not told to answer is 404, or an unknown method. */
export async function serveChain(answers: Answers) {
  return serveHttp((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const { method, id } = JSON.parse(body || '{}');
      const asked = method ?? request.url;
      const answer = answers[asked] as Special | undefined;
      const say = (status: number, text: string) => response.writeHead(status, { 'content-type': 'application/json' }).end(text);
      if (answer?.isRaw) say(200, answer.text ?? '');
      else if (method === undefined) say(asked in answers ? 200 : 404, JSON.stringify(answer ?? { error: 'not found' }));
      else if (answer?.isError) say(200, JSON.stringify({ jsonrpc: '2.0', id, error: answer.error }));
      else if (asked in answers) say(200, JSON.stringify({ jsonrpc: '2.0', id, result: answer }));
      else say(200, JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } }));
    });
  });
}

/** One look at a node that answers so. */
export async function seen(kind: ChainSpec['kind'], answers: Answers, expect: Partial<ChainExpect> = {}, producer?: string) {
  const { url } = await serveChain(answers);
  return look(chainCheck(kind, url, expect, producer));
}

/** These answers with one changed: a field of it, by path, or the whole. */
export function changed(answers: Answers, asked: string, path: string, value: unknown): Answers {
  const copy = structuredClone(answers);
  const keys = [asked, ...path.split('.').filter((key) => key !== '')];
  const last = keys.pop() ?? '';
  const holder = keys.reduce<Record<string, unknown>>((inner, key) => inner[key] as Record<string, unknown>, copy);
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return copy;
}
