import { alarmPeriodMs, prefixOf, stateRegion, switchAlarmRegion, zoneOfDomain } from '../aws/names.ts';
import { alarmsOf } from '../core/alarms.ts';
import type { Cell, RecordSpec } from '../core/cell.ts';
import { isHeartbeat } from '../core/heartbeats.ts';
import type { TierSpec } from '../core/telling.ts';

/** What is counted of a stack: what a person looks for in the console, and what is paid for. */
export const KINDS = [
  'table',
  'function',
  'queue',
  'schedule',
  'topic',
  'subscription',
  'alarm',
  'composite alarm',
  'dashboard',
  'switch',
  'record set',
  'secret',
  'api',
  'certificate',
] as const;
export type Kind = (typeof KINDS)[number];
export type Counts = Partial<Record<Kind, number>>;

/** A stack as it would be deployed. */
export interface PlannedStack {
  name: string;
  region: string;
  has: Counts;
}

/** Everything that a cell would be in AWS, in the order in which it is deployed. */
export function inventoryOf(cell: Cell): PlannedStack[] {
  const { name, records, paging, vantages, arbiters } = cell;
  const stack = (part: string, region: string, has: Counts): PlannedStack => ({ name: `${prefixOf(name)}-${part}`, region, has });
  return [
    stack('state', stateRegion(arbiters), { table: 2, secret: cell.checks.some(isHeartbeat) ? 2 : 1 }),
    ...(records.length > 0 ? [stack('records', switchAlarmRegion(cell), recordsHave(records))] : []),
    ...paging.regions.map((region) => stack('paging', region, topicsHave([...paging.tiers, ...paging.quiet]))),
    ...vantages.map((region) => stack('vantage', region, { function: 1, queue: 1, schedule: 1 })),
    ...arbiters.map((region) => stack('arbiter', region, { function: 2, queue: 1, schedule: 1, ...domainHas(cell) })),
    ...paging.regions.map((region, index) =>
      stack('watch', region, { ...alarmsHave(cell), function: 1, ...(index === 0 && { dashboard: 1 }) }),
    ),
  ];
}

/** How many of a kind there are in all stacks. */
export const countOf = (stacks: readonly PlannedStack[], kind: Kind): number =>
  stacks.reduce((sum, { has }) => sum + (has[kind] ?? 0), 0);

function topicsHave(tiers: readonly TierSpec[]): Counts {
  const subscriptions = tiers.reduce((sum, { sms, email, https }) => sum + sms.length + email.length + https.length, 0);
  return tiers.length === 0 ? {} : { topic: tiers.length, subscription: subscriptions };
}

function recordsHave(records: readonly RecordSpec[]): Counts {
  const members = records.flatMap((record) => record.members);
  // A health check of the user's own is there already.
  const switches = members.filter(({ healthCheckId }) => healthCheckId === undefined).length;
  const aliases = records.reduce((sum, record) => sum + aliasesOf(record), 0);
  return { alarm: switches, switch: switches, 'record set': members.length + aliases };
}

/** In each arbiter region: a name of one's own, with records where its zone is known, which follow the arbiter's health where there are others. */
function domainHas(cell: Cell): Counts {
  if (cell.domain === undefined) return {};
  if (zoneOfDomain(cell) === undefined) return { api: 1, certificate: 1 };
  const health = cell.arbiters.length > 1 ? { alarm: 1, switch: 1 } : {};
  return { api: 1, certificate: 1, 'record set': 2, ...health };
}

/** A role with several members is a group of its own, which the role is an alias of. */
const aliasesOf = ({ policy, members }: RecordSpec): number =>
  policy === 'failover'
    ? (['primary', 'secondary'] as const).filter((role) => members.filter((member) => member.role === role).length > 1).length
    : 0;

function alarmsHave(cell: Cell): Counts {
  const alarms = alarmsOf(cell, { periodMs: alarmPeriodMs });
  return { alarm: alarms.length, 'composite alarm': alarms.filter(({ suppressor }) => suppressor !== undefined).length };
}
