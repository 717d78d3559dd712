import { Resolver } from 'node:dns/promises';
import type { Resolve } from './dial.ts';
import { codeOf } from './failure.ts';

/** A question or its answer may be lost; c-ares doubles the wait with each try, and the look's own timeout ends them all. */
const FIRST_TRY_MS = 1_000;
const TRIES = 4;

/**
 * Looks names up by asking name servers itself (c-ares), any number at the same time. The system's resolver (getaddrinfo) has four
 * threads for a whole process: four names whose servers stay silent would keep all others waiting, and nothing can take the question
 * back. The hosts file is not read. `servers`: `address` or `address:port`. @default the system's
 */
export function createResolver(servers?: readonly string[]): Resolve {
  // A resolver can only take back all that it was asked: each look has its own, and leaves it to the next one.
  const free: Resolver[] = [];
  return async (host, { ipVersion, signal }) => {
    const resolver = free.pop() ?? open(servers);
    const cancel = () => resolver.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const first = ipVersion === 6 ? [] : await known(resolver.resolve4(host));
      return first.length > 0 || ipVersion === 4 || signal.aborted ? first : await known(resolver.resolve6(host));
    } finally {
      signal.removeEventListener('abort', cancel);
      free.push(resolver);
    }
  };
}

function open(servers: readonly string[] | undefined): Resolver {
  const resolver = new Resolver({ timeout: FIRST_TRY_MS, tries: TRIES });
  if (servers) resolver.setServers(servers);
  return resolver;
}

/** No address of this kind is an answer; that the name does not exist is none. */
const known = (looking: Promise<string[]>): Promise<string[]> =>
  looking.catch((error) => {
    if (codeOf(error) === 'ENODATA') return [];
    throw error;
  });
