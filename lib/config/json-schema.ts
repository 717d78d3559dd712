import { z } from 'zod';
import { schema } from './schema.ts';

/** A node of a JSON Schema (draft 2020-12), as far as this grammar needs one. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: string[];
  pattern?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  propertyNames?: JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  $defs?: Record<string, JsonSchema>;
  description?: string;
  default?: unknown;
  /** In words, where no value says it. */
  otherwise?: string;
  minimum?: number;
  maximum?: number;
}

const ENV = 'Environment';

let cached: JsonSchema | undefined;

/** The grammar with its definitions by title, without `{ env: NAME }`. */
export function grammar(): JsonSchema {
  if (cached === undefined) {
    cached = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
    for (const definition of Object.values(cached.$defs ?? {})) withoutCopies(definition);
  }
  return cached;
}

/** zod writes a refined definition out beside its `$ref`: the reference is enough. */
function withoutCopies(node: JsonSchema): void {
  if (node.$ref !== undefined) {
    delete node.type;
    delete node.properties;
    delete node.required;
    delete node.additionalProperties;
  }
  for (const inner of innerOf(node)) withoutCopies(inner);
}

/** Schemas directly inside another; names of keys are no values and not among them. */
const innerOf = (node: JsonSchema): JsonSchema[] => [
  ...Object.values(node.properties ?? {}),
  ...(typeof node.additionalProperties === 'object' ? [node.additionalProperties] : []),
  ...(node.items === undefined ? [] : [node.items]),
  ...(node.anyOf ?? []),
  ...(node.oneOf ?? []),
];

/** What `quorumwatch schema` prints: the grammar, where any text but a check's kind may be `{ env: NAME }`. */
export function jsonSchema(): JsonSchema {
  const copy = structuredClone(grammar());
  const definitions = copy.$defs ?? {};
  for (const [title, definition] of Object.entries(definitions)) {
    definitions[title] = { ...withEnv(definition), title } as JsonSchema;
  }
  definitions[ENV] = {
    title: ENV,
    description: 'Text from the environment.',
    type: 'object',
    properties: { env: { type: 'string', description: 'Name of the variable.' } },
    required: ['env'],
    additionalProperties: false,
  } as JsonSchema;
  return { ...copy, title: 'Quorumwatch configuration', $defs: definitions } as JsonSchema;
}

function withEnv(node: JsonSchema): JsonSchema {
  const each = (list: JsonSchema[] | undefined) => list?.map(withEnv);
  const inner: JsonSchema = { ...node };
  if (node.properties !== undefined)
    inner.properties = Object.fromEntries(Object.entries(node.properties).map(([key, value]) => [key, withEnv(value)]));
  if (typeof node.additionalProperties === 'object') inner.additionalProperties = withEnv(node.additionalProperties);
  if (node.items !== undefined) inner.items = withEnv(node.items);
  if (node.anyOf !== undefined) inner.anyOf = each(node.anyOf) as JsonSchema[];
  if (node.oneOf !== undefined) inner.oneOf = each(node.oneOf) as JsonSchema[];
  const isText = [node.type].flat().includes('string') && node.const === undefined;
  if (!isText) return inner;
  const { description, default: fallback, ...value } = inner;
  return {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
    anyOf: [value, { $ref: `#/$defs/${ENV}` }],
  };
}
