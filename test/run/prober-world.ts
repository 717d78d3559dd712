import type { Ballot, Vote } from '../../lib/core/ballot.ts';
import type { Cell } from '../../lib/core/cell.ts';
import type { QuorumEvent } from '../../lib/core/events.ts';
import type { Observation } from '../../lib/core/merge.ts';
import { voteOf } from '../../lib/core/votes.ts';
import type { Look, Queue, VantageMessage, WakeMessage } from '../../lib/ports.ts';
import { createProber } from '../../lib/run/prober.ts';
import { createManualClock } from '../clock.ts';
import { cellOf, checkOf } from '../core/invariants/world.ts';
import { createMemoryStore } from '../store/memory.ts';

/** 2026-01-01T00:00:00Z, where the manual clock starts: v0 is due every 10 s from here, v1 3.333 s later. */
export const START = 1_767_225_600_000;
export const cell = cellOf();

interface Sent<M> extends Queue<M> {
  sent: { body: M; delayMs: number }[];
}

/** A queue that only writes down what it is sent; refuses it when told so. */
export function createOutbox<M>(refuse: (body: M) => boolean = () => false): Sent<M> {
  const sent: Sent<M>['sent'] = [];
  return {
    sent,
    async send(messages) {
      const failed = messages.filter(({ body }) => refuse(body));
      sent.push(...messages.filter((message) => !failed.includes(message)));
      return { failed };
    },
  };
}

/** One vantage over a store in memory, with what it sees in the test's hands. */
export function world({ of = cell, vantage = 'v0' }: { of?: Cell; vantage?: string } = {}) {
  const clock = createManualClock();
  const store = createMemoryStore();
  const looks: { at: number; checks: string[] }[] = [];
  const events: QuorumEvent[] = [];
  const sees: Record<string, Vote> = {};
  const outboxes = Object.fromEntries(of.vantages.map((each) => [each, createOutbox<VantageMessage>()]));
  const arbiters = [createOutbox<WakeMessage>(), createOutbox<WakeMessage>()];
  let lookMs = 0;

  const look: Look = async (checks) => {
    looks.push({ at: clock.now(), checks: checks.map(({ key }) => key) });
    if (lookMs > 0) await clock.sleep(lookMs);
    return new Map(
      checks.map(({ key }): [string, Observation] => {
        const vote = sees[key] ?? 'up';
        return [key, { vote, reason: vote === 'up' ? 'ok' : 'status', observedAt: clock.now() }];
      }),
    );
  };
  const emit = (event: QuorumEvent) => void events.push(event);
  const ports = {
    cell: of,
    vantage,
    clock,
    store,
    look,
    vantages: outboxes as Record<string, Queue<VantageMessage>>,
    arbiters,
    emit,
  };

  return {
    clock,
    store,
    looks,
    events,
    sees,
    outboxes,
    arbiters,
    ports,
    prober: createProber(ports),
    /** What a look takes from now on. */
    lookTakes(ms: number) {
      lookMs = ms;
    },
    ballot: () => store.items.ballots[vantage] as Ballot,
    vote: (key = 'eu/api') => voteOf(of, checkOf(of, key), vantage, store.items.ballots[vantage] ?? 'missing', clock.now()),
  };
}

/** Lets time pass until this is done. */
export async function passing<T>(clock: { advance(ms: number): Promise<void> }, work: Promise<T>, ms = 60_000): Promise<T> {
  await Promise.all([work.catch(() => {}), clock.advance(ms)]);
  return work;
}
