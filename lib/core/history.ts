/**
 * History: how long each look of a round took, a byte a check, so that a round of 1,000 checks is an item of about 1 KB. It is for people
 * alone: nothing is decided by it, and nothing waits for it.
 */
import type { Cell, Check } from './cell.ts';
import { isGroup } from './groups.ts';
import { isHeartbeat } from './heartbeats.ts';
import type { Observation } from './merge.ts';

/** How long the looks of one round of a vantage took. */
export interface RoundTimes {
  vantage: string;
  /** ms since 1970. */
  startedAt: number;
  /** Which checks these are, in order: `listHash` of their keys. */
  list: string;
  /** For each check of the list what `byteOf` makes of it; 0 where it did not answer, or was not looked at in this round. */
  took: Uint8Array;
}

/** For so long a round is kept: the same hour of the same day last week is still there. */
export const HISTORY_KEPT_MS = 8 * 86_400_000;
/** The attribute of an item that says when it may be forgotten, in seconds since 1970 (DynamoDB developer guide, "Time to Live"). */
export const HISTORY_EXPIRES = 'expires';

/** From one byte to the next: 255 of them reach from 1 ms to 4 minutes, and none is off by more than 2.5 %. */
const STEP = 1.05;
const MAX_BYTE = 255;

/** A time as a byte, 1 to 255. */
export const byteOf = (ms: number): number =>
  Math.min(MAX_BYTE, 1 + Math.max(0, Math.round(Math.log(Math.max(1, ms)) / Math.log(STEP))));

/** The time in ms that a byte from 1 on stands for. */
export const msOf = (byte: number): number => Math.round(STEP ** (byte - 1));

/** The checks of which a vantage keeps times, in order: heartbeats and groups take none. */
export const timedChecks = (cell: Cell, vantage: string): Check[] =>
  cell.checks.filter((check) => check.vantages.includes(vantage) && !isHeartbeat(check) && !isGroup(check));

/** What a round keeps of what it saw: a look that was answered well, or not quite well, has a time; a failed one has none. */
export function roundTimes(cell: Cell, vantage: string, startedAt: number, seen: ReadonlyMap<string, Observation>): RoundTimes {
  const checks = timedChecks(cell, vantage);
  const took = Uint8Array.from(checks, ({ key }) => {
    const { vote, tookMs } = seen.get(key) ?? {};
    return tookMs !== undefined && (vote === 'up' || vote === 'degraded') ? byteOf(tookMs) : 0;
  });
  return { vantage, startedAt, list: listHash(checks), took };
}

/** Tells lists of checks apart, so that bytes are never read as those of other checks: FNV-1a of the keys, 32 bits in hex. */
export function listHash(checks: readonly Pick<Check, 'key'>[]): string {
  let hash = 0x811c9dc5;
  for (const { key } of checks) {
    for (let at = 0; at <= key.length; at++) {
      // The end of a key counts too: NaN is 0 here.
      hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
    }
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
