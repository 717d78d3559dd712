import { FAULTS, type Fault, kindOf } from './faults.ts';
import type { World } from './world.ts';

export interface Plan {
  fault: Fault;
  /** How many rounds lie between two of its beginnings, on average. */
  everyRounds: number;
}

/** The faults of one run: a random part of all, each as often as chance will have it. */
export function drawPlans({ random }: Pick<World, 'random'>): Plan[] {
  const share = random.pick([0.1, 0.2, 0.35]);
  const drawn = FAULTS.filter(() => random.chance(share));
  // Most faults matter only while something is down.
  const base: Fault[] = [
    random.chance(0.8) ? 'node down' : 'node flapping',
    ...(random.chance(0.4) ? ['invocation killed' as const] : []),
  ];
  return [...new Set([...base, ...drawn])].map((fault) => ({ fault, everyRounds: random.pick([15, 40, 80]) }));
}

/** Lets the faults of the plans begin and end, until the returned function is called: then all are over, in a random order. */
export function unleash(world: World, plans: readonly Plan[], onActive: (change: 1 | -1) => void): () => void {
  const { timeline, random, cell } = world;
  const ends = new Set<() => void>();
  let isOver = false;

  function next({ fault, everyRounds }: Plan): void {
    const inMs = Math.round(-Math.log(1 - random.next()) * everyRounds * cell.intervalMs);
    timeline.at(timeline.now() + inMs, () => {
      if (isOver) return;
      begin(fault);
      next({ fault, everyRounds });
    });
  }

  function begin(fault: Fault): void {
    const { rounds, odds } = kindOf(fault);
    const stop = start(fault);
    if (odds === undefined) world.weather.count(fault);
    if (!stop) return;
    onActive(1);
    const end = (): void => {
      if (!ends.delete(end)) return;
      onActive(-1);
      stop();
    };
    ends.add(end);
    timeline.at(timeline.now() + random.between(rounds[0] * 1_000, rounds[1] * 1_000) * (cell.intervalMs / 1_000), end);
  }

  function start(fault: Fault): (() => void) | undefined {
    const { odds, begin: happen } = kindOf(fault);
    if (odds === undefined) return happen?.(world);
    world.weather.odds.set(fault, odds);
    return () => world.weather.odds.delete(fault);
  }

  for (const plan of plans) next(plan);
  return () => {
    isOver = true;
    for (const end of random.shuffled([...ends])) end();
  };
}
