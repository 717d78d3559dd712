import { createHmac, timingSafeEqual } from 'node:crypto';

/** 96 bits: too many to guess, few enough for a text message. */
const TOKEN_LENGTH = 16;

/** What a page's link carries: the right to acknowledge one incident of one cell (RFC 2104, HMAC with SHA-256, cut). */
export const linkToken = (key: string, cell: string, incident: string): string =>
  createHmac('sha256', key).update(`acknowledge/${cell}/${incident}`).digest('base64url').slice(0, TOKEN_LENGTH);

/** Is this the token of that incident? */
export function isLinkToken(key: string, cell: string, incident: string, token: string | undefined): boolean {
  const expected = Buffer.from(linkToken(key, cell, incident));
  const given = Buffer.from(token ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
