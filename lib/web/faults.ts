import type { Fault } from '../local/faults.ts';
import { wordsOf } from './pages/faults.ts';
import type { WebPorts } from './ports.ts';

/** Replaces the list of faults and tells of what began and what ended. */
export function replaceFaults({ faults, emit }: Pick<WebPorts, 'faults' | 'emit'>, next: readonly Fault[]): void {
  const before = faults?.list() ?? [];
  faults?.replace(next);
  const tell = (which: readonly Fault[], others: readonly Fault[], verb: string) => {
    for (const fault of which) {
      if (!others.some((other) => isSame(other, fault))) emit?.({ event: 'note', text: `fault ${verb}: ${wordsOf(fault)}` });
    }
  };
  tell(next, before, 'begins');
  tell(before, next, 'ends');
}

/** Do these say the same? Keys may stand in any order. */
export const isSame = (one: Fault, other: Fault): boolean => wordsOf(one) === wordsOf(other);
