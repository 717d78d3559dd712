import { gsm, SMS_SEPTETS, septets, shorten } from './gsm.ts';
import type { Page } from './ledger.ts';
import { clockTime, duration } from './times.ts';

/** A page in words, for every way that it is sent. */
export interface Message {
  /** ASCII, at most 100 characters (SNS's limit for a subject). */
  subject: string;
  /** One SMS part: GSM characters, at most 160. */
  text: string;
}

const SUBJECT_LENGTH = 100;
/** What is wrong needs no more than its first words if then there is room for what was done about it. */
const DETAIL_SEPTETS = 30;
/** Of many nodes, as many as fit are named. */
const NAMES_SEPTETS = 40;
/** Later than this, for how long it has been so is news. */
const AGED_MS = 120_000;

/** Words for a page, its times in this time zone. Parts are dropped by priority until the text fits; the link never is. */
export function messageOf(page: Page, link: string, timezone = 'UTC'): Message {
  const [headline = page.subject, ...rest] = partsOf(page, timezone).map(oneLine);
  const named = page.together ? `${headline}: ${namesOf(page.together)}` : headline;
  return { subject: ascii(named).slice(0, SUBJECT_LENGTH), text: assemble([headline, ...rest].map(gsm), gsm(link)) };
}

/** Most important first. */
function partsOf(page: Page, timezone: string): string[] {
  const { seenBy, together, failing, records, behind } = page;
  if (page.text !== undefined) return [`${label(page)}: ${page.text}`];
  if (page.state === 'recovered') return [recovery(page, timezone), together ? namesOf(together) : ''];
  const head = headline(page, timezone);
  return [
    seenBy ? `${head}, ${seenBy.down}/${seenBy.of} regions` : head,
    ...(together ? [namesOf(together)] : []),
    failing.map(({ check, detail }) => `${check} ${detail}`).join('; '),
    records.map(recordText).join(' '),
    behind ? `Behind it: ${namesOf(behind)}` : '',
  ];
}

function headline({ subject, state, attempt, at, openedAt = at, flapping }: Page, timezone: string): string {
  const still = attempt > 1 ? 'still ' : '';
  if (flapping) {
    const times = `${flapping.count} times since ${clockTime(flapping.since, timezone, at)}`;
    return `${subject} ${still}FLAPPING, ${state} ${times}`;
  }
  const ageMs = at - openedAt;
  const since = clockTime(openedAt, timezone, at);
  if (ageMs < AGED_MS) return `${subject} ${still}${LABELS[state]} ${since}`;
  return `${subject} ${still}${LABELS[state]} for ${duration(ageMs)}, since ${since}`;
}

/** `recovered after 14 min, acknowledged by ann after 3 min` */
export function recoveryText({ at, openedAt = at, ackedBy, ackedAt = at }: Page): string {
  const who = ackedBy === undefined ? 'nobody acknowledged' : `acknowledged by ${ackedBy} after ${duration(ackedAt - openedAt)}`;
  return `recovered after ${duration(at - openedAt)}, ${who}`;
}

const recovery = (page: Page, timezone: string): string =>
  `${page.subject} ${LABELS.recovered} ${clockTime(page.at, timezone)}, ${recoveryText(page)}`;

const LABELS: Record<Page['state'], string> = {
  down: 'DOWN',
  unknown: 'UNKNOWN',
  recovered: 'UP',
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

const label = ({ state, attempt }: Page): string =>
  state !== 'recovered' && attempt > 1 ? `still ${LABELS[state]}` : LABELS[state];

/** `n0, n1, n2 and 197 more` */
export function namesOf({ count, nodes }: { count: number; nodes: readonly string[] }, room = NAMES_SEPTETS): string {
  const named: string[] = [];
  for (const node of nodes) {
    if (named.length > 0 && septets([...named, node].join(', ')) > room) break;
    named.push(node);
  }
  const others = count - named.length;
  return `${named.join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
}

function recordText({ name, out, serves, held }: Page['records'][number]): string {
  const others = serves.length > 0 ? serves.slice(0, 3).join(', ') : 'nobody else';
  if (out) return `Out of ${name}; ${others} ${serves.length > 1 ? 'serve' : 'serves'}.`;
  return held ? `Still in ${name} (${held}).` : `In ${name}.`;
}

/** Details quote what strangers' servers say: a line break in a subject would be a header of their choice. */
const oneLine = (text: string): string => text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();

const ascii = (text: string): string => gsm(text).replaceAll(/[^\x20-\x7e]/g, (char) => plain(char));

/** The letter without its accent where there is one. */
function plain(char: string): string {
  const [letter = ''] = char.normalize('NFD');
  return /[\x20-\x7e]/.test(letter) ? letter : '?';
}

function assemble([headline = '', ...rest]: string[], link: string): string {
  let text = shorten(headline, SMS_SEPTETS - septets(link) - 1);
  const parts = rest.filter(Boolean);
  for (const [index, part] of parts.entries()) {
    const separator = text.endsWith('.') ? ' ' : index === 0 ? ': ' : '. ';
    const room = SMS_SEPTETS - septets(link) - 1 - septets(text) - separator.length;
    const next = parts[index + 1];
    const roomBeside = next === undefined ? room : Math.max(DETAIL_SEPTETS, room - septets(next) - '. '.length);
    const short = shorten(part, Math.min(room, roomBeside));
    if (short.length < Math.min(part.length, 12)) break;
    text += separator + short;
  }
  return link ? `${text} ${link}` : text;
}
