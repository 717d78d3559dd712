import { createHash, createHmac } from 'node:crypto';
import type { Cell } from '../core/cell.ts';
import { isHeartbeat } from '../core/heartbeats.ts';

/** 192 bits: nobody guesses one. */
const TOKEN_BYTES = 24;

/** The token of a check's heartbeats: it follows from the secret, so that it is stored nowhere. */
export const beatToken = (secret: string, cell: string, check: string): string =>
  createHmac('sha256', secret).update(`beat/${cell}/${check}`).digest().subarray(0, TOKEN_BYTES).toString('base64url');

export const heartbeatsOf = (cell: Pick<Cell, 'checks'>): string[] => cell.checks.filter(isHeartbeat).map(({ key }) => key);

/** Whose token is this? Looked up by its hash: how long that takes says nothing of the tokens that there are. */
export function createBeatTokens(cell: Cell): (secrets: readonly string[], token: string) => string | undefined {
  const known = new Map<string, ReadonlyMap<string, string>>();
  const tokensOf = (secret: string): ReadonlyMap<string, string> => {
    const tokens =
      known.get(secret) ?? new Map(heartbeatsOf(cell).map((check) => [hashOf(beatToken(secret, cell.name, check)), check]));
    known.set(secret, tokens);
    return tokens;
  };
  return (secrets, token) => {
    const hash = hashOf(token);
    return secrets.map((secret) => tokensOf(secret).get(hash)).find((check) => check !== undefined);
  };
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
