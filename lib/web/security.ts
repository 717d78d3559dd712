import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';

/** More than any request here needs. */
const BODY_LIMIT_BYTES = 64 * 1024;

const HEADERS: Record<string, string> = {
  // Everything comes from here; nothing is inline, so that text which slips past the escaping still cannot run.
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  // Not `no-referrer`: browsers would then send `Origin: null` with our own forms.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

/** Headers of every answer. What a route says itself (a badge may be cached) stays. */
export const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(HEADERS)) c.header(name, value);
  if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
};

/**
 * Refuses requests that change something when a page of another origin makes them, and those of browsers to `/api` that are not
 * JSON, which other origins could make without asking first (Fetch standard, "CORS-safelisted request-header").
 * Programs that are no browsers send neither header and may come with any content type.
 */
export const refuseOtherOrigins: MiddlewareHandler = async (c, next) => {
  if (['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)) return next();
  const site = c.req.header('sec-fetch-site');
  const origin = c.req.header('origin');
  if (site !== undefined ? !['same-origin', 'none'].includes(site) : origin !== undefined && !isOwn(c, origin)) {
    return c.json({ error: 'origin: pages of another origin may not change anything (use this page, or no browser)' }, 403);
  }
  const isJson = /^application\/json\b/i.test(c.req.header('content-type') ?? '');
  const fromBrowser = site !== undefined || origin !== undefined;
  if (fromBrowser && !isJson && c.req.method !== 'DELETE' && c.req.path.startsWith('/api/')) {
    return c.json({ error: 'content-type: is not JSON (write content-type: application/json)' }, 415);
  }
  return next();
};

/** Refuses bodies that nobody needs. */
export const limitBody: MiddlewareHandler = bodyLimit({
  maxSize: BODY_LIMIT_BYTES,
  onError: (c) => c.json({ error: `body: is too long (send at most ${BODY_LIMIT_BYTES} bytes)` }, 413),
});

function isOwn(c: Context, origin: string): boolean {
  return URL.parse(origin)?.host === (c.req.header('host') ?? new URL(c.req.url).host);
}
