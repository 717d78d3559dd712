import type { Statement } from './policies.ts';
import type { Resource, Synthesis, Template } from './synthesis.ts';

/** A synthesis without one thing; what it is, for people. */
export interface Removal {
  what: string;
  of: Synthesis;
}

/** What is taken out of one resource, where it is a change of its properties. */
interface Change {
  what: string;
  in(resource: Resource): void;
}

/** Every alarm, every statement, and of each statement every right and every condition; every permission to call a function, and what limits it. */
export function* removals(synthesis: Synthesis): Generator<Removal> {
  for (const [stack, template] of Object.entries(synthesis.stacks)) {
    for (const [id, resource] of Object.entries(template.Resources)) {
      const name = `${stack}: ${resource.Type} ${id}`;
      if (WHOLE.includes(resource.Type))
        yield { what: name, of: without(synthesis, stack, ({ Resources }) => delete Resources[id]) };
      for (const { what, in: change } of [...changesOfStatements(resource), ...changesOfPermission(resource)])
        yield { what: `${name}: ${what}`, of: without(synthesis, stack, ({ Resources }) => change(Resources[id] as Resource)) };
    }
  }
}

const WHOLE = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm', 'AWS::Lambda::Permission'];

function without(synthesis: Synthesis, stack: string, change: (template: Template) => void): Synthesis {
  const template = structuredClone(synthesis.stacks[stack]);
  if (!template) throw new Error(`there is no stack ${stack}`);
  change(template);
  return { ...synthesis, stacks: { ...synthesis.stacks, [stack]: template } };
}

/** The statements of a role, a topic's or a queue's, by the policy that they are in. */
function statementsIn({ Type, Properties }: Resource): Record<string, Statement[]> {
  if (Type === 'AWS::SNS::TopicPolicy' || Type === 'AWS::SQS::QueuePolicy')
    return { policy: Properties.PolicyDocument.Statement };
  if (Type !== 'AWS::IAM::Role') return {};
  const own = (Properties.Policies ?? []).map((each: { PolicyName: string; PolicyDocument: { Statement: Statement[] } }) => [
    each.PolicyName,
    each.PolicyDocument.Statement,
  ]);
  return { ...Object.fromEntries(own), trust: Properties.AssumeRolePolicyDocument.Statement };
}

function* changesOfStatements(resource: Resource): Generator<Change> {
  for (const [policy, statements] of Object.entries(statementsIn(resource))) {
    for (const [at, { Sid, Action, Condition = {} }] of statements.entries()) {
      const what = `${policy} ${Sid ?? at}`;
      const from = (changed: Resource) => statementsIn(changed)[policy] ?? [];
      yield { what, in: (changed) => void from(changed).splice(at, 1) };
      const change = (more: string, take: (statement: Statement) => void): Change => ({
        what: `${what}: ${more}`,
        in: (changed) =>
          from(changed)
            .slice(at, at + 1)
            .forEach(take),
      });
      // Each right for itself too.
      for (const action of Array.isArray(Action) ? Action : [])
        yield change(action, (statement) => {
          statement.Action = [statement.Action].flat().filter((each) => each !== action);
        });
      for (const [operator, keys] of Object.entries(Condition))
        for (const key of Object.keys(keys))
          yield change(`${operator} ${key}`, (statement) => delete statement.Condition?.[operator]?.[key]);
    }
  }
}

/** All but who may do what to which function. */
function* changesOfPermission({ Type, Properties }: Resource): Generator<Change> {
  if (Type !== 'AWS::Lambda::Permission') return;
  for (const limit of Object.keys(Properties).filter((each) => !['Action', 'FunctionName', 'Principal'].includes(each)))
    yield { what: limit, in: (changed) => delete changed.Properties[limit] };
}
