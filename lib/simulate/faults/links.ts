/** Places and the links between them: cut, dead, late, or with a clock of their own. */
import type { Cut, Service } from '../weather.ts';
import { type Begin, endAll, type Kind } from './kind.ts';

type Role = 'vantage' | 'arbiter';

/** Symmetric, send-only (what is asked arrives, no answer comes back) or receive-only (what is asked never arrives). */
const WAYS = { symmetric: 'both', 'send-only': 'answers', 'receive-only': 'requests' } as const satisfies Record<string, Cut>;
type Way = keyof typeof WAYS;
const isWay = (name: string): name is Way => name in WAYS;

const cut = (role: Role, service: Service): Kind => ({
  rounds: [1, 10],
  variants: Object.keys(WAYS),
  begin: ({ weather, random, vantages, arbiters }, variant) => {
    const link = `${random.pick(role === 'vantage' ? vantages : arbiters)}>${service}`;
    weather.cuts.set(link, isWay(variant) ? WAYS[variant] : 'both');
    return () => weather.cuts.delete(link);
  },
});

/** Clocks that are ahead or behind by one of these, in ms: a clock that is behind ran backwards when it became so. */
const skew = (role: Role, sizesMs: readonly number[]): Kind => ({
  rounds: [1, 10],
  variants: ['ahead', 'behind'],
  begin: ({ weather, random, vantages, arbiters }, variant) => {
    const place = random.pick(role === 'vantage' ? vantages : arbiters);
    weather.skewMs.set(place, random.pick(sizesMs) * (variant === 'ahead' ? 1 : -1));
    return () => weather.skewMs.delete(place);
  },
});

/** It jumps to and fro, several times within a round. */
const jumps: Begin = ({ weather, random, vantages, timeline, cell }) => {
  const vantage = random.pick(vantages);
  let isOver = false;
  const jump = (): void => {
    if (isOver) return;
    weather.skewMs.set(vantage, random.between(-7_000, 7_000));
    timeline.at(timeline.now() + random.between(500, cell.intervalMs / 2), jump);
  };
  jump();
  return () => {
    isOver = true;
    weather.skewMs.delete(vantage);
  };
};

const dies = (role: Role): Kind => ({
  rounds: [2, 20],
  begin: ({ weather, random, vantages, arbiters }) => {
    const place = random.pick(role === 'vantage' ? vantages : arbiters);
    weather.dead.add(place);
    return () => weather.dead.delete(place);
  },
});

/** One after the other, until every vantage has lost something; then healed in another order, each at its time. */
const oneByOne: Begin = ({ weather, random, vantages, timeline, cell }) => {
  const links = random.shuffled(vantages).map((vantage) => `${vantage}>${random.pick(['table', 'targets', 'queues'])}`);
  let isOver = false;
  links.forEach((link, index) => {
    timeline.at(timeline.now() + (index * cell.intervalMs) / 2, () => {
      if (!isOver) weather.cuts.set(link, 'both');
    });
  });
  return () => {
    isOver = true;
    random.shuffled(links).forEach((link, index) => {
      timeline.at(timeline.now() + (index * cell.intervalMs) / 2, () => weather.cuts.delete(link));
    });
  };
};

/** Its arbiter is gone, and with it the replica that some are nearest to: they wait a second for it before each call. */
const regionLost: Begin = ({ weather, random, vantages, arbiters }) => {
  const arbiter = random.pick(arbiters);
  const near = random.shuffled(vantages).slice(0, Math.ceil(vantages.length / 2));
  weather.dead.add(arbiter);
  for (const vantage of near) weather.farFromTable.add(vantage);
  return endAll([() => weather.dead.delete(arbiter), ...near.map((vantage) => () => weather.farFromTable.delete(vantage))]);
};

export const LINKS = {
  'vantage cut from table': cut('vantage', 'table'),
  'vantage cut from targets': cut('vantage', 'targets'),
  'vantage cut from queues': cut('vantage', 'queues'),
  'arbiter cut from table': cut('arbiter', 'table'),
  'arbiter cut from route53': cut('arbiter', 'route53'),
  'arbiter cut from cloudwatch': cut('arbiter', 'cloudwatch'),
  'arbiter cut from sns': cut('arbiter', 'sns'),
  'arbiter cut from hooks': cut('arbiter', 'hooks'),
  'links cut one by one, healed in another order': { rounds: [2, 8], begin: oneByOne },
  'vantage dead': dies('vantage'),
  'arbiter dead': dies('arbiter'),
  'replica region lost': { rounds: [2, 20], begin: regionLost },
  'vantage late': {
    rounds: [2, 8],
    begin: ({ weather, random, vantages, cell }) => {
      const vantage = random.pick(vantages);
      weather.lateMs.set(vantage, random.pick([0.2, 0.45, 0.6, 3]) * cell.intervalMs);
      return () => weather.lateMs.delete(vantage);
    },
  },
  'vantage lies': {
    rounds: [2, 10],
    variants: ['all is up', 'all is down'],
    begin: ({ weather, random, vantages }, variant) => {
      const vantage = random.pick(vantages);
      weather.lies.set(vantage, variant === 'all is up' ? 'up' : 'down');
      return () => weather.lies.delete(vantage);
    },
  },
  'vantage clock wrong': skew('vantage', [2_000, 4_900, 5_500, 7_000, 60_000, 3_600_000]),
  'vantage clock jumps about': { rounds: [1, 6], begin: jumps },
  'arbiter clock wrong': skew('arbiter', [1_000, 3_000, 4_900]),
} as const satisfies Record<string, Kind>;
