/** What nodes say of their chain and of themselves. */
import { type ChainSpec, isChain } from '../../core/cell.ts';
import { BLOCK_MS } from '../chain.ts';
import type { World } from '../world.ts';
import type { Kind } from './kind.ts';

const chainOf = ({ cell }: World): ChainSpec | undefined => cell.checks.map(({ probe }) => probe).find(isChain);

/** So many blocks behind the others, as this variant has it. */
function blocksOf({ expect }: ChainSpec, variant: string): number {
  const { degraded = 0, down = 0 } = expect.blocksBehind;
  if (variant === 'a little') return degraded;
  return variant === 'one block less than too far' ? down - 1 : down + 1;
}

export const HEADS_AND_BEATS = {
  'node lags behind its chain': {
    rounds: [4, 16],
    variants: ['a little', 'one block less than too far', 'too far', 'stuck'],
    begin: (world, variant) => {
      const { chain, random, cell, timeline } = world;
      const spec = chainOf(world);
      if (!spec) return false;
      const { id: node } = random.pick(cell.nodes);
      if (variant === 'stuck') return chain.stick(node, timeline.now());
      return chain.lag(node, blocksOf(spec, variant) * BLOCK_MS);
    },
  },
  'node invents blocks': {
    rounds: [4, 16],
    begin: (world) => {
      const { chain, random, cell } = world;
      return chainOf(world) !== undefined && chain.invent(random.pick(cell.nodes).id, 1_000);
    },
  },
  'chain stands still': {
    rounds: [6, 20],
    begin: (world) => {
      const { chain, timeline } = world;
      if (!chainOf(world)) return false;
      const end = chain.halt(timeline.now());
      return () => end(timeline.now());
    },
  },
  'heartbeat stops': {
    rounds: [6, 20],
    variants: ['nothing', 'fail', 'start'],
    begin: ({ senders, random }, variant) => {
      if (senders.checks.length === 0) return false;
      return senders.stop(random.pick(senders.checks), variant === 'fail' || variant === 'start' ? variant : 'nothing');
    },
  },
} as const satisfies Record<string, Kind>;
