import { expect, it } from 'vitest';
import { errorText } from '../../lib/core/error-text.ts';

it('whatever was thrown has a text', () => {
  expect([new TypeError('no such host'), 'timeout', undefined, 7].map(errorText)).toEqual([
    'no such host',
    'timeout',
    'undefined',
    '7',
  ]);
});
