import type { HttpSpec } from '../core/cell.ts';
import { textOf } from './body.ts';
import { judgeCertificate, judgeTime } from './expectations.ts';
import { ProbeFailure } from './failure.ts';
import { type Fetched, fetchAnswer, headersOf } from './fetch.ts';
import { judgeJson } from './json.ts';
import type { Finding, Look, Outcome } from './look.ts';
import { matches } from './patterns.ts';
import { firstLine, type Show } from './show.ts';

/** One request, redirects followed, the last answer judged. */
export async function probeHttp(spec: HttpSpec, look: Look): Promise<Outcome> {
  const headers = await headersOf(spec, look);
  const body = spec.body === undefined ? undefined : await look.text(spec.body);
  const answer = await fetchAnswer(spec, { method: spec.method, headers, body }, look);
  const tookMs = look.elapsedMs();
  return { findings: judge(spec, answer, tookMs, look.show), tookMs, note: answer.note };
}

function judge({ expect }: HttpSpec, answer: Fetched, tookMs: number, show: Show): Finding[] {
  const findings = judgeTime(tookMs, expect.time);
  if (answer.certificateExpiresAt !== undefined) {
    findings.push(...judgeCertificate(answer.certificateExpiresAt, Date.now(), expect.certificate));
  }
  let body = '';
  try {
    body = textOf(answer);
  } catch (error) {
    if (!(error instanceof ProbeFailure)) throw error;
    findings.unshift({ vote: 'down', reason: error.reason, detail: error.message });
    return [...judgeStatus(expect.status, answer.status, body, show), ...findings];
  }
  const status = judgeStatus(expect.status, answer.status, body, show);
  // A wrong status shows the body already, and an error page fails every other expectation too.
  if (status.length > 0) return [...status, ...findings];
  return [...judgeBody(expect.body, body, show), ...judgeJson(body, expect.json, show), ...findings];
}

function judgeStatus(expected: [number, number][], seen: number, body: string, show: Show): Finding[] {
  if (expected.some(([from, to]) => seen >= from && seen <= to)) return [];
  const line = firstLine(body, seen);
  const detail = `HTTP ${seen}, expected ${expected.map(rangeText).join(' or ')}${line && `: ${show.quote(line)}`}`;
  return [{ vote: 'down', reason: 'status', detail }];
}

/** `2xx`, `200` or `200-204`. */
function rangeText([from, to]: [number, number]): string {
  if (from === to) return String(from);
  return from % 100 === 0 && to === from + 99 ? `${from / 100}xx` : `${from}-${to}`;
}

function judgeBody({ contains, notContains, matches: pattern }: HttpSpec['expect']['body'], body: string, show: Show): Finding[] {
  const forbidden = notContains.filter((text) => body.includes(text)).map((text) => `body contains ${show.quote(text)}`);
  const missing = contains.filter((text) => !body.includes(text)).map((text) => `body lacks ${show.quote(text)}`);
  if (pattern !== undefined && !matches(pattern, body)) missing.push(`body does not match /${pattern}/`);
  // What was seen is said once, however many texts are missing.
  if (missing.length > 0) missing.push(`${missing.pop()}: ${show.quote(body)}`);
  return [
    ...forbidden.map((detail): Finding => ({ vote: 'down', reason: 'body-forbidden', detail })),
    ...missing.map((detail): Finding => ({ vote: 'down', reason: 'body-mismatch', detail })),
  ];
}
