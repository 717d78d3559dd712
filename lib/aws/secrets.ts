import type { SecretRef, Text } from '../core/cell.ts';
import type { Clock } from '../ports.ts';
import { limits, perRegion, withinMs } from './limits.ts';
import { once } from './once.ts';
import { regionOfSecret } from './secret-refs.ts';

/** A rotated secret is in use after this. */
const KEPT_MS = 5 * 60_000;
const FETCH_TIMEOUT_MS = 2_000;

export interface SecretsOptions {
  clock: Pick<Clock, 'now'>;
  region: string;
  /** Tests give the address of their fake; absent: AWS itself. */
  endpoint?: string;
}

/** Both reject when a secret cannot be read; no error says what it holds. */
export interface Secrets {
  /** The text behind a `Text`. */
  resolveText(text: Text): Promise<string>;
  /** What a secret of Secrets Manager holds, and what it held before its last change: while one replaces the other, both count. */
  secretVersions(id: string): Promise<string[]>;
}

/** Secrets are fetched when they are first needed, kept for five minutes in memory alone, and fetched by one caller however many ask. */
export function createSecrets({ clock, ...address }: SecretsOptions): Secrets {
  const config = { ...address, ...limits(1_000) };
  // Most functions of most cells need neither client: it is loaded with the first secret.
  const readers = {
    ssm: once(async () => (await import('./parameters.ts')).parameterReader(config)),
    secretsManagerIn: perRegion(async (region) => (await import('./secrets-manager.ts')).secretReader({ ...config, region })),
  };
  /** A service knows the secrets of its own region alone, whichever region an ARN names. */
  const managerOf = (id: string) => readers.secretsManagerIn(regionOfSecret(id, address.region));
  const keep = keeper(clock);

  async function fetch(ref: SecretRef): Promise<string> {
    const bound = withinMs(FETCH_TIMEOUT_MS);
    const value =
      'ssm' in ref
        ? await (await readers.ssm())(ref.ssm, bound)
        : await (await managerOf(ref.secretsManager))(ref.secretsManager, bound);
    if (value === undefined) throw new Error('it holds no text (binary secrets cannot be used)');
    return value;
  }

  /** A secret that was never changed has no version before. */
  async function fetchPrevious(id: string): Promise<string[]> {
    try {
      const value = await (await managerOf(id))(id, withinMs(FETCH_TIMEOUT_MS), 'AWSPREVIOUS');
      return value === undefined ? [] : [value];
    } catch (error) {
      if (error instanceof Error && error.name === 'ResourceNotFoundException') return [];
      throw error;
    }
  }

  const resolveText = async (text: Text): Promise<string> =>
    typeof text === 'string' ? text : keep(JSON.stringify(text), () => fetch(text));
  return {
    resolveText,
    async secretVersions(id) {
      const previous = keep(`previous ${id}`, () => fetchPrevious(id));
      const [current, before] = await Promise.all([resolveText({ secretsManager: id }), previous]);
      return [current, ...before];
    },
  };
}

/** Keeps what was fetched under a key for five minutes; a failure is not kept: the next caller tries again. */
function keeper(clock: Pick<Clock, 'now'>): <T>(key: string, fetch: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, { until: number; value: Promise<unknown> }>();
  return <T>(key: string, fetch: () => Promise<T>) => {
    const known = kept.get(key);
    if (known && clock.now() < known.until) return known.value as Promise<T>;
    const value = fetch();
    kept.set(key, { until: clock.now() + KEPT_MS, value });
    value.catch(() => kept.delete(key));
    return value;
  };
}
