/** S6 and S17: one decision an epoch, and the same decision for the same inputs. */
import { isDeepStrictEqual } from 'node:util';
import type { decide } from '../../core/decide.ts';
import type { Intent, Ledger } from '../../core/ledger.ts';
import { type Happening, type History, ledgerBefore, type Step, type Violation } from './step.ts';

/** What no later epoch may change of an intent. */
const fixedOf = ({ tries: _tries, notBefore: _notBefore, error: _error, ...rest }: Intent) => {
  const { reported: _reported, ...fixed } = rest as typeof rest & { reported?: boolean };
  return fixed;
};

/** S6 over one step: the next epoch, the same life, and intents that carry it. */
export function epochViolations(step: Step): Violation[] {
  const { after, before, now } = step;
  if (!after) return [];
  const found: Violation[] = [];
  const say = (what: string) => found.push({ rule: 'S6', at: now, what });
  const old = ledgerBefore(step);
  if (after.epoch !== old.epoch + 1) say(`epoch ${after.epoch} after ${old.epoch}`);
  if (typeof before !== 'string' && (after.incarnation !== before.incarnation || after.bornAt !== before.bornAt))
    say('a decision changed incarnation or birth');
  const known = new Map(old.intents.map((intent) => [intent.id, intent]));
  const ids = after.intents.map(({ id }) => id);
  if (new Set(ids).size !== ids.length) say('two intents share an id');
  for (const intent of after.intents) {
    const earlier = known.get(intent.id);
    if (earlier && !isDeepStrictEqual(fixedOf(earlier), fixedOf(intent))) say(`intent ${intent.id} was rewritten`);
    if (!earlier && (intent.epoch !== after.epoch || intent.at !== now))
      say(`new intent ${intent.id} carries epoch ${intent.epoch}`);
    if (!earlier && !intent.id.startsWith(`${after.incarnation}-${after.epoch}-`)) say(`new intent has the id ${intent.id}`);
  }
  const order = after.intents.filter(({ id }) => known.has(id)).map(({ id }) => id);
  const former = old.intents.map(({ id }) => id).filter((id) => order.includes(id));
  if (!isDeepStrictEqual(order, former)) say('intents changed their order');
  return found;
}

function writeOf(happening: Happening): [at: number, written: Ledger | undefined] {
  if (happening.kind === 'step') return [happening.step.now, happening.step.after];
  return happening.kind === 'written' ? [happening.at, happening.ledger] : [0, undefined];
}

/** S6 over a history: every write takes the epoch after the last one. */
export function chainViolations(history: History): Violation[] {
  const found: Violation[] = [];
  let epoch = 0;
  for (const happening of history) {
    if (happening.kind === 'wiped') epoch = 0;
    const [at, written] = writeOf(happening);
    if (!written) continue;
    if (written.epoch !== epoch + 1) found.push({ rule: 'S6', at, what: `epoch ${written.epoch} was written after ${epoch}` });
    epoch = written.epoch;
  }
  return found;
}

const freeze = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const each of Object.values(value)) freeze(each);
  return Object.freeze(value);
};

/** A copy that cannot be changed, made the way a store makes one. */
export const frozenCopy = <T>(value: T): T => freeze(structuredClone(value));

/** S17: the same inputs, read anew and unchangeable, give the same decision; what was decided survives being stored as JSON. */
export function purityViolations(step: Step, again: typeof decide): Violation[] {
  const { now } = step;
  const cell = Object.isFrozen(step.cell) ? step.cell : frozenCopy(step.cell);
  const { inputs, before, me } = frozenCopy({ inputs: step.inputs, before: step.before, me: step.me });
  const second = again(cell, inputs, before, now, me);
  const found: Violation[] = [];
  const same = JSON.stringify(second) === JSON.stringify(step.decision);
  if (!same) found.push({ rule: 'S17', at: now, what: 'the same inputs gave another decision' });
  const stored: Ledger | undefined = step.after && JSON.parse(JSON.stringify(step.after));
  if (stored && !isDeepStrictEqual(stored, step.after))
    found.push({ rule: 'S17', at: now, what: 'the ledger is not plain JSON' });
  return found;
}
