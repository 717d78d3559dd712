import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PENDING, pendingReason } from '../../lib/config/pending.ts';
import { sections, usedKeys } from '../../lib/config/sections.ts';
import { cellOf } from './cell.ts';
import { EFFECTS } from './effects.ts';
import { SHOWN } from './shown.ts';

/** Kinds of checks share keys: one kind shows each. */
const shared = (name: string) => name.replace(/^\w+(Check|Expect|Limits)\./, '$1.');
const keys = sections().flatMap(({ title, keys }) => keys.map(({ key }) => ({ section: title, key, name: `${title}.${key}` })));

describe('every key of the grammar', () => {
  it('works, with a test of its effect, or stands in the list of keys not yet working', () => {
    const undecided = keys.filter(
      ({ section, key, name }) => (pendingReason(section, key) === undefined) === (EFFECTS[name] === undefined),
    );
    expect(undecided.map(({ name }) => name)).toEqual([]);
  });

  it('is what the tables speak of', () => {
    const known = new Set(keys.flatMap(({ section, name }) => [section, name]));
    expect(Object.keys({ ...PENDING, ...EFFECTS }).filter((name) => !known.has(name))).toEqual([]);
  });

  it('is used by the example of every key', () => {
    const example = parse(readFileSync(new URL('../testdata/config/good/every-key.yaml', import.meta.url), 'utf8'));
    const used = new Set(usedKeys(example).map(({ section, key }) => shared(`${section}.${key}`)));
    const missing = keys.filter(({ name }) => !used.has(shared(name)));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });
});

describe('what each key does', () => {
  it('is shown by a test', () => {
    const working = keys.filter(({ section, key }) => pendingReason(section, key) === undefined).map(({ name }) => shared(name));
    const shown = SHOWN.flatMap(([, , names]) => names);
    expect([...new Set(working)].filter((name) => !shown.includes(name))).toEqual([]);
    expect(shown.filter((name) => !working.includes(name))).toEqual([]);
  });

  it.each(SHOWN)('%s: %s', (file, title) => {
    expect(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')).toContain(title);
  });
});

describe('effects', () => {
  it.each(Object.entries(EFFECTS))('%s reaches the cell', (_, { yaml, pick, expected }) => {
    const seen = pick(cellOf(yaml));
    if (expected !== null && typeof expected === 'object') expect(seen).toMatchObject(expected);
    else expect(seen).toBe(expected);
  });
});
