import packageJson from '../../package.json' with { type: 'json' };
import type { HttpSpec } from '../core/cell.ts';
import { withoutBrackets } from './addresses.ts';
import { textOf } from './body.ts';
import { exchange, type HttpAnswer, type HttpRequest } from './exchange.ts';
import { judgeCertificate, judgeTime } from './expectations.ts';
import { ProbeFailure } from './failure.ts';
import { judgeJson } from './json.ts';
import type { Finding, Look, Outcome } from './look.ts';
import { matches } from './patterns.ts';
import { isRedirect, nextUrl, shown } from './redirects.ts';
import { firstLine, type Show } from './show.ts';

const USER_AGENT = `Quorumwatch/${packageJson.version}`;
/** Names of headers whose values are not for everybody's eyes. */
const CREDENTIAL = /auth|cookie|key|token|secret|password|signature/i;

interface Visit extends HttpAnswer {
  /** Of the leaf; absent over http. */
  certificateExpiresAt?: number;
}

/** HTTP/1.1 over a connection of its own for each request, redirects followed as `redirects.ts` allows, the last answer judged. */
export async function probeHttp(spec: HttpSpec, look: Look): Promise<Outcome> {
  const request = await prepare(spec, look);
  const notes: string[] = [];
  let url = new URL(spec.url);
  for (;;) {
    const answer = await visit(url, spec, request, look, notes.length === 0);
    const tookMs = look.elapsedMs();
    if (!isRedirect(spec, answer)) return { findings: judge(spec, answer, tookMs, look.show), tookMs, note: notes.join(', ') };
    url = nextUrl(spec, request, url, answer, notes.length);
    notes.push(`${answer.status} to ${shown(url)} followed`);
  }
}

async function prepare(spec: HttpSpec, look: Look): Promise<HttpRequest> {
  const headers: Record<string, string> = { 'user-agent': USER_AGENT, accept: '*/*' };
  for (const [name, value] of Object.entries(spec.headers)) {
    const text = await look.text(value);
    headers[name.toLowerCase()] = text;
    // Plain text may have come from the environment.
    if (CREDENTIAL.test(name)) look.show.hide(text);
  }
  return { method: spec.method, headers, ...(spec.body !== undefined && { body: await look.text(spec.body) }) };
}

async function visit(url: URL, spec: HttpSpec, request: HttpRequest, look: Look, first: boolean): Promise<Visit> {
  const secure = url.protocol === 'https:';
  const target = {
    host: withoutBrackets(url.hostname),
    port: Number(url.port) || (secure ? 443 : 80),
    ...(secure && { tls: { protocols: ['http/1.1'] } }),
  };
  const dialled = await look.dial(target).catch((error) => {
    if (first || !(error instanceof ProbeFailure) || error.reason !== 'address-refused') throw error;
    throw new ProbeFailure('redirect-refused', `redirect to ${shown(url)} not followed: ${error.message}`);
  });
  const wantsBody = (answer: Pick<HttpAnswer, 'status' | 'headers'>) => !isRedirect(spec, answer);
  const answer = await exchange(dialled.socket, url, request, wantsBody, look.signal);
  look.timings.firstByteMs = (look.timings.firstByteMs ?? 0) + answer.firstByteMs;
  return { ...answer, certificateExpiresAt: dialled.certificate?.expiresAt };
}

function judge({ expect }: HttpSpec, answer: Visit, tookMs: number, show: Show): Finding[] {
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
