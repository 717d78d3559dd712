import '../lib/older-node.ts';
import { main } from '../lib/cli/main.ts';

const stop = new AbortController();
// A terminal's Ctrl-C comes twice: from the terminal, and from whoever started us and passes it on.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());

// Whoever read us may have gone, like `head`: that is no fault of ours to report.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });

process.exitCode = await main(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr, signal: stop.signal });
// Whatever a command left behind, a timer or a kept connection, must not keep the shell waiting.
if (stop.signal.aborted) process.exit();
