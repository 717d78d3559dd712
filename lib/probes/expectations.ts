import type { BodyExpect, Threshold } from '../core/cell.ts';
import type { PeerCertificate } from './certificates.ts';
import type { Finding } from './look.ts';
import { matches } from './patterns.ts';
import type { Show } from './show.ts';

/** A finding if the answer took longer than `expect.time` allows. */
export function judgeTime(tookMs: number, { downMs, degradedMs }: Threshold): Finding[] {
  const late = (limitMs: number) => `took ${Math.round(tookMs)} ms, expected at most ${limitMs} ms`;
  if (downMs !== undefined && tookMs > downMs) return [{ vote: 'down', reason: 'slow', detail: late(downMs) }];
  if (degradedMs !== undefined && tookMs > degradedMs) return [{ vote: 'degraded', reason: 'slow', detail: late(degradedMs) }];
  return [];
}

/** A finding if any certificate of the chain expires sooner than `expect.certificate` allows: the first that will. */
export function judgeCertificates(chain: readonly PeerCertificate[], now: number, { downMs, degradedMs }: Threshold): Finding[] {
  const first = chain.reduce<PeerCertificate | undefined>((a, b) => (a && a.expiresAt <= b.expiresAt ? a : b), undefined);
  if (!first) return [];
  const leftMs = first.expiresAt - now;
  const which = first === chain[0] ? 'certificate' : `certificate "${first.name}" of the chain`;
  const soon = (limitMs: number) =>
    `${which} expires in ${duration(leftMs)} (${new Date(first.expiresAt).toISOString()}), expected at least ${duration(limitMs)}`;
  const reason = 'certificate-expires';
  if (downMs !== undefined && leftMs < downMs) return [{ vote: 'down', reason, detail: soon(downMs) }];
  if (degradedMs !== undefined && leftMs < degradedMs) return [{ vote: 'degraded', reason, detail: soon(degradedMs) }];
  return [];
}

/** What a body or a message must say; `what` names it. */
export function judgeText(expect: BodyExpect, text: string, show: Show, what = 'body'): Finding[] {
  const { contains, notContains, matches: pattern } = expect;
  const forbidden = notContains.filter((part) => text.includes(part)).map((part) => `${what} contains ${show.quote(part)}`);
  const missing = contains.filter((part) => !text.includes(part)).map((part) => `${what} lacks ${show.quote(part)}`);
  if (pattern !== undefined && !matches(pattern, text)) missing.push(`${what} does not match /${pattern}/`);
  // What was seen is said once, however many texts are missing.
  if (missing.length > 0) missing.push(`${missing.pop()}: ${show.quote(text)}`);
  return [
    ...forbidden.map((detail): Finding => ({ vote: 'down', reason: 'body-forbidden', detail })),
    ...missing.map((detail): Finding => ({ vote: 'down', reason: 'body-mismatch', detail })),
  ];
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** The largest unit of which there are at least two: `3d`, `36h`, `90m`. */
function duration(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${Math.floor(ms / DAY_MS)}d`;
  if (ms >= 2 * HOUR_MS) return `${Math.floor(ms / HOUR_MS)}h`;
  return `${Math.floor(ms / 60_000)}m`;
}
