import { expect, it } from 'vitest';
import { gsm, septets, shorten } from '../../lib/core/gsm.ts';

it('what GSM lacks is said as it can be: quotes and dashes plainly, letters without their accent, all else as a question mark', () => {
  expect(gsm('“it’s” – it „is“ ‘so’ — see… →')).toBe('"it\'s" - it "is" \'so\' - see... ->');
  expect(gsm('Ångström às Ééř œ 🦊 漢')).toBe('Ångström às Éér ? ? ?');
});

it('a text that has room is not touched; one that has none is cut to it, in septets, and never before its dots', () => {
  expect(shorten('four words fit here', 19)).toBe('four words fit here');
  expect(shorten('four words fit here', 18)).toBe('four words fit h..');
  expect(shorten('four words fit here', 17)).toBe('four words fit..');
  expect(shorten(' [[[[', 8)).toBe(' [[..');
  expect([shorten('four', 3), shorten('four', 2), shorten('four', 0)]).toEqual(['f..', '', '']);
  expect(septets('a€[é')).toBe(6);
});
