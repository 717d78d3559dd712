import { Hono } from 'hono';
import { parseFaults } from './fault-list.ts';
import { replaceFaults } from './faults.ts';
import { ACK_PATHS, askFor, listIncidents, readIncident } from './incidents.ts';
import { LATENCY_HOURS, latencyJson, type ReadLatency } from './latency.ts';
import type { WebPorts } from './ports.ts';
import { readStatus } from './read.ts';
import { ackProblem, jsonBody, parseBy, tokenOf, tokenProblem, unknownIncident } from './requests.ts';

/** `/api/v1`: JSON for programs. Errors are `{error: "path: what is wrong (what to write instead)"}`. */
export function apiRoutes(ports: WebPorts, readLatency?: ReadLatency): Hono {
  const api = new Hono();

  api.get('/status', async (c) => c.json(await readStatus(ports)));
  api.get('/incidents', async (c) => c.json(await listIncidents(ports)));
  api.get('/incidents/:id', async (c) => {
    const incident = await readIncident(ports, c.req.param('id'));
    return incident ? c.json(incident) : c.json({ error: unknownIncident(c.req.param('id')) }, 404);
  });

  if (readLatency) {
    api.get('/history', async (c) => {
      const { hours = '1', node } = c.req.query();
      if (!LATENCY_HOURS.map(String).includes(hours)) {
        return c.json({ error: `hours: is ${JSON.stringify(hours)} (write one of ${LATENCY_HOURS.join(', ')})` }, 400);
      }
      if (node !== undefined && !ports.cell.nodes.some(({ id }) => id === node)) {
        return c.json({ error: `node: ${JSON.stringify(node)} is not configured (GET /api/v1/status lists the nodes)` }, 404);
      }
      return c.json(latencyJson(ports.cell, await readLatency(Number(hours)), node));
    });
  }

  for (const [path, kind] of Object.entries(ACK_PATHS)) {
    api.post(`/incidents/:id/${path}`, async (c) => {
      const id = c.req.param('id');
      const refused = await tokenProblem(ports, id, tokenOf(c));
      if (refused) return c.json({ error: refused }, 403);
      const body = parseBy(await jsonBody(c));
      if ('error' in body) return c.json(body, 400);
      const result = await askFor(ports, kind, id, body.by);
      const problem = ackProblem(id, result);
      return problem ? c.json({ error: problem.error }, problem.status) : c.json(result.incident);
    });
  }

  const { cell, faults } = ports;
  if (faults) {
    api.get('/faults', (c) => c.json(faults.list()));
    api.put('/faults', async (c) => {
      const parsed = parseFaults(cell, await jsonBody(c));
      if ('error' in parsed) return c.json(parsed, 400);
      replaceFaults(ports, parsed.faults);
      return c.json(faults.list());
    });
    api.delete('/faults', (c) => {
      replaceFaults(ports, []);
      return c.json(faults.list());
    });
  }
  return api;
}
