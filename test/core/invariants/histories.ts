/** Random cells, and random things that happen to them, for fast-check. */
import fc from 'fast-check';
import type { NewAct } from '../../../lib/core/acts.ts';
import type { Vote } from '../../../lib/core/ballot.ts';
import type { Cell } from '../../../lib/core/cell.ts';
import type { Drive, Reading, Sight, Trouble } from './drive.ts';
import { cellOf } from './world.ts';

const NODES = ['n0', 'n1', 'n2', 'n3', 'n4', 'n5'];
const CHECKS = ['api', 'p2p'];

/** Plans of cells of 1–7 vantages and 2–6 nodes, with one or two records over them. */
export const anyPlan = fc.record({
  vantages: fc.integer({ min: 1, max: 7 }),
  nodes: fc.integer({ min: 2, max: 6 }),
  checksPerNode: fc.integer({ min: 1, max: 2 }),
  recover: fc.integer({ min: 1, max: 3 }),
  downForMs: fc.constantFrom(0, 5_000, 15_000),
  requiresAll: fc.boolean(),
  hasSecondRecord: fc.boolean(),
  guards: fc.array(
    fc.record({
      minInService: fc.integer({ min: 1, max: 2 }),
      outPercent: fc.constantFrom(20, 50, 67, 100),
      holdMs: fc.constantFrom(0, 20_000, 60_000, 3_600_000),
      failback: fc.constantFrom('auto' as const, 'auto' as const, 'manual' as const),
      mode: fc.constantFrom('act' as const, 'act' as const, 'act' as const, 'report' as const),
    }),
    { minLength: 2, maxLength: 2 },
  ),
});
/** The cell of a plan. */
export function cellFrom(plan: typeof anyPlan extends fc.Arbitrary<infer Plan> ? Plan : never): Cell {
  const nodes = NODES.slice(0, plan.nodes);
  const ids = CHECKS.slice(0, plan.checksPerNode);
  const members = [nodes, ...(plan.hasSecondRecord ? [nodes.slice(0, 2)] : [])];
  const records = members.map((list, index) => {
    const { outPercent = 50, ...guard } = plan.guards[index] ?? {};
    const maxOut = Math.max(1, Math.floor((list.length * outPercent) / 100));
    return [`r${index}`, { members: list, requires: plan.requiresAll ? ids : ['api'], guard: { ...guard, maxOut } }] as const;
  });
  const keys = nodes.flatMap((node) => ids.map((id) => `${node}/${id}`));
  return cellOf({
    vantages: plan.vantages,
    nodes: Object.fromEntries(nodes.map((node) => [node, ids])),
    records: Object.fromEntries(records),
    checks: Object.fromEntries(keys.map((key) => [key, { recover: plan.recover, downForMs: plan.downForMs }])),
  });
}

/** Something that happens. Numbers pick a vantage, node or check by remainder, so that a shrunk history keeps its meaning. */
export type Event =
  | { kind: 'truth'; check: number; vote: Vote; seenBy: number }
  | { kind: 'rounds'; count: number }
  | { kind: 'outage'; checks: number; seenBy: number; rounds: number; quiet: number }
  | { kind: 'looks'; vantages: number }
  | { kind: 'opinion'; vantage: number; check: number }
  | { kind: 'abstain'; vantage: number }
  | { kind: 'advance'; ms: number }
  | { kind: 'decide'; arbiter: number; unread: number; lost?: 'ledger' | 'acts'; switches: boolean }
  | { kind: 'act'; arbiter: number; trouble: Trouble }
  | { kind: 'order'; order: 'drain' | 'restore' | 'in' | 'out' | 'silence' | 'pause' | 'acknowledge'; node: number; ms: number }
  | { kind: 'hand'; node: number; inService: boolean }
  | { kind: 'rollOut'; vantages: number }
  | { kind: 'wipe' };

const any = fc.nat({ max: 63 });
/** Which vantages, as bits: all of them as often as a part. */
const some = fc.oneof(fc.constant(127), fc.nat({ max: 127 }));
const vote = fc.constantFrom<Vote[]>('down', 'down', 'down', 'up', 'up', 'degraded', 'abstain');
const arbiter = fc.nat({ max: 1 });

/** Outages and looks, and an arbiter that decides: what makes up most of every history. */
const LIFE: fc.WeightedArbitrary<Event>[] = [
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('truth'), check: any, vote, seenBy: some }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('rounds'), count: fc.integer({ min: 1, max: 6 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('outage'),
      checks: fc.oneof(fc.constantFrom(1, 2, 4, 8, 16, 32), fc.constantFrom(3, 5, 6, 10, 12, 20, 48), fc.nat({ max: 4_095 })),
      seenBy: some,
      rounds: fc.integer({ min: 1, max: 5 }),
      quiet: fc.integer({ min: 0, max: 8 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('looks'), vantages: some }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('opinion'), vantage: any, check: any }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abstain'), vantage: any }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('advance'), ms: fc.constantFrom(1_000, 4_000, 10_000, 30_000, 600_000) }),
  },
  {
    weight: 4,
    arbitrary: fc.record(
      {
        kind: fc.constant('decide'),
        arbiter,
        unread: fc.oneof(fc.constant(0), fc.nat({ max: 127 })),
        lost: fc.constantFrom('ledger', 'acts'),
        switches: fc.boolean(),
      },
      { requiredKeys: ['kind', 'arbiter', 'unread', 'switches'] },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('act'),
      arbiter,
      trouble: fc.constantFrom<Trouble[]>({}, {}, { noFlips: true }, { noPages: true }, { dies: true }),
    }),
  },
];

const ORDERS: fc.WeightedArbitrary<Event> = {
  weight: 4,
  arbitrary: fc.record({
    kind: fc.constant('order'),
    order: fc.constantFrom('drain', 'restore', 'in', 'out', 'silence', 'pause', 'acknowledge'),
    node: any,
    ms: fc.constantFrom(5_000, 60_000, 3_600_000),
  }),
};

const ACCIDENTS: fc.WeightedArbitrary<Event>[] = [
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hand'), node: any, inService: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('rollOut'), vantages: fc.oneof(fc.constant(0), some) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'wipe' }) },
];

const history = (...events: fc.WeightedArbitrary<Event>[]): fc.Arbitrary<Event[]> =>
  fc.array(fc.oneof(...events), { minLength: 5, maxLength: 25, size: 'max' });

/** Outages, lost reads, troubled acts. */
export const lifeOnly = history(...LIFE);
/** People give orders as well. */
export const withOrders = history(...LIFE, ORDERS);
/** And somebody's hand is on the switches, a configuration is rolled out, or the table is emptied. */
export const withAccidents = history(...LIFE, ORDERS, ...ACCIDENTS);

const pick = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;
const isIn = (bits: number, index: number) => (bits & (1 << index)) !== 0;

/** Lets these things happen, after three quiet rounds: birth is over. Gives what each vantage sees in the end. */
export function play(drive: Drive, cell: Cell, events: readonly Event[]): Sight {
  const truth = new Map<string, { vote: Vote; seenBy: number }>();
  const sight: Sight = (vantage, check) => {
    const now = truth.get(check);
    return now && isIn(now.seenBy, cell.vantages.indexOf(vantage)) ? now.vote : 'up';
  };
  for (let round = 0; round < 4; round++) drive.round(sight);
  for (const event of events) happen(drive, cell, event, sight, truth);
  return sight;
}

function happen(drive: Drive, cell: Cell, event: Event, sight: Sight, truth: Map<string, { vote: Vote; seenBy: number }>): void {
  switch (event.kind) {
    case 'truth':
      truth.set(pick(cell.checks, event.check).key, event);
      break;
    case 'rounds':
      for (let round = 0; round < event.count; round++) drive.round(sight);
      break;
    case 'outage': {
      const failing = cell.checks.filter((_, index) => isIn(event.checks, index));
      for (const { key } of failing) truth.set(key, { vote: 'down', seenBy: event.seenBy });
      for (let round = 0; round < event.rounds; round++) drive.round(sight);
      for (const { key } of failing) truth.delete(key);
      for (let round = 0; round < event.quiet; round++) drive.round(sight);
      break;
    }
    case 'looks':
      for (const [index, vantage] of cell.vantages.entries()) if (isIn(event.vantages, index)) drive.look(vantage, sight);
      break;
    case 'opinion':
      drive.opinion(pick(cell.vantages, event.vantage), pick(cell.checks, event.check).key, sight);
      break;
    case 'abstain':
      drive.abstain(pick(cell.vantages, event.vantage));
      break;
    case 'advance':
      drive.advance(event.ms);
      break;
    case 'decide': {
      const unread = cell.vantages.filter((_, index) => isIn(event.unread, index));
      const lost: Reading = event.lost ? { [event.lost]: 'unreadable' } : {};
      drive.decide(`a${event.arbiter}`, { ...lost, unread, switches: event.switches });
      break;
    }
    case 'act':
      drive.act(`a${event.arbiter}`, event.trouble);
      break;
    case 'order':
      drive.order(actOf(drive, cell, event));
      break;
    case 'hand': {
      const record = pick(cell.records, event.node);
      drive.hand(record.id, pick(record.members, event.node).node, event.inService);
      break;
    }
    case 'rollOut':
      drive.rollOut(cell.vantages.filter((_, index) => isIn(event.vantages, index)));
      break;
    case 'wipe':
      drive.wipe();
  }
}

function actOf(drive: Drive, cell: Cell, { order, node: index, ms }: Event & { kind: 'order' }): NewAct {
  const at = drive.now();
  const base = { at, by: 'ann' };
  const node = pick(cell.nodes, index).id;
  const until = at + ms;
  if (order === 'drain' || order === 'restore') return { ...base, kind: order, node };
  if (order === 'silence') return { ...base, kind: order, node, until };
  if (order === 'pause') return { ...base, kind: order, until };
  if (order === 'acknowledge') {
    const incident = Object.keys(drive.ledger()?.incidents ?? {})[0] ?? 'none';
    return { ...base, kind: order, incident };
  }
  return { ...base, kind: 'force', node, inService: order === 'in', until, reason: 'because' };
}
