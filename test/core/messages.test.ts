import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Page, PageState } from '../../lib/core/ledger.ts';
import { messageOf, namesOf } from '../../lib/core/messages.ts';

const at = (time: string) => Date.parse(`2026-01-01T${time}Z`);
/** A function URL's host has 74 characters. */
const LINK = `https://${'x'.repeat(32)}.lambda-url.ap-northeast-1.on.aws/i/8f3a`;

const page = (change: Partial<Page> = {}): Page => ({
  incident: 'life-7-eu1',
  state: 'down',
  tier: 1,
  attempt: 1,
  at: at('02:01:30'),
  openedAt: at('02:01:30'),
  subject: 'eu1',
  seenBy: { down: 4, of: 5 },
  failing: [{ check: 'api', detail: 'HTTP 500' }],
  records: [{ name: 'api.example.org', out: true, serves: ['us1'] }],
  ...change,
});
const textOf = (change: Partial<Page>, link = 'LINK') => messageOf(page(change), link).text;

describe('words of a page', () => {
  it('says who, since when, seen by how many, what fails, and what became of the record', () => {
    expect(messageOf(page(), 'LINK')).toEqual({
      subject: 'eu1 DOWN 02:01Z, 4/5 regions',
      text: 'eu1 DOWN 02:01Z, 4/5 regions: api HTTP 500. Out of api.example.org; us1 serves. LINK',
      link: 'LINK',
    });
  });

  it('names every failing check and every record', () => {
    const text = textOf({
      failing: [
        { check: 'api', detail: 'HTTP 500' },
        { check: 'p2p', detail: 'connect-refused' },
      ],
      records: [
        { name: 'a.example.org', out: true, serves: ['us1', 'ap1'] },
        { name: 'b.example.org', out: false, serves: [], held: 'minInService' },
        { name: 'c.example.org', out: false, serves: [] },
      ],
    });
    expect(text).toBe(
      'eu1 DOWN 02:01Z, 4/5 regions: api HTTP 500; p2p connect-re.. ' +
        'Out of a.example.org; us1, ap1 serve. Still in b.example.org (minInService). In c.example.org. LINK',
    );
  });

  it('says when nobody is left', () => {
    expect(textOf({ records: [{ name: 'a.example.org', out: true, serves: [] }] })).toContain('nobody else serves.');
  });

  it('has a label for every state, and says when it is repeated', () => {
    expect(textOf({ attempt: 3 })).toMatch(/^eu1 still DOWN 02:01Z/);
    expect(textOf({ state: 'unknown' })).toMatch(/^eu1 UNKNOWN 02:01Z/);
    expect(textOf({ state: 'held' })).toMatch(/^eu1 DOWN, held in DNS 02:01Z/);
    expect(textOf({ state: 'skew', text: 'deploy all stacks' })).toBe('CONFIGURATION SKEW: deploy all stacks LINK');
  });

  it('says of a notice about several what its text says, and of an end never that it still is', () => {
    const together = { count: 2, nodes: ['api/eu1', 'api/us1'] };
    const { subject } = messageOf(page({ state: 'flip-failed', text: 'api/eu1, api/us1 cannot be flipped', together }), 'LINK');
    expect(subject).toBe('FLIP FAILED: api/eu1, api/us1 cannot be flipped');
    expect(textOf({ state: 'recovered', attempt: 2, text: 'it is no longer configured' })).toBe(
      'UP: it is no longer configured LINK',
    );
  });

  it('says for how long from two minutes on', () => {
    expect(textOf({ openedAt: at('01:59:30') })).toMatch(/^eu1 DOWN for 2 min, since 01:59Z, 4\/5 regions:/);
    expect(textOf({ openedAt: at('01:59:31') })).toMatch(/^eu1 DOWN 01:59Z, 4\/5 regions:/);
  });

  it('names the first nodes of many as far as 40 characters go, the first one always', () => {
    const name = (length: number) => 'n'.repeat(length);
    expect(namesOf({ count: 2, nodes: [name(19), name(19)] })).toBe(`${name(19)}, ${name(19)}`);
    expect(namesOf({ count: 2, nodes: [name(20), name(19)] })).toBe(`${name(20)} and 1 more`);
    expect(namesOf({ count: 3, nodes: [name(41), 'x'] })).toBe(`${name(41)} and 2 more`);
  });

  it('names the first three of those that serve', () => {
    const records = [{ name: 'a.example.org', out: true, serves: ['us1', 'ap1', 'sa1', 'ca1'] }];
    expect(textOf({ records })).toContain('Out of a.example.org; us1, ap1, sa1 serve.');
  });

  it('says of a recovery how long it took and who took it', () => {
    const change: Partial<Page> = { state: 'recovered', at: at('02:16:00'), failing: [], records: [] };
    expect(textOf({ ...change, ackedBy: 'ann', ackedAt: at('02:03:30') })).toBe(
      'eu1 UP 02:16Z, recovered after 15 min, acknowledged by ann after 2 min LINK',
    );
    expect(textOf(change)).toBe('eu1 UP 02:16Z, recovered after 15 min, nobody acknowledged LINK');
  });

  it('leaves a page without a link as it is', () => {
    expect(textOf({ records: [] }, '')).toBe('eu1 DOWN 02:01Z, 4/5 regions: api HTTP 500');
  });
});

describe('room', () => {
  it('shortens what is wrong before what was done about it, drops the last parts first, and never the link', () => {
    const failing = [{ check: 'api', detail: 'x'.repeat(300) }];
    const text = textOf({ failing }, LINK);
    expect(text.length).toBe(160);
    expect(text).toMatch(/^eu1 DOWN 02:01Z, 4\/5 regions: api x{24}\.\. Out of api\.examp\.\. https:/);
    expect(text.endsWith(LINK)).toBe(true);
  });

  it('counts characters of the extension table twice', () => {
    const text = textOf({ failing: [{ check: 'api', detail: '{}[]~|^\\€'.repeat(40) }] });
    expect(septets(text)).toBeLessThanOrEqual(160);
    expect(septets(text)).toBeGreaterThan(155);
  });

  it('says more in a subject as long as it fits as a whole', () => {
    const subjectOf = (length: number) => messageOf(page({ subject: 'n'.repeat(length) }), LINK).subject;
    expect(subjectOf(75)).toBe(`${'n'.repeat(75)} DOWN 02:01Z, 4/5 regions`);
    expect(subjectOf(76)).toBe(`${'n'.repeat(76)} DOWN 02:01Z`);
  });

  it('cuts a subject at 100 characters', () => {
    expect(messageOf(page({ subject: 'n'.repeat(200) }), LINK).subject).toHaveLength(100);
  });
});

describe('hostile text', () => {
  it('keeps line breaks and control characters out of subject and text', () => {
    const detail = 'HTTP 500\r\nBcc: all@example.org\u0000\u001b[31m\tred\u2028\u202e';
    const { subject, text } = messageOf(page({ subject: 'eu1\r\nX-Evil: 1', failing: [{ check: 'api', detail }] }), 'LINK');
    expect(subject).toBe('eu1 X-Evil: 1 DOWN 02:01Z, 4/5 regions');
    expect(text).toBe(
      'eu1 X-Evil: 1 DOWN 02:01Z, 4/5 regions: api HTTP 500 Bcc: all@example.org [31m red ?. Out of api.example.org; us1 serves. LINK',
    );
  });

  it('keeps what is not ASCII out of the subject, blanks away from its ends', () => {
    const { subject } = messageOf(page({ subject: '\n Zürich € 漢 ' }), 'LINK');
    expect(subject).toBe('Zurich ? ? DOWN 02:01Z, 4/5 regions');
  });

  const states: PageState[] = ['down', 'unknown', 'recovered', 'held', 'flip-failed', 'foreign-hand', 'skew', 'blind', 'silent'];
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.string({ maxLength: 80 }),
    fc.constantFrom('\r\n', '🦊', ''),
  );
  const anyPage: fc.Arbitrary<Page> = fc
    .record({
      state: fc.constantFrom(...states),
      attempt: fc.integer({ min: 1, max: 12 }),
      subject: fc.oneof(text, fc.constant('n'.repeat(300))),
      failing: fc.array(fc.record({ check: text, detail: text }), { maxLength: 4 }),
      records: fc.array(fc.record({ name: text, out: fc.boolean(), serves: fc.array(text, { maxLength: 4 }) }), { maxLength: 4 }),
      by: fc.option(text),
      text: fc.option(text),
    })
    .map(({ by, text: words, ...change }) =>
      page({ ...change, ...(by !== null && { ackedBy: by, ackedAt: at('02:09:00') }), ...(words !== null && { text: words }) }),
    );

  it('whatever it is: one SMS part that ends with the whole link, a subject of one ASCII line', () => {
    fc.assert(
      fc.property(anyPage, fc.constantFrom(LINK, 'https://status.example.org/i/1'), (any, link) => {
        const message = messageOf(any, link);
        expect(message.text.endsWith(` ${link}`)).toBe(true);
        expect(septets(message.text)).toBeLessThanOrEqual(160);
        expect(message.subject).toMatch(/^[\x20-\x7e]{1,100}$/);
      }),
      { numRuns: 500 },
    );
  });
});

/** GSM 03.38 without its line breaks; throws on any other character. */
function septets(text: string): number {
  const basic =
    '@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
  let count = 0;
  for (const char of text) {
    if (!basic.includes(char) && !'^{}\\[~]|€'.includes(char)) throw new Error(`${JSON.stringify(char)} is not GSM 03.38`);
    count += basic.includes(char) ? 1 : 2;
  }
  return count;
}
