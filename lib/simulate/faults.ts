import type { NewAct } from '../core/acts.ts';
import { checksOf } from './nature.ts';
import type { Service } from './weather.ts';
import type { World } from './world.ts';

/** Something that begins and, if it gives an end, ends. */
type Begin = (world: World) => (() => void) | undefined;

export interface Kind {
  /** For how many rounds it lasts, from and to. */
  rounds: readonly [number, number];
  /** It strikes single occasions with this chance. */
  odds?: number;
  /** It happens, or goes on until it is ended. */
  begin?: Begin;
}

/** A link of one vantage or arbiter is cut, one way or both. */
const cut =
  (role: 'vantage' | 'arbiter', service: Service): Begin =>
  ({ weather, random, vantages, arbiters }) => {
    const link = `${random.pick(role === 'vantage' ? vantages : arbiters)}>${service}`;
    weather.cuts.set(link, random.pick(['both', 'both', 'requests', 'answers']));
    return () => weather.cuts.delete(link);
  };

const down =
  (service: Service): Begin =>
  ({ weather }) => {
    weather.down.add(service);
    return () => weather.down.delete(service);
  };

const skew =
  (role: 'vantage' | 'arbiter', sizesMs: number[]): Begin =>
  ({ weather, random, vantages, arbiters }) => {
    const place = random.pick(role === 'vantage' ? vantages : arbiters);
    weather.skewMs.set(place, random.pick(sizesMs) * (random.chance(0.5) ? 1 : -1));
    return () => weather.skewMs.delete(place);
  };

const dies =
  (role: 'vantage' | 'arbiter'): Begin =>
  ({ weather, random, vantages, arbiters }) => {
    const place = random.pick(role === 'vantage' ? vantages : arbiters);
    weather.dead.add(place);
    return () => weather.dead.delete(place);
  };

const order =
  (make: (world: World, node: string) => NewAct): Begin =>
  (world) => {
    world.order(make(world, world.random.pick(world.cell.nodes).id));
    return undefined;
  };

/** Ms around which a rhythm lies: what `downFor` and two rounds let pass, and a little more or less. */
function edges({ cell: { intervalMs, checks }, random }: World): number {
  const downForMs = checks[0]?.downForMs ?? 0;
  return Math.max(
    1_000,
    random.pick([downForMs - 1_000, downForMs, downForMs + 1_000, intervalMs, 2 * intervalMs, 4 * intervalMs]),
  );
}

/** Everything that can go wrong, by name, and for how many rounds it lasts. */
const KINDS = {
  'node down': {
    rounds: [1, 12],
    begin: ({ nature, random, cell }) => nature.trouble({ checks: checksOf(cell, [random.pick(cell.nodes).id]), vote: 'down' }),
  },
  'check degraded': {
    rounds: [3, 12],
    begin: ({ nature, random, cell }) => nature.trouble({ checks: new Set([random.pick(cell.checks).key]), vote: 'degraded' }),
  },
  'node flapping': {
    rounds: [4, 20],
    begin: (world) => {
      const { nature, random, cell, timeline } = world;
      const rhythm = { badMs: edges(world), wellMs: edges(world), since: timeline.now() };
      return nature.trouble({ checks: checksOf(cell, [random.pick(cell.nodes).id]), vote: 'down', rhythm });
    },
  },
  'slow drip': {
    rounds: [4, 20],
    begin: ({ nature, random, cell }) =>
      nature.trouble({ checks: checksOf(cell, [random.pick(cell.nodes).id]), vote: 'down', share: random.pick([0.1, 0.3, 0.6]) }),
  },
  'some regions blocked': {
    rounds: [2, 12],
    begin: ({ nature, random, cell, vantages }) => {
      const blocked = new Set(random.shuffled(vantages).slice(0, random.between(1, cell.quorum)));
      return nature.trouble({ checks: checksOf(cell, [random.pick(cell.nodes).id]), vantages: blocked, vote: 'down' });
    },
  },
  'few see it down, the others degraded by turns': {
    rounds: [14, 30],
    begin: ({ nature, random, cell, vantages, timeline }) => {
      const checks = new Set([random.pick(cell.checks).key]);
      const few = new Set(random.shuffled(vantages).slice(0, cell.quorum - 1));
      const turnMs = 6 * cell.intervalMs;
      const rhythm = { badMs: turnMs, wellMs: turnMs, since: timeline.now() };
      const ends = [
        nature.trouble({ checks, vantages: few, vote: 'down' }),
        nature.trouble({ checks, vote: 'degraded', rhythm }),
      ];
      return () => {
        for (const end of ends) end();
      };
    },
  },
  'everything looks down': {
    rounds: [1, 6],
    begin: ({ nature, random, cell }) => {
      const nodes = random.shuffled(cell.nodes.map(({ id }) => id));
      return nature.trouble({
        checks: checksOf(cell, nodes.slice(0, random.between(nodes.length - 1, nodes.length))),
        vote: 'down',
      });
    },
  },
  'looks unfinished': {
    rounds: [2, 10],
    begin: ({ nature, random, cell }) =>
      nature.trouble({ checks: checksOf(cell, [random.pick(cell.nodes).id]), vote: 'abstain' }),
  },
  'vantage cut from table': { rounds: [1, 10], begin: cut('vantage', 'table') },
  'vantage cut from targets': { rounds: [1, 10], begin: cut('vantage', 'targets') },
  'vantage cut from queues': { rounds: [1, 10], begin: cut('vantage', 'queues') },
  'arbiter cut from table': { rounds: [1, 10], begin: cut('arbiter', 'table') },
  'arbiter cut from route53': { rounds: [1, 10], begin: cut('arbiter', 'route53') },
  'arbiter cut from sns': { rounds: [1, 10], begin: cut('arbiter', 'sns') },
  'vantage dead': { rounds: [2, 20], begin: dies('vantage') },
  'arbiter region lost': { rounds: [2, 20], begin: dies('arbiter') },
  'vantage late': {
    rounds: [2, 8],
    begin: ({ weather, random, vantages, cell }) => {
      const vantage = random.pick(vantages);
      weather.lateMs.set(vantage, random.pick([0.2, 0.45, 0.6, 3]) * cell.intervalMs);
      return () => weather.lateMs.delete(vantage);
    },
  },
  'vantage clock wrong': { rounds: [1, 10], begin: skew('vantage', [2_000, 4_900, 5_500, 7_000, 60_000, 3_600_000]) },
  'arbiter clock wrong': { rounds: [1, 10], begin: skew('arbiter', [1_000, 3_000, 4_900]) },
  'invocation killed': { rounds: [1, 8], odds: 0.07 },
  'invocation frozen': { rounds: [1, 8], odds: 0.03 },
  'process replaced': { rounds: [2, 10], odds: 0.3 },
  'network slow': { rounds: [1, 8], odds: 0.3 },
  'table down': { rounds: [1, 6], begin: down('table') },
  'table throttled': { rounds: [1, 8], odds: 0.2 },
  'table timeout before commit': { rounds: [1, 8], odds: 0.15 },
  'table timeout after commit': { rounds: [1, 8], odds: 0.15 },
  'table retry met its own write': { rounds: [1, 8], odds: 0.2 },
  'table key unprocessed': { rounds: [1, 8], odds: 0.1 },
  'table wiped': {
    rounds: [1, 1],
    begin: ({ table }) => {
      table.wipe();
      return undefined;
    },
  },
  'table restored from an old copy': {
    rounds: [1, 1],
    begin: ({ table }) => {
      table.restore();
      return undefined;
    },
  },
  'item unreadable': {
    rounds: [1, 8],
    begin: ({ table, random }) => {
      const items = table.items();
      return items.length > 0 ? table.garble(random.pick(items)) : undefined;
    },
  },
  'ballot of an older release': { rounds: [4, 16], odds: 0.9 },
  'message delivered twice': { rounds: [1, 8], odds: 0.3 },
  'messages reordered': { rounds: [1, 8], odds: 0.3 },
  'message late': { rounds: [1, 6], odds: 0.2 },
  'message lost': { rounds: [1, 6], odds: 0.2 },
  'batch entry refused': { rounds: [1, 8], odds: 0.3 },
  'schedule late': { rounds: [2, 12], odds: 0.5 },
  'schedule lost': { rounds: [2, 8], odds: 0.4 },
  'schedule doubled': { rounds: [2, 12], odds: 0.5 },
  'sns down': { rounds: [1, 8], begin: down('sns') },
  'sns fails': { rounds: [1, 10], odds: 0.4 },
  'sns timeout after publish': { rounds: [1, 10], odds: 0.3 },
  'hook refuses': { rounds: [1, 10], odds: 0.4 },
  'hook timeout after call': { rounds: [1, 10], odds: 0.3 },
  'route53 control plane lost': { rounds: [1, 12], begin: down('route53') },
  'route53 throttled': { rounds: [1, 10], odds: 0.4 },
  'route53 version mismatch': { rounds: [1, 10], odds: 0.4 },
  'route53 applied, but timed out': { rounds: [1, 10], odds: 0.4 },
  'route53 slow': { rounds: [1, 10], odds: 0.4 },
  'switch flipped by hand': {
    rounds: [1, 1],
    begin: ({ route53, random }) => {
      const { record, node, inService } = random.pick(route53.states());
      route53.byHand(record, node, !inService);
      return undefined;
    },
  },
  'configuration rolled out': {
    rounds: [2, 12],
    begin: (world) => {
      const to = world.random.below(world.cells.length);
      const places = world.random.shuffled([...world.vantages, ...world.arbiters]);
      const first = places.slice(0, world.random.between(1, places.length - 1));
      for (const place of first) world.deploy(place, to);
      // The rest follows, or all of it is rolled back.
      return () => {
        const target = world.random.chance(0.7) ? to : 0;
        for (const place of places) world.deploy(place, target);
      };
    },
  },
  acknowledge: {
    rounds: [1, 1],
    begin: (world) => {
      const open = Object.keys(world.table.ledger()?.incidents ?? {});
      if (open.length > 0) world.order({ kind: 'acknowledge', incident: world.random.pick(open), ...world.somebody() });
      return undefined;
    },
  },
  drain: { rounds: [1, 1], begin: order((world, node) => ({ kind: 'drain', node, ...world.somebody() })) },
  restore: { rounds: [1, 1], begin: order((world, node) => ({ kind: 'restore', node, ...world.somebody() })) },
  force: {
    rounds: [1, 1],
    begin: order((world, node) => ({
      kind: 'force',
      node,
      inService: world.random.chance(0.5),
      until: world.timeline.now() + world.random.pick([60_000, 600_000]),
      reason: 'because',
      ...world.somebody(),
    })),
  },
  silence: {
    rounds: [1, 1],
    begin: order((world, node) => ({ kind: 'silence', node, until: world.timeline.now() + 180_000, ...world.somebody() })),
  },
  pause: {
    rounds: [1, 1],
    begin: order((world) => ({ kind: 'pause', until: world.timeline.now() + 120_000, ...world.somebody() })),
  },
} as const satisfies Record<string, Kind>;

export type Fault = keyof typeof KINDS;

export const FAULTS: readonly Fault[] = Object.keys(KINDS) as Fault[];

/** What is known of a fault. */
export const kindOf = (fault: Fault): Kind => KINDS[fault];
