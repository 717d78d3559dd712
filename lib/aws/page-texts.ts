import type { Page } from '../core/ledger.ts';
import type { Message } from '../core/messages.ts';
import { duration } from '../core/times.ts';

/**
 * What an HTTPS subscription receives as the `Message` of SNS's envelope. Members may be added within a schema; a program should
 * pass over those that it does not know. Times are ISO 8601 UTC.
 */
export interface PageDocument {
  schema: 1;
  kind: 'page';
  cell: string;
  incident: string;
  state: Page['state'];
  tier: number;
  attempt: number;
  at: string;
  /** The node, or the part of the monitor, that it is about. */
  subject: string;
  /** As the text message says it. */
  text: string;
  /** Where people read about it; empty where there is no web part. */
  link: string;
  seenBy?: { down: number; of: number };
  failing: { check: string; detail: string }[];
  records: { name: string; out: boolean; serves: string[]; held?: string }[];
  openedAt?: string;
  ackedBy?: string;
  ackedAt?: string;
}

/** A page for programs. */
export function pageDocument(cell: string, page: Page, message: Message, link: string): PageDocument {
  const { incident, state, tier, attempt, subject, seenBy, failing, records, openedAt, ackedBy, ackedAt } = page;
  return {
    schema: 1,
    kind: 'page',
    cell,
    incident,
    state,
    tier,
    attempt,
    at: iso(page.at),
    subject,
    text: message.text,
    link,
    ...(seenBy && { seenBy }),
    failing,
    records,
    ...(openedAt !== undefined && { openedAt: iso(openedAt) }),
    ...(ackedBy !== undefined && { ackedBy }),
    ...(ackedAt !== undefined && { ackedAt: iso(ackedAt) }),
  };
}

/** A page as mail: all that is known, in plain text. */
export function emailText(cell: string, page: Page, { subject }: Message, link: string): string {
  const paragraphs = [
    page.text ?? subject,
    page.state === 'recovered' ? recovery(page) : '',
    page.seenBy ? `${page.seenBy.down} of ${page.seenBy.of} regions see it down.` : '',
    list(
      'What fails:',
      page.failing.map(({ check, detail }) => `${check}: ${detail}`),
    ),
    list('Records:', page.records.map(recordText)),
    link && `${isOver(page) ? 'What happened' : 'Look at it and acknowledge'}:\n${link}`,
    details(cell, page),
  ];
  return paragraphs.filter(Boolean).join('\n\n');
}

const isOver = ({ state }: Page): boolean => state === 'recovered';

function recovery({ at, openedAt = at, ackedBy }: Page): string {
  const who = ackedBy === undefined ? 'Nobody acknowledged.' : `Acknowledged by ${ackedBy}.`;
  return `It is up again after ${duration(at - openedAt)}. ${who}`;
}

function recordText({ name, out, serves, held }: Page['records'][number]): string {
  const others = serves.length > 0 ? serves.join(', ') : 'nobody else';
  if (out) return `${name}: taken out, served by ${others}`;
  return `${name}: still in${held ? `, held by ${held}` : ''}; also served by ${others}`;
}

const list = (title: string, items: string[]): string =>
  items.length > 0 ? [title, ...items.map((item) => `- ${item}`)].join('\n') : '';

function details(cell: string, { incident, at, openedAt, tier, attempt }: Page): string {
  const opened = openedAt === undefined ? '' : `, opened ${iso(openedAt)}`;
  return `${cell}, incident ${incident}${opened}. Tier ${tier}, attempt ${attempt}, decided ${iso(at)}.`;
}

const iso = (at: number): string => new Date(at).toISOString();
