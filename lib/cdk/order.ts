import { switchAlarmRegion } from '../aws/names.ts';
import type { Cell } from '../core/cell.ts';

/**
 * Which arbiters are deployed before the vantages, and which after them, where the voting table is a new one, and `before` were the
 * replicas of the old one. Vantages move from one table to the other one by one: those who decide over the new one have to be there when
 * a quorum comes, those over the old one until it has left. Where no region is new, the old arbiters of the others stay; they are
 * no longer the app's.
 */
export function arbitersInOrder(arbiters: readonly string[], before: readonly string[]): { early: string[]; late: string[] } {
  const isNew = (region: string): boolean => !before.includes(region);
  if (before.length === 0) return { early: [], late: [...arbiters] };
  if (!arbiters.some(isNew)) return { early: [...arbiters], late: [] };
  return { early: arbiters.filter(isNew), late: arbiters.filter((region) => !isNew(region)) };
}

/** Throws a `RangeError` where the table cannot move from `before`, as it was written in the configuration of before. */
export function checkMove({ arbiters, vantages, records }: Cell, before: readonly string[]): void {
  if (before.length === 0) return;
  if (before.toSorted().join() === arbiters.toSorted().join())
    throw new RangeError(`replicasBefore: ${before.join(', ')} are the replicas now (take it away)`);
  const [from, to] = [before, arbiters].map((replicas) => switchAlarmRegion({ arbiters: [...replicas], vantages }));
  if (records.length > 0 && from !== to)
    throw new RangeError(
      `table.replicas: the alarms of the switches would move from ${from} to ${to}, and every switch be made anew (write ${from} first)`,
    );
}
