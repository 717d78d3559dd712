import type { QuorumEvent } from '../core/events.ts';
import type { Clock, Emit } from '../ports.ts';

export type LoggedEvent = QuorumEvent & {
  /** Grows by one with each event since the start. */
  id: number;
  /** ms since 1970. */
  at: number;
};

export interface EventFeed {
  /** The latest events, oldest first. Ballots are not kept: they are many, and the grid of votes shows what they say. */
  recent(): readonly LoggedEvent[];
  /** The id of the last event of any kind; 0 before the first. */
  lastId(): number;
  /** Calls back after each event; the answer ends that. */
  subscribe(listener: (event: LoggedEvent) => void): () => void;
}

/** Remembers the last `keep` events and tells subscribers of each. */
export function createEventLog(clock: Pick<Clock, 'now'>, keep = 200): EventFeed & { emit: Emit } {
  const kept: LoggedEvent[] = [];
  const listeners = new Set<(event: LoggedEvent) => void>();
  let lastId = 0;
  return {
    recent: () => kept,
    lastId: () => lastId,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    emit(event) {
      const logged = { ...event, id: ++lastId, at: clock.now() };
      if (event.event !== 'ballot') kept.push(logged);
      if (kept.length > keep) kept.shift();
      for (const listener of listeners) listener(logged);
    },
  };
}
