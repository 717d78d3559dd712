import type { z } from 'zod';
import type { Configuration } from './configuration.ts';
import type { Problem } from './faults.ts';

/**
 * Every refinement has an id, so that a test can take one away and see that a bad file is no longer refused.
 * Two sorts: `refined` looks at one value inside the schema; `rule` compares values across a configuration whose shape is right.
 */
export interface Rule {
  id: string;
  /**
   * Top-level keys the rule compares. It is silent while one of them has a fault of its own:
   * "interval is not a duration" needs no second line that the timeouts do not fit into it.
   */
  needs: readonly string[];
  check: (configuration: Configuration) => Iterable<Problem>;
}

const ids = new Set<string>();
let disabled: string | undefined;

/** A rule across the configuration. */
export function rule(id: string, needs: readonly string[], check: Rule['check']): Rule {
  ids.add(id);
  return { id, needs, check };
}

/** What zod carries as one text a fault: `{}` in `what` stands for the value. */
export const saying = (what: string, instead: string): string => `${what}\t${instead}`;

/** The schema with one more demand on its values. Ids may be shared by schemas that make the same demand. */
export function refined<S extends z.ZodType>(
  schema: S,
  id: string,
  test: (value: z.output<S>) => boolean,
  what: string,
  instead: string,
): S {
  ids.add(id);
  return schema.refine((value) => disabled === id || test(value), { error: saying(what, instead), abort: true }) as S;
}

/** Ids of all refinements, in alphabetical order. */
export const ruleIds = (): string[] => [...ids].sort();

export const isEnabled = (id: string): boolean => disabled !== id;

/** For tests: what `run` gives while one refinement is missing. */
export function withoutRule<T>(id: string, run: () => T): T {
  disabled = id;
  try {
    return run();
  } finally {
    disabled = undefined;
  }
}
