import { gsm, SMS_SEPTETS, septets, shorten } from './gsm.ts';
import type { Page } from './ledger.ts';
import { clockTime, duration } from './times.ts';

/** A page in words, for every way that it is sent. */
export interface Message {
  /** ASCII, at most 100 characters (SNS's limit for a subject). */
  subject: string;
  /** One SMS part: GSM characters, at most 160. */
  text: string;
  /** Where people read about it; empty where there is no such place. */
  link: string;
}

const SUBJECT_LENGTH = 100;
/** What is wrong needs no more than its first words if then there is room for what was done about it. */
const DETAIL_SEPTETS = 30;
/** A part of which less is left says nothing. */
const SHORTEST_PART = 12;
/** Of many nodes, as many as fit are named. */
const NAMES_SEPTETS = 40;
/** Later than this, for how long it has been so is news. */
const AGED_MS = 120_000;

/** Words for a page, its times in this time zone. Parts are dropped by priority until the text fits; the link never is. */
export function messageOf(page: Page, link: string, timezone = 'UTC'): Message {
  const head = headOf(page, timezone);
  const body = bodyOf(page).map(oneLine).map(gsm);
  const names = page.together && page.text === undefined ? [`: ${namesOf(page.together)}`] : [];
  const subject = headline({ ...head, more: [...head.more, ...names] }, SUBJECT_LENGTH, ascii);
  const room = SMS_SEPTETS - septets(gsm(link)) - 1;
  return { subject, text: `${assemble(headline(head, room, gsm), body, room)} ${gsm(link)}`.trimEnd(), link };
}

/** The first words: who, what, and more of it as far as there is room. */
interface Head {
  subject: string;
  what: string;
  more: string[];
}

/** What happened is never cut, the name is where it must be, and more is said only whole. */
function headline({ subject, what, more }: Head, room: number, spell: (text: string) => string): string {
  const [name, state, ...others] = [subject, what, ...more].map(oneLine).map(spell) as [string, string, ...string[]];
  const lead = name === '' ? '' : `${shorten(name, room - septets(state) - 1)} `;
  return others.reduce(
    (said, other) => {
      const glued = said + other;
      return septets(glued) <= room ? glued : said;
    },
    shorten(`${lead}${state}`, room),
  );
}

function headOf(page: Page, timezone: string): Head {
  const { subject, state, attempt, at, openedAt = at, seenBy, flapping, text } = page;
  const still = state !== 'recovered' && attempt > 1 ? 'still ' : '';
  if (text !== undefined) return { subject: '', what: `${still}${LABELS[state]}: ${text}`, more: [] };
  if (state === 'recovered') {
    const more = recoveryText(page).split(', ');
    return { subject, what: `${LABELS.recovered} ${clockTime(at, timezone)}`, more: more.map((part) => `, ${part}`) };
  }
  const since = clockTime(openedAt, timezone, at);
  const regions = seenBy && seenBy.down > 0 ? [`, ${seenBy.down}/${seenBy.of} regions`] : [];
  if (flapping) {
    const times = `, ${state} ${flapping.count} times since ${clockTime(flapping.since, timezone, at)}`;
    return { subject, what: `${still}FLAPPING`, more: [times, ...regions] };
  }
  const what = `${still}${LABELS[state]}`;
  if (at - openedAt < AGED_MS) return { subject, what: `${what} ${since}`, more: regions };
  return { subject, what: `${what} for ${duration(at - openedAt)}`, more: [`, since ${since}`, ...regions] };
}

/** What follows, most important first. */
function bodyOf({ text, together, failing, records, behind, state }: Page): string[] {
  if (text !== undefined) return [];
  const names = together ? [namesOf(together)] : [];
  if (state === 'recovered') return names;
  return [
    ...names,
    failing.map(({ check, detail }) => `${check} ${detail}`).join('; '),
    records.map(recordText).join(' '),
    behind ? `Behind it: ${namesOf(behind)}` : '',
  ];
}

/** `recovered after 14 min, acknowledged by ann after 3 min` */
export function recoveryText({ at, openedAt = at, ackedBy, ackedAt = at }: Page): string {
  const who = ackedBy === undefined ? 'nobody acknowledged' : `acknowledged by ${ackedBy} after ${duration(ackedAt - openedAt)}`;
  return `recovered after ${duration(at - openedAt)}, ${who}`;
}

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
  'drill-failed': 'DRILL FAILED',
  blind: 'BLIND',
  silent: 'SILENT',
};

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
  const letter = char.normalize('NFD').charAt(0);
  return /[\x20-\x7e]/.test(letter) ? letter : '?';
}

function assemble(headline: string, body: readonly string[], room: number): string {
  const parts = body.filter(Boolean);
  return parts.reduce((text, part, index) => {
    const separator = text.endsWith('.') ? ' ' : index === 0 ? ': ' : '. ';
    const left = room - septets(text) - separator.length;
    const next = parts[index + 1];
    const beside = next === undefined ? left : Math.max(DETAIL_SEPTETS, left - septets(next) - '. '.length);
    const short = shorten(part, Math.min(left, beside));
    return short.length < Math.min(part.length, SHORTEST_PART) ? text : text + separator + short;
  }, headline);
}
