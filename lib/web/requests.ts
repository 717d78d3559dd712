import type { Context } from 'hono';
import type { AckOutcome } from './incidents.ts';
import type { TokenState, WebPorts } from './ports.ts';

const NAME_MAX_CHARS = 80;

/** Controls, halves of characters (which no table takes), line separators, and what turns the direction of the text behind it. */
const MISLEADING = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** A line of text that strangers gave, without what would mislead its reader. */
export const plainLine = (text: string, maxLength: number): string =>
  text
    .replaceAll(new RegExp(`(?:\\s|${MISLEADING.source})+`, 'gu'), ' ')
    .trim()
    .slice(0, maxLength)
    .replace(/[\ud800-\udbff]$/, '');

/** The name in an acknowledgement, or what is wrong with it. */
export function parseBy(body: unknown): { by: string } | { error: string } {
  if (typeof body !== 'object' || body === null) return { error: 'body: is not a JSON object (write {"by": "ana"})' };
  const by = 'by' in body ? body.by : undefined;
  const wanted = `(write who takes it in 1 to ${NAME_MAX_CHARS} characters)`;
  if (by === undefined) return { error: `by: is missing ${wanted}` };
  if (typeof by !== 'string') return { error: `by: is not text ${wanted}` };
  const name = by.trim();
  if (name === '') return { error: `by: is empty ${wanted}` };
  if (name.length > NAME_MAX_CHARS) return { error: `by: is ${name.length} characters long ${wanted}` };
  if (MISLEADING.test(name)) return { error: `by: contains control characters ${wanted}` };
  return { by: name };
}

/** The body as JSON; undefined, which no JSON is, where it is none. */
export const jsonBody = (c: Context): Promise<unknown> => c.req.json().catch(() => undefined);

/** The token that a page's link carried: in the query, or as a bearer token. */
export const tokenOf = (c: Context): string | undefined =>
  c.req.query('token') ?? /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];

/** Why this token does not open that incident; undefined if it does, as always where none is asked for. */
export async function tokenProblem(
  { checkToken }: WebPorts,
  incident: string,
  token: string | undefined,
): Promise<string | undefined> {
  const state = (await checkToken?.(incident, token)) ?? 'good';
  return state === 'good' ? undefined : TOKEN_PROBLEMS[state];
}

const TOKEN_PROBLEMS: Record<Exclude<TokenState, 'good'>, string> = {
  expired: 'token: has expired (open the link of a later page, or use the command line)',
  wrong: 'token: is not the one of this incident (open the link of the page, or use the command line)',
};

/** What is wrong with an acknowledgement, or with its end, that was not taken. */
export function ackProblem(id: string, result: AckOutcome): { status: 404 | 409; error: string } | undefined {
  if (result.outcome === 'unknown') return { status: 404, error: unknownIncident(id) };
  if (result.outcome === 'closed') return { status: 409, error: `incident: ${id} is closed (nothing is left to acknowledge)` };
  return undefined;
}

export const unknownIncident = (id: string): string => `incident: ${JSON.stringify(id)} is not known (see /api/v1/incidents)`;
