/** The AWS CLI's commands against the SDK's own models: both are made from the same (AWS CLI user guide, "Command structure"). */

const CLIENTS: Record<string, () => Promise<object>> = {
  dynamodb: () => import('@aws-sdk/client-dynamodb'),
  route53: () => import('@aws-sdk/client-route-53'),
  secretsmanager: () => import('@aws-sdk/client-secrets-manager'),
  sns: () => import('@aws-sdk/client-sns'),
  ssm: () => import('@aws-sdk/client-ssm'),
};
/** Of every command (AWS CLI command reference, "Global options"). */
const GLOBAL = ['region', 'profile', 'output', 'query'];

const plain = (name: string): string => name.replaceAll('-', '').toLowerCase();

/** What a command says that its service does not know, and what it needs and lacks. `parameters`: names and values, in turn. */
export async function unknownTo(service: string, operation: string, parameters: readonly string[]): Promise<string[]> {
  const client = await CLIENTS[service]?.();
  if (!client) return [service];
  const command = Object.keys(client).find((name) => name.toLowerCase() === `${plain(operation)}command`);
  if (!command) return [operation];
  const { members, required } = inputOf(client, command.replace(/Command$/, ''));
  const given = parameters.filter((word) => word.startsWith('--')).map((word) => word.slice(2));
  const isOf = (member: string) => (name: string) => plain(name) === plain(member) || plain(name) === `no${plain(member)}`;
  const unknown = given.filter((name) => !GLOBAL.includes(name) && !members.some((member) => isOf(member)(name)));
  const lacking = required.filter((member) => !given.some(isOf(member)));
  return [...unknown.map((name) => `--${name}`), ...lacking.map((member) => `is missing: ${member}`)];
}

/** A structure's schema: its members' names, of which the first so many are required. */
function inputOf(client: object, operation: string): { members: string[]; required: string[] } {
  const entry = Object.entries(client).find(([name]) => name === `${operation}Input$` || name === `${operation}Request$`);
  if (!entry) return { members: [], required: [] };
  const [, , , , members, , required = 0] = entry[1] as [number, string, string, unknown, string[], unknown, number?];
  return { members, required: members.slice(0, required) };
}
