import { faultLine } from '../config/faults.ts';
import { type LoadOptions, loadConfig } from '../config/load.ts';
import type { Cell } from '../core/cell.ts';
import type { Output } from './probe.ts';

export interface ValidateArgs {
  file: string;
  json?: boolean;
  options?: LoadOptions;
  stdout: Output;
  stderr: Output;
}

/**
 * `quorumwatch validate FILE`: faults on stderr, warnings on stdout, one a line; with `json` one object `{ ok, faults, warnings }` on stdout.
 * Gives the exit code: 0 when the file is valid, 2 when it is not.
 */
export async function validateCommand({ file, json = false, options, stdout, stderr }: ValidateArgs): Promise<number> {
  const loaded = await loadConfig(file, options);
  const faults = loaded.ok ? [] : loaded.faults;
  const warnings = loaded.ok ? loaded.warnings : [];
  for (const fault of faults) stderr.write(`${faultLine(fault)}\n`);
  if (json) stdout.write(`${JSON.stringify({ ok: loaded.ok, faults, warnings })}\n`);
  else if (loaded.ok)
    stdout.write(
      [...warnings.map((warning) => `warning: ${faultLine(warning)}\n`), `${file}: ${summary(loaded.cell)}\n`].join(''),
    );
  return loaded.ok ? 0 : 2;
}

const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;

const summary = ({ nodes, checks, vantages, quorum }: Cell): string =>
  `valid: ${count(nodes.length, 'node')}, ${count(checks.length, 'working check')}, ${count(vantages.length, 'vantage')} of which ${quorum} must agree`;
