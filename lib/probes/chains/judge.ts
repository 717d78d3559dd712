import type { ChainSpec, Limits, Threshold } from '../../core/cell.ts';
import type { ReasonCode } from '../../core/reasons.ts';
import { duration } from '../../core/times.ts';
import { ProbeFailure } from '../failure.ts';
import { type Finding, met } from '../look.ts';
import type { Show } from '../show.ts';
import type { ChainState } from './state.ts';

/** Clocks of producers may be ahead by so much; more is no block of now. Bitcoin Core: `MAX_FUTURE_BLOCK_TIME` is two hours. */
const AHEAD_MS = 60_000;
const BITCOIN_AHEAD_MS = 2 * 3_600_000;

/**
 * What of a node's words is not as expected. The head's age comes last among what is down: only where it is all that is wrong can
 * the core excuse it by a chain that stands still. Throws `chain-data` where the newest block is from the future.
 */
export function judgeChain({ kind, expect }: ChainSpec, state: ChainState, now: number, show: Show): Finding[] {
  const ageMs = now - state.headAt;
  if (ageMs < -(kind === 'bitcoin' ? BITCOIN_AHEAD_MS : AHEAD_MS)) {
    throw new ProbeFailure('chain-data', `the newest block is of ${new Date(state.headAt).toISOString()}, in the future`);
  }
  const { height, irreversible = height } = state;
  return [
    ...judgeChainId(expect.chainId, state.chainId, show),
    ...judgeSyncing(expect.headAge, state.syncing),
    ...judgeMost(
      'irreversible-lag',
      expect.irreversibleLag,
      height - irreversible,
      (n) => `the head is ${n} blocks ahead of the last irreversible one`,
    ),
    ...judgeFewest('peers', expect.peers, state.peers, (n) => `${n} ${n === 1 ? 'peer' : 'peers'}`),
    ...judgeFewest(
      'participation',
      expect.participation,
      state.participation,
      (n) => `${Math.floor(n)} % of producers take part`,
    ),
    ...judgeMost('missed', expect.missed, state.missedNow, () => `the producer did not sign block ${height - 1}`),
    ...judgeMost('behind', expect.blocksBehind, state.behindHeaders, (n) => `${n} blocks behind the headers that it knows`),
    ...judgeAge(expect.headAge, ageMs),
  ];
}

/** Chain ids are hexadecimal or names; `0x1` and `1` are one. */
function judgeChainId(expected: string | undefined, seen: string | undefined, show: Show): Finding[] {
  if (expected === undefined || seen === undefined) return [];
  const detail = `chain id is ${show.quote(seen)}, expected ${show.quote(expected)}`;
  return [isSameId(expected, seen) ? met(detail) : { vote: 'down', reason: 'chain-id', detail }];
}

const isSameId = (a: string, b: string): boolean =>
  a === b || (/^0x[0-9a-f]+$/i.test(a) && /^\d+$/.test(b) && BigInt(a) === BigInt(b));

/**
 * The flag is not trusted alone (go-ethereum #25845): where the head's age is judged, that decides, and the flag makes the node
 * no worse than degraded.
 */
function judgeSyncing({ downMs }: Threshold, syncing: string | undefined): Finding[] {
  if (syncing === undefined) return [];
  return [{ vote: downMs === undefined ? 'down' : 'degraded', reason: 'syncing', detail: syncing }];
}

function judgeAge({ degradedMs, downMs }: Threshold, ageMs: number): Finding[] {
  const old = (limitMs: number) => `the newest block is ${duration(ageMs)} old, expected less than ${duration(limitMs)}`;
  if (downMs !== undefined && ageMs >= downMs) return [{ vote: 'down', reason: 'head-age', detail: old(downMs) }];
  if (degradedMs !== undefined && ageMs >= degradedMs) return [{ vote: 'degraded', reason: 'head-age', detail: old(degradedMs) }];
  const limitMs = degradedMs ?? downMs;
  return limitMs === undefined ? [] : [met(old(limitMs))];
}

type Words = (seen: number) => string;

function judgeMost(reason: ReasonCode, { degraded, down }: Limits, seen: number | undefined, words: Words): Finding[] {
  if (seen === undefined) return [];
  const detail = (limit: number) => `${words(seen)}, expected fewer than ${limit}`;
  if (down !== undefined && seen >= down) return [{ vote: 'down', reason, detail: detail(down) }];
  if (degraded !== undefined && seen >= degraded) return [{ vote: 'degraded', reason, detail: detail(degraded) }];
  const limit = degraded ?? down;
  return limit === undefined ? [] : [met(detail(limit))];
}

function judgeFewest(reason: ReasonCode, { degraded, down }: Limits, seen: number | undefined, words: Words): Finding[] {
  if (seen === undefined) return [];
  const detail = (limit: number) => `${words(seen)}, expected at least ${limit}`;
  if (down !== undefined && seen < down) return [{ vote: 'down', reason, detail: detail(down) }];
  if (degraded !== undefined && seen < degraded) return [{ vote: 'degraded', reason, detail: detail(degraded) }];
  const limit = degraded ?? down;
  return limit === undefined ? [] : [met(detail(limit))];
}
