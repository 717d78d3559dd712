import { HOLD_RULES } from '../core/guard.ts';
import type { Page, PageVote } from '../core/ledger.ts';
import { type Message, namesOf, recoveryText } from '../core/messages.ts';
import { dateTime, duration } from '../core/times.ts';

/**
 * What an HTTPS subscription receives as the `Message` of SNS's envelope: `docs/page.schema.json` is its schema. Members may be
 * added within a schema; a program should pass over those that it does not know. Times are ISO 8601 UTC.
 */
export interface PageDocument extends Omit<Page, 'at' | 'openedAt' | 'ackedAt' | 'flapping' | 'quiet' | 'text'> {
  schema: 1;
  kind: 'page';
  cell: string;
  /** The list that the tier is of. */
  list: 'tiers' | 'quiet';
  at: string;
  /** As the text message says it. */
  text: string;
  /** Where people read about it; empty where there is no web part. */
  link: string;
  flapping?: { count: number; since: string };
  openedAt?: string;
  ackedAt?: string;
}

const MINUTE_MS = 60_000;

/** A page for programs. */
export function pageDocument(cell: string, page: Page, { text, link }: Message): PageDocument {
  const { at, openedAt, ackedAt, flapping, quiet, text: _, ...same } = page;
  return {
    schema: 1,
    kind: 'page',
    cell,
    ...same,
    list: quiet ? 'quiet' : 'tiers',
    at: iso(at),
    text,
    link,
    ...(flapping && { flapping: { count: flapping.count, since: iso(flapping.since) } }),
    ...(openedAt !== undefined && { openedAt: iso(openedAt) }),
    ...(ackedAt !== undefined && { ackedAt: iso(ackedAt) }),
  };
}

/** A page as mail: all that is known, in plain text. */
export function emailText(cell: string, page: Page, { subject, link }: Message, timezone: string): string {
  const { seenBy, together, behind, failing, records } = page;
  const paragraphs = [
    page.text ?? subject,
    history(page, timezone),
    together ? `Together: ${listed(together)}.` : '',
    seenBy ? `${seenBy.down} of ${seenBy.of} regions see it down.` : '',
    list('What fails:', failing.map(failureText)),
    list('Records:', records.map(recordText)),
    behind ? `Behind it, and not paged: ${listed(behind)}.` : '',
    link && `${isOver(page) ? 'What happened' : 'Look at it and acknowledge'}:\n${link}`,
    details(cell, page),
  ];
  return paragraphs.filter(Boolean).join('\n\n');
}

const isOver = ({ state }: Page): boolean => state === 'recovered';

/** Since when, for how long, and how often; and at the end who took it. */
function history(page: Page, timezone: string): string {
  const { at, openedAt, flapping } = page;
  if (openedAt === undefined) return '';
  if (isOver(page)) return `It ${recoveryText(page)}.`;
  const age = at - openedAt >= MINUTE_MS ? `, for ${duration(at - openedAt)}` : '';
  const since = `Since ${dateTime(openedAt, timezone)}${age}.`;
  return flapping ? `${since} It comes and goes: ${flapping.count} times since ${dateTime(flapping.since, timezone)}.` : since;
}

/** All that are named on the page. */
const listed = (some: { count: number; nodes: string[] }): string => namesOf(some, Number.POSITIVE_INFINITY);

const failureText = ({ check, detail, votes = [] }: Page['failing'][number]): string =>
  [`${check}: ${detail}`, ...votes.map((vote) => `  ${voteText(vote)}`)].join('\n');

/** `eu-west-1: down (status), HTTP 500, expected 2xx, after 212 ms` */
function voteText({ vantage, vote, reason, detail, tookMs }: PageVote): string {
  const said = [vote === 'up' ? vote : `${vote} (${reason})`, detail ?? '', tookMs === undefined ? '' : `after ${tookMs} ms`];
  return `${vantage}: ${said.filter(Boolean).join(', ')}`;
}

function recordText({ name, out, serves, held, why }: Page['records'][number]): string {
  const others = serves.length > 0 ? serves.join(', ') : 'nobody else';
  if (out) return `${name}: taken out${why ? ` (${why})` : ''}, served by ${others}`;
  const rule = held && (why ?? (held in HOLD_RULES ? HOLD_RULES[held as keyof typeof HOLD_RULES] : ''));
  return `${name}: still in${held ? `, held by ${held}${rule ? `: ${rule}` : ''}` : ''}; also served by ${others}`;
}

const list = (title: string, items: string[]): string =>
  items.length > 0 ? [title, ...items.map((item) => `- ${item}`)].join('\n') : '';

function details(cell: string, { incident, at, openedAt, tier, quiet, attempt }: Page): string {
  const opened = openedAt === undefined ? '' : `, opened ${iso(openedAt)}`;
  return `${cell}, incident ${incident}${opened}. ${quiet ? 'Quiet tier' : 'Tier'} ${tier}, attempt ${attempt}, decided ${iso(at)}.`;
}

const iso = (at: number): string => new Date(at).toISOString();
