import { type Context, Hono } from 'hono';
import { BEAT_KINDS, type BeatKind, type Signal } from '../core/heartbeats.ts';
import { createBeatTokens } from './beat-tokens.ts';
import { TableError } from './incidents.ts';
import type { WebPorts } from './ports.ts';
import { jsonBody, plainLine } from './requests.ts';

/** A message is a line of a page, not a log. */
const MESSAGE_LENGTH = 200;
/** Of processes (POSIX, `_exit`) and, negated or larger, of other systems. */
const EXIT_CODE = /^-?\d{1,10}$/;

/** `/beat/TOKEN`: heartbeats, by GET or POST, for whoever knows the token. */
export function beatRoutes({ cell, clock, beats }: WebPorts): Hono {
  const routes = new Hono();
  if (!beats) return routes;
  const checkOf = createBeatTokens(cell);

  routes.on(['GET', 'POST'], '/:token', async (c) => {
    // Hono answers HEAD like GET, but who only asks whether something is there says nothing.
    if (c.req.raw.method === 'HEAD') return c.body(null, 405, { allow: 'GET, POST' });
    const check = checkOf(await beats.secrets(), c.req.param('token'));
    if (check === undefined) return c.json({ error: 'token: is not known (see docs/heartbeats.md for where it is shown)' }, 404);
    const parsed = parseSignal(await fieldsOf(c));
    if ('error' in parsed) return c.json(parsed, 400);
    const { kind, ...signal } = parsed;
    try {
      await beats.record(check, kind, { ...signal, at: clock.now() });
    } catch (error) {
      throw new TableError(error);
    }
    return c.json({ check, state: kind });
  });
  return routes;
}

type Given = Record<string, unknown>;

/** What the request says, wherever it says so; plain text is the message. */
async function fieldsOf(c: Context): Promise<Given> {
  const query = c.req.query();
  if (c.req.method !== 'POST') return query;
  const type = c.req.header('content-type') ?? '';
  if (/^text\/plain\b/i.test(type)) return { message: await c.req.text(), ...query };
  const body = /\bjson\b/i.test(type) ? await jsonBody(c) : await c.req.parseBody();
  return { ...(typeof body === 'object' && body !== null ? body : {}), ...query };
}

function parseSignal({ state, exit, message }: Given): ({ kind: BeatKind } & Omit<Signal, 'at'>) | { error: string } {
  if (state !== undefined && !isKind(state)) {
    return { error: `state: ${JSON.stringify(state)} is not a state (write one of ${BEAT_KINDS.join(', ')})` };
  }
  if (exit !== undefined && !isExitCode(exit)) {
    return { error: `exit: ${JSON.stringify(exit)} is not an exit code (write a number like 0)` };
  }
  const exitCode = exit === undefined ? undefined : Number(exit);
  const line = typeof message === 'string' ? plainLine(message, MESSAGE_LENGTH) : '';
  return {
    kind: exitCode ? 'fail' : (state ?? 'success'),
    ...(exitCode !== undefined && { exitCode }),
    ...(line && { message: line }),
  };
}

const isExitCode = (exit: unknown): boolean => ['string', 'number'].includes(typeof exit) && EXIT_CODE.test(String(exit));

const isKind = (state: unknown): state is BeatKind => (BEAT_KINDS as readonly unknown[]).includes(state);
