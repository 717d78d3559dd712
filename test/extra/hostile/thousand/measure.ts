import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { blackHole } from '../../../probes/black-hole.ts';
import type { Run, Taken } from './prober.ts';

/** Longer than any run takes. */
const STUCK_MS = 45_000;

const start = (file: string): ChildProcess => fork(fileURLToPath(new URL(file, import.meta.url)));
const said = (child: ChildProcess) => once(child, 'message', { signal: AbortSignal.timeout(STUCK_MS) });

/** One run of a thousand checks in a process of its own, against servers in another one. */
export async function measure(options: Pick<Run, 'timeoutMs' | 'concurrency'>): Promise<Taken> {
  const [servers, prober] = [start('./world.ts'), start('./prober.ts')];
  const serving = said(servers);
  const hole = await blackHole();
  try {
    const [world] = await serving;
    const [taken, exited] = [said(prober), once(prober, 'exit')];
    prober.send({ ...options, world, full: hole.port } satisfies Run);
    const [numbers] = await taken;
    const [code] = await exited;
    return code === 0 ? numbers : { ...numbers, surprises: [...numbers.surprises, `the process ended with ${code}`] };
  } finally {
    prober.kill();
    servers.kill();
    await hole.close();
  }
}
