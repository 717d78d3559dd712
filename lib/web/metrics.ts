import type { Vote } from '../core/ballot.ts';
import type { Status } from '../core/status.ts';
import { WORST_FIRST } from '../core/tally.ts';

type Labels = Record<string, string>;
type Sample = [labels: Labels, value: number];

const VOTES: readonly Vote[] = ['up', 'degraded', 'down', 'abstain'];
const VANTAGE_STATES = ['up', 'abstaining', 'stale', 'missing', 'skew'];

/** The status as Prometheus metrics (text format 0.0.4, "Exposition formats" of its documentation). */
export function metricsText(status: Status, version: string): string {
  const { nodes, records, vantages, incidents } = status;
  return [
    family('build_info', 'The version that answers, always 1.', [[{ version }, 1]]),
    family('table_readable', '1 if the whole table could be read, 0 if not.', [[{}, Number(status.table === 'ok')]]),
    family('ledger_epoch', 'Decisions so far.', status.epoch === null ? [] : [[{}, status.epoch]]),
    family(
      'node_verdict',
      'What the quorum says of a node: 1 for its verdict, 0 for the others.',
      nodes.flatMap(({ id, verdict }) => oneHot({ node: id }, 'verdict', WORST_FIRST, verdict)),
    ),
    family(
      'check_verdict',
      'What the quorum says of a check: 1 for its verdict, 0 for the others.',
      nodes.flatMap(({ id: node, checks }) =>
        checks.flatMap(({ id, verdict }) => oneHot({ node, check: id }, 'verdict', WORST_FIRST, verdict)),
      ),
    ),
    family(
      'check_votes',
      'How many vantages vote so on a check.',
      nodes.flatMap(({ id: node, checks }) =>
        checks.flatMap(({ id, votes }) =>
          VOTES.map(
            (vote): Sample => [{ node, check: id, vote }, Object.values(votes).filter((each) => each.vote === vote).length],
          ),
        ),
      ),
    ),
    family(
      'vantage_state',
      'How a vantage is doing: 1 for its state, 0 for the others.',
      vantages.flatMap(({ id, state }) => oneHot({ vantage: id }, 'state', VANTAGE_STATES, state)),
    ),
    family(
      'ballot_age_seconds',
      'Time since a vantage was last heard.',
      vantages.flatMap(({ id, lastBallotAt }): Sample[] =>
        lastBallotAt === null ? [] : [[{ vantage: id }, (Date.parse(status.at) - Date.parse(lastBallotAt)) / 1000]],
      ),
    ),
    family(
      'record_members',
      'Members of a record.',
      records.map(({ id, members }): Sample => [{ record: id }, members.length]),
    ),
    family(
      'record_members_in_service',
      'Members of a record that are in service.',
      records.flatMap(({ id, members }): Sample[] =>
        members.some(({ inService }) => inService === null)
          ? []
          : [[{ record: id }, members.filter(({ inService }) => inService).length]],
      ),
    ),
    family('incidents_open', 'Open incidents.', [
      [{ acknowledged: 'no' }, incidents.filter(({ ackedBy }) => ackedBy === null).length],
      [{ acknowledged: 'yes' }, incidents.filter(({ ackedBy }) => ackedBy !== null).length],
    ]),
  ].join('');
}

const oneHot = (labels: Labels, label: string, values: readonly string[], current: string): Sample[] =>
  values.map((value) => [{ ...labels, [label]: value }, Number(value === current)]);

/** A metric with its HELP and TYPE lines; nothing at all where there is nothing to say. */
function family(name: string, help: string, samples: readonly Sample[]): string {
  if (samples.length === 0) return '';
  const lines = samples.map(([labels, value]) => `quorumwatch_${name}${labelText(labels)} ${value}\n`);
  return `# HELP quorumwatch_${name} ${help}\n# TYPE quorumwatch_${name} gauge\n${lines.join('')}`;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
}

const escapeLabel = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
