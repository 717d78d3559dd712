import type { Check } from '../core/cell.ts';
import { withoutBrackets } from '../probes/addresses.ts';
import { USER_AGENT } from '../probes/agent.ts';
import type { Dial } from '../probes/dial.ts';
import { exchange, type HttpRequest } from '../probes/exchange.ts';

/**
 * One request to a URL of the configuration; its HTTP status. No redirect is followed and no body is read. An address is reached
 * wherever it is, a name only if it leads to public ones. Rejects when there is no answer, or with `<what>: …` for what is no URL;
 * no error names the URL, for its path may be a secret.
 */
export async function requestOnce(
  dial: Dial,
  what: string,
  given: string,
  request: Omit<HttpRequest, 'headers'> & { headers?: Record<string, string> },
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<number> {
  const url = URL.parse(given);
  if (!url || !['http:', 'https:'].includes(url.protocol)) throw new Error(`${what}: what is given as its URL is none`);
  const isSecure = url.protocol === 'https:';
  const target = {
    host: withoutBrackets(url.hostname),
    port: Number(url.port) || (isSecure ? 443 : 80),
    ...(isSecure && { tls: { protocols: ['http/1.1'] } }),
    check: likeCheck(what, url, timeoutMs),
  };
  const { socket } = await dial(target, signal);
  const headers = { 'user-agent': USER_AGENT, ...request.headers };
  const answer = await exchange(socket, url, { ...request, headers }, () => false, signal);
  return answer.status;
}

/** What the dialler asks of the check that it dials for. */
function likeCheck(what: string, url: URL, timeoutMs: number): Check {
  const expect = { status: [], body: { contains: [], notContains: [] }, json: [], time: {}, certificate: {} };
  return {
    key: what,
    node: '',
    id: what,
    hash: '',
    intervalMs: 0,
    timeoutMs,
    attempts: 1,
    downForMs: 0,
    recover: 1,
    vantages: [],
    quorum: 1,
    severity: 'critical',
    probe: { kind: 'http', url: url.href, method: 'POST', headers: {}, redirects: 0, allowPrivate: false, expect },
  };
}
