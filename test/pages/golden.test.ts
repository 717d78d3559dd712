/** Every kind of page as it is sent. `npm run golden` writes `test/testdata/pages` anew: read the difference before you keep it. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { linkTo } from '../../lib/aws/links.ts';
import { emailText, pageDocument } from '../../lib/aws/page-texts.ts';
import { SMS_SEPTETS, septets } from '../../lib/core/gsm.ts';
import type { Page } from '../../lib/core/ledger.ts';
import { messageOf } from '../../lib/core/messages.ts';
import { CASES } from './cases.ts';

const FOLDER = new URL('../testdata/pages/', import.meta.url);
/** A function URL's host at its longest: 74 characters. */
const LONGEST_BASE = `https://${'x'.repeat(40)}.lambda-url.ap-southeast-1.on.aws`.padEnd('https://'.length + 74, 's');
const DOMAIN = 'https://status.example.org';
const linkOf = (base: string, { incident }: Page) =>
  linkTo(base, incident, { key: 'a key that nobody can guess', cell: 'example' }, Date.UTC(2026, 10, 21));
const cases = Object.entries(CASES);

function wordsOf(page: Page): string {
  const message = messageOf(page, linkOf(DOMAIN, page));
  const berlin = messageOf(page, linkOf(LONGEST_BASE, page), 'Europe/Berlin');
  const sms = ({ text }: typeof message) => `${text}\n(${septets(text)} of ${SMS_SEPTETS})`;
  return `${[
    `subject\n${message.subject}`,
    `sms\n${sms(message)}`,
    `sms with the longest link, in Europe/Berlin\n${sms(berlin)}`,
    `email\n${emailText('example', page, message, 'UTC')}`,
    `https\n${JSON.stringify(pageDocument('example', page, message), null, 2)}`,
  ].join('\n\n── ')}\n`;
}

describe('the words of a page', () => {
  it.each(cases)('%s', async (name, page) => {
    await expect(wordsOf(page)).toMatchFileSnapshot(new URL(`${name}.txt`, FOLDER).pathname);
  });

  it('are kept for no page that does not exist', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(cases.map(([name]) => `${name}.txt`).sort());
  });

  it.each(cases)('%s: one part with the whole link, whatever the host; a subject of one line', (_, page) => {
    for (const base of [LONGEST_BASE, DOMAIN]) {
      const link = linkOf(base, page);
      expect(link.length).toBeLessThanOrEqual(101);
      const { text, subject } = messageOf(page, link);
      expect(text.endsWith(` ${link}`)).toBe(true);
      expect(septets(text)).toBeLessThanOrEqual(SMS_SEPTETS);
      expect(subject).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,99}$/);
    }
  });
});

describe('a page for programs', () => {
  const json = JSON.parse(readFileSync(new URL('../../docs/page.schema.json', import.meta.url), 'utf8'));
  const schema = z.fromJSONSchema(json);

  it.each(cases)('%s follows docs/page.schema.json', (_, page) => {
    const document = JSON.parse(JSON.stringify(pageDocument('example', page, messageOf(page, linkOf(DOMAIN, page)))));
    expect(schema.safeParse(document).error).toBeUndefined();
    expect(Object.keys(document).filter((key) => json.properties[key] === undefined)).toEqual([]);
  });

  it('that lacks something, or says what nobody knows, does not', () => {
    const { down } = CASES;
    const document = down && { ...pageDocument('example', down, messageOf(down, '')) };
    const wrong = [
      { ...document, state: 'broken' },
      { ...document, schema: 2 },
      { ...document, link: undefined },
      { ...document, at: 1 },
    ];
    for (const each of wrong) expect(schema.safeParse(JSON.parse(JSON.stringify(each))).success).toBe(false);
  });

  it('of every state is among these', () => {
    const states = new Set(Object.values(CASES).map(({ state }) => state));
    expect([...states].sort()).toEqual([...json.properties.state.enum].sort());
  });
});
