import type { ChainExpect, ChainSpec } from '../../core/cell.ts';
import type { Quantities } from './quantities.ts';

/** What a node says of its chain. */
export interface ChainState {
  height: number;
  /** Time of the newest block, ms since 1970. */
  headAt: number;
  chainId?: string;
  /** What the node says of its own syncing, where it says that it is not in sync. */
  syncing?: string;
  irreversible?: number;
  peers?: number;
  /** Of producers, in percent. */
  participation?: number;
  /** Blocks behind the newest header that the node itself knows. */
  behindHeaders?: number;
  /** All that the watched producer ever missed: how much it grows is seen from round to round. */
  misses?: number;
  /** What the watched producer produced, where nobody counts what it missed. */
  produced?: number;
  /** What it missed of the one block that was asked for, where nobody counts either. */
  missedNow?: number;
}

/** Questions to a node; each throws `ProbeFailure` where there is no answer. */
export interface Ask {
  /** JSON by GET, below the spec's URL. */
  get(path: string): Promise<unknown>;
  /** JSON by POST of JSON, below the spec's URL. */
  post(path: string, body: unknown): Promise<unknown>;
  /** The result of a JSON-RPC call to the spec's URL. */
  call(method: string, params?: unknown): Promise<unknown>;
  /** Waits for all of them; throws the first failure in this order. */
  all<T extends readonly unknown[]>(...questions: T): Promise<{ [K in keyof T]: Awaited<T[K]> }>;
}

/** One kind of chain: asks no more than the expectations need. Throws `ProbeFailure`, `chain-data` for fields that make no sense. */
export type ReadChain = (ask: Ask, spec: ChainSpec, read: Quantities) => Promise<ChainState>;

export const isLimited = (limits: object): boolean => Object.keys(limits).length > 0;

/** Must the chain's id be asked for, where it costs a request of its own? Heads are compared within one chain. */
export const needsChainId = ({ chainId, blocksBehind }: ChainExpect): boolean => chainId !== undefined || isLimited(blocksBehind);
