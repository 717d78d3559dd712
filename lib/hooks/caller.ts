import type { Cell, Check, HookSpec, Text } from '../core/cell.ts';
import type { Clock, Hooks } from '../ports.ts';
import { withoutBrackets } from '../probes/addresses.ts';
import type { Dial } from '../probes/dial.ts';
import { exchange } from '../probes/exchange.ts';
import { USER_AGENT } from '../probes/fetch.ts';
import { unlessAborted } from '../probes/sockets.ts';
import { formatOf, type HookMessage, shaped } from './formats.ts';
import { signatureHeaders } from './signature.ts';

export interface CallerOptions {
  cell: Pick<Cell, 'hooks'>;
  clock: Pick<Clock, 'now'>;
  dial: Dial;
  /** The text behind a secret; throws if it cannot be read. */
  resolveText: (text: Text) => Promise<string>;
}

/** For secrets, connection and answer together: less than an act may take. */
const TIMEOUT_MS = 8_000;

/**
 * Calls hooks: one POST each, no redirect followed. The URL's host is named by the configuration: an address is reached wherever
 * it is, a name only if it leads to public ones. Errors name no URL, for its path may be a secret.
 */
export function createHooks({ cell, clock, dial, resolveText }: CallerOptions): Hooks {
  const textOf = async (text: Text): Promise<string> => (typeof text === 'string' ? text : await resolveText(text));

  async function post(hook: HookSpec, message: HookMessage, key: string, signal: AbortSignal): Promise<number> {
    const url = URL.parse(await textOf(hook.url));
    if (!url || !['http:', 'https:'].includes(url.protocol)) throw new Error(`hook ${hook.id}: what is given as its URL is none`);
    const secret = hook.secret === undefined ? undefined : await textOf(hook.secret);
    const format = hook.format ?? formatOf(url);
    const body = JSON.stringify(shaped(format, message, secret));
    const headers = {
      'user-agent': USER_AGENT,
      'content-type': 'application/json',
      'idempotency-key': key,
      ...(format === 'json' && secret !== undefined && signatureHeaders(secret, body, clock.now())),
    };
    const isSecure = url.protocol === 'https:';
    const target = {
      host: withoutBrackets(url.hostname),
      port: Number(url.port) || (isSecure ? 443 : 80),
      ...(isSecure && { tls: { protocols: ['http/1.1'] } }),
      check: likeCheck(hook, url),
    };
    const { socket } = await dial(target, signal);
    const answer = await exchange(socket, url, { method: 'POST', headers, body }, () => false, signal);
    return answer.status;
  }

  return {
    async call(id, body, key) {
      const hook = cell.hooks.find((each) => each.id === id);
      if (!hook) throw new Error(`hook ${id}: is not configured here`);
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const late = () => new Error(`hook ${id}: no answer within ${TIMEOUT_MS / 1_000} s`);
      return unlessAborted(post(hook, body as unknown as HookMessage, key, signal), signal, late);
    },
  };
}

/** What the dialler asks of the check that it dials for. */
function likeCheck({ id }: HookSpec, url: URL): Check {
  const expect = { status: [], body: { contains: [], notContains: [] }, json: [], time: {}, certificate: {} };
  return {
    key: `hook/${id}`,
    node: '',
    id,
    hash: '',
    intervalMs: 0,
    timeoutMs: TIMEOUT_MS,
    attempts: 1,
    downForMs: 0,
    recover: 1,
    vantages: [],
    quorum: 1,
    severity: '',
    probe: { kind: 'http', url: url.href, method: 'POST', headers: {}, redirects: 0, allowPrivate: false, expect },
  };
}
