/** What is wrong with the nodes, and who sees it. */
import type { Check } from '../../core/cell.ts';
import { checksOf } from '../nature.ts';
import type { World } from '../world.ts';
import { endAll, type Kind } from './kind.ts';

/** Ms around which a rhythm lies: what `downFor` and two rounds let pass, and a little more or less. */
function edges({ cell: { intervalMs, checks }, random }: World): number {
  const downForMs = checks[0]?.downForMs ?? 0;
  return Math.max(
    1_000,
    random.pick([downForMs - 1_000, downForMs, downForMs + 1_000, intervalMs, 2 * intervalMs, 4 * intervalMs]),
  );
}

const isLookedAt = ({ probe }: Check): boolean => !('of' in probe) && probe.kind !== 'heartbeat';

/** One check of a node of which others are well: its API hangs, and its port still answers. */
function oneCheck({ random, cell }: World): Set<string> {
  const { id } = random.pick(cell.nodes);
  return new Set([random.pick(cell.checks.filter((check) => check.node === id && isLookedAt(check))).key]);
}

const wholeNode = ({ random, cell }: World): Set<string> => checksOf(cell, [random.pick(cell.nodes).id]);

/** What is wrong with a node: all of it, mostly. */
const someChecks = (world: World): Set<string> => (world.random.chance(0.25) ? oneCheck(world) : wholeNode(world));

const keysOf = (checks: readonly Check[] = []): string[] => checks.map(({ key }) => key);

/** What takes all nodes down together, or only seems to, and how a probe says it. */
const COMMON_CAUSES = {
  'broken release': ['status', 'body-mismatch'],
  'expired CA': ['certificate-expired'],
  'resolver down everywhere': ['dns-timeout'],
} as const;
const isCommonCause = (name: string): name is keyof typeof COMMON_CAUSES => name in COMMON_CAUSES;

export const NODES = {
  'node down': {
    rounds: [1, 12],
    variants: ['wrong answers', 'no connection', 'one check'],
    begin: (world, variant) =>
      world.nature.trouble({
        checks: variant === 'one check' ? oneCheck(world) : wholeNode(world),
        vote: 'down',
        reason: variant === 'no connection' ? 'connect-refused' : 'status',
      }),
  },
  'check degraded': {
    rounds: [3, 12],
    begin: ({ nature, random, cell }) => nature.trouble({ checks: new Set([random.pick(cell.checks).key]), vote: 'degraded' }),
  },
  'node flapping': {
    rounds: [4, 20],
    begin: (world) => {
      const rhythm = { badMs: edges(world), wellMs: edges(world), since: world.timeline.now() };
      return world.nature.trouble({ checks: someChecks(world), vote: 'down', rhythm });
    },
  },
  'slow drip': {
    rounds: [4, 20],
    begin: (world) =>
      world.nature.trouble({ checks: someChecks(world), vote: 'down', share: world.random.pick([0.1, 0.3, 0.6]) }),
  },
  'some regions blocked': {
    rounds: [2, 12],
    begin: (world) => {
      const { nature, random, cell, vantages } = world;
      const blocked = new Set(random.shuffled(vantages).slice(0, random.between(1, cell.quorum)));
      return nature.trouble({ checks: someChecks(world), vantages: blocked, vote: 'down' });
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
      return endAll(ends);
    },
  },
  'everything looks down': {
    rounds: [1, 6],
    variants: Object.keys(COMMON_CAUSES),
    begin: ({ nature, random, cell }, variant) => {
      const nodes = random.shuffled(cell.nodes.map(({ id }) => id));
      const hit = nodes.slice(0, random.between(nodes.length - 1, nodes.length));
      const reason = random.pick(isCommonCause(variant) ? COMMON_CAUSES[variant] : (['status'] as const));
      // Whose names nobody resolves, of those nobody resolves others either.
      const canaries = variant === 'resolver down everywhere' ? keysOf(cell.canaries) : [];
      return nature.trouble({ checks: new Set([...checksOf(cell, hit), ...canaries]), vote: 'down', reason });
    },
  },
  'canaries down': {
    rounds: [1, 6],
    variants: ['one', 'two'],
    begin: ({ nature, random, cell, vantages }, variant) => {
      const down = random.shuffled(keysOf(cell.canaries)).slice(0, variant === 'one' ? 1 : 2);
      const some = new Set(random.shuffled(vantages).slice(0, random.between(1, vantages.length)));
      return down.length > 0 && nature.trouble({ checks: new Set(down), vantages: some, vote: 'down' });
    },
  },
  'looks unfinished': {
    rounds: [2, 10],
    begin: (world) => world.nature.trouble({ checks: someChecks(world), vote: 'abstain' }),
  },
} as const satisfies Record<string, Kind>;
