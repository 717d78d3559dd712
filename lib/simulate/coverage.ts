/** How often each thing that can happen did. */
export interface Counts {
  faults: Record<string, number>;
  transitions: Record<string, number>;
  guards: Record<string, number>;
  crashPoints: Record<string, number>;
}

export interface Coverage {
  readonly counts: Counts;
  count(of: keyof Counts, name: string): void;
}

export function createCoverage(): Coverage {
  const counts: Counts = { faults: {}, transitions: {}, guards: {}, crashPoints: {} };
  return {
    counts,
    count(of, name) {
      counts[of][name] = (counts[of][name] ?? 0) + 1;
    },
  };
}

/** The sum of several counts, names in order. */
export function sumOf(all: readonly Counts[]): Counts {
  const sum = createCoverage().counts;
  for (const kind of Object.keys(sum) as (keyof Counts)[]) {
    for (const counts of all)
      for (const [name, times] of Object.entries(counts[kind])) sum[kind][name] = (sum[kind][name] ?? 0) + times;
    sum[kind] = Object.fromEntries(Object.entries(sum[kind]).sort(([one], [other]) => (one < other ? -1 : 1)));
  }
  return sum;
}
