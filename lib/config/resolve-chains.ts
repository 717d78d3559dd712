import { CHAIN_KINDS, type ChainExpect, type ChainKind, type ChainSpec, type Check, type Limits } from '../core/cell.ts';
import { DEFAULTS } from './defaults.ts';
import { durationMs } from './durations.ts';
import type { CheckConfig, Config } from './schema.ts';

export type ChainConfig = Extract<CheckConfig, { type: ChainKind }>;

export const isChainConfig = (check: CheckConfig): check is ChainConfig =>
  (CHAIN_KINDS as readonly string[]).includes(check.type);

/** The key under which each kind names whose blocks are watched. */
export const PRODUCER_KEYS: Readonly<Partial<Record<ChainKind, string>>> = {
  eosio: 'producer',
  steem: 'witness',
  tezos: 'baker',
  cometbft: 'validator',
  solana: 'validator',
};

/** Whose blocks a check watches. */
export const producerOf = (check: ChainConfig): string | undefined =>
  (check as Record<string, unknown>)[PRODUCER_KEYS[check.type] ?? ''] as string | undefined;

/** What the kinds have between them; none has all. */
interface Expectations {
  chainId?: string | undefined;
  headAge?: Durations | undefined;
  blocksBehind?: Limits | undefined;
  irreversibleLag?: Limits | undefined;
  missed?: Limits | undefined;
  peers?: Limits | undefined;
  participation?: Limits | undefined;
  time?: Durations | undefined;
  certificate?: Durations | undefined;
}

interface Durations {
  degraded?: string | undefined;
  down?: string | undefined;
}

/** A check of a chain: `web` is what it has in common with every check over HTTP. */
export function chainProbe(check: ChainConfig, web: Omit<ChainSpec, 'kind' | 'producer' | 'expect'>): ChainSpec {
  const watched = producerOf(check);
  return {
    kind: check.type,
    ...web,
    ...(watched !== undefined && { producer: watched }),
    expect: chainExpect(check.expect ?? {}),
  };
}

const chainExpect = ({ chainId, ...limits }: Expectations): ChainExpect => ({
  ...(chainId !== undefined && { chainId }),
  headAge: threshold(limits.headAge),
  blocksBehind: limits.blocksBehind ?? {},
  irreversibleLag: limits.irreversibleLag ?? {},
  missed: limits.missed ?? {},
  peers: limits.peers ?? {},
  participation: limits.participation ?? {},
  time: threshold(limits.time),
  certificate: threshold(limits.certificate),
});

const threshold = ({ degraded, down }: Durations = {}) => ({
  ...(degraded !== undefined && { degradedMs: durationMs(degraded) }),
  ...(down !== undefined && { downMs: durationMs(down) }),
});

/** The nodes that heads are compared with beside the configuration's own: looked at in every round, for kinds that are watched. */
export function resolveReferences({ references = {}, defaults }: Config, checks: readonly Check[]): Check[] {
  const given = { ...DEFAULTS.check, ...defaults };
  return CHAIN_KINDS.filter((kind) => checks.some(({ probe }) => probe.kind === kind)).flatMap((kind) =>
    (references[kind] ?? []).map((url, at): Check => {
      const probe = chainProbe({ type: kind } as ChainConfig, {
        url,
        headers: {},
        redirects: DEFAULTS.http.redirects,
        allowPrivate: false,
      });
      return {
        key: `references/${kind}/${at}`,
        node: new URL(url).host,
        id: kind,
        hash: '',
        intervalMs: 0,
        timeoutMs: durationMs(given.timeout),
        attempts: 1,
        downForMs: 0,
        recover: 1,
        vantages: [],
        quorum: 0,
        severity: given.severity,
        // Their chain must be known to compare with it.
        probe: { ...probe, expect: { ...probe.expect, blocksBehind: { degraded: 1 } } },
      };
    }),
  );
}
