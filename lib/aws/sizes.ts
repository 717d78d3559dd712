import type { FunctionRole } from './names.ts';

/** MB of each function. CPU comes with memory: a quarter of a core is enough for a hundred TLS handshakes in a round. */
export const MEMORY_MB: Readonly<Record<FunctionRole, number>> = { prober: 512, arbiter: 512, web: 256 };

/**
 * How many of each may run at a time. A prober: a round, the next one that waits for its second, and the second opinions that every
 * other vantage may ask for twice. An arbiter: two at a time, the least that Lambda allows of a queue, and room for the next
 * deployment's. The web part's URL is open to everybody, floods too: they take no more than this, and nothing from the arbiter.
 */
export const RESERVED: Readonly<Record<FunctionRole, number>> = { prober: 10, arbiter: 5, web: 5 };
