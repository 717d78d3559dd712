import type { Cell } from '../core/cell.ts';
import { FAULTS, type Fault, kindOf, pointOf } from './faults.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

/** A fault that befalls a run once. */
export interface Stroke {
  /** Its place among all of the run, by when they begin: the same in a run that leaves others out. */
  number: number;
  fault: Fault;
  /** ms after the start of the run. */
  atMs: number;
  lastsMs: number;
  /** What is hit, and how: nothing else draws from it. */
  random: Random;
}

/** The faults of one run: a random part of all kinds, each as often as chance will have it, in the order in which they begin. */
export function drawStrokes(random: Random, { intervalMs, records }: Cell, rounds: number): Stroke[] {
  const share = random.pick([0.1, 0.2, 0.35]);
  const drawn = FAULTS.filter(() => random.chance(share));
  // Most faults matter only while something is down.
  const base: Fault[] = [
    random.chance(0.8) ? 'node down' : 'node flapping',
    ...(random.chance(0.4) ? ['invocation killed' as const] : []),
    // A fence is there for the calls that nobody takes.
    ...(records.some(({ fence }) => fence) && random.chance(0.5) ? ['hook refuses' as const] : []),
  ];
  // In calm lives more is recovered from, and more rounds fit in the time.
  const calmness = random.pick([2, 8, 16, 16]);
  const kinds = [...new Set([...base, ...drawn])].map((fault) => ({ fault, everyRounds: calmness * random.pick([15, 40, 80]) }));
  return kinds
    .flatMap(({ fault, everyRounds }) => strokesOf(fault, random.fork(), { intervalMs, everyRounds, rounds }))
    .sort((one, other) => one.atMs - other.atMs)
    .map((stroke, number) => ({ ...stroke, number }));
}

interface Rhythm {
  intervalMs: number;
  /** How many rounds lie between two of its beginnings, on average. */
  everyRounds: number;
  rounds: number;
}

function strokesOf(fault: Fault, random: Random, { intervalMs, everyRounds, rounds }: Rhythm): Omit<Stroke, 'number'>[] {
  const [least, most] = kindOf(fault).rounds;
  const strokes: Omit<Stroke, 'number'>[] = [];
  const pauseMs = () => Math.round(-Math.log(1 - random.next()) * everyRounds * intervalMs);
  for (let atMs = pauseMs(); atMs < rounds * intervalMs; atMs += pauseMs())
    strokes.push({
      fault,
      atMs,
      lastsMs: random.between(least * 1_000, most * 1_000) * (intervalMs / 1_000),
      random: random.fork(),
    });
  return strokes;
}

/** Lets these faults begin and end, until the returned function is called: then all are over, in a random order. */
export function unleash(world: World, strokes: readonly Stroke[], onActive: (change: 1 | -1) => void): () => void {
  const { timeline, random } = world;
  const startMs = timeline.now();
  const ends = new Set<() => void>();
  let isOver = false;

  function begin({ fault, lastsMs, random: own }: Stroke): void {
    if (isOver) return;
    const stop = start(fault, own);
    if (!stop) return;
    onActive(1);
    const end = (): void => {
      if (!ends.delete(end)) return;
      onActive(-1);
      stop();
    };
    ends.add(end);
    timeline.at(timeline.now() + lastsMs, end);
  }

  function start(fault: Fault, own: Random): (() => void) | undefined {
    const { odds, variants, begin: happen } = kindOf(fault);
    if (odds !== undefined) {
      world.weather.odds.set(fault, odds);
      return () => world.weather.odds.delete(fault);
    }
    const variant = variants && own.pick(variants);
    const stop = happen?.({ ...world, random: own }, variant ?? '');
    if (stop === false) return undefined;
    world.weather.count(pointOf(fault, variant));
    return stop;
  }

  for (const stroke of strokes) timeline.at(startMs + stroke.atMs, () => begin(stroke));
  return () => {
    isOver = true;
    for (const end of random.shuffled([...ends])) end();
  };
}
