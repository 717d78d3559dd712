import { DEFAULTS } from './defaults.ts';
import type { CheckConfig, Config } from './schema.ts';

export const majority = (voters: number): number => Math.floor(voters / 2) + 1;

const count = (quorum: 'majority' | number, voters: number): number => (quorum === 'majority' ? majority(voters) : quorum);

/** How many vantages of a cell must agree. */
export const quorumOf = (config: Config): number => count(config.quorum ?? DEFAULTS.quorum, config.vantages.length);

/** How many vantages of a check must agree: as it says, else a majority of its own vantages, else the cell's quorum. */
export function checkQuorum(config: Config, check: CheckConfig): number {
  const voters = check.vantages ?? config.vantages;
  if (check.quorum !== undefined) return count(check.quorum, voters.length);
  return check.vantages === undefined ? quorumOf(config) : majority(voters.length);
}
