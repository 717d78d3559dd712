import type { FunctionRole } from './names.ts';

/** MB of each function. CPU comes with memory: a quarter of a core is enough for a hundred TLS handshakes in a round. */
export const MEMORY_MB: Readonly<Record<FunctionRole, number>> = { prober: 512, arbiter: 512, web: 256 };
