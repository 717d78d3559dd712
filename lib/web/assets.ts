import { readFileSync } from 'node:fs';
import { KNOCK_PATH } from './knock-path.ts';

const read = (name: string): string => readFileSync(new URL(`./assets/${name}`, import.meta.url), 'utf8');

/** What pages load beside themselves, by path: read once, at the start. */
export const ASSETS: readonly { path: string; type: string; text: string }[] = [
  { path: '/style.css', type: 'text/css; charset=utf-8', text: ['frame.css', 'grid.css', 'cards.css'].map(read).join('\n') },
  { path: '/app.js', type: 'text/javascript; charset=utf-8', text: read('app.js') },
  { path: KNOCK_PATH, type: 'image/svg+xml', text: read('icon.svg') },
];
