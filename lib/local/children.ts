import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Emit } from '../ports.ts';
import type { Orders } from './child.ts';
import { createWire, type Methods } from './wire.ts';

/** Beside this file: TypeScript in the project, JavaScript in the package. */
const CHILD = new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.js', import.meta.url);

export interface Child {
  pid: number;
  /** What its start gave: the address of a web part. */
  started: string | undefined;
  /** Rejects when it is gone, or its handler failed. */
  handle(message: unknown): Promise<void>;
}

export interface Children {
  /** Starts a part as a process; `name`: for people. Rejects when it does not start. */
  start(name: string, orders: Orders): Promise<Child>;
  close(): Promise<void>;
}

/** Runs parts as processes: who is killed stays dead, as a function does that does not start any more. */
export function createChildren(methods: Methods, emit: Emit): Children {
  const running = new Set<ChildProcess>();
  let isClosing = false;
  return {
    async start(name, orders) {
      const child = fork(CHILD, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
      running.add(child);
      child.on('exit', (code, signal) => {
        running.delete(child);
        if (!isClosing) emit({ event: 'note', text: `${name} ended (${signal ?? `exit code ${code}`})` });
      });
      const ask = createWire(child, methods);
      const started = await ask<string | undefined>('start', orders);
      const { pid = 0 } = child;
      emit({ event: 'note', text: `${name} is process ${pid}` });
      return { pid, started, handle: (message) => ask('handle', message) };
    },
    async close() {
      isClosing = true;
      await Promise.all([...running].map((child) => (child.kill('SIGKILL') ? once(child, 'exit') : undefined)));
    },
  };
}
