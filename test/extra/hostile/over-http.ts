import type { Check } from '../../../lib/core/cell.ts';
import { chainCheck } from '../../probes/chains/check.ts';
import { httpCheck } from '../../probes/checks.ts';
import { jsonrpcCheck, websocketCheck } from '../../probes/kinds.ts';
import type { Job, Row } from './row.ts';

/** Checks of each kind that speaks HTTP; what they expect is met by nothing that a hostile server says. */
const CHECKS: Record<string, (url: string) => Check> = {
  http: (url) => httpCheck(url, { expect: { json: [{ path: 'answer', equals: 42 }] } }),
  jsonrpc: (url) => jsonrpcCheck(url),
  eosio: (url) => chainCheck('eosio', url),
  websocket: (url) =>
    websocketCheck(url.replace('http', 'ws'), { expect: { message: { contains: ['never said'], notContains: [] } } }),
};
export const HTTP_KINDS = ['http', 'jsonrpc', 'eosio'];
export const ALL_HTTP_KINDS = [...HTTP_KINDS, 'websocket'];

type Parts = Omit<Row, 'does' | 'kind' | 'reason' | 'start'> & { kinds?: readonly string[]; job?: Partial<Omit<Job, 'check'>> };

/** The same server for each of these kinds. */
export function overHttp(
  does: string,
  reason: Row['reason'],
  serve: () => Promise<{ url: string }>,
  { kinds = HTTP_KINDS, job, ...parts }: Parts = {},
): Row[] {
  return kinds.map((kind) => ({
    does,
    kind,
    reason,
    ...parts,
    start: async () => {
      const check = CHECKS[kind]?.((await serve()).url);
      if (!check) throw new Error(`no check of kind ${kind}`);
      return { check: timed(check, parts.timeoutMs), ...job };
    },
  }));
}

/** A row for one check. */
export function row(
  does: string,
  kind: string,
  reason: Row['reason'],
  make: () => Promise<Check | Job>,
  parts: Pick<Row, 'vote' | 'timeoutMs'> = {},
): Row {
  return {
    does,
    kind,
    reason,
    ...parts,
    start: async () => {
      const made = await make();
      const job = 'check' in made ? made : { check: made };
      return { ...job, check: timed(job.check, parts.timeoutMs) };
    },
  };
}

const timed = (check: Check, timeoutMs = 2_000): Check => ({ ...check, timeoutMs });
