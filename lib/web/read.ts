import { type Readings, type Status, statusOf } from '../core/status.ts';
import type { WebPorts } from './ports.ts';

type StatusPorts = Pick<WebPorts, 'cell' | 'store' | 'clock' | 'readSwitches'>;

/** Reads the table and Route 53 and says what is known now. Never throws: what cannot be reached shows in the status. */
export async function readStatus({ cell, store, clock, readSwitches }: StatusPorts): Promise<Status> {
  const [readings, switches] = await Promise.all([
    store.readSnapshot(cell.vantages).catch((): Readings => NOTHING_READABLE(cell.vantages)),
    readSwitches?.().catch(() => undefined),
  ]);
  return statusOf(cell, readings, switches, clock.now());
}

const NOTHING_READABLE = (vantages: readonly string[]): Readings => ({
  ballots: Object.fromEntries(vantages.map((vantage) => [vantage, 'unreadable'])),
  acts: 'unreadable',
  ledger: 'unreadable',
});
