import { faultLine } from '../config/faults.ts';
import { type LoadOptions, loadConfig } from '../config/load.ts';
import type { Cell } from '../core/cell.ts';
import type { Io } from './command.ts';

/** The cell of a configuration; nothing where it is wrong, which is then said, a line each. */
export async function loadCell(file: string, { stderr }: Pick<Io, 'stderr'>, options: LoadOptions): Promise<Cell | undefined> {
  const loaded = await loadConfig(file, options);
  if (loaded.ok) return loaded.cell;
  for (const fault of loaded.faults) stderr.write(`${faultLine(fault)}\n`);
  return undefined;
}
