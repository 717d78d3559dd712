/** A majority and one arbiter are healed at random; the rest keeps what the chaos left on it, for ever (L7). */
import type { Cell } from '../core/cell.ts';
import type { Random } from './random.ts';
import type { Cut } from './weather.ts';
import type { World } from './world.ts';

export interface Healed {
  /** What everybody runs who is healed. */
  cell: Cell;
  /** Vantages that are not. */
  broken: ReadonlySet<string>;
}

/** What is wrong with a place: its links, clock and speed, that it lies or does nothing, and the configuration that it runs. */
interface Scars {
  cuts: [link: string, cut: Cut][];
  skewMs: number | undefined;
  lateMs: number | undefined;
  lie: 'up' | 'down' | undefined;
  isDead: boolean;
  runs: number;
}

/** Ends all faults by `calm`, but for what they did to a minority of the vantages and to all arbiters but one. */
export function heal(world: World, random: Random, calm: () => void): Healed {
  const { nature, monitor, cells, vantages, arbiters, deploy } = world;
  nature.heal();
  const configuration = random.below(cells.length);
  const cell = cells[configuration] as Cell;
  const broken = breakable(cell, random.shuffled(cell.vantages).slice(random.between(cell.quorum, cell.vantages.length)));
  const idle = random.shuffled(arbiters).slice(1);
  const left = [...broken, ...idle].map((place) => [place, scarsOf(world, place)] as const);
  calm();
  for (const place of [...vantages, ...cells.flatMap((each) => each.vantages), ...arbiters]) deploy(place, configuration);
  monitor.configure(cell);
  for (const [place, scars] of left) {
    const isArbiter = idle.includes(place);
    // Of two arbiters that run different configurations none is right: that is a roll-out, and it ends.
    if (!isArbiter && scars.runs !== configuration && random.chance(0.5)) deploy(place, scars.runs);
    if (hasAny(scars)) scar(world, place, scars);
    else if (isArbiter) breakArbiter(world, random, place);
    else breakVantage(world, random, place, cell);
  }
  return { cell, broken: new Set(broken) };
}

/** As many of these as every check can do without. */
function breakable({ checks }: Cell, candidates: readonly string[]): string[] {
  const broken: string[] = [];
  for (const each of candidates) {
    const isWell = (vantage: string): boolean => vantage !== each && !broken.includes(vantage);
    if (checks.every(({ vantages, quorum }) => vantages.filter(isWell).length >= quorum)) broken.push(each);
  }
  return broken;
}

const scarsOf = ({ weather, cells, cellOf }: World, place: string): Scars => ({
  cuts: [...weather.cuts].filter(([link]) => link.startsWith(`${place}>`)),
  skewMs: weather.skewMs.get(place),
  lateMs: weather.lateMs.get(place),
  lie: weather.lies.get(place),
  isDead: weather.dead.has(place),
  runs: cells.indexOf(cellOf(place)),
});

const hasAny = ({ cuts, skewMs, lateMs, lie, isDead }: Scars): boolean =>
  cuts.length > 0 || isDead || [skewMs, lateMs, lie].some((each) => each !== undefined);

function scar({ weather }: World, place: string, { cuts, skewMs, lateMs, lie, isDead }: Scars): void {
  for (const [link, cut] of cuts) weather.cuts.set(link, cut);
  if (skewMs !== undefined) weather.skewMs.set(place, skewMs);
  if (lateMs !== undefined) weather.lateMs.set(place, lateMs);
  if (lie) weather.lies.set(place, lie);
  if (isDead) weather.dead.add(place);
}

export const FOR_EVER = ['dead', 'no table', 'no targets', 'wrong clock', 'late', 'lies', 'other configuration'] as const;

export const foreverOf = (way: (typeof FOR_EVER)[number]): string => `for ever: ${way}`;

/** Whom the chaos left alone is broken in a way of its own. */
function breakVantage({ weather, cells, deploy }: World, random: Random, vantage: string, healed: Cell): void {
  const way = random.pick(FOR_EVER);
  weather.count(foreverOf(way));
  if (way === 'dead') weather.dead.add(vantage);
  else if (way === 'no table') weather.cuts.set(`${vantage}>table`, 'both');
  else if (way === 'no targets') weather.cuts.set(`${vantage}>targets`, 'both');
  else if (way === 'wrong clock') weather.skewMs.set(vantage, random.pick([-3_600_000, -60_000, 60_000, 3_600_000]));
  else if (way === 'late') weather.lateMs.set(vantage, random.pick([0.45, 3]) * healed.intervalMs);
  else if (way === 'lies') weather.lies.set(vantage, random.pick(['up', 'down'] as const));
  else deploy(vantage, random.pick(cells.flatMap((each, index) => (each === healed ? [] : [index]))));
}

function breakArbiter({ weather }: World, random: Random, arbiter: string): void {
  if (random.chance(0.5)) weather.dead.add(arbiter);
  else weather.cuts.set(`${arbiter}>table`, 'both');
}
