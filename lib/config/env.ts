import type { Path, Problem } from './faults.ts';
import { pathText } from './faults.ts';

/** Names of environment variables (POSIX, also in lower case). */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface FromEnv {
  data: unknown;
  /** Names of variables by path: their values are never shown. */
  taken: Map<string, string>;
  problems: Problem[];
}

/** `{ env: NAME }` stands for any text: gives the data with the values in place. A missing variable is a problem, and stands as empty text. */
export function fromEnv(data: unknown, env: Readonly<Record<string, string | undefined>>): FromEnv {
  const taken = new Map<string, string>();
  const problems: Problem[] = [];

  const take = (name: unknown, path: Path): unknown => {
    taken.set(pathText(path), String(name));
    const value = typeof name === 'string' && NAME.test(name) ? env[name] : undefined;
    if (value !== undefined) return value;
    const what = typeof name === 'string' && NAME.test(name) ? `the environment has no ${name}` : 'env does not name a variable';
    problems.push({ path, what, instead: typeof name === 'string' && NAME.test(name) ? `set ${name}` : 'write { env: NAME }' });
    return undefined;
  };

  const walk = (value: unknown, path: Path): unknown => {
    if (Array.isArray(value)) return value.map((item, at) => walk(item, [...path, at]));
    if (value === null || typeof value !== 'object') return value;
    const entries = Object.entries(value);
    const [only] = entries;
    if (entries.length === 1 && only?.[0] === 'env' && (only[1] === null || typeof only[1] !== 'object'))
      return take(only[1], path);
    return Object.fromEntries(
      entries.filter(([, item]) => item !== undefined).map(([key, item]) => [key, walk(item, [...path, key])]),
    );
  };

  return { data: walk(data, []), taken, problems };
}
