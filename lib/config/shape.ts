import type { z } from 'zod';
import type { Path, Problem } from './faults.ts';
import { pathText, shown } from './faults.ts';
import { nearestKey } from './nearest.ts';
import { saying } from './rules.ts';
import { type Config, schema } from './schema.ts';

/** What is wrong with the shape of a configuration, in words, and what is left of it without its faults. */
export interface Shaped {
  problems: Problem[];
  /** The configuration without what is at fault; absent when nothing sensible is left. */
  config?: Config;
}

/** How often faults are cut out before giving up: each time one level further up. */
const CUTS_MAX = 8;

/**
 * Compares data with the grammar. Faulty parts are cut out, so that what is right can be compared with the rest:
 * a person who mistyped a port also wants to hear of the missing template.
 */
export function shape(data: unknown, taken: ReadonlyMap<string, string>): Shaped {
  const first = schema.safeParse(data, { error: generalWords, reportInput: true });
  if (first.success) return { problems: [], config: first.data };
  const problems = first.error.issues.flatMap((issue) => problemsOf(issue, [], taken));
  let rest: unknown = structuredClone(data);
  let issues = first.error.issues;
  for (let cut = 0; cut < CUTS_MAX; cut++) {
    for (const issue of issues) rest = without(rest, faultyPaths(issue));
    const again = schema.safeParse(rest);
    if (again.success) return { problems, config: again.data };
    issues = again.error.issues;
  }
  return { problems };
}

/** Words where a schema has none of its own. */
const generalWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_type' && issue.expected === 'array') return saying('{} is not a list', 'write a list');
  if (issue.code === 'invalid_type') return saying('{} is not a mapping', 'write keys and values');
  if (issue.code === 'unrecognized_keys') return Object.keys((issue.inst as typeof schema).shape).join(' ');
  return undefined;
};

function problemsOf(issue: z.core.$ZodIssue, above: Path, taken: ReadonlyMap<string, string>): Problem[] {
  const path = [...above, ...issue.path] as Path;
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, issue));
  if (issue.code === 'invalid_key') return issue.issues.map((inner) => inWords(inner, path, taken));
  const branch = issue.code === 'invalid_union' ? meantBranch(issue) : undefined;
  if (branch !== undefined) return branch.flatMap((inner) => problemsOf(inner, path, taken));
  return [inWords(issue, path, taken)];
}

function unknownKey(path: Path, key: string, issue: z.core.$ZodIssueUnrecognizedKeys): Problem {
  const known = knownKeys(issue);
  const near = nearestKey(key, known);
  const instead = near === undefined ? `remove it, or write one of ${known.join(', ')}` : `write ${near}`;
  return { path: [...path, key], what: 'is not a known key', instead };
}

const knownKeys = (issue: z.core.$ZodIssueUnrecognizedKeys): string[] => issue.message.split(' ');

/** What a value of another type than the branch's gives. */
const MISTAKEN: ReadonlySet<string | undefined> = new Set([
  'invalid_type',
  'invalid_value',
  'invalid_union',
  'unrecognized_keys',
]);

/** Of a union's branches the one that was meant: the only one that has the value's type. */
function meantBranch(issue: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] | undefined {
  const meant = issue.errors.filter((branch) => branch.every((inner) => inner.path.length > 0 || !MISTAKEN.has(inner.code)));
  return meant.length === 1 ? meant[0] : undefined;
}

/** The schema's own words, with the value in place of `{}`, unless the value came from the environment. */
function inWords(issue: z.core.$ZodIssue, path: Path, taken: ReadonlyMap<string, string>): Problem {
  const input =
    issue.code === 'invalid_union' && issue.discriminator !== undefined
      ? memberOf(issue.input, issue.discriminator)
      : issue.input;
  const [what = '', instead = ''] = issue.message.split('\t');
  if (input === undefined) return { path, what: 'is missing', instead };
  const variable = taken.get(pathText(path));
  return { path, what: what.replace('{}', variable === undefined ? shown(input) : `the value of ${variable}`), instead };
}

const memberOf = (value: unknown, key: string): unknown => (value as Record<string, unknown> | undefined)?.[key];

/** What has to go: an unknown key, a key that is no id, a faulty value; for something missing, what lacks it. */
function faultyPaths(issue: z.core.$ZodIssue): Path[] {
  const path = issue.path as Path;
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
}

function without(data: unknown, paths: Path[]): unknown {
  for (const path of paths) remove(data, path);
  return data;
}

/** Removes the value at a path, or, when it is not there, what should have held it. Of a list with a faulty item the whole goes: positions must not move. */
function remove(data: unknown, path: Path): void {
  let holder = data;
  let last: { holder: Record<string | number, unknown>; key: string | number } | undefined;
  for (const key of path) {
    if (holder === null || typeof holder !== 'object' || Array.isArray(holder)) break;
    if (!(key in holder)) break;
    last = { holder: holder as Record<string | number, unknown>, key };
    holder = last.holder[key];
  }
  if (last !== undefined) delete last.holder[last.key];
}
