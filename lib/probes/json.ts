import { isDeepStrictEqual } from 'node:util';
import type { search } from '@aws-lambda-powertools/jmespath';
import type { JsonExpect } from '../core/cell.ts';
import type { ReasonCode } from '../core/reasons.ts';
import type { BodyText } from './body.ts';
import { type Finding, met } from './look.ts';
import { matches } from './patterns.ts';
import type { Show } from './show.ts';

/** More levels than any real answer has; thousands are an attack on whoever walks down them. */
const MAX_LEVELS = 256;

let find: typeof search | undefined;

/** Loads JMESPath: to be awaited before anything here looks for a path. */
export async function loadPaths(): Promise<void> {
  find ??= (await import('@aws-lambda-powertools/jmespath')).search;
}

/** Judges each JSON expectation against a text, which `what` names; one that is not JSON is one finding. */
export function judgeJson(body: BodyText, expectations: readonly JsonExpect[], show: Show, what = 'body'): Finding[] {
  if (expectations.length === 0) return [];
  const parsed = parseJson(body);
  if ('reason' in parsed)
    return [{ vote: 'down', reason: parsed.reason, detail: `${what} ${parsed.why}: ${show.quote(body.text)}` }];
  return judgeValue(parsed.value, expectations, show);
}

/** Judges each JSON expectation against a value. */
export const judgeValue = (value: unknown, expectations: readonly JsonExpect[], show: Show): Finding[] =>
  expectations.flatMap((expectation) => judgeOne(value, expectation, show));

/** What a text says as JSON, or why it says nothing. */
export function parseJson({ text, isUtf8 }: BodyText): { value: unknown } | { reason: ReasonCode; why: string } {
  if (!isUtf8) return { reason: 'utf8-invalid', why: 'is not UTF-8, as JSON must be' };
  if (levelsOf(text) > MAX_LEVELS) return { reason: 'json-too-deep', why: `is nested more than ${MAX_LEVELS} levels deep` };
  try {
    return { value: JSON.parse(text) };
  } catch {
    return { reason: 'json-invalid', why: 'is not JSON' };
  }
}

/** How deep lists and objects of a JSON text are nested, without parsing it; brackets inside of strings do not count. */
function levelsOf(text: string): number {
  let [levels, deepest, isInside] = [0, 0, false];
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') isInside = !isInside;
    else if (isInside) at += char === '\\' ? 1 : 0;
    else if (char === '[' || char === '{') deepest = Math.max(deepest, ++levels);
    else if (char === ']' || char === '}') levels -= 1;
  }
  return deepest;
}

function judgeOne(data: unknown, expectation: JsonExpect, show: Show): Finding[] {
  const { path } = expectation;
  const seen = evaluate(path, data);
  if ('error' in seen) return [mismatch(`${path} cannot be evaluated: ${seen.error}`)];
  const { value } = seen;
  const is = value === null ? `${path} is missing` : `${path} is ${show.value(value)}`;
  const { equals, not, lessThan, greaterThan, matches: pattern, exists } = expectation;
  const say = (isMet: boolean, words = '') => (isMet ? met : mismatch)(`${is}${words}`);
  const judged = [
    equals !== undefined && say(isDeepStrictEqual(value, equals), `, expected ${show.value(equals)}`),
    not !== undefined && say(!isDeepStrictEqual(value, not), ', expected anything else'),
    lessThan !== undefined && say(typeof value === 'number' && value < lessThan, `, expected less than ${lessThan}`),
    greaterThan !== undefined && say(typeof value === 'number' && value > greaterThan, `, expected more than ${greaterThan}`),
    pattern !== undefined && say(typeof value === 'string' && matches(pattern, value), `, expected to match /${pattern}/`),
    exists === true && say(value !== null),
    exists === false && say(value === null, value === null ? '' : ', expected none'),
  ];
  return judged.filter((finding) => finding !== false);
}

const mismatch = (detail: string): Finding => ({ vote: 'down', reason: 'json-mismatch', detail });

/**
 * What a JMESPath expression gives; absent is null, as in JSON. An expression can fail on data it was not written for
 * (a function given the wrong type), which is an answer about the data.
 */
export function evaluate(path: string, data: unknown): { value: unknown } | { error: string } {
  if (!find) throw new Error('JMESPath is not loaded');
  try {
    // The blank keeps the path apart from what the library's cache, a plain object, inherits (`constructor`).
    const value: unknown = find(` ${path}`, data as never);
    // A name such as `constructor` finds what every object inherits; the data has no such field.
    return { value: value === undefined || typeof value === 'function' ? null : value };
  } catch (error) {
    return { error: (error as Error).message };
  }
}
