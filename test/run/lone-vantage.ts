import type { Ballot } from '../../lib/core/ballot.ts';
import type { Cell, Check } from '../../lib/core/cell.ts';
import type { Observation } from '../../lib/core/merge.ts';
import type { Queue, VantageMessage } from '../../lib/ports.ts';
import { createProber } from '../../lib/run/prober.ts';
import { createManualClock } from '../clock.ts';
import { createMemoryStore } from '../store/memory.ts';

/** The vantage v0 whom nobody answers, what it looked at, and its ballot; `see` says what a look at a check gives. */
export function loneVantage(cell: Cell, see: (check: Check, observedAt: number) => Observation) {
  const clock = createManualClock();
  const store = createMemoryStore();
  const looks: string[][] = [];
  const nobody: Queue<VantageMessage> = { send: async () => ({ failed: [] }) };
  const prober = createProber({
    cell,
    vantage: 'v0',
    clock,
    store,
    look: async (asked) => {
      looks.push(asked.map(({ key }) => key));
      return new Map(asked.map((check) => [check.key, see(check, clock.now())]));
    },
    vantages: Object.fromEntries(cell.vantages.map((each) => [each, nobody])),
    arbiters: [],
    emit: () => undefined,
  });
  return { clock, looks, handle: prober.handle, ballot: () => store.items.ballots.v0 as Ballot };
}
