import type { FunctionRole } from '../../lib/aws/names.ts';
import { only, type Resource, type Template } from './synthesis.ts';

export interface Statement {
  Sid: string;
  Effect: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: Record<string, Record<string, string | string[]>>;
}

export interface Request {
  action: string;
  /** Its ARN; in terms of a template, for what only the template can name: `<logical id>.Arn` or `<logical id>`. */
  resource: string;
  /** Condition keys of the request. */
  context?: Record<string, string[]>;
}

/** Every statement of a role's own policies. */
export const statementsOf = (role: Resource): Statement[] =>
  (role.Properties.Policies ?? []).flatMap(
    (policy: { PolicyDocument: { Statement: Statement[] } }) => policy.PolicyDocument.Statement,
  );

/** The role of one of our functions in a template, through the function. */
export function roleOf(template: Template, role: FunctionRole): Resource {
  const [, handler] = functionOf(template, role);
  const found = template.Resources[handler.Properties.Role['Fn::GetAtt'][0]];
  if (!found) throw new Error(`the ${role} has no role`);
  return found;
}

/** One of our functions: it says itself which one it is. */
export function functionOf(template: Template, role: FunctionRole): [string, Resource] {
  const found = Object.entries(template.Resources).filter(
    ([, { Type, Properties }]) =>
      Type === 'AWS::Lambda::Function' && Properties.Environment?.Variables?.QUORUMWATCH_ROLE === role,
  );
  const [first] = found;
  if (!first || found.length > 1) throw new Error(`${found.length} functions are the ${role}`);
  return first;
}

/** Would IAM allow it? What no statement allows is refused. */
export const allows = (role: Resource, request: Request): boolean =>
  statementsOf(role).some(
    ({ Effect, Action, Resource, Condition = {} }) =>
      Effect === 'Allow' &&
      [Action].flat().some((pattern) => like(pattern, request.action)) &&
      [Resource].flat().some((pattern) => like(nameOf(pattern), request.resource)) &&
      Object.entries(Condition).every(([operator, keys]) =>
        Object.entries(keys).every(([key, wanted]) => holds(operator, [wanted].flat(), request.context?.[key])),
      ),
  );

/** The operators that our statements use (IAM user guide, "IAM JSON policy elements: Condition operators"). */
function holds(operator: string, wanted: string[], given: string[] | undefined): boolean {
  switch (operator) {
    case 'Null':
      return (given === undefined) === (wanted[0] === 'true');
    case 'StringEquals':
      return given?.length === 1 && wanted.includes(given[0] ?? '');
    case 'ForAllValues:StringLike':
      return (given ?? []).every((value) => wanted.some((pattern) => like(pattern, value)));
  }
  throw new Error(`the condition ${operator} is not understood here`);
}

/** Compiled once: the same few patterns meet thousands of requests. */
const patterns = new Map<string, RegExp>();

function like(pattern: string, text: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === text;
  const known = patterns.get(pattern);
  const literal = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  const compiled = known ?? new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  patterns.set(pattern, compiled);
  return compiled.test(text);
}

/** A resource as a request names it. */
function nameOf(resource: unknown): string {
  if (typeof resource === 'string') return resource;
  const { Ref, 'Fn::GetAtt': get } = resource as { Ref?: string; 'Fn::GetAtt'?: string[] };
  if (Ref !== undefined) return Ref;
  if (get !== undefined) return get.join('.');
  throw new Error(`the resource ${JSON.stringify(resource)} is not understood here`);
}

/** The log of a function, as its role's policy names it. */
export const logOf = (template: Template, role: FunctionRole): string =>
  `${functionOf(template, role)[1].Properties.LoggingConfig.LogGroup.Ref}.Arn`;

/** The queue that feeds a function, as the scheduler's policy names it. */
export const feedOf = (template: Template): string => `${only(template, 'AWS::SQS::Queue')[0]}.Arn`;
