import type { IncidentSummary } from '../core/status.ts';
import { type IncidentDetail, listIncidents } from '../web/incidents.ts';
import { ageOf, count } from '../web/pages/format.ts';
import type { Io } from './command.ts';
import type { Monitor } from './monitor.ts';
import { columns, paint } from './paint.ts';
import { timeText } from './time-text.ts';

/** `quorumwatch incidents`: the newest first. With `json` what `GET /api/v1/incidents` gives. Gives the exit code, 0. */
export async function incidentsCommand(monitor: Monitor, { stdout, json }: Io & { json: boolean }): Promise<number> {
  const incidents = await listIncidents(monitor);
  const now = new Date(monitor.clock.now()).toISOString();
  stdout.write(json ? `${JSON.stringify(incidents, null, 2)}\n` : listText(incidents, now, stdout.isTTY === true));
  return 0;
}

function listText(incidents: readonly IncidentDetail[], now: string, colour: boolean): string {
  if (incidents.length === 0) return 'There has been no incident.\n';
  const open = incidents.filter(({ closedAt }) => closedAt === null).length;
  const lines = columns(incidents.map((each) => row(each, now, colour)));
  return [`${count(incidents.length, 'incident')}, ${open} open. Why: quorumwatch explain INCIDENT`, ...lines, ''].join('\n');
}

const row = ({ id, node, state, openedAt, closedAt, ackedBy }: IncidentSummary, now: string, colour: boolean): string[] => [
  state === 'closed' ? 'closed' : paint(state, 'open', colour),
  id,
  node,
  `since ${timeText(openedAt, now)}`,
  `for ${ageOf(openedAt, closedAt ?? now)}`,
  ackedBy === null ? 'taken by nobody' : `taken by ${ackedBy}`,
];
