import type { Act, Acts, NewAct } from '../core/acts.ts';
import type { Read } from '../core/inputs.ts';
import { compareAndSet } from './compare-and-set.ts';
import { StoreError } from './error.ts';
import type { Table } from './table.ts';

/** Arbiters consume acts within seconds; older ones are kept for people. */
const keptActs = 200;
/** Every failed try means that somebody else's act went in. */
const maxTries = 20;
const pauseMs = 20;

/**
 * Appends an act with the next `seq`, creating the item if there is none. Throws `StoreError` `item-unreadable` rather than
 * overwrite what it cannot read, and `contended` when other writers won every try. When an answer is lost just before another
 * act goes in, an act may be in twice: an act says what shall be, so twice is as good as once.
 */
export async function appendAct(table: Table, pk: string, readActs: () => Promise<Read<Acts>>, act: NewAct): Promise<Act> {
  for (let tries = 0; tries < maxTries; tries++) {
    const stored = await readActs();
    if (stored === 'unreadable') throw new StoreError('item-unreadable', `${pk}: malformed or written by a newer release`);
    const before = stored === 'missing' ? { schema: 1 as const, incarnation: table.randomId(), version: 0, acts: [] } : stored;
    const appended = { ...act, seq: (before.acts.at(-1)?.seq ?? 0) + 1 } as Act;
    const acts: Acts = { ...before, version: before.version + 1, acts: [...before.acts, appended].slice(-keptActs) };
    const item = { pk, counter: 'version' as const, value: acts.version, body: acts };
    if ((await compareAndSet(table, item)) === 'written') return appended;
    await table.clock.sleep(pauseMs * tries);
  }
  throw new StoreError('contended', `${pk}: other writers won ${maxTries} times (try again)`);
}
