import type { Cell } from '../core/cell.ts';
import { dueAt } from './due.ts';

/** When the configuration last asked for a fire drill, for whoever decides; nothing where it asks for none. */
export const drillsDue = ({ drills }: Pick<Cell, 'drills'>): { drillDueAt?: (now: number) => number } =>
  drills ? { drillDueAt: (now) => dueAt({ kind: 'heartbeat', ...drills, graceMs: 0 }, now) } : {};
