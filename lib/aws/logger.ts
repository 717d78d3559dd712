import { Logger } from '@aws-lambda-powertools/logger';
import type { Emit } from '../ports.ts';
import { SIGNED_LINK } from './links.ts';
import type { FunctionRole } from './names.ts';

export interface LogOptions {
  role: FunctionRole;
  cell: string;
  region: string;
}

export interface Log {
  /** Every event is one structured line: its name is the message, what it says are members (`epoch` and `incident` among them). */
  emit: Emit;
  /** What failed, with its stack: a fault of the monitor. */
  error(message: string, error: unknown): void;
}

/** What somebody should look at although nothing failed. */
const WORTH_A_LOOK = new Set(['hold', 'note']);

/** The log of one function, by Powertools: JSON lines on standard output, from where Lambda takes them to CloudWatch Logs. */
export function createLog({ role, cell, region }: LogOptions): Log {
  const logger = new Logger({ serviceName: `quorumwatch-${role}`, persistentKeys: { cell, region } });
  return {
    emit({ event, ...said }) {
      const members = Object.fromEntries(Object.entries(said).map(([key, value]) => [key, withoutToken(value)]));
      if (WORTH_A_LOOK.has(event)) logger.warn(event, members);
      else logger.info(event, members);
    },
    error: (message, error) => logger.error(message, error instanceof Error ? error : new Error(String(error))),
  };
}

/** A page's link carries the right to acknowledge: that is for its readers alone. */
const withoutToken = <T>(value: T): T | string => (typeof value === 'string' ? value.replaceAll(SIGNED_LINK, '$1hidden') : value);
