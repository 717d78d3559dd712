import type { Cell } from '../core/cell.ts';
import type { FunctionRole } from './names.ts';

/** MB of each function. CPU comes with memory: a quarter of a core is enough for a hundred TLS handshakes in a round. */
export const MEMORY_MB: Readonly<Record<FunctionRole, number>> = { prober: 512, arbiter: 512, web: 256, gate: 256 };

/**
 * How many of each may run at a time. A prober: a round, the next one that waits for its second, and the second opinions that every
 * other vantage may ask for twice. An arbiter: two at a time, the least that Lambda allows of a queue, and room for the next
 * deployment's. The web part's URL is open to everybody, floods too: they take no more than this, and nothing from the arbiter.
 */
export const RESERVED: Readonly<Record<FunctionRole, number>> = { prober: 10, arbiter: 5, web: 5, gate: 1 };

/**
 * For how long a deployment waits at most for somebody to hear, in ms: a first round comes up to three minutes and an interval after
 * its schedule. Less than the 15 minutes that Lambda runs (Lambda developer guide, "Lambda quotas"): intervals are 5 minutes at most.
 */
export const gateMs = ({ intervalMs }: Pick<Cell, 'intervalMs'>): number => 9 * 60_000 + intervalMs;
