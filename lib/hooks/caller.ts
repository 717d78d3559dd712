import type { Cell, Text } from '../core/cell.ts';
import type { HookSpec } from '../core/telling.ts';
import type { Clock, Hooks } from '../ports.ts';
import type { Dial } from '../probes/dial.ts';
import { unlessAborted } from '../probes/sockets.ts';
import { formatOf, type HookMessage, shaped } from './formats.ts';
import { requestOnce } from './request.ts';
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
    const given = await textOf(hook.url);
    const url = URL.parse(given);
    const secret = hook.secret === undefined ? undefined : await textOf(hook.secret);
    const format = hook.format ?? (url ? formatOf(url) : 'json');
    const body = JSON.stringify(shaped(format, message, secret));
    const headers = {
      'content-type': 'application/json',
      'idempotency-key': key,
      ...(format === 'json' && secret !== undefined && signatureHeaders(secret, body, clock.now())),
    };
    const limits = { timeoutMs: TIMEOUT_MS, signal };
    return requestOnce(dial, `hook ${hook.id}`, given, { method: 'POST', headers, body }, limits);
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
