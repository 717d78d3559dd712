import { faultLine } from '../../lib/config/faults.ts';
import { type LoadOptions, resolveSource, sourceOf } from '../../lib/config/load.ts';
import type { Cell } from '../../lib/core/cell.ts';

/** The cell of a configuration in YAML, for tests of other parts. Throws with the faults, one a line. */
export function cellOf(yaml: string, options: LoadOptions = {}): Cell {
  const source = sourceOf('test.yaml', yaml);
  const loaded =
    'data' in source
      ? resolveSource(source, { target: 'local', env: {}, ...options })
      : { ok: false as const, faults: source.faults };
  if (!loaded.ok) throw new Error(loaded.faults.map(faultLine).join('\n'));
  return loaded.cell;
}
