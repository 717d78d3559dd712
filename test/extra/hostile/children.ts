import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Job, Report } from './row.ts';

/** What a look may take beyond its timeout before its child counts as stuck. */
const STUCK_MS = 5_000;

export interface Lookout {
  look(job: Job): Promise<Report>;
  /** Lets the child end by itself: its exit code, or `stuck` where something keeps it alive. */
  end(): Promise<number | 'stuck'>;
}

/** Starts a child process that looks at one job at a time. */
export function startLookout(): Lookout {
  const file = fileURLToPath(new URL('./lookout.ts', import.meta.url));
  const child: ChildProcess = fork(file, { execArgv: ['--expose-gc'] });
  return {
    async look(job) {
      const signal = AbortSignal.timeout(job.check.timeoutMs + STUCK_MS);
      const answer = once(child, 'message', { signal });
      child.send(job);
      const [report] = await answer;
      return report;
    },
    async end() {
      const exited = once(child, 'exit', { signal: AbortSignal.timeout(STUCK_MS) });
      child.disconnect();
      try {
        const [code] = await exited;
        return code;
      } catch {
        child.kill('SIGKILL');
        return 'stuck';
      }
    },
  };
}
