import type { Threshold } from '../core/cell.ts';
import type { Finding } from './look.ts';

/** A finding if the answer took longer than `expect.time` allows. */
export function judgeTime(tookMs: number, { downMs, degradedMs }: Threshold): Finding[] {
  const late = (limitMs: number) => `took ${Math.round(tookMs)} ms, expected at most ${limitMs} ms`;
  if (downMs !== undefined && tookMs > downMs) return [{ vote: 'down', reason: 'slow', detail: late(downMs) }];
  if (degradedMs !== undefined && tookMs > degradedMs) return [{ vote: 'degraded', reason: 'slow', detail: late(degradedMs) }];
  return [];
}

/** A finding if the certificate expires (ms since 1970) sooner than `expect.certificate` allows. */
export function judgeCertificate(expiresAt: number, now: number, { downMs, degradedMs }: Threshold): Finding[] {
  const leftMs = expiresAt - now;
  const soon = (limitMs: number) =>
    `certificate expires in ${duration(leftMs)} (${new Date(expiresAt).toISOString()}), expected at least ${duration(limitMs)}`;
  const reason = 'certificate-expires';
  if (downMs !== undefined && leftMs < downMs) return [{ vote: 'down', reason, detail: soon(downMs) }];
  if (degradedMs !== undefined && leftMs < degradedMs) return [{ vote: 'degraded', reason, detail: soon(degradedMs) }];
  return [];
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** The largest unit of which there are at least two: `3d`, `36h`, `90m`. */
function duration(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${Math.floor(ms / DAY_MS)}d`;
  if (ms >= 2 * HOUR_MS) return `${Math.floor(ms / HOUR_MS)}h`;
  return `${Math.floor(ms / 60_000)}m`;
}
