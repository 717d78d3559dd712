import { beforeAll, describe, expect, it } from 'vitest';
import { example, NAMED, PLAIN, SMALL, WIDE } from './configurations.ts';
import { removals } from './removals.ts';
import { RULES } from './rules.ts';
import { type Synthesis, synthesised } from './synthesis.ts';

const CONFIGURATIONS = { example: example(), small: SMALL, plain: PLAIN, wide: WIDE, named: NAMED };

describe.each(Object.entries(CONFIGURATIONS))('of the configuration %s', (_, yaml) => {
  // The first synthesis of a process loads most of the CDK.
  beforeAll(() => void synthesised(yaml), 60_000);

  it.each(RULES)('$title', ({ check }) => check(synthesised(yaml)));
});

const holds = (synthesis: Synthesis): boolean => {
  try {
    for (const { check } of RULES) check(synthesis);
    return true;
  } catch {
    return false;
  }
};

/** What can be taken away without any rule noticing, with the reason: nothing. */
const SURVIVORS: string[] = [];

it.each([
  ['small', SMALL, 200],
  ['plain', PLAIN, 150],
  ['wide', WIDE, 350],
  ['named', NAMED, 350],
] as const)(
  'of the configuration %s, no statement, right, condition, permission and alarm can be taken away unnoticed',
  (_, yaml, least) => {
    const taken = [...removals(synthesised(yaml))];
    expect(holds(synthesised(yaml)), 'with nothing taken away').toBe(true);
    expect(taken.length).toBeGreaterThan(least);
    expect(taken.filter(({ of }) => holds(of)).map(({ what }) => what)).toEqual(SURVIVORS);
  },
);
