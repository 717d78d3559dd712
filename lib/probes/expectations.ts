import type { BodyExpect, Threshold } from '../core/cell.ts';
import type { PeerCertificate } from './certificates.ts';
import { type Finding, met } from './look.ts';
import { matches } from './patterns.ts';
import type { Show } from './show.ts';

/** Did the answer come as soon as `expect.time` wants it? Nothing is said where it wants nothing. */
export function judgeTime(tookMs: number, { downMs, degradedMs }: Threshold): Finding[] {
  const took = (limitMs: number) => `took ${Math.round(tookMs)} ms, expected at most ${limitMs} ms`;
  if (downMs !== undefined && tookMs > downMs) return [{ vote: 'down', reason: 'slow', detail: took(downMs) }];
  if (degradedMs !== undefined && tookMs > degradedMs) return [{ vote: 'degraded', reason: 'slow', detail: took(degradedMs) }];
  const limitMs = degradedMs ?? downMs;
  return limitMs === undefined ? [] : [met(took(limitMs))];
}

/** Has every certificate of the chain as much time left as `expect.certificate` wants? The first to expire is named. */
export function judgeCertificates(chain: readonly PeerCertificate[], now: number, { downMs, degradedMs }: Threshold): Finding[] {
  const first = chain.reduce<PeerCertificate | undefined>((a, b) => (a && a.expiresAt <= b.expiresAt ? a : b), undefined);
  if (!first) return [];
  const leftMs = first.expiresAt - now;
  const which = first === chain[0] ? 'certificate' : `certificate "${first.name}" of the chain`;
  const left = (limitMs: number) =>
    `${which} expires in ${duration(leftMs)} (${new Date(first.expiresAt).toISOString()}), expected at least ${duration(limitMs)}`;
  const reason = 'certificate-expires';
  if (downMs !== undefined && leftMs < downMs) return [{ vote: 'down', reason, detail: left(downMs) }];
  if (degradedMs !== undefined && leftMs < degradedMs) return [{ vote: 'degraded', reason, detail: left(degradedMs) }];
  const limitMs = degradedMs ?? downMs;
  return limitMs === undefined ? [] : [met(left(limitMs))];
}

/** What a body or a message must say; `what` names it. */
export function judgeText(expect: BodyExpect, text: string, show: Show, what = 'body'): Finding[] {
  const judged = [
    ...expect.notContains.map((part) => {
      return text.includes(part)
        ? ({ vote: 'down', reason: 'body-forbidden', detail: `${what} contains ${show.quote(part)}` } as const)
        : met(`${what} does not contain ${show.quote(part)}`);
    }),
    ...expect.contains.map((part) => {
      return text.includes(part) ? met(`${what} contains ${show.quote(part)}`) : mismatch(`${what} lacks ${show.quote(part)}`);
    }),
    ...[expect.matches ?? []].flat().map((pattern) => {
      return matches(pattern, text) ? met(`${what} matches /${pattern}/`) : mismatch(`${what} does not match /${pattern}/`);
    }),
  ];
  // What was seen is said once, however many texts are missing.
  const last = judged.findLast(({ reason }) => reason === 'body-mismatch');
  return judged.map((finding) => (finding === last ? { ...finding, detail: `${finding.detail}: ${show.quote(text)}` } : finding));
}

const mismatch = (detail: string): Finding => ({ vote: 'down', reason: 'body-mismatch', detail });

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** The largest unit of which there are at least two: `3d`, `36h`, `90m`. */
function duration(ms: number): string {
  if (ms >= 2 * DAY_MS) return `${Math.floor(ms / DAY_MS)}d`;
  if (ms >= 2 * HOUR_MS) return `${Math.floor(ms / HOUR_MS)}h`;
  return `${Math.floor(ms / 60_000)}m`;
}
