import { describe, expect, it } from 'vitest';
import { copyOf, isSame } from '../../lib/core/plain.ts';

describe('a copy', () => {
  it('says the same and shares nothing that can be written on', () => {
    const value = { list: [{ at: 1 }, 'text', null], nested: { deeper: { yes: true } } };
    const copy = copyOf(value);
    copy.nested.deeper.yes = false;
    (copy.list[0] as { at: number }).at = 2;
    expect(value).toEqual({ list: [{ at: 1 }, 'text', null], nested: { deeper: { yes: true } } });
    expect(copyOf(value)).toEqual(value);
  });

  it('keeps a field of any name a field', () => {
    const value: unknown = JSON.parse('{ "__proto__": { "at": 1 } }');
    expect(JSON.stringify(copyOf(value))).toBe('{"__proto__":{"at":1}}');
  });
});

describe('two values', () => {
  it.each([
    ['in another order of fields', { a: 1, b: [1] }, { b: [1], a: 1 }],
    ['but for a field that is undefined', { a: 1, b: undefined }, { a: 1 }],
    ['but for one that is undefined in the other', { a: 1 }, { a: 1, b: undefined }],
  ])('are the same %s', (_, one, other) => {
    expect(isSame(one, other)).toBe(true);
  });

  it.each([
    ['a value', { a: 1 }, { a: 2 }],
    ['a field of the one', { a: 1, b: 1 }, { a: 1 }],
    ['a field of the other', { a: 1 }, { a: 1, b: 1 }],
    ['the length of a list', [1], [1, 2]],
    ['the order of a list', [1, 2], [2, 1]],
    ['being a list', {}, []],
    ['being nothing', { a: null }, { a: {} }],
    ['being text', { a: '1' }, { a: 1 }],
    ['something deep inside', { a: { b: [{ c: 1 }] } }, { a: { b: [{ c: 2 }] } }],
  ])('differ by %s', (_, one, other) => {
    expect(isSame(one, other)).toBe(false);
  });
});
