import type { Fault } from './faults.ts';
import type { Random } from './random.ts';

/** Which way of a link is cut: what is asked never arrives, or what is answered never comes back. */
export type Cut = 'both' | 'requests' | 'answers';

/** Services that a process calls over a link of its own. */
export type Service = 'table' | 'targets' | 'queues' | 'route53' | 'cloudwatch' | 'sns' | 'hooks';

/** What is broken right now. Faults change it, simulated services look at it. */
export interface Weather {
  /** For faults that strike single occasions: how likely each is. */
  readonly odds: Map<Fault, number>;
  /** By link, `<place>><service>`. */
  readonly cuts: Map<string, Cut>;
  /** By place: how far its clock is ahead, in ms. */
  readonly skewMs: Map<string, number>;
  /** Vantages and arbiters that handle nothing. */
  readonly dead: Set<string>;
  /** Vantages that begin everything late, with by how much. */
  readonly lateMs: Map<string, number>;
  /** Vantages that say this of every node, whatever they see. */
  readonly lies: Map<string, 'up' | 'down'>;
  /** Places whose nearest replica is gone: they wait for it before they ask the next. */
  readonly farFromTable: Set<string>;
  /** Places that run a release which does not know the ledger's schema. */
  readonly olderReleases: Set<string>;
  /** By crash point: the next run that comes there is killed, or frozen for so many ms. */
  readonly traps: Map<string, 'killed' | number>;
  /** Services that are down for everybody. */
  readonly down: Set<Service>;
  /** Does this fault strike this occasion? Counted when it does. */
  strikes(fault: Fault): boolean;
  /** Counts a fault that struck without odds, as `pointOf` names it. */
  count(point: string): void;
  /** How long a call takes, in ms. */
  latencyMs(): number;
  /** Is this call cut off, and how? */
  cutOf(place: string, service: Service): Cut | undefined;
}

const SLOW_MS = 4_000;

export function createWeather(random: Random, onStrike: (point: string) => void): Weather {
  const odds = new Map<Fault, number>();
  const cuts = new Map<string, Cut>();
  const down = new Set<Service>();
  const weather: Weather = {
    odds,
    cuts,
    down,
    skewMs: new Map(),
    dead: new Set(),
    lateMs: new Map(),
    lies: new Map(),
    farFromTable: new Set(),
    traps: new Map(),
    olderReleases: new Set(),
    strikes(fault) {
      const probability = odds.get(fault);
      if (probability === undefined || !random.chance(probability)) return false;
      onStrike(fault);
      return true;
    },
    count: onStrike,
    latencyMs: () => (weather.strikes('network slow') ? random.between(200, SLOW_MS) : random.between(2, 40)),
    cutOf: (place, service) => (down.has(service) ? 'both' : cuts.get(`${place}>${service}`)),
  };
  return weather;
}
