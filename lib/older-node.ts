/**
 * What Node.js 20 lacks of what is used here, so that the installed package runs wherever the CDK does: imported first by every
 * entry. Groups are as in ECMAScript 2024, `URL.parse` as in the URL standard; where they are there, nothing is touched.
 */

URL.parse ??= (url: string, base?: string): URL | null => (URL.canParse(url, base) ? new URL(url, base) : null);

Map.groupBy ??= <K, T>(items: Iterable<T>, keyOf: (item: T, index: number) => K): Map<K, T[]> => {
  const groups = new Map<K, T[]>();
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index++);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
};

Object.groupBy ??= <K extends PropertyKey, T>(
  items: Iterable<T>,
  keyOf: (item: T, index: number) => K,
): Partial<Record<K, T[]>> => Object.fromEntries(Map.groupBy(items, keyOf)) as Partial<Record<K, T[]>>;
