import type { Problem } from './faults.ts';

/** Shorter values are no secrets, and replacing them would garble the words around them. */
const SECRET_LENGTH_MIN = 6;

/** Problems without what came from the environment: a value is named, never shown. */
export function redacted(
  problems: readonly Problem[],
  taken: ReadonlyMap<string, string>,
  env: Readonly<Record<string, string | undefined>>,
): Problem[] {
  const values = [...new Set(taken.values())]
    .map((name) => ({ name, value: env[name] ?? '' }))
    .filter(({ value }) => value.length >= SECRET_LENGTH_MIN)
    .sort((a, b) => b.value.length - a.value.length);
  const clean = (text: string): string =>
    values.reduce((rest, { name, value }) => rest.replaceAll(value, `{env: ${name}}`), text);
  return problems.map(({ path, what, instead }) => ({ path, what: clean(what), instead: clean(instead) }));
}

/** Keys whose texts are sent to a node: answers often repeat them. */
const SENT = /(^|\.)(headers\..*|body|send|params.*)$/;

/** What was taken from the environment to be sent to nodes, and is long enough to be a secret. */
export function hiddenTexts(taken: ReadonlyMap<string, string>, env: Readonly<Record<string, string | undefined>>): string[] {
  const values = [...taken].filter(([path]) => SENT.test(path)).map(([, name]) => env[name] ?? '');
  return [...new Set(values)].filter((value) => value.length >= SECRET_LENGTH_MIN);
}
