import type { Vote } from '../core/ballot.ts';
import type { Verdict } from '../core/ledger.ts';

/** ANSI colours (ECMA-48 SGR). */
const COLOURS: Record<Vote | Verdict, number> = { up: 32, degraded: 33, partial: 33, down: 31, unknown: 35, abstain: 35 };

/** Text in the colour of what it says; a colour is never the only thing that says it. */
export const paint = (mark: Vote | Verdict, text: string, colour: boolean): string =>
  colour ? `\x1b[${COLOURS[mark]}m${text}\x1b[0m` : text;

export const dim = (text: string, colour: boolean): string => (colour ? `\x1b[2m${text}\x1b[0m` : text);

export const strong = (text: string, colour: boolean): string => (colour ? `\x1b[1m${text}\x1b[0m` : text);

/** Lines of columns that begin below one another; a row may be shorter than the others. */
export function columns(rows: readonly (readonly string[])[], indent = '  '): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, plainLength(cell));
  return rows.map((row) => indent + row.map((cell, at) => pad(cell, at < row.length - 1 ? (widths[at] ?? 0) : 0)).join('  '));
}

const pad = (cell: string, width: number): string => cell + ' '.repeat(Math.max(0, width - plainLength(cell)));

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes of `paint` take no room
const plainLength = (text: string): number => text.replaceAll(/\x1b\[\d+m/g, '').length;
