import type { Order } from '../core/orders.ts';
import { REASONS } from '../core/reasons.ts';
import type { CheckStatus, IncidentSummary, NodeStatus, RecordStatus, Status, VantageStatus } from '../core/status.ts';
import { duration } from '../core/times.ts';
import { isHeard } from '../core/votes.ts';
import { ageOf, count } from '../web/pages/format.ts';
import { headline } from '../web/pages/headline.ts';
import { readStatus } from '../web/read.ts';
import type { Io } from './command.ts';
import type { Monitor } from './monitor.ts';
import { columns, paint, strong } from './paint.ts';
import { timeText } from './time-text.ts';

/** `quorumwatch status`: what is known now. With `json` what `GET /api/v1/status` gives. Gives the exit code. */
export async function statusCommand(monitor: Monitor, { stdout, stderr, json }: Io & { json: boolean }): Promise<number> {
  const status = await readStatus(monitor);
  if (monitor.fault !== undefined) stderr.write(`${monitor.fault}\n`);
  stdout.write(json ? `${JSON.stringify(status, null, 2)}\n` : statusText(status, stdout.isTTY === true));
  return isFine(status) ? 0 : 1;
}

/** Degraded and partial are fine; down, unknown and blind are not, nor is an incident that is open, of a chain for instance. */
const isFine = ({ nodes, incidents, vantages, quorum, epoch }: Status): boolean =>
  epoch !== null &&
  incidents.length === 0 &&
  vantages.filter(({ state }) => isHeard(state)).length >= quorum &&
  nodes.every(({ verdict }) => verdict !== 'down' && verdict !== 'unknown');

/** A status as a person reads it: the sentence first, then whatever is not as it should be, in detail. */
export function statusText(status: Status, colour: boolean): string {
  const { tone, sentence, more } = headline(status);
  const head = [`${status.title}, ${timeText(status.at, status.at)}`, paint(tone, strong(sentence, colour), colour), more];
  if (status.table === 'unreachable') return `${head.join('\n')}\n`;
  const parts = [
    head,
    section('Incidents', columns(status.incidents.map((each) => incidentRow(each, status.at)))),
    section('Nodes', nodeLines(status, colour)),
    section('Records', status.records.flatMap(recordLines)),
    section('Orders', columns(status.orders.map((each) => orderRow(each, status.at)))),
    section('Vantages', columns(status.vantages.map((each) => vantageRow(each, status.at)))),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

const section = (title: string, lines: readonly string[]): string[] => (lines.length === 0 ? [] : [`${title}:`, ...lines]);

const incidentRow = ({ id, node, state, openedAt, ackedBy }: IncidentSummary, now: string): string[] => [
  id,
  `${node} ${state} for ${ageOf(openedAt, now)}`,
  ackedBy === null ? `nobody has taken it (quorumwatch ack ${id} --by YOU)` : `taken by ${ackedBy}`,
];

function nodeLines({ nodes, at }: Status, colour: boolean): string[] {
  return columns(
    nodes.flatMap((node) => [
      nodeRow(node, at, colour),
      ...node.checks.filter(({ verdict }) => verdict !== 'up').map((each) => checkRow(each, colour)),
    ]),
  );
}

const nodeRow = ({ id, verdict, since, checks }: NodeStatus, now: string, colour: boolean): string[] => [
  id,
  paint(verdict, verdict, colour),
  since === null || verdict === 'up' ? count(checks.length, 'check') : `since ${timeText(since, now)}`,
];

/** What is wrong, as most of those see it who see something. */
function checkRow({ id, verdict, votes }: CheckStatus, colour: boolean): string[] {
  const bad = Object.values(votes).filter(({ vote }) => vote !== 'up');
  const groups = [...Map.groupBy(bad, ({ detail, reason }) => detail ?? REASONS[reason])].sort(
    (a, b) => b[1].length - a[1].length,
  );
  const [what = '', most = []] = groups[0] ?? [];
  const seen = `${most.length} of ${count(Object.keys(votes).length, 'vantage')}`;
  return [`  ${id}`, paint(verdict, verdict, colour), most.length === 0 ? 'not decided yet' : `${seen}: ${what}`];
}

function recordLines({ name, type, answers, members, ttlSeconds }: RecordStatus): string[] {
  const answer = answers.length === 0 ? 'not known' : answers.join(', ');
  const rows = members.map(({ node, value, inService, why }) => [
    node,
    value,
    inService === null ? 'not known' : inService ? 'in service' : 'out of service',
    why,
  ]);
  return [`  ${name} ${type}, kept for ${duration(ttlSeconds * 1_000)}: ${answer}`, ...columns(rows, '    ')];
}

export const orderText = ({ kind, by, until, inService, reason }: Order, now: string): string => {
  const ends = until === null ? 'until it is restored' : `until ${timeText(until, now)}`;
  if (kind === 'drain') return `drained by ${by} ${ends}`;
  if (kind === 'silence') return `silenced by ${by} ${ends}: nobody is paged`;
  return `forced ${inService ? 'in' : 'out'} by ${by} ${ends}: ${reason}`;
};

const orderRow = (order: Order, now: string): string[] => [order.node, orderText(order, now)];

function vantageRow({ id, state, lastBallotAt, reason, detail }: VantageStatus, now: string): string[] {
  const heard = lastBallotAt === null ? 'never heard' : `heard ${ageOf(lastBallotAt, now)} ago`;
  const why = reason === undefined ? '' : `: ${detail ?? REASONS[reason]}`;
  return [id, state, `${heard}${why}`];
}
