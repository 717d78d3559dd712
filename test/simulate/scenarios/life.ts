/** A small cell that lives in the simulator, for timelines that a reader follows: three vantages, two arbiters, one record. */
import { afterEach, expect } from 'vitest';
import type { NewAct } from '../../../lib/core/acts.ts';
import { createCoverage } from '../../../lib/simulate/coverage.ts';
import type { Trouble } from '../../../lib/simulate/nature.ts';
import { createRandom } from '../../../lib/simulate/random.ts';
import { createWatch, type Watch } from '../../../lib/simulate/watch.ts';
import { createWorld, type World } from '../../../lib/simulate/world.ts';
import { type CellPlan, cellOf } from '../../core/invariants/world.ts';

export interface Life {
  world: World;
  /** Lets time pass until `minutes:seconds` after the start. */
  till(clock: string): Promise<void>;
  /** From now on these checks are down, for everybody or for some; gives the end of it. */
  down(node: string, seenBy?: Pick<Trouble, 'vantages' | 'rhythm'>): () => void;
  /** A person asks for something. */
  order(act: NewAct extends infer Each ? (Each extends NewAct ? Omit<Each, 'at' | 'by'> : never) : never): void;
  /** Pages that were sent, `<subject> <state>`, oldest first. */
  pages(): string[];
  /** Members that Route 53 does not answer with. */
  out(): string[];
  /** What the ledger says of a check. */
  verdict(check: string): string;
  /** Why a member is held where it is. */
  held(member: string): string | undefined;
}

const watches: Watch[] = [];

/** No scenario may break a rule on its way. */
afterEach(() => {
  for (const { violations } of watches.splice(0)) expect(violations).toEqual([]);
});

/** A life that nothing troubles yet. Its checks are `n0/api`, …, looked at every 10 s; its record is `api`. */
export function begin({ nodes = 3, ...plan }: Omit<CellPlan, 'nodes'> & { nodes?: number } = {}): Life {
  const ids = Array.from({ length: nodes }, (_, index) => [`n${index}`, ['api']]);
  const cell = cellOf({ ...plan, nodes: Object.fromEntries(ids) });
  const coverage = createCoverage();
  let seen: Watch | undefined;
  const world = createWorld({
    random: createRandom(1),
    cells: [{ ...cell, hooks: [] }],
    coverage,
    onStrike: () => {},
    watch: ({ now }) => {
      seen = createWatch({ now, coverage, purityEvery: 1, onTransition: () => {}, log: () => {} });
      return seen;
    },
  });
  const watch = seen;
  if (!watch) throw new Error('the world began unwatched');
  watches.push(watch);
  const { timeline } = world;
  const startMs = timeline.now();
  return {
    world,
    till(clock) {
      const [minutes = 0, seconds = 0] = clock.split(':').map(Number);
      return timeline.runUntil(startMs + (minutes * 60 + seconds) * 1_000);
    },
    down: (node, seenBy = {}) => world.nature.trouble({ checks: new Set([`${node}/api`]), vote: 'down', ...seenBy }),
    order: (act) => world.order({ ...act, ...world.somebody() } as NewAct),
    pages: () => watch.deeds.sent.map(({ subject, state }) => `${subject} ${state}`),
    out: () => world.route53.states().flatMap(({ node, inService }) => (inService ? [] : [node])),
    verdict: (check) => world.table.ledger()?.checks[check]?.state ?? 'up',
    held: (member) => world.table.ledger()?.members[member]?.held,
  };
}
