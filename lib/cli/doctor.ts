import { randomBytes } from 'node:crypto';
import { lineOf, perRegion } from '../aws/limits.ts';
import { createSecrets } from '../aws/secrets.ts';
import { choices } from '../config/faults.ts';
import type { Cell } from '../core/cell.ts';
import { ASSUMPTIONS } from '../doctor/assumptions.ts';
import type { BenchOptions } from '../doctor/bench.ts';
import { type Diagnosis, diagnose } from '../doctor/run.ts';
import type { Clock } from '../ports.ts';
import { count } from '../web/pages/format.ts';
import { type Io, UsageError } from './command.ts';
import { paint, strong } from './paint.ts';

export interface DoctorCommand extends Io {
  cell: Cell;
  clock: Clock;
  /** Ids of assumptions; empty: all that concern the cell. */
  only: readonly string[];
  json: boolean;
}

/**
 * `quorumwatch doctor`: proves on the user's own account what the design assumes of AWS, and takes away what it made for that. Gives
 * the exit code: 0 when everything holds, 1 with findings. Throws a `UsageError` for an assumption that there is not.
 */
export async function doctorCommand({ cell, clock, only, json, stdout, stderr, signal }: DoctorCommand): Promise<number> {
  const unknown = only.find((each) => !ASSUMPTIONS.some(({ id }) => id === each));
  if (unknown !== undefined)
    throw new UsageError(`--only: "${unknown}" is not one (write ${choices(ASSUMPTIONS.map(({ id }) => id))})`);
  const chosen = ASSUMPTIONS.filter(({ id, concerns }) => (only.length === 0 ? concerns(cell) : only.includes(id)));
  const secretsOf = perRegion((region) => createSecrets({ clock, region }));
  const options: BenchOptions = {
    cell,
    clock,
    id: randomBytes(4).toString('hex'),
    readSecret: (region, secret) => secretsOf(region).resolveText(secret),
    progress: (text) => void stderr.write(`${text}\n`),
  };
  const colour = stdout.isTTY === true;
  const told = (diagnosis: Diagnosis) => void (json || stdout.write(diagnosisText(diagnosis, colour)));
  const diagnoses = await diagnose(chosen, options, told, signal);
  const wrong = diagnoses.filter(({ outcome }) => outcome !== 'holds').length;
  if (json) stdout.write(`${JSON.stringify(diagnoses, null, 2)}\n`);
  else stdout.write(`\n${summary(diagnoses.length - wrong, wrong, signal.aborted)}\n`);
  return wrong === 0 && !signal.aborted ? 0 : 1;
}

const MARKS = { holds: 'up', fails: 'down', unknown: 'unknown' } as const;

function diagnosisText({ id, claim, outcome, findings }: Diagnosis, colour: boolean): string {
  const lines = findings.map(({ subject, what, todo }) => `           ${subject} ${what} (${todo})\n`);
  return `${paint(MARKS[outcome], outcome.padEnd(7), colour)}  ${strong(id, colour)}: ${claim}\n${lines.join('')}`;
}

function summary(hold: number, wrong: number, stopped: boolean): string {
  const rest = stopped ? ' It was stopped before the end.' : '';
  if (wrong === 0) return `${count(hold, 'assumption')} ${hold === 1 ? 'holds' : 'hold'}.${rest}`;
  return `${hold} of ${count(hold + wrong, 'assumption')} hold. What to do is in brackets.${rest}`;
}

/** Why AWS cannot be asked at all; nothing when it can. */
export async function credentialsFault(credentials: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await credentials();
    return undefined;
  } catch (error) {
    return `credentials: ${lineOf(error)} (run aws configure or aws sso login, or set AWS_PROFILE)`;
  }
}
