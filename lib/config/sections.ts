import { grammar, type JsonSchema } from './json-schema.ts';

/** A mapping of the grammar with its keys: one section of `docs/config.md`. */
export interface Section {
  title: string;
  description: string;
  keys: { key: string; schema: JsonSchema; required: boolean }[];
}

/** Title of the section that a reference leads to. */
export const titleOf = (reference: string): string => reference.replace('#/$defs/', '');

/** Every section, the top level first. */
export function sections(): Section[] {
  const definitions = Object.entries(grammar().$defs ?? {}).filter(([, { properties }]) => properties !== undefined);
  return definitions.map(([title, { description = '', properties = {}, required = [] }]) => ({
    title,
    description,
    keys: Object.entries(properties).map(([key, schema]) => ({ key, schema, required: required.includes(key) })),
  }));
}

/** A key that a configuration uses, and where. */
export interface Used {
  section: string;
  key: string;
  path: (string | number)[];
}

/** Every key that a valid configuration uses, in its order. */
export const usedKeys = (config: unknown): Used[] => [...keysOf(config, grammar(), [])];

function* keysOf(value: unknown, schema: JsonSchema | undefined, path: Used['path'], section?: string): Generator<Used> {
  if (schema === undefined || value === null || typeof value !== 'object') return;
  const definitions = grammar().$defs ?? {};
  const branch = (schema.anyOf ?? schema.oneOf)?.find((each) => fits(value, each, definitions));
  if (branch !== undefined) {
    yield* keysOf(value, branch, path);
  } else if (schema.$ref !== undefined) {
    const title = titleOf(schema.$ref);
    yield* keysOf(value, definitions[title], path, title);
  } else if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) yield* keysOf(item, schema.items, [...path, at]);
  } else {
    yield* membersOf(value, schema, path, section);
  }
}

function* membersOf(value: object, schema: JsonSchema, path: Used['path'], section?: string): Generator<Used> {
  const others = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
  for (const [key, item] of Object.entries(value)) {
    const known = schema.properties?.[key];
    if (known !== undefined && section !== undefined) yield { section, key, path: [...path, key] };
    yield* keysOf(item, known ?? others, [...path, key]);
  }
}

/** Whether a branch of a union is the one that a valid value took. */
function fits(value: object, branch: JsonSchema, definitions: Record<string, JsonSchema>): boolean {
  const schema = branch.$ref === undefined ? branch : (definitions[titleOf(branch.$ref)] ?? branch);
  if (Array.isArray(value)) return schema.type === 'array';
  if (schema.type !== 'object') return false;
  const kind = schema.properties?.type?.const;
  if (kind !== undefined) return (value as { type?: unknown }).type === kind;
  return schema.properties === undefined || Object.keys(value).every((key) => schema.properties?.[key] !== undefined);
}
