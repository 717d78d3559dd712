import type { Text } from '../core/cell.ts';
import type { Knock } from '../ports.ts';
import type { Dial } from '../probes/dial.ts';
import { unlessAborted } from '../probes/sockets.ts';
import { requestOnce } from './request.ts';

export interface KnockOptions {
  /** For people: `ping`. */
  what: string;
  url: Text;
  dial: Dial;
  /** The text behind a secret; throws if it cannot be read. */
  resolveText: (text: Text) => Promise<string>;
  /** For secret, connection and answer together. @default 4 s */
  timeoutMs?: number;
}

/** Asks one address by GET; throws when it does not answer in time, or not with 2xx. */
export function createKnock({ what, url, dial, resolveText, timeoutMs = 4_000 }: KnockOptions): Knock {
  async function ask(signal: AbortSignal): Promise<void> {
    const text = typeof url === 'string' ? url : await resolveText(url);
    const status = await requestOnce(dial, what, text, { method: 'GET' }, { timeoutMs, signal });
    if (status < 200 || status >= 300) throw new Error(`${what}: answered HTTP ${status}`);
  }
  return () => {
    const signal = AbortSignal.timeout(timeoutMs);
    return unlessAborted(ask(signal), signal, () => new Error(`${what}: no answer within ${timeoutMs / 1_000} s`));
  };
}
