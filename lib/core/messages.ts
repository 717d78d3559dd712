import type { Page } from './ledger.ts';

/** A page in words, for every way that it is sent. */
export interface Message {
  /** ASCII, at most 100 characters (SNS's limit for a subject). */
  subject: string;
  /** One SMS part: GSM characters, at most 160. */
  text: string;
}

const SUBJECT_LENGTH = 100;
/** GSM 03.38: a single part holds 160 septets; characters of its extension table take two. */
const SMS_SEPTETS = 160;
/** What is wrong needs no more than its first words if then there is room for what was done about it. */
const DETAIL_SEPTETS = 30;
const GSM_BASIC = /^[@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà]$/;
const GSM_EXTENDED = /^[\^{}\\[~\]|€]$/;

/** Words for a page. Parts are dropped by priority until the text fits; the link never is. */
export function messageOf(page: Page, link: string): Message {
  const [headline = page.subject, ...rest] = partsOf(page).map(oneLine);
  return { subject: ascii(headline).slice(0, SUBJECT_LENGTH), text: assemble([headline, ...rest].map(gsm), gsm(link)) };
}

/** Most important first. */
function partsOf(page: Page): string[] {
  if (page.text !== undefined) return [`${label(page)}: ${page.text}`];
  const at = page.state === 'recovered' ? page.at : (page.openedAt ?? page.at);
  const head = `${page.subject} ${label(page)} ${clock(at)}`;
  if (page.state === 'recovered') return [`${head}, after ${duration(page.at - (page.openedAt ?? page.at))}`, acknowledged(page)];
  return [
    page.seenBy ? `${head}, ${page.seenBy.down}/${page.seenBy.of} regions` : head,
    page.failing.map(({ check, detail }) => `${check} ${detail}`).join('; '),
    page.records.map(recordText).join(' '),
  ];
}

const LABELS: Record<Page['state'], string> = {
  down: 'DOWN',
  unknown: 'UNKNOWN',
  recovered: 'UP again',
  held: 'DOWN, held in DNS',
  'flip-failed': 'FLIP FAILED',
  'hook-failed': 'HOOK FAILED',
  'foreign-hand': 'CHANGED BY HAND',
  skew: 'CONFIGURATION SKEW',
  paused: 'PAUSED',
  abstaining: 'VANTAGE ABSTAINS',
  'never-passed': 'NEVER PASSED',
  unheard: 'PAGES MAY NOT ARRIVE',
  unwatched: 'ALARMS ARE OFF',
  blind: 'BLIND',
  silent: 'SILENT',
};

const label = ({ state, attempt }: Page): string => (attempt > 1 ? `still ${LABELS[state]}` : LABELS[state]);

function recordText({ name, out, serves, held }: Page['records'][number]): string {
  const others = serves.length > 0 ? serves.slice(0, 3).join(', ') : 'nobody else';
  if (out) return `Out of ${name}; ${others} ${serves.length > 1 ? 'serve' : 'serves'}.`;
  return held ? `Still in ${name} (${held}).` : `In ${name}.`;
}

const acknowledged = ({ ackedBy, ackedAt, openedAt }: Page): string =>
  ackedBy === undefined
    ? 'Nobody acknowledged.'
    : `Acknowledged by ${ackedBy} after ${duration((ackedAt ?? 0) - (openedAt ?? 0))}.`;

/** `02:01Z` */
const clock = (at: number): string => `${new Date(at).toISOString().slice(11, 16)}Z`;

/** `45 s`, `14 min`, `2 h 5 min` */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ''}`;
}

/** Details quote what strangers' servers say: a line break in a subject would be a header of their choice. */
const oneLine = (text: string): string => text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();

const ascii = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?');

/** What GSM cannot say becomes `?`: one such character would halve the room. */
const gsm = (text: string): string =>
  [...text].map((char) => (GSM_BASIC.test(char) || GSM_EXTENDED.test(char) ? char : '?')).join('');

const septets = (text: string): number => [...text].reduce((sum, char) => sum + (GSM_EXTENDED.test(char) ? 2 : 1), 0);

function assemble([headline = '', ...rest]: string[], link: string): string {
  let text = shorten(headline, SMS_SEPTETS - septets(link) - 1);
  const parts = rest.filter(Boolean);
  for (const [index, part] of parts.entries()) {
    const separator = text.endsWith('.') ? ' ' : part === rest[0] ? ': ' : '. ';
    const room = SMS_SEPTETS - septets(link) - 1 - septets(text) - separator.length;
    const next = parts[index + 1];
    const roomBeside = next === undefined ? room : Math.max(DETAIL_SEPTETS, room - septets(next) - '. '.length);
    const short = shorten(part, Math.min(room, roomBeside));
    if (short.length < Math.min(part.length, 12)) break;
    text += separator + short;
  }
  return link ? `${text} ${link}` : text;
}

function shorten(text: string, room: number): string {
  if (septets(text) <= room) return text;
  let short = text;
  while (short && septets(short) > room - 2) short = short.slice(0, -1);
  return short && `${short.trimEnd()}..`;
}
