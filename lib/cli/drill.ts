import type { Act, NewAct } from '../core/acts.ts';
import type { Cell } from '../core/cell.ts';
import type { Drill } from '../core/ledger.ts';
import { type Io, type Parsed, textOf, UsageError } from './command.ts';
import type { Monitor } from './monitor.ts';
import { knownNode, memberNode } from './orders.ts';

type DrillOrder = Extract<NewAct, { kind: 'drill' }>;
type Hop = keyof Drill['hops'];

/** A drill lives for five minutes; then its end has to be decided and paged. */
const WAIT_MS = 7 * 60_000;
const POLL_MS = 250;

/** What `drill` was told to do. Throws a `UsageError` for what this cell has not. */
export function drillOf({ values }: Parsed, cell: Cell, base: { at: number; by: string }): DrillOrder {
  const { flip = false, hooks = false } = values as { flip?: boolean; hooks?: boolean };
  const given = textOf(values.node);
  if (flip && given === undefined) throw new UsageError('--flip: needs a node to take out of service (write --node NODE)');
  const node = given === undefined ? undefined : (flip ? memberNode : knownNode)(cell, given);
  const tier = tierOf(textOf(values.tier), cell);
  const ofFlips = cell.hooks.filter(({ events }) => events.includes('flip') || events.includes('role')).map(({ id }) => id);
  const called = flip ? ofFlips : [];
  if (!hooks && called.length > 0)
    throw new UsageError(`--flip: is real, and so are the calls of ${called.join(', ')} (write --hooks as well)`);
  const arePaged = hasHooks(cell, tier);
  if (hooks && called.length === 0 && !arePaged)
    throw new UsageError(`--hooks: no hook goes with the pages of tier ${tier} (leave --hooks out)`);
  return { ...base, kind: 'drill', ...(node !== undefined && { node }), tier, flip, hooks: hooks && arePaged };
}

function tierOf(value: string | undefined, { paging }: Cell): number {
  const tier = Number(value ?? 1);
  if (Number.isInteger(tier) && tier >= 1 && tier <= paging.tiers.length) return tier;
  throw new UsageError(`--tier: "${value}" is no tier (write 1 to ${paging.tiers.length})`);
}

/** Hooks that tiers name go with their pages alone, others with all. */
function hasHooks({ hooks, paging }: Cell, tier: number): boolean {
  const named = new Set(paging.tiers.flatMap((each) => each.hooks));
  const ofTier = paging.tiers[tier - 1]?.hooks ?? [];
  return hooks.some(({ id, events }) => (named.has(id) ? ofTier.includes(id) : events.includes('page')));
}

/** `--json` prints this. Times are ISO 8601 UTC; a hop that was not made is null. */
export interface DrillReport {
  id: string | null;
  ended: string | null;
  hops: Record<string, string | null>;
}

/**
 * `quorumwatch drill`: asks for a fire drill and prints each hop as it is made, with the seconds since it was asked for. Gives the
 * exit code: 1 when a hop is missing.
 */
export async function drillCommand(
  monitor: Monitor,
  order: DrillOrder,
  { stdout, json, signal }: Io & { json: boolean },
): Promise<number> {
  const act = await monitor.store.appendAct(order);
  await monitor.wake().catch(() => undefined); // the next tick reads it
  const say = (line: string) => json || stdout.write(`${line}\n`);
  const told = new Set<string>();
  const giveUpAt = act.at + WAIT_MS;
  let drill: Drill | undefined;
  let verdict = verdictOf(order, drill);
  while (verdict === 'under way' && monitor.clock.now() < giveUpAt && !signal.aborted) {
    const { ledger } = await monitor.store.readSnapshot([]);
    if (typeof ledger !== 'string') {
      drill = ledger.drill?.askedAt === act.at && ledger.drill.by === act.by ? ledger.drill : drill;
      if (!drill && (ledger.acts?.seq ?? 0) >= act.seq) break;
    }
    for (const [name, at] of drill ? hopsOf(drill) : []) {
      if (told.has(name)) continue;
      told.add(name);
      say(`${`+${((at - act.at) / 1_000).toFixed(1)} s`.padStart(9)}  ${name}`);
    }
    verdict = verdictOf(order, drill);
    if (verdict === 'under way') await monitor.clock.sleep(POLL_MS, signal).catch(() => undefined);
  }
  const missing = missingOf(order, drill);
  if (json) stdout.write(`${JSON.stringify(reportOf(order, drill), null, 2)}\n`);
  else say(missing.length === 0 ? 'The drill went all the way.' : `Missing: ${missing.join(', ')}${whyOf(drill, act)}`);
  return missing.length === 0 ? 0 : 1;
}

const NAMES: Record<Hop, string> = {
  begun: 'decided by an arbiter',
  asked: 'vantages were asked to look',
  down: 'a quorum agreed, and the ledger says down',
  paged: 'the page was sent',
  hooked: 'the hook was called',
  out: 'the member is out of service',
  in: 'the member is back in service',
  over: 'the page of its end was sent',
};

/** Every hop that this drill has to make, in its order. */
const wantedOf = ({ flip, hooks }: Pick<Drill, 'flip' | 'hooks'>): Hop[] => [
  ...(['begun', 'asked', 'down', 'paged'] as const),
  ...(hooks ? (['hooked'] as const) : []),
  ...(flip ? (['out', 'in'] as const) : []),
  'over',
];

function hopsOf({ hops, seen = {} }: Drill): [name: string, at: number][] {
  const looks = Object.entries(seen).map(([vantage, at]): [string, number] => [`${vantage} saw it fail`, at]);
  const made = (Object.keys(NAMES) as Hop[]).flatMap((hop): [string, number][] => {
    const at = hops[hop];
    return at === undefined ? [] : [[NAMES[hop], at]];
  });
  return [...looks, ...made].sort((a, b) => a[1] - b[1]);
}

const missingOf = (order: DrillOrder, drill: Drill | undefined): string[] =>
  wantedOf(order).flatMap((hop) => (drill?.hops[hop] === undefined ? [NAMES[hop]] : []));

/** A drill that was ended early makes no further hop but its end. */
function verdictOf(order: DrillOrder, drill: Drill | undefined): 'under way' | 'over' {
  if (!drill || drill.endedAt === undefined) return 'under way';
  const isBack = drill.hops.out === undefined || drill.hops.in !== undefined;
  const isTold = drill.hops.paged === undefined || drill.hops.over !== undefined;
  return (isBack && isTold) || missingOf(order, drill).length === 0 ? 'over' : 'under way';
}

function whyOf(drill: Drill | undefined, { by }: Act): string {
  if (!drill) return ` (no arbiter began it for ${by}: another one is under way, or the node is in somebody's hand)`;
  return drill.ended === undefined || drill.ended === 'through' ? '' : ` (it ended ${drill.ended})`;
}

function reportOf(order: DrillOrder, drill: Drill | undefined): DrillReport {
  const iso = (at: number | undefined) => (at === undefined ? null : new Date(at).toISOString());
  const hops = wantedOf(order).map((hop): [string, string | null] => [hop, iso(drill?.hops[hop])]);
  return { id: drill?.id ?? null, ended: drill?.ended ?? null, hops: Object.fromEntries(hops) };
}
