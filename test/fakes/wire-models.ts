/**
 * Every request that reaches a fake is read by its service's own model, whichever process sent it: a bundle's SDK is its own, and what
 * is checked in this process says nothing of it.
 */
import * as monitoring from '@aws-sdk/client-cloudwatch';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as route53 from '@aws-sdk/client-route-53';
import * as secretsmanager from '@aws-sdk/client-secrets-manager';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import * as ssm from '@aws-sdk/client-ssm';
import { NormalizedSchema } from '@smithy/core/schema';
import type { $SchemaRef, StaticOperationSchema } from '@smithy/types';
import { foundFault, inputFaults } from './models.ts';

const CLIENTS = { monitoring, dynamodb, route53, secretsmanager, sns, sqs, ssm };

/** A request on the wire. */
export interface WireRequest {
  service: string;
  operation: string;
  url?: URL;
  /** JSON, a form of AWS query, or XML. */
  body: string;
}

/** Keeps what is wrong with it for the end of the test. Requests of services whose members are in paths alone are left out. */
export function checkOnWire(request: WireRequest): void {
  if (request.service in CLIENTS) for (const fault of wireFaults(request)) foundFault(fault);
}

/** What is wrong with a request, each as `Publish.Message: is required`. Throws where the service knows no such operation. */
export function wireFaults({ service, operation, url, body }: WireRequest): string[] {
  const known = CLIENTS[service as keyof typeof CLIENTS] as Record<string, unknown>;
  const Command = known[`${operation}Command`] as (new (input: object) => { schema: unknown }) | undefined;
  if (!Command) return [`${service}: knows no ${operation}`];
  const [, , , , shape] = new Command({}).schema as StaticOperationSchema;
  const schema = NormalizedSchema.of(shape as $SchemaRef);
  const input = body.startsWith('{')
    ? fromJson(schema, JSON.parse(body))
    : { ...elsewhere(schema, url), ...inBody(schema, body) };
  return inputFaults(schema, input, operation);
}

function inBody(schema: NormalizedSchema, body: string): object {
  if (body === '') return {};
  if (body.startsWith('<')) return fromText(schema, treeOfXml(body)) as object;
  const form = [...new URLSearchParams(body)].filter(([name]) => name !== 'Action' && name !== 'Version');
  return fromText(schema, treeOfForm(form)) as object;
}

/** Members in the path are there, or the path would be another; those in the query by the names that they have there. */
function elsewhere(schema: NormalizedSchema, url: URL | undefined): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    const { httpLabel, httpQuery } = member.getMergedTraits() as { httpLabel?: unknown; httpQuery?: string };
    const asked = httpQuery === undefined ? null : (url?.searchParams.get(httpQuery) ?? null);
    if (httpLabel) found[name] = 'in the path';
    else if (asked !== null) found[name] = fromText(member, asked);
  }
  return found;
}

/** JSON has no times: they are seconds since 1970 (Smithy specification, "AWS JSON 1.0 protocol"). */
function fromJson(schema: NormalizedSchema, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  if (schema.isTimestampSchema()) return typeof value === 'number' ? new Date(value * 1_000) : value;
  if (schema.isListSchema() && Array.isArray(value)) return value.map((each) => fromJson(schema.getValueSchema(), each));
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  return mapped(schema, Object.entries(value), fromJson);
}

/** A value of a form or of XML: text, or what is below, by its name. Names may come several times. */
type Tree = string | [name: string, below: Tree][];

/** Text has no kinds: a number is what looks like one. What the schema does not expect stays as it is, and is found. */
function fromText(schema: NormalizedSchema, tree: Tree): unknown {
  if (schema.isListSchema())
    return typeof tree === 'string' ? [] : tree.map(([, each]) => fromText(schema.getValueSchema(), each));
  if (schema.isMapSchema() && typeof tree !== 'string') {
    // Each entry is a key and a value, in this order.
    const pairs = tree.map(([, entry]) => (typeof entry === 'string' ? [] : entry.map(([, each]) => each)));
    return Object.fromEntries(pairs.map(([key, value = '']) => [String(key), fromText(schema.getValueSchema(), value)]));
  }
  if (schema.isStructSchema()) return typeof tree === 'string' ? {} : mapped(schema, tree, fromText);
  if (typeof tree !== 'string') return tree;
  if (schema.isNumericSchema()) return /^-?\d+(\.\d+)?$/.test(tree) ? Number(tree) : tree;
  if (schema.isBooleanSchema()) return tree === 'true' || tree === 'false' ? tree === 'true' : tree;
  return schema.isTimestampSchema() ? new Date(tree) : tree;
}

function mapped<T>(schema: NormalizedSchema, members: [string, T][], read: (of: NormalizedSchema, value: T) => unknown): object {
  const schemas = new Map<string, NormalizedSchema>(schema.isStructSchema() ? [...schema.structIterator()] : []);
  return Object.fromEntries(
    members.map(([name, value]) => {
      const of = schema.isMapSchema() ? schema.getValueSchema() : schemas.get(name);
      return [name, of ? read(of, value) : value];
    }),
  );
}

/** `Entries.member.1.Id=a` (Smithy specification, "AWS query protocol"): numbers stand below `member` and `entry`. */
function treeOfForm(form: [string, string][]): Tree {
  const below = Map.groupBy(form, ([name]) => name.split('.')[0] ?? '');
  return [...below].map(([name, fields]) => {
    const [[first = '', text = ''] = []] = fields;
    if (first === name) return [name, text];
    const rest = fields.map(([each, value]): [string, string] => [each.slice(name.length + 1), value]);
    const tree = treeOfForm(rest);
    const [[only, list] = []] = typeof tree === 'string' ? [] : tree;
    return [name, (only === 'member' || only === 'entry') && list !== undefined ? list : tree];
  });
}

/** What is below the root. Requests are flat enough: no attributes but the namespace, no text beside elements. */
function treeOfXml(text: string): Tree {
  const tokens = [...text.matchAll(/<\?[^>]*>|<(\/?)([\w:]+)[^>]*?(\/?)>|([^<]+)/g)];
  const stack: [string, Tree][] = [['', []]];
  for (const [, closing, name, isEmpty, said] of tokens) {
    const top = stack.at(-1);
    if (!top) break;
    if (said !== undefined) {
      if (said.trim() !== '') top[1] = said;
    } else if (name === undefined) continue;
    else if (closing) {
      const [done] = stack.splice(-1);
      const parent = stack.at(-1);
      if (done && parent && typeof parent[1] !== 'string') parent[1].push(done);
    } else if (isEmpty && typeof top[1] !== 'string') top[1].push([name, '']);
    else stack.push([name, []]);
  }
  const [[, root] = []] = (stack[0]?.[1] ?? []) as [string, Tree][];
  return root ?? [];
}
