import { type Context, Hono } from 'hono';
import { etag } from 'hono/etag';
import { html } from 'hono/html';
import { routePath } from 'hono/route';
import { apiRoutes } from './api.ts';
import { ASSETS } from './assets.ts';
import { badge } from './badge.ts';
import { beatRoutes } from './beats.ts';
import { atomFeed } from './feed.ts';
import { listIncidents, TableError } from './incidents.ts';
import { createLatencyReader } from './latency.ts';
import { metricsText } from './metrics.ts';
import { pageRoutes } from './page-routes.ts';
import { layout } from './pages/layout.ts';
import type { WebPorts } from './ports.ts';
import { readStatus } from './read.ts';
import { readersOnly } from './readers.ts';
import { limitBody, refuseOtherOrigins, securityHeaders } from './security.ts';
import { streamChanges } from './stream.ts';

/** GitHub's image proxy keeps badges for as long as they say. */
const BADGE_MAX_AGE_S = 30;

/**
 * The web part of a cell: status, incidents, acknowledgement, badges, metrics and feed, for people and programs. It writes acts,
 * never the ledger. `fetch` of the answer serves a request, on a server and in a Lambda alike.
 */
export function createWeb(ports: WebPorts): Hono {
  const { cell, clock, events, history, version } = ports;
  const readLatency = history && createLatencyReader({ ...ports, history });
  const app = new Hono();
  app.use(securityHeaders, refuseOtherOrigins, limitBody, readersOnly(ports));

  for (const { path, type, text } of ASSETS) {
    app.get(path, etag(), (c) => c.body(text, 200, { 'content-type': type, 'cache-control': 'no-cache' }));
  }
  app.route('/api/v1', apiRoutes(ports, readLatency));
  if (events) app.get('/events', (c) => streamChanges(c, events, clock));

  app.get('/metrics', async (c) =>
    c.body(metricsText(await readStatus(ports), version), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
  );
  app.get('/feed.xml', async (c) => {
    const incidents = await listIncidents(ports);
    const now = new Date(clock.now()).toISOString();
    const feed = atomFeed(cell.title, cell.name, new URL(c.req.url).origin, incidents, now);
    return c.body(feed, 200, { 'content-type': 'application/atom+xml; charset=utf-8' });
  });
  app.get('/badge/:file{.+\\.svg}', async (c) => {
    const id = c.req.param('file').slice(0, -'.svg'.length);
    const node = (await readStatus(ports)).nodes.find((each) => each.id === id);
    if (!node) return c.notFound();
    return c.body(badge(node.id, node.verdict), 200, {
      'content-type': 'image/svg+xml; charset=utf-8',
      'cache-control': `public, max-age=${BADGE_MAX_AGE_S}`,
    });
  });
  app.route('/beat', beatRoutes(ports));
  app.route('/', pageRoutes(ports, readLatency));

  app.notFound((c) => failed(c, ports, 404, `path: ${c.req.path} is not known (start at /)`));
  app.onError((error, c) => {
    if (error instanceof TableError) return failed(c, ports, 503, error.message);
    // The route, not the path: tokens of heartbeats and links are in paths, and logs have other readers.
    ports.emit?.({ event: 'note', text: `web: ${c.req.method} ${routePath(c, -1)}: ${error.stack ?? error.message}` });
    return failed(c, ports, 500, 'internal: the monitor itself failed (look at its log)');
  });
  return app;
}

/** An error as the asker reads it: JSON for programs, a page for people. */
function failed(c: Context, { cell, version }: WebPorts, status: 404 | 500 | 503, error: string): Response | Promise<Response> {
  if (c.req.path.startsWith('/api/') || !c.req.header('accept')?.includes('text/html')) return c.json({ error }, status);
  const main = html`<section class="headline is-unknown"><div><h1>That did not work.</h1><p>${error}</p><p><a href="/">To the overview</a></p></div></section>`;
  return c.html(layout({ title: 'That did not work', site: cell.title, version, updates: 'none', main }), status);
}
