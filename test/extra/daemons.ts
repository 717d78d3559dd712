import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Debian's packages, by the program that is started. */
const PACKAGES: Record<string, string> = {
  nginx: 'nginx',
  haproxy: 'haproxy',
  named: 'bind9',
  openssl: 'openssl',
  tinyproxy: 'tinyproxy-bin',
};
const missing = (program: string) => {
  const package_ = PACKAGES[program];
  return new Error(`${program} is missing (${package_ ? `apt-get install ${package_}` : 'npm run setup:probes'})`);
};
const READY_MS = 10_000;

/** Real servers and their files, in a directory that goes with them. */
export interface Daemons {
  directory: string;
  /** Writes a file and gives its path. */
  write(name: string, text: string): string;
  read(name: string): string;
  /** Starts a program in the foreground and waits until it listens, and has said this. */
  start(program: string, args: string[], port: number, ready?: RegExp): Promise<void>;
  /** Runs a program to its end, in the directory. */
  run(program: string, ...args: string[]): void;
  stop(): Promise<void>;
}

export function createDaemons(): Daemons {
  const directory = mkdtempSync(path.join(tmpdir(), 'quorumwatch-'));
  const running: ChildProcess[] = [];
  return {
    directory,
    write(name, text) {
      const file = path.join(directory, name);
      writeFileSync(file, text);
      return file;
    },
    read: (name) => readFileSync(path.join(directory, name), 'utf8'),
    async start(program, args, port, ready = /^/) {
      let said = '';
      let ended: Error | undefined;
      const child = spawn(program, args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'], env: withSbin() });
      running.push(child);
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (chunk) => {
          said = `${said}${chunk}`.slice(-4_000);
        });
      child.on('error', () => {
        ended = missing(program);
      });
      child.on('exit', (code) => {
        ended ??= new Error(`${program} ended with ${code}: ${said}`);
      });
      const giveUpAt = Date.now() + READY_MS;
      while (!(await listens(port)) || !ready.test(said)) {
        if (ended) throw ended;
        if (Date.now() > giveUpAt) throw new Error(`${program} does not listen on ${port}: ${said}`);
        await wait(50);
      }
    },
    run(program, ...args) {
      try {
        execFileSync(program, args, { cwd: directory, stdio: 'pipe', env: withSbin() });
      } catch (error) {
        throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? missing(program) : error;
      }
    },
    async stop() {
      const ends = running.map((child) => child.exitCode === null && new Promise((done) => child.once('exit', done)));
      for (const child of running) child.kill('SIGTERM');
      await Promise.all(ends);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Servers live where only root's path leads. */
const withSbin = () => ({ ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` });

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

/** Ports that were free a moment ago: these servers do not choose for themselves. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
