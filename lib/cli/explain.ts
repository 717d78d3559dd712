import type { Incident } from '../core/ledger.ts';
import type { Status } from '../core/status.ts';
import { duration } from '../core/times.ts';
import { type IncidentDetail, readIncident } from '../web/incidents.ts';
import { readStatus } from '../web/read.ts';
import { type Io, UsageError } from './command.ts';
import { evidenceLines } from './explain-evidence.ts';
import { pagingLines, storyLines } from './explain-story.ts';
import type { Monitor } from './monitor.ts';
import { paint, strong } from './paint.ts';
import { timeText } from './time-text.ts';

/**
 * `quorumwatch explain INCIDENT`: why it came to this, in words, for whoever was woken by it. With `json` what
 * `GET /api/v1/incidents/ID` gives. Gives the exit code, 0. Throws a `UsageError` when nobody knows the incident.
 */
export async function explainCommand(monitor: Monitor, id: string, { stdout, json }: Io & { json: boolean }): Promise<number> {
  const incident = await readIncident(monitor, id);
  if (!incident) throw new UsageError(unknownIncident(id));
  if (json) {
    stdout.write(`${JSON.stringify(incident, null, 2)}\n`);
    return 0;
  }
  const [status, ledger] = await Promise.all([readStatus(monitor), monitor.store.readLedger()]);
  const kept = typeof ledger === 'string' ? undefined : ledger.incidents[id];
  stdout.write(explainText({ incident, kept, status, cell: monitor.cell, colour: stdout.isTTY === true }));
  return 0;
}

export const unknownIncident = (id: string): string =>
  `incident: ${JSON.stringify(id)} is not known (write one of quorumwatch incidents)`;

export interface Explained extends Pick<Monitor, 'cell'> {
  incident: IncidentDetail;
  /** As the ledger has it, where it still does: what is paged next. */
  kept: Incident | undefined;
  status: Status;
  colour: boolean;
}

/** An incident in words: what is so, why, what happened since, who was paged, what DNS answers, what can be done. */
export function explainText(explained: Explained): string {
  const { incident, status, cell } = explained;
  const parts: [title: string, lines: string[]][] = [
    ['Why', why(explained)],
    ['What happened', storyLines(incident, cell, status.at)],
    ['Who was paged', pagingLines(explained)],
    ['What DNS answers now', recordLines(explained)],
    ['How it is now', nowLines(explained)],
    ['What you can do', todoLines(explained)],
  ];
  const sections = parts.filter(([, lines]) => lines.length > 0).map(([title, lines]) => [`${title}:`, ...lines].join('\n'));
  return `${[headLines(explained).join('\n'), ...sections].join('\n\n')}\n`;
}

/** What is told together has its evidence where each of them is told. */
function why({ incident, kept, cell, status }: Explained): string[] {
  const others = Object.entries(kept?.together?.incidents ?? {});
  if (others.length > 0)
    return ['  These opened together:', ...others.map(([id, node]) => `    ${node}: quorumwatch explain ${id}`)];
  return evidenceLines(incident, cell, status.at);
}

function headLines({ incident, status, colour }: Explained): string[] {
  const { id, node, state, openedAt, closedAt } = incident;
  const isOver = closedAt !== null;
  const lastedMs = Date.parse(closedAt ?? status.at) - Date.parse(openedAt);
  const said = isOver
    ? `${node} was down for ${duration(lastedMs)}; it is over.`
    : `${node} has been ${state} for ${duration(lastedMs)}.`;
  const mark = state === 'closed' ? 'up' : state;
  const span = `since ${timeText(openedAt, status.at)}${isOver ? `, until ${timeText(closedAt, status.at)}` : ''}`;
  return [paint(mark, strong(said, colour), colour), `Incident ${id}, ${span}. ${takenText(incident, status.at)}`];
}

function takenText({ ackedBy, ackedAt, openedAt, closedAt }: IncidentDetail, now: string): string {
  if (ackedBy === null) return closedAt === null ? 'Nobody has taken it yet.' : 'Nobody had taken it.';
  if (ackedAt === null) return `Taken by ${ackedBy}.`;
  return `Taken by ${ackedBy} at ${timeText(ackedAt, now)}, after ${duration(Date.parse(ackedAt) - Date.parse(openedAt))}.`;
}

function recordLines({ incident, status }: Explained): string[] {
  return status.records.flatMap(({ name, type, answers, members }) => {
    const own = members.find(({ node }) => node === incident.node);
    if (!own) return [];
    const place = own.inService === null ? 'not known' : own.inService ? 'in service' : 'out of service';
    const answer = answers.length === 0 ? 'not known' : answers.join(', ');
    return [`  ${name} ${type}: ${answer}. ${own.node} (${own.value}) is ${place}: ${own.why}.`];
  });
}

/** The votes of this moment, check by check: an incident that is open may be over in a minute. */
function nowLines({ incident, status }: Explained): string[] {
  const node = status.nodes.find(({ id }) => id === incident.node);
  return (node?.checks ?? []).map(({ id, verdict, votes, quorum }) => {
    const counts = Map.groupBy(Object.values(votes), ({ vote }) => vote);
    const said = [...counts].map(([vote, each]) => `${each.length} ${vote === 'abstain' ? 'silent' : vote}`).join(', ');
    return `  ${id}: ${verdict} (${said}; ${quorum} must agree)`;
  });
}

function todoLines({ incident, cell }: Explained): string[] {
  const { id, node, ackedBy, closedAt } = incident;
  if (closedAt !== null) return [];
  const isNode = cell.nodes.some(({ id: each }) => each === node);
  const isMember = cell.records.some(({ members }) => members.some((member) => member.node === node));
  return [
    ...(ackedBy === null ? [`  take it, so that nobody else is woken:  quorumwatch ack ${id} --by YOU`] : []),
    ...(isMember ? [`  take it out of DNS whatever it says:    quorumwatch drain ${node}`] : []),
    ...(isNode ? [`  be left in peace for an hour:           quorumwatch silence ${node} --for 1h`] : []),
  ];
}
