import type { WebSpec } from '../core/cell.ts';
import type { HttpAnswer, HttpRequest } from './exchange.ts';
import { ProbeFailure } from './failure.ts';

/** RFC 9110 15.4: 300 and 304 to 306 are answers to be judged, not to be followed. */
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** RFC 9110 15.4.2 to 15.4.4: user agents turn other methods into GET on these. */
const TO_GET = new Set([301, 302, 303]);

/** Is this answer a redirect that the check wants followed (or refused), rather than judged? */
export const isRedirect = (spec: WebSpec, { status, headers }: Pick<HttpAnswer, 'status' | 'headers'>): boolean =>
  spec.redirects > 0 && REDIRECTS.has(status) && headers.location !== undefined;

/**
 * Where a redirect leads, if it may be followed with the same method and body: the same host name, never from https to http.
 * Throws `redirect-refused`, `redirect-limit`, `redirect-method` or `protocol-error`.
 */
export function nextUrl(spec: WebSpec, request: HttpRequest, from: URL, answer: HttpAnswer, followed: number): URL {
  const { status } = answer;
  const location = String([answer.headers.location].flat()[0]);
  const to = URL.parse(location, from.href);
  if (!to) throw new ProbeFailure('protocol-error', `HTTP ${status} to "${location}", which is not a URL`);
  const refused = (why: string) => new ProbeFailure('redirect-refused', `${status} to ${shown(to)} not followed: ${why}`);
  if (to.protocol !== 'http:' && to.protocol !== 'https:') throw refused('only http and https are');
  if (to.hostname !== from.hostname) throw refused(`another host than ${from.hostname}`);
  if (from.protocol === 'https:' && to.protocol === 'http:') throw refused('it leaves https');
  if (TO_GET.has(status) && request.method !== 'GET' && request.method !== 'HEAD') {
    const lost = request.body === undefined ? '' : ' and drop the body';
    const change = `${status} to ${shown(to)} would turn ${request.method} into GET${lost}`;
    throw new ProbeFailure('redirect-method', `${change}; use 308, or write ${shown(to)} in url`);
  }
  if (followed >= spec.redirects) {
    throw new ProbeFailure('redirect-limit', `more than ${spec.redirects} redirects, the last one to ${shown(to)}`);
  }
  return to;
}

/** Without credentials, query and fragment: these may be secrets, and a page is short. */
export const shown = (url: URL): string => (url.host === '' ? url.protocol : `${url.protocol}//${url.host}${url.pathname}`);
