import { createHmac, timingSafeEqual } from 'node:crypto';
import type { TokenState } from '../web/ports.ts';

/** Where a page's link leads: as short as can be, for every character of it is missing in the text message. */
export const PAGE_LINK = '/i/:token';
/** A link in a text, up to its token. */
export const SIGNED_LINK = /(\/i\/)[\w-]+/g;

/** 96 bits: too many to guess, few enough for a text message. */
const TOKEN_LENGTH = 16;

/** A token is of the week in which it was sent, and works through that and the next: no character is spent on when it ends. */
const WEEK_MS = 7 * 86_400_000;
const LIVING_WEEKS = 2;
/** For so long a token that has ended is told from one that never was. */
const REMEMBERED_WEEKS = 26;

export interface Signing {
  key: string;
  cell: string;
}

/**
 * The link to an incident: with a key to sign with, its token alone, which names it and gives the right to acknowledge it. A
 * function URL's host has up to 74 characters: the whole link has at most 101. Empty where there is no web part.
 */
export function linkTo(base: string, incident: string, signing: Signing | undefined, now: number): string {
  if (base === '') return '';
  return signing ? `${base}/i/${linkToken(signing, incident, now)}` : `${base}/incidents/${incident}`;
}

/** What a page's link carries: the right to acknowledge one incident of one cell, for one to two weeks. */
export const linkToken = (signing: Signing, incident: string, now: number): string => tokenOfWeek(signing, incident, weekOf(now));

const weekOf = (now: number): number => Math.floor(now / WEEK_MS);

/** RFC 2104: HMAC with SHA-256, cut. */
const tokenOfWeek = ({ key, cell }: Signing, incident: string, week: number): string =>
  createHmac('sha256', key).update(`acknowledge/${cell}/${incident}/${week}`).digest('base64url').slice(0, TOKEN_LENGTH);

/** What is to be said of a token that somebody shows for that incident. `keys`: while one replaces another, both. */
export function judgeToken(
  keys: readonly string[],
  { cell, incident, token = '', now }: { cell: string; incident: string; token?: string | undefined; now: number },
): TokenState {
  const isOf = (age: number) => keys.some((key) => isSame(tokenOfWeek({ key, cell }, incident, weekOf(now) - age), token));
  const ages = Array.from({ length: REMEMBERED_WEEKS }, (_, age) => age);
  const age = ages.find(isOf);
  if (age === undefined) return 'wrong';
  return age < LIVING_WEEKS ? 'good' : 'expired';
}

/** The right to read a status page that is not public: 192 bits, for it is good until the key changes. */
const READ_TOKEN_LENGTH = 32;

/** The right to read everything of one cell, and to change nothing. */
export const readToken = ({ key, cell }: Signing): string =>
  createHmac('sha256', key).update(`read/${cell}`).digest('base64url').slice(0, READ_TOKEN_LENGTH);

/** `keys`: while one replaces another, both. */
export const isReadToken = (keys: readonly string[], cell: string, token = ''): boolean =>
  keys.some((key) => isSame(readToken({ key, cell }), token));

/** Compared in a time that says nothing of where they differ. */
function isSame(expected: string, given: string): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}
