import { html } from 'hono/html';
import type { Verdict } from '../core/ledger.ts';

/** Dark enough for white text at 4.5:1. */
const COLORS: Record<Verdict, string> = {
  up: '#1b6e3c',
  degraded: '#855400',
  partial: '#9a4a08',
  down: '#a9201a',
  unknown: '#515a66',
};
const CHAR_PX = 6.6;
const PADDING_PX = 16;

/** An SVG picture `node | verdict`, 20 px high. `textLength` makes the text fit whatever font draws it. */
export function badge(node: string, verdict: Verdict): string {
  const [left, right] = [textPx(node), textPx(verdict)];
  const [leftBox, rightBox] = [left + PADDING_PX, right + PADDING_PX];
  const width = leftBox + rightBox;
  return String(html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${node}: ${verdict}">
<title>${node}: ${verdict}</title>
<clipPath id="r"><rect width="${width}" height="20" rx="4"/></clipPath>
<g clip-path="url(#r)"><rect width="${leftBox}" height="20" fill="#33393f"/><rect x="${leftBox}" width="${rightBox}" height="20" fill="${COLORS[verdict]}"/></g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
<text x="${leftBox / 2}" y="14" textLength="${left}">${node}</text><text x="${leftBox + rightBox / 2}" y="14" textLength="${right}">${verdict}</text>
</g></svg>
`);
}

const textPx = (text: string): number => Math.round(text.length * CHAR_PX);
