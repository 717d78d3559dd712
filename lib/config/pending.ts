import type { Section } from './sections.ts';

/**
 * What the grammar accepts and nothing acts on yet, with the reason: a whole section, or `Section.key`.
 * `validate` says so of a configuration that uses it, `docs/config.md` of every key. Whoever builds one removes its line,
 * and names its tests in `test/config/effects.ts` and `test/config/shown.ts`.
 */

export const PENDING: Readonly<Record<string, string>> = {
  'Page.logo': 'the page shows no logo yet',
};

/** Why a key does nothing yet; undefined when it works. */
export const pendingReason = (section: Section['title'], key: string): string | undefined =>
  PENDING[`${section}.${key}`] ?? PENDING[section];
