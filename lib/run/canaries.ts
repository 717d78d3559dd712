import type { Check } from '../core/cell.ts';
import type { Observation } from '../core/merge.ts';

/**
 * Why a vantage must not trust what it saw in a run: two of three canaries, or as large a share of more, did not answer in it,
 * so it is the vantage's own link that is down. Undefined while enough did, or where there are none.
 */
export function canaryFault(canaries: readonly Check[], seen: ReadonlyMap<string, Observation>): string | undefined {
  const silent = canaries.filter(({ key }) => seen.get(key)?.vote !== 'up');
  if (canaries.length === 0 || silent.length * 3 < canaries.length * 2) return undefined;
  const named = silent.map(({ key, id }) => `${id} (${seen.get(key)?.reason ?? 'unfinished'})`);
  return `${silent.length} of ${canaries.length} canaries did not answer: ${named.join(', ')}`;
}
