import type { RE2JS } from 're2js';

const compiled = new Map<string, RE2JS>();
/** A cell has at most 2,000 checks; beyond this many patterns they are compiled anew. */
const MAX_COMPILED = 4_096;

let library: typeof RE2JS | undefined;

/** Loads what expressions are compiled by, Unicode's tables among it: to be awaited before `matches` is called. */
export async function loadPatterns(): Promise<void> {
  library ??= (await import('re2js')).RE2JS;
}

/** Does the RE2 pattern occur in the text? Time is linear in the text whatever the pattern. Throws on a pattern that is not RE2. */
export function matches(pattern: string, text: string): boolean {
  let regex = compiled.get(pattern);
  if (!regex) {
    if (!library) throw new Error('patterns are not loaded');
    regex = library.compile(pattern);
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    compiled.set(pattern, regex);
  }
  // `test` runs on a DFA; `matcher().find()` keeps groups and takes seconds for 1 MiB.
  return regex.test(text);
}
