import { beforeAll, describe, expect, it } from 'vitest';
import { example, NAMED, PLAIN, SMALL, WIDE } from './configurations.ts';
import { type Statement, statementsOf } from './policies.ts';
import { RULES } from './rules.ts';
import { type Synthesis, synthesised, type Template } from './synthesis.ts';

const CONFIGURATIONS = { example: example(), small: SMALL, plain: PLAIN, wide: WIDE, named: NAMED };

describe.each(Object.entries(CONFIGURATIONS))('of the configuration %s', (_, yaml) => {
  // The first synthesis of a process loads most of the CDK.
  beforeAll(() => void synthesised(yaml), 60_000);

  it.each(RULES)('$title', ({ check }) => check(synthesised(yaml)));
});

/** A synthesis without one thing; what it is, for people. */
interface Removal {
  what: string;
  of: Synthesis;
}

const without = (synthesis: Synthesis, stack: string, change: (template: Template) => void): Synthesis => {
  const template = structuredClone(synthesis.stacks[stack]);
  if (!template) throw new Error(`there is no stack ${stack}`);
  change(template);
  return { ...synthesis, stacks: { ...synthesis.stacks, [stack]: template } };
};

function* removals(synthesis: Synthesis): Generator<Removal> {
  for (const [stack, template] of Object.entries(synthesis.stacks)) {
    for (const [id, resource] of Object.entries(template.Resources)) {
      const { Type } = resource;
      if (Type === 'AWS::CloudWatch::Alarm' || Type === 'AWS::CloudWatch::CompositeAlarm')
        yield { what: `${stack}: ${Type} ${id}`, of: without(synthesis, stack, ({ Resources }) => delete Resources[id]) };
      const policies =
        Type === 'AWS::IAM::Role'
          ? statementsOf(resource)
          : Type === 'AWS::SNS::TopicPolicy' || Type === 'AWS::SQS::QueuePolicy'
            ? resource.Properties.PolicyDocument.Statement
            : [];
      for (const [at, { Sid, Action }] of policies.entries()) {
        const name = `${stack}: statement ${Sid ?? at} of ${id}`;
        yield { what: name, of: without(synthesis, stack, (from) => void statementsIn(from, id).splice(at, 1)) };
        // Each right for itself too.
        for (const action of Array.isArray(Action) ? Action : []) {
          const take = (from: Template) => {
            const [statement] = statementsIn(from, id).slice(at);
            if (statement) statement.Action = [statement.Action].flat().filter((each) => each !== action);
          };
          yield { what: `${name}: ${action}`, of: without(synthesis, stack, take) };
        }
      }
    }
  }
}

/** The statements of a role's only policy, or of a topic's or queue's. */
function statementsIn({ Resources }: Template, id: string): Statement[] {
  const { Policies, PolicyDocument } = Resources[id]?.Properties ?? {};
  return (Policies?.[0].PolicyDocument ?? PolicyDocument).Statement;
}

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
  ['small', SMALL, 130],
  ['plain', PLAIN, 80],
  ['wide', WIDE, 200],
  ['named', NAMED, 200],
] as const)('of the configuration %s, no statement, no right and no alarm can be taken away unnoticed', (_, yaml, least) => {
  const taken = [...removals(synthesised(yaml))];
  expect(holds(synthesised(yaml)), 'with nothing taken away').toBe(true);
  expect(taken.length).toBeGreaterThan(least);
  expect(taken.filter(({ of }) => holds(of)).map(({ what }) => what)).toEqual(SURVIVORS);
});
