import type { Ledger } from './ledger.ts';

/** What people asked for and still holds. Times are ISO 8601 UTC. */
export interface Order {
  kind: 'drain' | 'force' | 'silence';
  node: string;
  by: string;
  /** Null: until somebody ends it. */
  until: string | null;
  /** Of a force: where to. */
  inService?: boolean;
  /** Of a force: why. */
  reason?: string;
}

/** Drains, forces and silences that hold at `now`, by node. A pause is the cell's, not a node's. */
export function ordersOf({ manual, silences }: Ledger, now: number): Order[] {
  const iso = (ms: number): string => new Date(ms).toISOString();
  const drainsAndForces = Object.entries(manual).flatMap(([node, order]): Order[] => {
    if ((order.until ?? Number.POSITIVE_INFINITY) <= now) return [];
    if (order.kind === 'drain') {
      const { by, until } = order;
      return [{ kind: 'drain', node, by, until: until === undefined ? null : iso(until) }];
    }
    const { by, until, inService, reason } = order;
    return [{ kind: 'force', node, by, until: iso(until), inService, reason }];
  });
  const quiet = Object.entries(silences).flatMap(([node, { until, by }]): Order[] =>
    until > now ? [{ kind: 'silence', node, by, until: iso(until) }] : [],
  );
  const orders = [...drainsAndForces, ...quiet];
  const nodes = [...new Set(orders.map(({ node }) => node))].sort();
  return nodes.flatMap((node) => orders.filter((order) => order.node === node));
}
