import type { SecretRef, Text } from '../core/cell.ts';
import type { Clock } from '../ports.ts';
import { limits, withinMs } from './limits.ts';

/** A rotated secret is in use after this. */
const KEPT_MS = 5 * 60_000;
const FETCH_TIMEOUT_MS = 2_000;

export interface SecretsOptions {
  clock: Pick<Clock, 'now'>;
  region: string;
  /** Tests give the address of their fake; absent: AWS itself. */
  endpoint?: string;
}

/**
 * The text behind a `Text`: secrets are fetched when they are first needed, kept for five minutes in memory alone, and fetched by
 * one caller however many ask. Throws when one cannot be read; no error says what it holds.
 */
export function createSecrets({ clock, ...address }: SecretsOptions): (text: Text) => Promise<string> {
  const config = { ...address, ...limits(1_000) };
  // Most functions of most cells need neither client: it is loaded with the first secret.
  const readers = {
    ssm: lazily(async () => (await import('./parameters.ts')).parameterReader(config)),
    secretsManager: lazily(async () => (await import('./secrets-manager.ts')).secretReader(config)),
  };
  const kept = new Map<string, { until: number; text: Promise<string> }>();

  async function fetch(ref: SecretRef): Promise<string> {
    const [reader, name] = 'ssm' in ref ? [readers.ssm, ref.ssm] : [readers.secretsManager, ref.secretsManager];
    const value = await (await reader())(name, withinMs(FETCH_TIMEOUT_MS));
    if (value === undefined) throw new Error('it holds no text (binary secrets cannot be used)');
    return value;
  }

  return async (text) => {
    if (typeof text === 'string') return text;
    const key = JSON.stringify(text);
    const known = kept.get(key);
    if (known && clock.now() < known.until) return known.text;
    const fetched = fetch(text);
    kept.set(key, { until: clock.now() + KEPT_MS, text: fetched });
    // A failure is not kept: the next caller tries again.
    fetched.catch(() => kept.delete(key));
    return fetched;
  };
}

function lazily<T>(create: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= create();
    return made;
  };
}
