import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Cell } from '../core/cell.ts';
import type { FunctionRole } from './names.ts';

/** What a function is told by its environment. Everything else follows from its cell and `names.ts`. */
export interface Environment {
  role: FunctionRole;
  /** The cell's name: the bundle's must be the same. */
  cell: string;
  /** 12 digits. */
  account: string;
  table: string;
  /** The table's replicas, nearest first. */
  tableRegions: string[];
  /** Where the web part is found, without a slash at the end; empty where there is none. */
  linkBase: string;
  /** The secret in Secrets Manager that signs links. Without it nobody can acknowledge through the web. */
  linkKey?: string;
  /** The secret in Secrets Manager from which the tokens of heartbeats follow. Without it none are taken. */
  beatKey?: string;
}

const VARIABLES = {
  role: 'QUORUMWATCH_ROLE',
  cell: 'QUORUMWATCH_CELL',
  account: 'QUORUMWATCH_ACCOUNT',
  table: 'QUORUMWATCH_TABLE',
  tableRegions: 'QUORUMWATCH_TABLE_REGIONS',
  linkBase: 'QUORUMWATCH_LINK_BASE',
  linkKey: 'QUORUMWATCH_LINK_KEY',
  beatKey: 'QUORUMWATCH_BEAT_KEY',
} as const;

/** The configuration, beside the handler in its bundle. */
export const CELL_FILE = 'cell.json';

/** The variables that say this: what the stacks give to a function. No value may hold a space, a comma or a semicolon. */
export function environmentVariables(environment: Environment): Record<string, string> {
  const { tableRegions, linkKey, beatKey, ...plain } = environment;
  const values = {
    ...plain,
    tableRegions: tableRegions.join(','),
    ...(linkKey !== undefined && { linkKey }),
    ...(beatKey !== undefined && { beatKey }),
  };
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [VARIABLES[key as keyof Environment], value]));
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Reads what the stacks gave. Throws `NAME: what is wrong (what to write instead)`. */
export function readEnvironment(role: FunctionRole, env: Variables): Environment {
  const linkKey = env[VARIABLES.linkKey];
  const beatKey = env[VARIABLES.beatKey];
  const environment: Environment = {
    role,
    cell: required(env, VARIABLES.cell, /^[a-z0-9][a-z0-9-]{0,62}$/, 'the name of the cell'),
    account: required(env, VARIABLES.account, /^\d{12}$/, 'an account number of 12 digits'),
    table: required(env, VARIABLES.table, /^[\w.-]{3,255}$/, 'the name of the voting table'),
    tableRegions: required(env, VARIABLES.tableRegions, REGIONS, 'regions like us-east-1,us-east-2').split(','),
    linkBase: required(env, VARIABLES.linkBase, /^(https?:\/\/.*[^/])?$/, 'a URL without a slash at the end'),
    ...(linkKey !== undefined && { linkKey }),
    ...(beatKey !== undefined && { beatKey }),
  };
  const given = required(env, VARIABLES.role, /^(prober|arbiter|web|gate)$/, 'prober, arbiter, web or gate');
  if (given !== role) throw new Error(`${VARIABLES.role}: is ${given}, but this is the ${role}'s bundle (deploy anew)`);
  return environment;
}

const REGIONS = /^[a-z]{2}(-[a-z]+)+-\d(,[a-z]{2}(-[a-z]+)+-\d)*$/;

function required(env: Variables, name: string, pattern: RegExp, what: string): string {
  const value = env[name];
  if (value === undefined) throw new Error(`${name}: is not set (it is ${what})`);
  if (!pattern.test(value)) throw new Error(`${name}: is ${JSON.stringify(value)} (write ${what})`);
  return value;
}

/** The region that Lambda says it runs in (Lambda developer guide, "Defined runtime environment variables"). */
export const readRegion = (env: Variables): string => required(env, 'AWS_REGION', REGIONS, 'the region, given by Lambda');

/** The cell beside the handler. Throws when there is none, or when it is another cell than the stacks say. */
export function readCell(env: Variables): Cell {
  const file = path.join(required(env, 'LAMBDA_TASK_ROOT', /./, 'the folder of the handler, given by Lambda'), CELL_FILE);
  const cell = JSON.parse(readFileSync(file, 'utf8')) as Cell;
  if (cell.name !== env[VARIABLES.cell]) {
    throw new Error(`${VARIABLES.cell}: is ${env[VARIABLES.cell]}, but ${CELL_FILE} is of ${cell.name} (deploy anew)`);
  }
  return cell;
}
