import { askFor, readIncident } from '../web/incidents.ts';
import { ackProblem } from '../web/requests.ts';
import { type Io, UsageError } from './command.ts';
import { unknownIncident } from './explain.ts';
import type { Monitor } from './monitor.ts';
import { timeText } from './time-text.ts';

/**
 * `quorumwatch ack INCIDENT --by WHO`: takes an incident; whoever was first keeps it. With `json` what
 * `POST /api/v1/incidents/ID/ack` gives. Gives the exit code, 0. Throws a `UsageError` when it is unknown or closed.
 */
export async function ackCommand(monitor: Monitor, id: string, by: string, { stdout, stderr, json }: Io & { json: boolean }) {
  const emit = () =>
    stderr.write(`arbiters: none could be woken (they look every ${monitor.cell.tickMs / 1_000} s all the same)\n`);
  const result = await askFor({ ...monitor, emit }, 'acknowledge', id, by);
  if (!result.incident) throw new UsageError(unknownIncident(id));
  const problem = ackProblem(id, result);
  if (problem) throw new UsageError(problem.error);
  const { incident, outcome } = result;
  const now = new Date(monitor.clock.now()).toISOString();
  const at = incident.ackedAt === null ? '' : ` at ${timeText(incident.ackedAt, now)}`;
  const said =
    outcome === 'unchanged'
      ? `${incident.node}: ${incident.ackedBy} has it already, taken${at}`
      : `${incident.node}: taken by ${incident.ackedBy}; nobody else is paged for ${monitor.cell.paging.ackLapsesMs / 3_600_000} h`;
  stdout.write(json ? `${JSON.stringify(incident, null, 2)}\n` : `${said}\n`);
  return 0;
}

/** An incident that somebody has, and may give back. Throws a `UsageError` when nobody has it. */
export async function takenIncident(monitor: Monitor, id: string): Promise<string> {
  const incident = await readIncident(monitor, id);
  if (!incident) throw new UsageError(unknownIncident(id));
  if (incident.ackedBy !== null && incident.closedAt === null) return id;
  throw new UsageError(
    `incident: ${id} is ${incident.closedAt === null ? 'taken by nobody' : 'closed'} (nothing is left to give back)`,
  );
}
