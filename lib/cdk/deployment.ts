import { historyTableName, stateRegion, tableName } from '../aws/names.ts';
import type { Cell } from '../core/cell.ts';
import type { CodeOf } from './code.ts';

/** What every stack of a cell is made from. */
export interface Deployment {
  cell: Cell;
  /** 12 digits. */
  account: string;
  /** The bundle of a function, with the cell in it. */
  codeOf: CodeOf;
  /** The hosted zone that the status page's own name is in, as far as it is known. */
  domainZoneId?: string;
  /** ARNs of keys that secrets are encrypted with, other than the services' own. */
  secretKeys: readonly string[];
  /** Each function has its share of the account's concurrency, so that none can starve another. */
  reserveConcurrency: boolean;
}

/** The voting table in each region that has a replica of it. */
export const tableArns = ({ cell, account }: Deployment): string[] =>
  cell.arbiters.map((region) => `arn:aws:dynamodb:${region}:${account}:table/${tableName(cell)}`);

export const historyTableArn = ({ cell, account }: Deployment): string =>
  `arn:aws:dynamodb:${stateRegion(cell.arbiters)}:${account}:table/${historyTableName(cell)}`;

export const queueArn = (region: string, { account }: Deployment, name: string): string =>
  `arn:aws:sqs:${region}:${account}:${name}`;
