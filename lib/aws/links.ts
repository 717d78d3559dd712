import { createHmac, timingSafeEqual } from 'node:crypto';

/** Where a page's link leads: as short as can be, for every character of it is missing in the text message. */
export const PAGE_LINK = '/i/:incident/:token?';
/** A link in a text, up to its token. */
export const SIGNED_LINK = /(\/i\/[\w-]+\/)[\w-]+/g;

/** 96 bits: too many to guess, few enough for a text message. */
const TOKEN_LENGTH = 16;

/** The link to an incident, with the right to acknowledge it if there is a key to sign with; empty where there is no web part. */
export function linkTo(base: string, incident: string, signing: { key: string; cell: string } | undefined): string {
  if (base === '') return '';
  return [`${base}/i/${incident}`, ...(signing ? [linkToken(signing.key, signing.cell, incident)] : [])].join('/');
}

/** What a page's link carries: the right to acknowledge one incident of one cell (RFC 2104, HMAC with SHA-256, cut). */
export const linkToken = (key: string, cell: string, incident: string): string =>
  createHmac('sha256', key).update(`acknowledge/${cell}/${incident}`).digest('base64url').slice(0, TOKEN_LENGTH);

/** Is this the token of that incident? */
export function isLinkToken(key: string, cell: string, incident: string, token: string | undefined): boolean {
  const expected = Buffer.from(linkToken(key, cell, incident));
  const given = Buffer.from(token ?? '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
