import { CHECK_EXAMPLES } from './check-examples.ts';
import { keyTable } from './docs.ts';
import { grammar } from './json-schema.ts';
import type { CheckConfig } from './schema.ts';
import { type Section, sections, titleOf } from './sections.ts';

const INTRODUCTION = `# Checks

A check is one probe with its expectations. It stands under \`checks:\` of a node, or in a template that several nodes share; its name
is an id of your choice. Every vantage looks at it and votes \`up\`, \`degraded\`, \`down\` or \`abstain\`, always with one of the
[reason codes](reasons.md). Where an expectation has two limits, the weaker one makes the vote \`degraded\`, which takes nothing out of DNS.
\`quorumwatch probe FILE\` looks at them from your machine, \`quorumwatch probe URL\` writes a first one for you.

This page is made from the schema by \`lib/config/check-docs.ts\`; a test keeps it current, and looks with every example at a server.
`;

const ADDRESSES = `Private, loopback, link-local and metadata addresses are refused, also where a DNS answer or a redirect leads to them,
unless the configuration names the address itself or the check has \`allowPrivate\`. Redirects are followed to the same host alone, never
from https to http. Every request says \`User-Agent: Quorumwatch/VERSION\`.
`;

/** `docs/checks.md`: every kind with an example and its keys. */
export function checkDocs(): string {
  const kinds = kindSections();
  return [INTRODUCTION, ...kinds.map((kind) => kindText(kind, kinds)), sharedText(kinds)].join('\n');
}

type KindSection = Section & { kind: CheckConfig['type'] };

function kindSections(): KindSection[] {
  const all = new Map(sections().map((section) => [section.title, section]));
  const kinds = grammar().$defs?.Check?.oneOf ?? [];
  return kinds.flatMap(({ $ref = '' }) => {
    const section = all.get(titleOf($ref));
    const kind = grammar().$defs?.[titleOf($ref)]?.properties?.type?.const as CheckConfig['type'];
    return section ? [{ ...section, kind }] : [];
  });
}

/** A key that this many kinds have is told of once, for all of them. */
const SHARED_BY = 6;

/** Keys of a kind beside `type` and what is told elsewhere. */
const isShared = (key: string, kinds: readonly KindSection[]): boolean =>
  key !== 'expect' && kinds.filter(({ keys }) => keys.some((each) => each.key === key)).length >= SHARED_BY;

function kindText({ kind, title, description, keys }: KindSection, kinds: readonly KindSection[]): string {
  const own = keys.filter(({ key }) => key !== 'type' && key !== 'expect' && !isShared(key, kinds));
  const expect = sections().find((section) => section.title === title.replace(/Check$/, 'Expect'));
  return [
    `## ${kind}`,
    '',
    description,
    '',
    '```yaml',
    `${CHECK_EXAMPLES[kind]}\`\`\``,
    '',
    ...(own.length > 0 ? [keyTable(title, own, PAGE), ''] : []),
    ...(expect ? ['`expect`:', '', keyTable(expect.title, expect.keys, PAGE), ''] : []),
  ].join('\n');
}

/** Where the sections of other mappings are. */
const PAGE = 'config.md';

function sharedText(kinds: readonly KindSection[]): string {
  const shared = new Map(
    kinds.flatMap(({ title, keys }) => keys.filter(({ key }) => isShared(key, kinds)).map((key) => [key.key, { title, key }])),
  );
  shared.delete('type');
  const groups = Map.groupBy(shared.values(), ({ key }) => whoseText(key.key, kinds));
  const tables = [...groups].map(([whose, keys]) =>
    [
      `### ${whose}`,
      '',
      keyTable(
        keys[0]?.title ?? '',
        keys.map(({ key }) => key),
        PAGE,
      ),
      '',
    ].join('\n'),
  );
  return ['## Keys that kinds share', '', ADDRESSES, ...tables].join('\n');
}

function whoseText(key: string, kinds: readonly KindSection[]): string {
  const [having, lacking] = [true, false].map((has) =>
    kinds.filter(({ keys }) => keys.some((each) => each.key === key) === has).map(({ kind }) => `\`${kind}\``),
  );
  if (!lacking?.length) return 'Every kind';
  if (lacking.length <= (having?.length ?? 0)) return `Every kind but ${lacking.join(', ')}`;
  return `${having?.join(', ')}`;
}
