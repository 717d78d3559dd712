import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, type TestContext } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/quorumwatch.mjs', import.meta.url));

export interface Process {
  /** Lines of stdout so far. */
  lines: readonly string[];
  /** Until a line of stdout gives something. */
  line<T>(look: (line: string) => T | undefined, withinMs?: number): Promise<T>;
  interrupt(): void;
  /** Everything once it has ended. */
  ended(): Promise<{ code: number | null; out: string; err: string }>;
}

/** `quorumwatch …` as a person runs it: another process, which ends with the test at the latest. */
export function quorumwatch(test: TestContext, argv: string[], env: Record<string, string> = {}): Process {
  const child = spawn(process.execPath, [BIN, ...argv], { env: { ...process.env, ...env } });
  const closed = once(child, 'close');
  test.onTestFinished(async () => {
    child.kill('SIGKILL');
    await closed;
  });
  const lines: string[] = [];
  let err = '';
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  return {
    lines,
    async line(look, withinMs = 15_000) {
      const giveUpAt = Date.now() + withinMs;
      for (let at = 0; ; ) {
        for (; at < lines.length; at++) {
          const found = look(lines[at] ?? '');
          if (found !== undefined) return found;
        }
        if (Date.now() > giveUpAt || child.exitCode !== null) expect.fail(`no such line:\n${lines.join('\n')}\n${err}`);
        await wait(20);
      }
    },
    interrupt: () => void child.kill('SIGINT'),
    async ended() {
      const [code] = await closed;
      return { code, out: lines.map((line) => `${line}\n`).join(''), err };
    },
  };
}
