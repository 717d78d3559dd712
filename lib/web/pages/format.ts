import { html } from 'hono/html';
import type { Vote } from '../../core/ballot.ts';
import type { Verdict } from '../../core/ledger.ts';

export type Html = ReturnType<typeof html>;

export type Mark = Verdict | Vote | 'in' | 'out' | 'idle';

/** A picture beside a word, from the sprite of the layout: never the only thing that says something. */
export const icon = (mark: Mark): Html =>
  html`<svg class="icon" aria-hidden="true" viewBox="0 0 16 16"><use href="#i-${mark}"/></svg>`;

/** A word in its colour with its picture. */
export const pill = (mark: Mark, word: string = mark): Html => html`<span class="pill is-${mark}">${icon(mark)}${word}</span>`;

/** A time as people read it, with the whole of it behind: `02:01:13Z`, with the date if that is not today's. */
export function timeOf(iso: string, now: string): Html {
  const [day, time] = [iso.slice(0, 10), `${iso.slice(11, 19)}Z`];
  return html`<time datetime="${iso}" title="${iso}">${day === now.slice(0, 10) ? time : `${day} ${time}`}</time>`;
}

/** How long ago, in one unit: `12 s`, `4 min`, `3 h`, `2 d`. */
export function ageOf(iso: string, now: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(now) - Date.parse(iso)) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 120 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} d`;
}

/** `3 nodes`, `1 node`. */
export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
