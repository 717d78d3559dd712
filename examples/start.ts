/** `npm start`: the three small nodes of local.yaml as processes of their own, and the local system that watches them. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { main } from '../lib/cli/main.ts';

const NODES = { alpha: 8101, beta: 8102, gamma: 8103 };
const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

const children = Object.entries(NODES).map(([name, port]) => {
  const child = spawn(process.execPath, [pathOf('node.ts'), String(port), name], { stdio: 'inherit' });
  process.stdout.write(`${name.padEnd(5)} on port ${port}: stop it with  kill ${child.pid}  and start it with  npm run node ${port} ${name} &\n`);
  return child;
});
process.stdout.write('A node lies from  curl -X POST http://127.0.0.1:8101/wrong  on, and is honest again after  …/right\n\n');

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
const argv = ['local', pathOf('local.yaml'), '--interval', '2s', ...process.argv.slice(2)];
process.exitCode = await main(argv, { stdout: process.stdout, stderr: process.stderr, signal: stop.signal });
for (const child of children) child.kill();
if (stop.signal.aborted) process.exit();
