/** What people do meanwhile: deploy, and ask for things. */
import type { NewAct } from '../../core/acts.ts';
import { CHANGES } from '../cells.ts';
import type { World } from '../world.ts';
import type { Begin, Kind } from './kind.ts';

const order =
  (make: (world: World, node: string) => NewAct): Begin =>
  (world) => {
    world.order(make(world, world.random.pick(world.cell.nodes).id));
    return undefined;
  };

const aboutIncident =
  (kind: 'acknowledge' | 'unacknowledge'): Begin =>
  (world) => {
    const open = Object.keys(world.table.ledger()?.incidents ?? {});
    if (open.length === 0) return false;
    world.order({ kind, incident: world.random.pick(open), ...world.somebody() });
    return undefined;
  };

/** Some places first; then the rest follows, or all are rolled back. */
const rollOut = (targetOf: (to: number) => number): Kind => ({
  rounds: [2, 12],
  variants: CHANGES,
  begin: ({ random, cells, vantages, arbiters, deploy }, variant) => {
    const to = cells.findIndex(({ configHash }) => configHash.endsWith(variant));
    if (to < 0) return false;
    const places = random.shuffled([...vantages, ...arbiters]);
    for (const place of places.slice(0, random.between(1, places.length - 1))) deploy(place, to);
    return () => {
      for (const place of places) deploy(place, targetOf(to));
    };
  },
});

/** Of all that there is, of one node, and with it out of service. */
const drill: Begin = (world, variant) => {
  const { random, cell } = world;
  const node = variant === 'of nobody' ? {} : { node: random.pick(cell.nodes).id };
  const hooks = random.chance(0.5) && cell.hooks.some(({ events }) => events.includes('page'));
  const flip = variant === 'with a flip';
  world.order({ kind: 'drill', ...node, tier: random.pick([1, 2]), flip, hooks, ...world.somebody() });
  return undefined;
};

/** Two people who want the opposite, at the same moment. */
const contradict: Begin = (world) => {
  const { random, cell, timeline } = world;
  const { id: node } = random.pick(cell.nodes);
  const until = timeline.now() + 300_000;
  const force = (inService: boolean): NewAct => ({
    kind: 'force',
    node,
    inService,
    until,
    reason: 'because',
    ...world.somebody(),
  });
  const pairs: NewAct[][] = [
    [force(true), force(false)],
    [
      { kind: 'drain', node, ...world.somebody() },
      { kind: 'restore', node, ...world.somebody() },
    ],
    [
      { kind: 'pause', until, ...world.somebody() },
      { kind: 'resume', ...world.somebody() },
    ],
  ];
  for (const act of random.shuffled(random.pick(pairs))) world.order(act);
  return undefined;
};

export const PEOPLE = {
  'configuration rolled out': rollOut((to) => to),
  'configuration rolled back': rollOut(() => 0),
  acknowledge: { rounds: [1, 1], begin: aboutIncident('acknowledge') },
  unacknowledge: { rounds: [1, 1], begin: aboutIncident('unacknowledge') },
  drain: { rounds: [1, 1], begin: order((world, node) => ({ kind: 'drain', node, ...world.somebody() })) },
  'drain for a while': {
    rounds: [1, 1],
    begin: order((world, node) => ({ kind: 'drain', node, until: world.timeline.now() + 240_000, ...world.somebody() })),
  },
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
  unsilence: { rounds: [1, 1], begin: order((world, node) => ({ kind: 'unsilence', node, ...world.somebody() })) },
  resume: { rounds: [1, 1], begin: order((world) => ({ kind: 'resume', ...world.somebody() })) },
  drill: { rounds: [1, 1], variants: ['of nobody', 'of a node', 'with a flip'], begin: drill },
  'orders that contradict each other at once': { rounds: [1, 1], begin: contradict },
} as const satisfies Record<string, Kind>;
