import { lineOf } from '../aws/limits.ts';
import type { Assumption } from './assumption.ts';
import { type BenchOptions, createBench, type Finding } from './bench.ts';

/** `unknown`: it could not be asked, for want of rights or of an answer. */
export interface Diagnosis extends Pick<Assumption, 'id' | 'claim'> {
  outcome: 'holds' | 'fails' | 'unknown';
  findings: Finding[];
}

/** Proves one assumption after the other; whatever a check made is taken away before the next, also when it failed. */
export async function diagnose(
  assumptions: readonly Assumption[],
  options: BenchOptions,
  told: (diagnosis: Diagnosis) => void,
  signal: AbortSignal,
): Promise<Diagnosis[]> {
  const diagnoses: Diagnosis[] = [];
  for (const assumption of assumptions) {
    if (signal.aborted) break;
    const diagnosis = await prove(assumption, options, signal);
    diagnoses.push(diagnosis);
    told(diagnosis);
  }
  return diagnoses;
}

async function prove({ id, claim, check }: Assumption, options: BenchOptions, signal: AbortSignal): Promise<Diagnosis> {
  const { bench, cleanUp } = createBench(options, signal);
  let outcome: Diagnosis['outcome'];
  let findings: Finding[];
  try {
    findings = await check(bench);
    outcome = findings.length === 0 ? 'holds' : 'fails';
  } catch (error) {
    outcome = 'unknown';
    findings = [
      { subject: id, what: `cannot be asked: ${lineOf(error)}`, todo: 'see that it is deployed, and that you may ask' },
    ];
  }
  const left = await cleanUp();
  return { id, claim, outcome: left.length > 0 && outcome === 'holds' ? 'fails' : outcome, findings: [...findings, ...left] };
}
