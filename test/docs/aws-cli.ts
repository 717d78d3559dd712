/** The AWS CLI as far as documentation uses it: it is made from the same models as the SDK (AWS CLI user guide, "Command structure"). */
import { NormalizedSchema } from '@smithy/core/schema';
import type { $SchemaRef, StaticOperationSchema } from '@smithy/types';
import { requestFaults } from '../fakes/models.ts';

const CLIENTS: Record<string, () => Promise<object>> = {
  dynamodb: () => import('@aws-sdk/client-dynamodb'),
  route53: () => import('@aws-sdk/client-route-53'),
  secretsmanager: () => import('@aws-sdk/client-secrets-manager'),
  sns: () => import('@aws-sdk/client-sns'),
  ssm: () => import('@aws-sdk/client-ssm'),
};

/** What every command takes to shape its output (AWS CLI user guide, "Command line options"). */
const OUTPUT = ['--query', '--output'];
/** Where a service is that has no regions (AWS General Reference, "Route 53 endpoints and quotas"). */
const GLOBAL: Record<string, string> = { route53: 'us-east-1' };

interface Request {
  schema: unknown;
  input: Record<string, unknown>;
}
type Command = new (input: object) => Request;
type Client = new (config: object) => { send(request: Request): Promise<object> };

const plain = (name: string): string => name.replaceAll('-', '').toLowerCase();

/**
 * Does what a command says, by the credentials and endpoints of the environment. `words`: service, operation, then flags and values.
 * Gives the answer; rejects with the service's error, or with what neither the CLI nor the service would understand.
 */
export async function aws(...words: string[]): Promise<object> {
  const [service = '', operation = '', ...flags] = words;
  const known = (await CLIENTS[service]?.()) as Record<string, unknown> | undefined;
  const exported = (pattern: RegExp) => Object.entries(known ?? {}).find(([name]) => pattern.test(name))?.[1];
  const Operation = exported(new RegExp(`^${plain(operation)}command$`, 'i')) as Command | undefined;
  const AnyClient = exported(/^[A-Za-z0-9]+Client$/) as Client | undefined;
  if (!AnyClient || !Operation) throw new Error(`aws ${service} ${operation}: is not known`);
  const { region = GLOBAL[service], members, unknown } = read(flags, new Operation({}));
  const request = new Operation(members);
  const faults = [...unknown.map((flag) => `${flag}: is not known`), ...requestFaults(request)];
  if (region === undefined) faults.push('--region: is missing');
  if (faults.length > 0) throw new Error(`aws ${service} ${operation}: ${faults.join('; ')}`);
  return new AnyClient({ region, maxAttempts: 1 }).send(request);
}

/** What the flags give for each member; `--no-` before one that is true or false (AWS CLI user guide, "Parameter types"). */
function read(flags: readonly string[], { schema }: Request) {
  const [, , , , shape] = schema as StaticOperationSchema;
  const known = [...NormalizedSchema.of(shape as $SchemaRef).structIterator()];
  const members: Record<string, unknown> = {};
  const unknown: string[] = [];
  let region: string | undefined;
  for (const [at, flag] of flags.entries()) {
    if (!flag.startsWith('--')) continue;
    const end = flags.findIndex((each, later) => later > at && each.startsWith('--'));
    const values = flags.slice(at + 1, end < 0 ? undefined : end);
    if (flag === '--region') [region] = values;
    const isMeant = ([name, of]: [string, NormalizedSchema]): boolean =>
      plain(flag) === plain(name) || (of.isBooleanSchema() && plain(flag) === `no${plain(name)}`);
    const [member, of] = known.find(isMeant) ?? [];
    if (member !== undefined && of) members[member] = of.isBooleanSchema() ? !flag.startsWith('--no-') : valueFrom(of, values);
    else if (flag !== '--region' && !OUTPUT.includes(flag)) unknown.push(flag);
  }
  return { region, members, unknown };
}

/** A map or a structure is `Name=value,Name=value`, a list has its values one after another (AWS CLI user guide, "Using shorthand syntax"). */
function valueFrom(schema: NormalizedSchema, values: readonly string[]): unknown {
  if (schema.isListSchema()) return values.map((each) => valueFrom(schema.getValueSchema(), [each]));
  const [value] = values;
  if (schema.isMapSchema() || schema.isStructSchema())
    return Object.fromEntries((value ?? '').split(',').map((pair) => pair.split(/=(.*)/).slice(0, 2)));
  return schema.isNumericSchema() ? Number(value) : value;
}
