/** A chain whose nodes agree on its head, unless one lags, invents blocks, or the chain itself stands still. */
import type { ChainSpec } from '../core/cell.ts';
import type { Observation } from '../core/merge.ts';
import { START_MS } from './timeline.ts';

export interface Chain {
  /** Its newest block, as this node has it then. */
  head(node: string, now: number): Head;
  /** From then on nobody makes a block; gives the end of it. */
  halt(now: number): (now: number) => void;
  /** This node is so late; gives the end of it. */
  lag(node: string, lagMs: number): () => void;
  /** From then on this node gets no block any more; gives the end of it: it has them all at once. */
  stick(node: string, now: number): () => void;
  /** This node says that it has so many blocks more than there are; gives the end of it. */
  invent(node: string, blocks: number): () => void;
}

interface Head {
  height: number;
  /** Of that block, ms since 1970. */
  headAt: number;
}

/** EOSIO: two blocks a second (EOSIO developer documentation, "Consensus protocol"). */
export const BLOCK_MS = 500;
/** It began long before anybody watched it. */
const GENESIS_MS = START_MS - 86_400_000;
const CHAIN_ID = 'aca376f2';

export function createChain(): Chain {
  const halts: { from: number; to: number }[] = [];
  let halted = 0;
  const troubles = new Set<{ node: string; seenAt: (now: number) => number; invented: number }>();

  /** As whoever is not late has it. */
  function truth(now: number): Head {
    const standing = halts.find(({ from, to }) => from <= now && now < to);
    const last = standing?.from ?? now;
    const lostMs = halts.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, last) - from), 0);
    const madeMs = last - GENESIS_MS - lostMs;
    return { height: Math.floor(madeMs / BLOCK_MS), headAt: last - (madeMs % BLOCK_MS) };
  }

  function begin(node: string, seenAt: (now: number) => number, invented = 0): () => void {
    const trouble = { node, seenAt, invented };
    troubles.add(trouble);
    return () => troubles.delete(trouble);
  }

  return {
    head(node, now) {
      const mine = [...troubles].filter((each) => each.node === node);
      const { height, headAt } = truth(Math.min(now, ...mine.map(({ seenAt }) => seenAt(now))));
      return { height: height + mine.reduce((sum, { invented }) => sum + invented, 0), headAt };
    },
    halt(from) {
      if (halted++ === 0) halts.push({ from, to: Number.POSITIVE_INFINITY });
      return (to) => {
        const last = halts.at(-1);
        if (--halted === 0 && last) last.to = to;
      };
    },
    lag: (node, lagMs) => begin(node, (now) => now - lagMs),
    stick: (node, since) => begin(node, () => since),
    invent: (node, blocks) => begin(node, (now) => now, blocks),
  };
}

/** What a probe makes of a node that answers: its head, and whether that is too old. */
export function withHead({ expect }: ChainSpec, seen: Observation, { height, headAt }: Head): Observation {
  if (seen.vote === 'down' || seen.vote === 'abstain') return seen;
  const known = { ...seen, facts: { chainId: CHAIN_ID, height, headAt } };
  if (seen.observedAt - headAt < (expect.headAge.downMs ?? Number.POSITIVE_INFINITY)) return known;
  return { ...known, vote: 'down', reason: 'head-age', detail: 'the newest block is old' };
}
