import { html } from 'hono/html';
import type { Html } from './format.ts';

export interface Layout {
  title: string;
  site: string;
  /** What the bar at the bottom says at the right. */
  version: string;
  /** How the page draws itself anew: when something happens (`/events`), every few seconds, or not at all. */
  updates: 'events' | 'poll' | 'none';
  main: Html;
}

/** A whole document. What the script redraws is `<main>` and `<title>`; what it says of itself is `#link`. */
export const layout = ({ title, site, version, updates, main }: Layout): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
<link rel="alternate" type="application/atom+xml" href="/feed.xml" title="Incidents">
<noscript><meta http-equiv="refresh" content="15"></noscript>
<script src="/app.js" defer></script>
</head>
<body data-updates="${updates}">
<a class="skip" href="#main">Skip to the state of things</a>
${SPRITE}
<header class="bar">
<a class="brand" href="/"><svg class="logo" aria-hidden="true" viewBox="0 0 24 24"><use href="#i-logo"/></svg>Quorumwatch</a>
<span class="site">${site}</span>
<p id="link" class="link" role="status"><span class="dot" aria-hidden="true"></span><span id="link-text">As of loading</span></p>
</header>
<div id="stale" class="stale" role="alert" hidden></div>
<main id="main" tabindex="-1">
${main}
</main>
<footer>
<nav aria-label="For programs">
<a href="/api/v1/status">Status JSON</a> <a href="/api/v1/incidents">Incidents JSON</a> <a href="/metrics">Metrics</a> <a href="/feed.xml">Feed</a>
</nav>
<p>Times are UTC. Quorumwatch ${version}</p>
</footer>
</body>
</html>
`;

/** One drawing for each mark; shapes differ, so that nothing depends on colour. */
const SPRITE = html`<svg width="0" height="0" class="sprite" aria-hidden="true">
<symbol id="i-up" viewBox="0 0 16 16"><path d="M3 8.5 6.5 12 13 4.5" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-in" viewBox="0 0 16 16"><path d="M3 8.5 6.5 12 13 4.5" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-degraded" viewBox="0 0 16 16"><path d="M8 2.2 14.6 13.6H1.4Z" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linejoin="round"/><path d="M8 6.4v3.4M8 11.7v.2" stroke="currentColor" stroke-width="1.7" stroke-linecap="round"/></symbol>
<symbol id="i-partial" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.6" fill="none" stroke="currentColor" stroke-width="1.7"/><path d="M8 2.4a5.6 5.6 0 0 1 0 11.2Z" fill="currentColor"/></symbol>
<symbol id="i-down" viewBox="0 0 16 16"><path d="m4 4 8 8M12 4l-8 8" stroke="currentColor" stroke-width="2.4" stroke-linecap="round"/></symbol>
<symbol id="i-out" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.6" fill="none" stroke="currentColor" stroke-width="1.7"/><path d="m4.2 11.8 7.6-7.6" stroke="currentColor" stroke-width="1.7"/></symbol>
<symbol id="i-unknown" viewBox="0 0 16 16"><path d="M5.4 6a2.6 2.6 0 1 1 3.8 2.3c-.8.5-1.2.9-1.2 1.8M8 12.6v.2" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round"/></symbol>
<symbol id="i-abstain" viewBox="0 0 16 16"><path d="M4 8h8" stroke="currentColor" stroke-width="2.2" stroke-linecap="round"/></symbol>
<symbol id="i-idle" viewBox="0 0 16 16"><circle cx="8" cy="8" r="1.6" fill="currentColor"/></symbol>
<symbol id="i-more" viewBox="0 0 16 16"><path d="m6 3.5 4.5 4.5L6 12.5" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/></symbol>
<symbol id="i-logo" viewBox="0 0 24 24"><g fill="none" stroke="currentColor" stroke-width="1.8"><circle cx="12" cy="12" r="4.2"/><path d="M12 1.8v6M3.2 17.1l5.2-3M20.8 17.1l-5.2-3" stroke-linecap="round"/></g><circle cx="12" cy="12" r="1.5" fill="currentColor"/></symbol>
</svg>`;
