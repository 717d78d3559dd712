import type { HttpSpec } from '../core/cell.ts';
import { type BodyText, textOf } from './body.ts';
import { judgeCertificates, judgeText, judgeTime } from './expectations.ts';
import { ProbeFailure } from './failure.ts';
import { type Fetched, fetchAnswer, headersOf } from './fetch.ts';
import { judgeJson } from './json.ts';
import { type Finding, type Look, met, type Outcome, unmet } from './look.ts';
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
  const certificate = judgeCertificates(answer.certificates, Date.now(), expect.certificate);
  const findings = [...judgeTime(tookMs, expect.time), ...certificate];
  let body: BodyText = { text: '', isUtf8: true };
  try {
    body = textOf(answer);
  } catch (error) {
    if (!(error instanceof ProbeFailure)) throw error;
    findings.unshift({ vote: 'down', reason: error.reason, detail: error.message });
    return [...judgeStatus(expect.status, answer.status, '', show), ...findings];
  }
  const status = judgeStatus(expect.status, answer.status, body.text, show);
  // A wrong status shows the body already, and an error page fails every other expectation too.
  if (unmet(status).length > 0) return [...status, ...findings];
  return [...status, ...judgeText(expect.body, body.text, show), ...judgeJson(body, expect.json, show), ...findings];
}

function judgeStatus(expected: [number, number][], seen: number, body: string, show: Show): Finding[] {
  const detail = `HTTP ${seen}, expected ${expected.map(rangeText).join(' or ')}`;
  if (expected.some(([from, to]) => seen >= from && seen <= to)) return [met(detail)];
  const line = firstLine(body, seen);
  return [{ vote: 'down', reason: 'status', detail: `${detail}${line && `: ${show.quote(line)}`}` }];
}

/** `2xx`, `200` or `200-204`. */
function rangeText([from, to]: [number, number]): string {
  if (from === to) return String(from);
  return from % 100 === 0 && to === from + 99 ? `${from / 100}xx` : `${from}-${to}`;
}
