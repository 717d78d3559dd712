import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { html } from 'hono/html';
import { ASSETS } from './assets.ts';
import { layout } from './pages/layout.ts';
import type { WebPorts } from './ports.ts';
import { tokenOf } from './requests.ts';

/** `__Host-`: sent to this host alone, over TLS alone (RFC 6265bis, "Cookie name prefixes"). */
const COOKIE = '__Host-quorumwatch';
const COOKIE_AGE_S = 90 * 86_400;
/** Whoever asks here brings a token of their own, or is only sent on. */
const OPEN = /^\/(beat|i)\//;
const INCIDENT = /^(?:\/api\/v1)?\/incidents\/([^/]+)$/;

/**
 * Lets only those read who may: by the token that the cell's key signs, as `?token=`, as a bearer token or in the cookie that the first
 * of them leaves in a browser. A page's link lets its reader see the incident that it is about. What changes something asks for its own
 * token and passes.
 */
export function readersOnly(ports: Pick<WebPorts, 'cell' | 'version' | 'mayRead' | 'checkToken'>): MiddlewareHandler {
  const { mayRead } = ports;
  return async (c, next) => {
    const isRead = ['GET', 'HEAD'].includes(c.req.method);
    if (!mayRead || !isRead || OPEN.test(c.req.path) || ASSETS.some(({ path }) => path === c.req.path)) return next();
    if (await mayRead(getCookie(c, COOKIE))) return next();
    const token = tokenOf(c);
    if (token !== undefined && (await mayRead(token))) return isBrowser(c) ? remember(c, token) : next();
    if (await holdsLink(c, ports, token)) return next();
    return refuse(c, ports);
  };
}

const isBrowser = (c: Context): boolean => c.req.query('token') !== undefined && !!c.req.header('accept')?.includes('text/html');

/** The token leaves the address, where histories and screens would keep it. */
function remember(c: Context, token: string): Response {
  setCookie(c, COOKIE, token, { path: '/', secure: true, httpOnly: true, sameSite: 'Lax', maxAge: COOKIE_AGE_S });
  const url = new URL(c.req.url);
  url.searchParams.delete('token');
  return c.redirect(`${url.pathname}${url.search}`);
}

async function holdsLink(c: Context, { checkToken }: Pick<WebPorts, 'checkToken'>, token: string | undefined): Promise<boolean> {
  const [, incident] = INCIDENT.exec(c.req.path) ?? [];
  if (incident === undefined || token === undefined || !checkToken) return false;
  // Only the right to acknowledge ends: who was sent the link may go on reading what it is about.
  return (await checkToken(incident, token)) !== 'wrong';
}

const REFUSED = 'token: is missing or wrong (docs/deploying.md says how to get it; page: { public: true } shows the page to all)';

function refuse(c: Context, { cell, version }: Pick<WebPorts, 'cell' | 'version'>): Response | Promise<Response> {
  c.header('www-authenticate', 'Bearer');
  if (c.req.path.startsWith('/api/') || !c.req.header('accept')?.includes('text/html')) return c.json({ error: REFUSED }, 401);
  const main = html`<section class="headline is-unknown"><div><h1>This page is not public.</h1><p>${REFUSED}</p></div></section>`;
  return c.html(layout({ title: 'Not public', site: cell.title, version, updates: 'none', main }), 401);
}
