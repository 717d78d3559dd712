import { HEADS_AND_BEATS } from './faults/heads-and-beats.ts';
import type { Kind } from './faults/kind.ts';
import { LINKS } from './faults/links.ts';
import { NODES } from './faults/nodes.ts';
import { PEOPLE } from './faults/people.ts';
import { SERVICES } from './faults/services.ts';

/** Everything that can go wrong, by name, and for how many rounds it lasts. */
const KINDS = { ...NODES, ...HEADS_AND_BEATS, ...LINKS, ...SERVICES, ...PEOPLE };

export type Fault = keyof typeof KINDS;

const isFault = (name: string): name is Fault => name in KINDS;

export const FAULTS: readonly Fault[] = Object.keys(KINDS).filter(isFault);

/** What is known of a fault. */
export const kindOf = (fault: Fault): Kind => KINDS[fault];

/** As coverage counts a fault: `<fault>`, or `<fault>: <variant>`. */
export const pointOf = (fault: Fault, variant?: string): string => (variant === undefined ? fault : `${fault}: ${variant}`);

/** Every way in which anything can go wrong: what never did fails the suite. */
export const FAULT_POINTS: readonly string[] = FAULTS.flatMap((fault) => {
  const { variants } = kindOf(fault);
  return variants ? variants.map((variant) => pointOf(fault, variant)) : [fault];
});
