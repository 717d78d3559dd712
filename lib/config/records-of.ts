import type { Configuration } from './configuration.ts';
import { DEFAULTS } from './defaults.ts';
import type { Path, Problem } from './faults.ts';
import { type Rule, rule } from './rules.ts';
import type { Config, RecordConfig } from './schema.ts';

/** What rules of records have in common. */

export interface Placed {
  record: RecordConfig;
  id: string;
  path: Path;
}

export const records = (config: Config): Placed[] =>
  Object.entries(config.records ?? {}).map(([id, record]) => ({ id, record, path: ['records', id] }));

/** A rule that looks at one record at a time. */
export const each = (id: string, check: (placed: Placed, config: Config) => Iterable<Problem>): Rule =>
  rule(id, ['records'], function* ({ config }: Configuration) {
    for (const placed of records(config)) yield* check(placed, config);
  });

/** Where a member, or a key of it, stands. */
export const member = (path: Path, at: number, ...keys: string[]): Path => [...path, 'members', at, ...keys];

export const typeOf = (record: RecordConfig) => record.type ?? DEFAULTS.record.type;
export const policyOf = (record: RecordConfig) => record.policy ?? DEFAULTS.record.policy;
