/** A small cell that lives in the simulator, for timelines that a reader follows: three vantages, two arbiters, one record. */
import { afterEach, expect } from 'vitest';
import type { NewAct } from '../../../lib/core/acts.ts';
import type { Cell } from '../../../lib/core/cell.ts';
import type { Page } from '../../../lib/core/ledger.ts';
import { type VantageState, vantageState } from '../../../lib/core/votes.ts';
import { createCoverage } from '../../../lib/simulate/coverage.ts';
import { CANARIES } from '../../../lib/simulate/extras.ts';
import type { Fault } from '../../../lib/simulate/faults.ts';
import { proveAlive } from '../../../lib/simulate/liveness.ts';
import type { Trouble } from '../../../lib/simulate/nature.ts';
import { createRandom } from '../../../lib/simulate/random.ts';
import { createWatch, type Watch } from '../../../lib/simulate/watch.ts';
import type { Service } from '../../../lib/simulate/weather.ts';
import { createWorld, type World } from '../../../lib/simulate/world.ts';
import { type CellPlan, cellOf } from '../../core/invariants/world.ts';

export interface Life {
  world: World;
  /** Lets time pass until `minutes:seconds` after the start. */
  till(clock: string): Promise<void>;
  /** From now on these checks are down, for everybody or for some; gives the end of it. */
  down(node: string, seenBy?: Pick<Trouble, 'vantages' | 'rhythm' | 'share'>): () => void;
  /** A person asks for something. */
  order(act: NewAct extends infer Each ? (Each extends NewAct ? Omit<Each, 'at' | 'by'> : never) : never): void;
  /** A link is cut: `send-only` means that what it asks arrives and no answer comes back. Gives its healing. */
  cut(place: string, service: Service, way?: 'symmetric' | 'send-only' | 'receive-only'): () => void;
  /** A vantage or arbiter handles nothing; gives its return. */
  kill(place: string): () => void;
  /** From now on a vantage says so of every check, whatever it sees. */
  lie(vantage: string, vote: 'up' | 'down'): void;
  /** A service is down for everybody; gives its return. */
  lose(service: Service): () => void;
  /** This befalls every which occasion; gives the end of it. */
  often(fault: Fault, chance: number): () => void;
  /** A clock is off by so many seconds; gives the moment when it is right again. */
  clock(place: string, aheadSeconds: number): () => void;
  /** The next run that comes to this point is killed, or frozen for so many seconds. */
  trap(point: string, what: 'killed' | number): void;
  /** From now on these places run the configuration with this change, or the first one again. */
  deploy(places: readonly string[], change?: string): void;
  /** Alarms that ring without any code of ours. */
  alarms(): string[];
  /** How a vantage shows on the status page. */
  vantage(id: string): VantageState;
  /** Pages that were sent, `<subject> <state>`, oldest first. */
  pages(): string[];
  /** The same as they were sent. */
  sent(): readonly Page[];
  /** What alarms told people, `<alarm> <state>`, oldest first. */
  notices(): readonly string[];
  /** Members that Route 53 does not answer with. */
  out(): string[];
  /** Where a member is by its switch alone, whatever its alarm says. */
  switchOf(node: string): 'in' | 'out';
  /** What the ledger says of a check. */
  verdict(check: string): string;
  /** For how long a member stays put after its last flip. */
  holdSeconds(member: string): number;
  /** Everything is healed, and what must then come true is demanded. */
  heals(): Promise<void>;
  /** Why a member is held where it is. */
  held(member: string): string | undefined;
}

const lives: { watch: Watch; world: World }[] = [];

/** No scenario may break a rule on its way, nor set a trap that nobody steps into. */
afterEach(() => {
  for (const { watch, world } of lives.splice(0)) {
    expect(watch.violations).toEqual([]);
    expect([...world.weather.traps.keys()]).toEqual([]);
  }
});

const hashOf = (change: string): string => `probes ${change}`;

interface LifePlan extends Omit<CellPlan, 'nodes'> {
  nodes?: number;
  /** Of whatever chance decides. */
  seed?: number;
  /** Is its table behind the store of production? */
  isStored?: boolean;
  /** What is otherwise than in other lives. */
  as?: (cell: Cell) => Cell;
}

function configuration({ nodes = 3, as = (cell) => cell, ...plan }: LifePlan, change: string): Cell {
  const ids = Array.from({ length: nodes }, (_, index) => [`n${index}`, ['api']]);
  const cell = cellOf({ ...plan, nodes: Object.fromEntries(ids) });
  const checks = cell.checks.map((check) => ({ ...check, hash: `${check.key} of ${cell.vantages.length}` }));
  return as({ ...cell, checks, hooks: [], canaries: [...CANARIES], probeHash: hashOf(change), configHash: hashOf(change) });
}

/** A life that nothing troubles yet. Its checks are `n0/api`, …, looked at every 10 s; its record is `api`. */
export function begin({ nodes = 3, seed = 1, isStored = false, ...plan }: LifePlan = {}): Life {
  const cells = [
    configuration({ ...plan, nodes }, ''),
    configuration({ ...plan, nodes, vantages: (plan.vantages ?? 3) + 1 }, 'vantage added'),
    configuration({ ...plan, nodes: nodes - 1 }, 'node removed'),
  ];
  const [cell] = cells as [Cell, ...Cell[]];
  // Of records alone: everybody asks the same as before.
  const records = cell.records.map((record) => ({ ...record, members: record.members.slice(0, -1) }));
  if (records.every(({ members }) => members.length > 0)) cells.push({ ...cell, records, configHash: hashOf('member removed') });
  const coverage = createCoverage();
  let seen: Watch | undefined;
  const world = createWorld({
    random: createRandom(seed),
    cells,
    coverage,
    isStored,
    onStrike: () => {},
    watch: ({ now }) => {
      seen = createWatch({ now, coverage, purityEvery: 1, onTransition: () => {}, log: () => {} });
      return seen;
    },
  });
  const watch = seen;
  if (!watch) throw new Error('the world began unwatched');
  lives.push({ watch, world });
  const { timeline, weather } = world;
  const startMs = timeline.now();
  return {
    world,
    till(clock) {
      const [minutes = 0, seconds = 0] = clock.split(':').map(Number);
      return timeline.runUntil(startMs + (minutes * 60 + seconds) * 1_000);
    },
    down: (node, seenBy = {}) => world.nature.trouble({ checks: new Set([`${node}/api`]), vote: 'down', ...seenBy }),
    order: (act) => world.order({ ...act, ...world.somebody() } as NewAct),
    cut(place, service, way = 'symmetric') {
      weather.cuts.set(
        `${place}>${service}`,
        ({ symmetric: 'both', 'send-only': 'answers', 'receive-only': 'requests' } as const)[way],
      );
      return () => void weather.cuts.delete(`${place}>${service}`);
    },
    kill(place) {
      weather.dead.add(place);
      return () => void weather.dead.delete(place);
    },
    lie: (vantage, vote) => void weather.lies.set(vantage, vote),
    lose(service) {
      weather.down.add(service);
      return () => void weather.down.delete(service);
    },
    often(fault, chance) {
      weather.odds.set(fault, chance);
      return () => void weather.odds.delete(fault);
    },
    clock(place, aheadSeconds) {
      weather.skewMs.set(place, aheadSeconds * 1_000);
      return () => void weather.skewMs.delete(place);
    },
    trap: (point, what) => void weather.traps.set(point, what === 'killed' ? what : what * 1_000),
    deploy(places, change = '') {
      const to = cells.findIndex(({ configHash }) => configHash === hashOf(change));
      for (const place of places) world.deploy(place, to);
    },
    alarms: () => world.monitor.firing(),
    vantage: (id) => vantageState(cell, world.table.ballot(id), timeline.now()),
    pages: () => watch.deeds.sent.map(({ subject, state }) => `${subject} ${state}`),
    sent: () => watch.deeds.sent,
    // Nobody knocks on a simulated web part: its alarms say so.
    notices: () => world.monitor.notices().filter((notice) => !notice.startsWith('web/')),
    out: () => world.route53.answers().flatMap(({ node, inService, isAlarmed }) => (inService && !isAlarmed ? [] : [node])),
    switchOf: (of) => (world.route53.answers().some(({ node, inService }) => node === of && inService) ? 'in' : 'out'),
    verdict: (check) => world.table.ledger()?.checks[check]?.state ?? 'up',
    holdSeconds(member) {
      const { at = 0, holdUntil = 0 } = world.table.ledger()?.members[member] ?? {};
      return (holdUntil - at) / 1_000;
    },
    heals: () => proveAlive(world, watch),
    held: (member) => world.table.ledger()?.members[member]?.held,
  };
}
