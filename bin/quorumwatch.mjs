#!/usr/bin/env node
// The package holds JavaScript, for every Node that the CDK runs on. A checkout holds TypeScript, which Node 24 runs as it is; an
// older one hands over to the Node that npm installed beside us.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('./quorumwatch.ts', import.meta.url));
if (!existsSync(main)) {
  await import('../dist/bin/quorumwatch.js');
} else if (process.features.typescript) {
  await import(main);
} else {
  const node = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  child.on('error', () => {
    process.stderr.write('quorumwatch: Node.js 24 is needed (run npm ci, which brings it along)\n');
    process.exitCode = 2;
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => {
    process.exitCode = code ?? 1;
  });
}
