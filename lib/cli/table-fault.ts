import { lineOf } from '../aws/limits.ts';

/** What a person can do about an error of the table, by the name that the SDK or Node gives it. */
const INSTEAD: Record<string, string> = {
  CredentialsProviderError: 'run aws configure or aws sso login, set AWS_PROFILE, or write --endpoint URL for a local run',
  TokenProviderError: 'run aws sso login',
  ExpiredTokenException: 'sign in again, e.g. by aws sso login',
  UnrecognizedClientException: 'sign in again, and see that this is the right account',
  AccessDeniedException: 'use credentials that may read and write this table',
  ResourceNotFoundException: 'deploy it first, or look at --config and at the account of your credentials',
};

/** Why a table could not be used, in one line. */
export function tableFault(table: string, regions: readonly string[], error: unknown): string {
  const { name = '' } = error as { name?: string };
  if (name === 'ResourceNotFoundException') return `table: ${table} is not in ${regions.join(', ')} (${INSTEAD[name]})`;
  if (INSTEAD[name] !== undefined) return `table: ${oneLine(lineOf(error))} (${INSTEAD[name]})`;
  const what = oneLine(lineOf(error)) || codesOf(error);
  return `table: ${table} cannot be reached: ${what} (see that the address is right and the network works)`;
}

/** Node tries several addresses of a name at once, and then says nothing but their codes. */
const codesOf = (error: unknown): string =>
  error instanceof AggregateError ? error.errors.map((each) => each.message).join(', ') : 'no answer';

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
