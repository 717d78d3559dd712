/** The known key that a person most likely meant: at most a third of its letters differ. */
export function nearestKey(key: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((each) => ({ each, apart: distance(key.toLowerCase(), each.toLowerCase()) }))
    .sort((a, b) => a.apart - b.apart);
  const [best] = ranked;
  return best !== undefined && best.apart <= Math.max(1, Math.ceil(best.each.length / 3)) ? best.each : undefined;
}

/** Levenshtein's distance: how many letters have to be added, removed or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
