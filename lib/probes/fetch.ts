import type { WebSpec } from '../core/cell.ts';
import { withoutBrackets } from './addresses.ts';
import { USER_AGENT } from './agent.ts';
import type { PeerCertificate } from './certificates.ts';
import { exchange, type HttpAnswer, type HttpRequest } from './exchange.ts';
import { ProbeFailure } from './failure.ts';
import { headerValue } from './header-value.ts';
import type { Look } from './look.ts';
import { isRedirect, nextUrl, shown } from './redirects.ts';

/** Names of headers whose values are not for everybody's eyes. */
const CREDENTIAL = /auth|cookie|key|token|secret|password|signature/i;

export interface Fetched extends HttpAnswer {
  /** What the server sent, its own first; none over http. */
  certificates: PeerCertificate[];
  /** The redirects that were followed. */
  note: string;
}

/**
 * A check's headers as they are sent, names in lower case, over these defaults; secrets are fetched, and what looks like one is
 * not shown from now on.
 */
export async function headersOf(
  spec: Pick<WebSpec, 'headers'>,
  look: Look,
  defaults: Record<string, string> = { accept: '*/*' },
): Promise<Record<string, string>> {
  const headers: Record<string, string> = { 'user-agent': USER_AGENT, ...defaults };
  for (const [name, value] of Object.entries(spec.headers)) {
    const text = headerValue(name, await look.text(value));
    headers[name.toLowerCase()] = text;
    // Plain text may have come from the environment.
    if (CREDENTIAL.test(name)) look.show.hide(text);
  }
  return headers;
}

/**
 * HTTP/1.1 over a connection of its own for each request, redirects followed as `redirects.ts` allows; the last answer.
 * Throws `ProbeFailure` where there is none.
 */
export async function fetchAnswer(spec: WebSpec, request: HttpRequest, look: Look): Promise<Fetched> {
  const followed: string[] = [];
  let url = new URL(spec.url);
  for (;;) {
    const answer = await visit(url, spec, request, look, followed.length === 0);
    if (!isRedirect(spec, answer)) return { ...answer, note: followed.join(', ') };
    url = nextUrl(spec, request, url, answer, followed.length);
    followed.push(`${answer.status} to ${shown(url)} followed`);
  }
}

async function visit(url: URL, spec: WebSpec, request: HttpRequest, look: Look, first: boolean): Promise<Omit<Fetched, 'note'>> {
  const secure = url.protocol === 'https:';
  const target = {
    host: withoutBrackets(url.hostname),
    port: Number(url.port) || (secure ? 443 : 80),
    ...(secure && { tls: { protocols: spec.http2 ? ['h2', 'http/1.1'] : ['http/1.1'] } }),
  };
  const dialled = await look.dial(target).catch((error) => {
    if (first || !(error instanceof ProbeFailure) || error.reason !== 'address-refused') throw error;
    throw new ProbeFailure('redirect-refused', `redirect to ${shown(url)} not followed: ${error.message}`);
  });
  if (spec.http2 && dialled.protocol !== 'h2') {
    dialled.socket.destroy();
    throw new ProbeFailure('http-version', `${url.host} agreed on ${dialled.protocol ?? 'no protocol'}, expected HTTP/2`);
  }
  const wantsBody = (answer: Pick<HttpAnswer, 'status' | 'headers'>) => !isRedirect(spec, answer);
  const ask = spec.http2 ? (await import('./exchange-http2.ts')).exchangeHttp2 : exchange;
  const answer = await ask(dialled.socket, url, request, wantsBody, look.signal);
  look.timings.firstByteMs = (look.timings.firstByteMs ?? 0) + answer.firstByteMs;
  return { ...answer, certificates: dialled.certificates ?? [] };
}
