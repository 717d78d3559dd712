import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import { parseFaults } from './fault-list.ts';
import { isSame, replaceFaults } from './faults.ts';
import { ACK_PATHS, askFor, listIncidents, readIncident, TableError } from './incidents.ts';
import type { ReadLatency } from './latency.ts';
import type { Html } from './pages/format.ts';
import { incidentMain, unchangedMain } from './pages/incident.ts';
import { incidentPath } from './pages/incident-card.ts';
import { layout } from './pages/layout.ts';
import { overviewMain, overviewTitle } from './pages/overview.ts';
import type { WebPorts } from './ports.ts';
import { readStatus } from './read.ts';
import { ackProblem, parseBy, tokenProblem } from './requests.ts';

/** Of latency. */
const SHOWN_HOURS = 1;

/**
 * Pages for people, and what their forms do. Forms work without a script; with one, they are sent by it, and answers that accept
 * JSON are for it: `{error}`, or the redirect that a browser would follow.
 */
export function pageRoutes(ports: WebPorts, readLatency?: ReadLatency): Hono {
  const { cell, clock, events, faults, version } = ports;
  const pages = new Hono();
  const show = (c: Context, title: string, main: Html, status: 200 | 400 | 403 | 404 | 409 = 200) =>
    c.html(layout({ title, site: cell.title, version, updates: events ? 'events' : 'poll', main }), status);
  const refuse = (c: Context, status: 400 | 403 | 404 | 409, error: string) =>
    c.req.header('accept')?.includes('text/html')
      ? show(
          c,
          'Not done',
          html`<section class="headline is-unknown"><div><h1>Not done.</h1><p>${error}</p></div></section>`,
          status,
        )
      : c.json({ error }, status);

  pages.get('/', async (c) => {
    const [status, incidents, latency] = await Promise.all([
      readStatus(ports),
      listIncidents(ports).catch(nothingOf),
      readLatency?.(SHOWN_HOURS),
    ]);
    const asked = (c.req.query('open') ?? '').split(' ');
    const open = cell.nodes.map(({ id }) => id).filter((id) => asked.includes(id));
    return show(c, overviewTitle(status), overviewMain(ports, { status, incidents, open, latency }));
  });

  pages.get('/incidents/:id', async (c) => {
    const incident = await readIncident(ports, c.req.param('id'));
    if (!incident) return c.notFound();
    const token = c.req.query('token');
    const refused = await tokenProblem(ports, incident.id, token);
    const main = incidentMain(incident, new Date(clock.now()).toISOString(), { token, refused });
    return show(c, `${incident.node} · ${cell.title} · Quorumwatch`, main);
  });

  for (const [path, kind] of Object.entries(ACK_PATHS)) {
    pages.post(`/incidents/:id/${path}`, async (c) => {
      const id = c.req.param('id');
      const { token, ...form } = await c.req.parseBody();
      const shown = typeof token === 'string' ? token : undefined;
      const refused = await tokenProblem(ports, id, shown);
      if (refused) return refuse(c, 403, refused);
      const parsed = parseBy(form);
      if ('error' in parsed) return refuse(c, 400, parsed.error);
      const result = await askFor(ports, kind, id, parsed.by);
      const problem = ackProblem(id, result);
      if (problem) return refuse(c, problem.status, problem.error);
      const query = shown === undefined ? '' : `?token=${encodeURIComponent(shown)}`;
      if (result.outcome === 'unchanged' && c.req.header('accept')?.includes('text/html'))
        return show(c, 'Nothing changed', unchangedMain(result.incident, new Date(clock.now()).toISOString(), query));
      return c.redirect(`${incidentPath(id)}${query}`, 303);
    });
  }

  if (faults) {
    pages.post('/faults', async (c) => {
      const parsed = parseFaults(cell, [await c.req.parseBody()]);
      if ('error' in parsed) return refuse(c, 400, parsed.error);
      const kept = faults.list().filter((fault) => !parsed.faults.some((added) => isSame(added, fault)));
      replaceFaults(ports, [...kept, ...parsed.faults]);
      return c.redirect('/#faults-title', 303);
    });
    pages.post('/faults/end', async (c) => {
      const { fault } = await c.req.parseBody();
      const ended = fault === 'all' ? undefined : parseFaults(ports.cell, [parseJson(fault)]);
      if (ended && 'error' in ended) return refuse(c, 400, 'fault: is not a fault (press one of the buttons)');
      replaceFaults(ports, ended ? faults.list().filter((each) => !ended.faults.some((one) => isSame(each, one))) : []);
      return c.redirect('/#faults-title', 303);
    });
  }
  return pages;
}

/** The page shows that the table is away; the list of closed incidents is then empty. */
function nothingOf(error: unknown): [] {
  if (error instanceof TableError) return [];
  throw error;
}

function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
