/** A topic's policy, as far as it says whether an alarm may publish (IAM user guide, "JSON policy element reference"). */

type Some<T> = T | T[];
type Principal = '*' | Record<string, Some<string>>;

interface Statement {
  Effect: 'Allow' | 'Deny';
  Principal?: Principal;
  Action?: Some<string>;
  Resource?: Some<string>;
  Condition?: Record<string, Record<string, Some<string | boolean>>>;
}

/** What an alarm asks of a topic. */
export interface Publishing {
  /** ARNs. */
  topic: string;
  alarm: string;
  /** 12 digits: of both. */
  account: string;
}

/**
 * May it publish? Somebody must allow it and nobody deny it (ibid., "Policy evaluation logic"). What cannot be judged here, such as
 * a condition on something else, allows nothing and denies it. Throws where the policy is no JSON.
 */
export function mayPublish(policy: string, publishing: Publishing): boolean {
  const statements = listOf((JSON.parse(policy) as { Statement: Some<Statement> }).Statement);
  const allowed = statements.some((each) => each.Effect === 'Allow' && isAbout(each, publishing) === true);
  const denied = statements.some((each) => each.Effect === 'Deny' && isAbout(each, publishing) !== false);
  return allowed && !denied;
}

/** Undefined: that cannot be judged. */
function isAbout({ Principal, Action, Resource, Condition = {} }: Statement, publishing: Publishing): boolean | undefined {
  if (Principal === undefined || Action === undefined || Resource === undefined) return undefined; // NotPrincipal and its like
  const isNamed =
    isAlarms(Principal) && matchesAny(listOf(Action), 'sns:publish') && matchesAny(listOf(Resource), publishing.topic);
  if (!isNamed) return false;
  const conditions = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => holds(operator, key, listOf(values).map(String), publishing)),
  );
  if (conditions.includes(false)) return false;
  return conditions.includes(undefined) ? undefined : true;
}

/** Everybody, or CloudWatch; the owner's default policy says `{ AWS: '*' }` (SNS developer guide, "Example cases for Amazon SNS access control"). */
function isAlarms(principal: Principal): boolean {
  if (principal === '*') return true;
  return listOf(principal.AWS ?? []).includes('*') || listOf(principal.Service ?? []).includes('cloudwatch.amazonaws.com');
}

/** What is known of the request (IAM user guide, "AWS global condition context keys"); SNS calls the account `aws:SourceOwner`, too. */
function holds(operator: string, key: string, values: string[], { alarm, account }: Publishing): boolean | undefined {
  const known: Record<string, string> = {
    'aws:sourcearn': alarm,
    'aws:sourceaccount': account,
    'aws:sourceowner': account,
    'aws:securetransport': 'true',
  };
  const value = known[key.toLowerCase()];
  const [, kind, not, how] = /^(String|Arn|Bool)(Not)?(Equals|Like|)(?:IfExists)?$/.exec(operator) ?? [];
  if (value === undefined || kind === undefined) return undefined;
  const isPattern = how === 'Like' || kind === 'Arn';
  const isMet = isPattern ? matchesAny(values, value) : values.includes(value);
  return not === undefined ? isMet : !isMet;
}

/** `*` is anything, `?` one character; capital letters are as small ones in names of actions, and do not occur in the others. */
const matchesAny = (patterns: readonly string[], text: string): boolean =>
  patterns.some((pattern) => {
    const literal = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`^${literal.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i').test(text);
  });

const listOf = <T>(value: Some<T>): T[] => (Array.isArray(value) ? value : [value]);
