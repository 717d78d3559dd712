import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { faultLine } from '../../lib/config/faults.ts';
import { resolveSource, sourceOf } from '../../lib/config/load.ts';
import { ruleIds, withoutRule } from '../../lib/config/rules.ts';
import type { Source } from '../../lib/config/source.ts';

/** Each bad file begins with the lines that `validate` says of it, as comments. */
const FOLDER = new URL('../testdata/config/bad/', import.meta.url);
const ENV = { SECRET: 'hunter2-hunter2' };

const files = readdirSync(FOLDER).map((name) => {
  const text = readFileSync(new URL(name, FOLDER), 'utf8');
  const comments = text.split('\n').slice(
    0,
    text.split('\n').findIndex((line) => !line.startsWith('# ')),
  );
  return { name, text, expected: comments.map((line) => line.slice(2)).filter((line) => line !== 'nothing but a comment') };
});

const resolved = (source: Source): string[] => {
  const loaded = resolveSource(source, { env: ENV });
  return loaded.ok ? [] : loaded.faults.map(faultLine);
};

function faultsOf(name: string, text: string): string[] {
  const source = sourceOf(name, text);
  return 'data' in source ? resolved(source) : source.faults.map(faultLine);
}

describe('bad configurations', () => {
  it('are at least sixty, and each says what is wrong with it', () => {
    expect(files.length).toBeGreaterThanOrEqual(60);
    expect(files.filter(({ expected }) => expected.length === 0)).toEqual([]);
  });

  it.each(files)('$name', ({ name, text, expected }) => {
    expect(faultsOf(name, text)).toEqual(expected);
  });

  it('never show what came from the environment', () => {
    expect(files.flatMap(({ name, text }) => faultsOf(name, text)).join('\n')).not.toContain(ENV.SECRET);
  });
});

describe('refinements', () => {
  const sources = files.flatMap(({ name, text, expected }) => {
    const source = sourceOf(name, text);
    return 'data' in source ? [{ name, source, expected: expected.join('\n') }] : [];
  });
  // A file that is named after the refinement comes first: nearly always it is the one that notices.
  const candidates = (id: string) => [...sources].sort((a, b) => Number(b.name.startsWith(id)) - Number(a.name.startsWith(id)));

  it.each(ruleIds())('%s: without it, a bad file is no longer refused as it is', (id) => {
    const noticed = candidates(id).some(({ source, expected }) => {
      // Without the refinement later steps may meet what they were promised never to see.
      const faults = withoutRule(id, () => {
        try {
          return resolved(source);
        } catch (error) {
          return [String(error)];
        }
      });
      return faults.join('\n') !== expected;
    });
    expect(noticed).toBe(true);
  });
});
