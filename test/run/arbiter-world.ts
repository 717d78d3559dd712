import type { NewAct } from '../../lib/core/acts.ts';
import type { Ballot, Vote } from '../../lib/core/ballot.ts';
import { type Cell, memberKey } from '../../lib/core/cell.ts';
import type { QuorumEvent } from '../../lib/core/events.ts';
import type { SwitchState } from '../../lib/core/inputs.ts';
import type { Ledger } from '../../lib/core/ledger.ts';
import { mergeRun } from '../../lib/core/merge.ts';
import type { Clock, Hooks, Metrics, Pager, Store, Switches, WakeMessage } from '../../lib/ports.ts';
import { createArbiter } from '../../lib/run/arbiter.ts';
import { createManualClock, type ManualClock } from '../clock.ts';
import { cellOf, ledgerOf, START_MS } from '../core/invariants/world.ts';
import { createMemoryStore } from '../store/memory.ts';

export const usual = cellOf();
export const NOON = START_MS + 12 * 3_600_000;
export const LEASE_MS = 20_000;
export const WAKE: WakeMessage = { kind: 'wake', from: 'v0' };
export const never = (): Promise<never> => new Promise(() => {});
/** Something that a test opens when it is time. */
export const gate = () => Promise.withResolvers<void>();

/** Switches with versions, as Route 53 has them, and every call that was made. */
export function createFakeSwitches(of: Cell) {
  const states = new Map<string, SwitchState>();
  for (const { id: record, members } of of.records)
    for (const { node } of members) states.set(memberKey(record, node), { record, node, inService: true, version: 1 });
  const calls: string[] = [];
  const at = (record: string, node: string) => states.get(memberKey(record, node)) as SwitchState;
  const switches: Switches = {
    async list() {
      calls.push('list');
      return [...states.values()].map((each) => ({ ...each }));
    },
    async read(record, node) {
      calls.push(`read ${node}`);
      return { ...at(record, node) };
    },
    async update({ record, node, inService, version }) {
      if (version !== at(record, node).version) {
        calls.push(`refused ${node} ${inService ? 'in' : 'out'} v${version}`);
        return { result: 'version-mismatch' };
      }
      calls.push(`${node} ${inService ? 'in' : 'out'} v${version}`);
      states.set(memberKey(record, node), { record, node, inService, version: version + 1 });
      return { result: 'updated', version: version + 1 };
    },
  };
  return {
    switches,
    calls,
    isIn: (node: string) => at('api', node).inService,
    /** Changes that Route 53 took. */
    taken: () => calls.filter((call) => / v\d+$/.test(call) && !call.startsWith('refused')),
    /** Somebody else changes a switch. */
    hand(node: string, inService: boolean) {
      const { version } = at('api', node);
      states.set(memberKey('api', node), { record: 'api', node, inService, version: version + 1 });
    },
  };
}

/** What an arbiter may be given instead of the usual. */
interface Changed {
  cell?: Cell;
  clock?: Clock;
  store?: Store;
  switches?: Switches;
  pager?: Pager;
  hooks?: Hooks;
  metrics?: Metrics;
}

export function world(ledger: Ledger | 'missing' | 'unreadable' = ledgerOf(usual), cell: Cell = usual) {
  const clock = createManualClock(NOON);
  const store = createMemoryStore();
  const route53 = createFakeSwitches(cell);
  const events: QuorumEvent[] = [];
  const pages: string[] = [];
  const hooked: string[] = [];
  const metrics: string[] = [];
  let ids = 0;
  store.items.ledger = ledger;
  const pager: Pager = {
    async publish({ subject, state, tier, attempt }) {
      pages.push(`${subject} ${state} ${tier}.${attempt}`);
    },
  };
  const arbiter = (region: string, changed: Changed = {}) =>
    createArbiter({
      cell,
      region,
      clock,
      store,
      switches: route53.switches,
      pager,
      hooks: {
        async call(hook) {
          hooked.push(hook);
          return 200;
        },
      },
      silencesAt: () => [],
      metrics: {
        async put(some) {
          metrics.push(...some.map(({ name, value }) => `${name} ${value}`));
        },
      },
      linkOf: (incident) => `https://status.example.org/i/${incident}`,
      randomId: () => `id${ids++}`,
      emit: (event) => void events.push(event),
      ...changed,
    });

  return {
    cell,
    clock,
    store,
    route53,
    events,
    pages,
    hooked,
    metrics,
    pager,
    arbiter,
    ledger: () => store.items.ledger as Ledger,
    told: (kind: QuorumEvent['event']) => events.filter(({ event }) => event === kind),
    /** Every vantage looks now, and 10 s ago it saw the same. */
    see(votes: Record<string, Vote> = {}) {
      for (const vantage of cell.vantages) {
        for (const startedAt of [clock.now() - 10_000, clock.now()]) {
          const seen = new Map(
            cell.checks.map(({ key, node }) => {
              const vote = votes[node] ?? 'up';
              return [key, { vote, reason: vote === 'up' ? 'ok' : 'status', observedAt: startedAt } as const];
            }),
          );
          const run = { kind: 'round', startedAt, intervalsMs: [cell.intervalMs], seen } as const;
          store.items.ballots[vantage] = mergeRun(cell, vantage, store.items.ballots[vantage] as Ballot | undefined, run).ballot;
        }
      }
    },
    order: (act: NewAct) => store.appendAct(act),
  };
}

/** Lets time pass until this is done; a look every 10 s keeps the votes fresh. */
export async function passing<T>(clock: ManualClock, work: Promise<T>, ms: number): Promise<T> {
  await Promise.all([work.catch(() => {}), clock.advance(ms)]);
  return work;
}
