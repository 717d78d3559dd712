import { createHash } from 'node:crypto';
import { createCells } from './cells.ts';
import { type Counts, createCoverage } from './coverage.ts';
import type { Violation } from './invariants/step.ts';
import { proveAlive } from './liveness.ts';
import { createRandom } from './random.ts';
import { drawStrokes, type Stroke, unleash } from './swarm.ts';
import { createWatch, type Watch } from './watch.ts';
import { createWorld } from './world.ts';

export interface RunOptions {
  seed: number;
  vantages: number;
  /** How many intervals the chaos lasts. */
  rounds: number;
  /** The numbers of the faults that befall it; absent: all that were drawn. */
  only?: readonly number[];
}

/** A fault of a run, for people. */
export type ToldStroke = Pick<Stroke, 'number' | 'fault' | 'atMs' | 'lastsMs'>;

export interface RunResult {
  seed: number;
  vantages: number;
  rounds: number;
  /** ms since 1970, by the run's own time. */
  startedAt: number;
  /** Rounds in which a fault was about or struck, or a check changed its state. */
  eventful: number;
  violations: Violation[];
  /** What befell it, in the order in which it began. */
  strokes: ToldStroke[];
  coverage: Counts;
  /** Of everything that happened: equal for equal seeds. */
  digest: string;
}

/** Of so many lives one has the store of production: a round costs three times as much. */
const STORED_SHARE = 0.02;
/** Of so many decisions one is made twice. */
const PURITY_EVERY = 24;

/** One simulated life of a cell: chaos, then healing. */
export async function simulate({ seed, vantages, rounds, only }: RunOptions): Promise<RunResult> {
  const hash = createHash('sha256');
  const coverage = createCoverage();
  let isEventful = false;
  let active = 0;
  let watch: Watch | undefined;
  const random = createRandom(seed);
  const world = createWorld({
    random,
    cells: createCells(random.fork(), vantages),
    coverage,
    isStored: random.fork().chance(STORED_SHARE),
    onStrike: () => {
      isEventful = true;
    },
    watch: (timeline) => {
      watch = createWatch({
        now: timeline.now,
        coverage,
        purityEvery: PURITY_EVERY,
        onTransition: () => {
          isEventful = true;
        },
        log: (line) => void hash.update(`${timeline.now()} ${line}\n`),
      });
      return watch;
    },
  });
  const { timeline, cell } = world;
  const drawn = drawStrokes(world.random.fork(), cell, rounds);
  const strokes = only ? drawn.filter(({ number }) => only.includes(number)) : drawn;
  const calm = unleash(world, strokes, (change) => {
    active += change;
  });
  const startedAt = timeline.now();
  let eventful = 0;
  for (let round = 0; round < rounds; round++) {
    isEventful = active > 0;
    await timeline.runUntil(timeline.now() + cell.intervalMs);
    if (isEventful || active > 0) eventful++;
  }
  if (watch) await proveAlive(world, watch, calm);
  return {
    seed,
    vantages,
    rounds,
    startedAt,
    eventful,
    violations: watch?.violations ?? [],
    strokes: strokes.map(({ number, fault, atMs, lastsMs }) => ({ number, fault, atMs, lastsMs })),
    coverage: coverage.counts,
    digest: hash.digest('hex').slice(0, 16),
  };
}
