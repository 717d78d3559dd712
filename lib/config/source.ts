import type { Fault, Path, Problem } from './faults.ts';
import { pathText } from './faults.ts';

/** A configuration as it was written: plain data, and where each value stands. */
export interface Source {
  /** The name that faults without a key carry. */
  file: string;
  data: unknown;
  /** Lines from 1, by `pathText`; empty where the configuration has no lines. */
  lines: ReadonlyMap<string, number>;
}

/** A source, or why there is none. */
export type Read = Source | { faults: Fault[] };

/** What is wrong with a file as a whole. */
export const refuse = (file: string, what: string, instead: string): { faults: Fault[] } => ({
  faults: [{ path: file, what, instead }],
});

/** Gives problems their lines, in the order in which a person reads the file; a problem of the same place and words stands once. */
export function placed(problems: readonly Problem[], source: Source): Fault[] {
  const order = readingOrder(source.data);
  const nearest = <T>(known: ReadonlyMap<string, T>, path: Path): T | undefined => {
    for (let length = path.length; length > 0; length--) {
      const found = known.get(pathText(path.slice(0, length)));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const sorted = problems
    .map((problem) => ({ problem, at: nearest(order, problem.path) ?? -1 }))
    .sort((a, b) => a.at - b.at)
    .map(({ problem: { path, what, instead } }) => {
      const line = nearest(source.lines, path);
      return { path: pathText(path) || source.file, ...(line === undefined ? {} : { line }), what, instead };
    });
  return [...new Map(sorted.map((fault) => [`${fault.path}\t${fault.what}`, fault])).values()];
}

/** Position of every value in the file, by path. */
function readingOrder(data: unknown): Map<string, number> {
  const order = new Map<string, number>();
  const walk = (value: unknown, path: Path): void => {
    order.set(pathText(path), order.size);
    if (value === null || typeof value !== 'object') return;
    const entries: [string | number, unknown][] = Array.isArray(value)
      ? value.map((item, at) => [at, item])
      : Object.entries(value);
    for (const [key, item] of entries) walk(item, [...path, key]);
  };
  walk(data, []);
  return order;
}
