import { type Cell, memberKey } from '../core/cell.ts';
import type { SwitchState } from '../core/inputs.ts';
import type { Clock, Switches } from '../ports.ts';

/** What one account may ask of the control plane: five requests a second (AWS Knowledge Center, "Route 53 API throttling errors"). */
export const ROUTE53_REQUESTS_PER_SECOND = 5;

export interface Route53Options {
  cell: Cell;
  clock: Clock;
  /** True: the control plane does not answer. What DNS answers is not touched by it. */
  isDown: () => boolean;
  /** Left out: as many as wanted. */
  requestsPerSecond?: number;
  /** The switches of an earlier run. */
  initial?: readonly SwitchState[];
  /** Told of every change, with all switches. */
  onChange?: (states: SwitchState[]) => void;
}

export interface LocalRoute53 extends Switches {
  /** The data plane's view: what DNS answers with. It always answers. */
  states(): SwitchState[];
}

/** The switches of a cell in memory, with the rules of Route 53's health checks. Rejects with `ServiceUnavailable` or `Throttling`. */
export function createRoute53({ cell, clock, isDown, requestsPerSecond, initial = [], onChange }: Route53Options): LocalRoute53 {
  const earlier = new Map(initial.map((state) => [memberKey(state.record, state.node), state]));
  const switches = new Map<string, SwitchState>();
  for (const record of cell.records)
    for (const { node } of record.members) {
      const key = memberKey(record.id, node);
      switches.set(key, { ...(earlier.get(key) ?? { record: record.id, node, inService: true, version: 1 }) });
    }
  const states = () => [...switches.values()].map((state) => ({ ...state }));
  const admit = requestsPerSecond === undefined ? () => true : tokenBucket(clock, requestsPerSecond);

  function request(): void {
    if (isDown()) throw refusal('ServiceUnavailable', 'the control plane does not answer');
    if (!admit()) throw refusal('Throttling', 'rate exceeded');
  }

  function find(record: string, node: string): SwitchState {
    const state = switches.get(memberKey(record, node));
    if (!state) throw refusal('NoSuchHealthCheck', `no switch for ${memberKey(record, node)}`);
    return state;
  }

  return {
    states,
    async list() {
      request();
      return states();
    },
    async read(record, node) {
      request();
      return { ...find(record, node) };
    },
    /** The version starts at 1 and grows by 1 with each update (API reference, UpdateHealthCheck, `HealthCheckVersion`). */
    async update({ record, node, inService, version }) {
      request();
      const state = find(record, node);
      if (state.version !== version) return { result: 'version-mismatch' };
      state.inService = inService;
      state.version += 1;
      onChange?.(states());
      return { result: 'updated', version: state.version };
    },
  };
}

/** Route 53 developer guide, "Throttling for Amazon Route 53 API requests": a bucket of tokens that is refilled steadily. */
function tokenBucket(clock: Clock, perSecond: number): () => boolean {
  let tokens = perSecond;
  let at = clock.now();
  return () => {
    const now = clock.now();
    tokens = Math.min(perSecond, tokens + ((now - at) * perSecond) / 1_000);
    at = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

const refusal = (name: string, message: string): Error => Object.assign(new Error(`route53: ${message}`), { name });
