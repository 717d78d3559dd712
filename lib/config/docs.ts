import { DURATION } from './durations.ts';
import { grammar, type JsonSchema } from './json-schema.ts';
import { ID } from './leaves.ts';
import { pendingReason } from './pending.ts';
import { type Section, sections, titleOf } from './sections.ts';

const INTRODUCTION = `# Configuration

YAML 1.2, JSON or TypeScript (\`export default defineConfig({ … })\`). Unknown keys are faults. \`quorumwatch init\` writes a
configuration to begin with, \`quorumwatch validate FILE\` says everything that is wrong with one, \`quorumwatch schema\` prints its
JSON Schema for editors. [examples/aws.yaml](../examples/aws.yaml) uses most of it.

- Durations are a whole number and \`ms\`, \`s\`, \`m\`, \`h\` or \`d\`: \`800ms\`, \`30s\`, \`5m\`.
- Times are ISO 8601 in UTC: \`2026-03-01T02:00Z\`. Cron expressions have five fields, in UTC unless \`timezone\` says otherwise.
- Ids are lower-case letters, digits and hyphens, at most 63.
- Any text may be \`{ env: NAME }\`: it is read from the environment when the configuration is, and never shown in a fault.
- Secrets are \`{ ssm: /path }\` or \`{ secretsManager: name }\`.

This page is made from the schema by \`lib/config/docs.ts\`; a test keeps it current. "Not yet" means: accepted, checked, and without effect.
`;

/** `docs/config.md`: every key, its type, default and state. */
export const configDocs = (): string => [INTRODUCTION, ...sections().map(sectionText), kindsText()].join('\n');

const sectionText = ({ title, description, keys }: Section): string =>
  [`## ${title}`, '', description, '', keyTable(title, keys), ''].join('\n');

/** A table of keys of a section; `page` is where the sections are that types lead to, if not on the same page. */
export function keyTable(title: string, keys: Section['keys'], page = ''): string {
  const rows = keys.map(({ key, schema, required }) => {
    const fallback = required
      ? '**required**'
      : (schema.otherwise ?? (schema.default === undefined ? '' : `\`${schema.default}\``));
    const state = stateText(pendingReason(title, key));
    return `| \`${key}\` | ${typeText(schema, page)} | ${fallback} | ${schema.description ?? descriptionOf(schema)} | ${state} |`;
  });
  return ['| key | type | default | meaning | state |', '|---|---|---|---|---|', ...rows].join('\n');
}

/** Kinds of checks, each with its section. */
function kindsText(): string {
  const kinds = grammar().$defs?.Check?.oneOf ?? [];
  const rows = kinds.map((kind) => {
    const title = titleOf(kind.$ref ?? '');
    const { description, properties } = grammar().$defs?.[title] ?? {};
    return `| \`${properties?.type?.const}\` | [${title}](#${title.toLowerCase()}) | ${description} | ${stateText(pendingReason(title, 'type'))} |`;
  });
  return [
    '## Check',
    '',
    'One probe with its expectations; `type` says of which kind.',
    '',
    '| type | keys | meaning | state |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

const descriptionOf = ({ $ref = '' }: JsonSchema): string => grammar().$defs?.[titleOf($ref)]?.description ?? '';

const stateText = (reason: string | undefined): string => (reason === undefined ? 'works' : `not yet: ${reason}`);

/** A type as people say it. */
function typeText(schema: JsonSchema, page: string): string {
  const { $ref, anyOf, oneOf, items, additionalProperties, enum: words, type } = schema;
  if ($ref !== undefined) return `[${titleOf($ref)}](${page}#${titleOf($ref).toLowerCase()})`;
  const branches = anyOf ?? oneOf;
  if (branches !== undefined) return [...new Set(branches.map((branch) => typeText(branch, page)))].join(' or ');
  if (words !== undefined) return words.map((word) => `\`${word}\``).join(', ');
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (type === 'array') return `list of ${items === undefined ? 'values' : typeText(items, page)}`;
  if (type === 'object')
    return `mapping to ${typeof additionalProperties === 'object' ? typeText(additionalProperties, page) : 'values'}`;
  if (schema.pattern === DURATION.source) return 'duration';
  if (schema.pattern === ID.source) return 'id';
  if (type === 'integer') return `${schema.minimum} to ${schema.maximum}`;
  return [type ?? 'any value']
    .flat()
    .map((name) => NAMES[name] ?? name)
    .join(' or ');
}

const NAMES: Record<string, string> = { string: 'text', boolean: '`true` or `false`' };
