import { createHash } from 'node:crypto';
import type { Alarm } from '../core/alarms.ts';
import type { Cell } from '../core/cell.ts';
import type { PagingSpec } from '../core/telling.ts';

/**
 * Names of everything that a cell is in AWS. They follow from the configuration alone: no function and no stack has to be told
 * what another region created.
 */

/** A function's name has at most 64 characters (Lambda API reference, CreateFunction), the shortest limit of all: ours add 20. */
const CELL_LENGTH = 32;
const HASH_LENGTH = 6;

/** `quorumwatch-<cell>`; a longer name is cut, and a hash keeps it apart from others that begin alike. */
export function prefixOf(cell: string): string {
  if (cell.length <= CELL_LENGTH) return `quorumwatch-${cell}`;
  const hash = createHash('sha256').update(cell).digest('hex').slice(0, HASH_LENGTH);
  return `quorumwatch-${cell.slice(0, CELL_LENGTH - HASH_LENGTH - 1)}-${hash}`;
}

/**
 * The voting table: its name carries mode and replicas, since a table's mode can never change and a strong one must be empty when
 * it gets its replicas. The order of the regions says nothing.
 */
export function tableName({ name, arbiters }: Pick<Cell, 'name' | 'arbiters'>): string {
  const mode = arbiters.length === 1 ? 'single' : 'strong';
  return [prefixOf(name), mode, ...arbiters.toSorted()].join('-');
}

/**
 * Beside it, in the region of its stack alone: how long looks took. A strongly consistent table forgets nothing by itself, and this one
 * has to.
 */
export const historyTableName = ({ name }: Pick<Cell, 'name'>): string => `${prefixOf(name)}-history`;

/** Where the table's stack is: the same region in whatever order the replicas are written. */
export const stateRegion = (arbiters: readonly string[]): string => arbiters.toSorted()[0] ?? '';

/**
 * Of both secrets: what is unique wherever they are copied to. Their names say nothing of the replicas but where their stack is, so that
 * with others they stay what they are. A stack in another region makes its own beside them.
 */
const keyPrefix = ({ name, arbiters }: Pick<Cell, 'name' | 'arbiters'>): string => `${prefixOf(name)}-${stateRegion(arbiters)}`;

/** In each arbiter region: the secret from which the tokens of heartbeats follow. */
export const beatKeyName = (cell: Pick<Cell, 'name' | 'arbiters'>): string => `${keyPrefix(cell)}/heartbeats`;

/**
 * In each arbiter region: the secret that signs links and the right to read. One for all regions: whichever arbiter pages, each web part
 * takes its links.
 */
export const linkKeyName = (cell: Pick<Cell, 'name' | 'arbiters'>): string => `${keyPrefix(cell)}/links`;

/** In its vantage's region: what the prober is fed from. */
export const vantageQueueName = (cell: string): string => `${prefixOf(cell)}-vantage`;

/** In each arbiter region: what the arbiter is fed from. */
export const wakeQueueName = (cell: string): string => `${prefixOf(cell)}-wake`;

export type FunctionRole = 'prober' | 'arbiter' | 'web' | 'gate';

/** In the region it runs in; every region has at most one of each role. */
export const functionName = (cell: string, role: FunctionRole): string => `${prefixOf(cell)}-${role}`;

/** Which list of the configuration a tier is in. */
export type TierList = keyof Pick<PagingSpec, 'tiers' | 'quiet'>;

/** In each paging region. Tiers count from 1. */
export const topicName = (cell: string, list: TierList, tier: number): string =>
  `${prefixOf(cell)}-${list === 'tiers' ? 'tier' : 'quiet'}-${tier}`;

export const topicArn = (region: string, account: string, name: string): string => `arn:aws:sns:${region}:${account}:${name}`;

/** The URL that SQS gives a queue (SQS developer guide, "Amazon SQS queue and message identifiers"). */
export const queueUrl = (region: string, account: string, name: string): string =>
  `https://sqs.${region}.amazonaws.com/${account}/${name}`;

/** Of every metric of a cell. */
export const metricNamespace = (cell: string): string => `Quorumwatch/${cell}`;

/** The metric of a member's switch: 1 while it is out of service, 0 while it is in. */
export const SWITCH_METRIC = 'OutOfService';

export const switchDimensions = (record: string, node: string): { record: string; node: string } => ({ record, node });

/**
 * Where the alarms are that the switches follow: not in us-east-1 if it can be helped, where Route 53's control plane lives.
 * The two ways to flip a switch shall not fail together.
 */
export function switchAlarmRegion({ arbiters, vantages }: Pick<Cell, 'arbiters' | 'vantages'>): string {
  const region = [...arbiters, ...vantages].find((each) => each !== 'us-east-1') ?? arbiters[0];
  if (region === undefined) throw new RangeError('a cell has at least one arbiter region');
  return region;
}

/** The id of the hosted zone that the page's own name is in, as far as a record of the same zone says it. */
export const zoneOfDomain = ({ domain, records }: Pick<Cell, 'domain' | 'records'>): string | undefined =>
  records.find(({ zone, zoneId }) => zoneId !== undefined && (domain === zone || domain?.endsWith(`.${zone}`)))?.zoneId;

/** By these tags a health check is found to be the switch of one member. */
export const SWITCH_TAGS = { cell: 'quorumwatch:cell', record: 'quorumwatch:record', node: 'quorumwatch:node' } as const;

export const switchAlarmName = (cell: string, record: string, node: string): string =>
  `${prefixOf(cell)}-switch-${record}.${node}`;

/** Arbiters publish every minute, whatever the cadence of rounds. */
export const alarmPeriodMs = 60_000;

/** Of an alarm of `alarmsOf`: `silent/eu-west-1` becomes `quorumwatch-example-silent-eu-west-1`. */
export const alarmName = (cell: string, id: string): string => `${prefixOf(cell)}-${id.replaceAll('/', '-')}`;

/** Of the alarm that looks at the metric: where another one suppresses it, a composite alarm has the plain name, and notifies. */
export const metricAlarmName = (cell: string, { id, suppressor }: Pick<Alarm, 'id' | 'suppressor'>): string =>
  suppressor === undefined ? alarmName(cell, id) : `${alarmName(cell, id)}-metric`;
