import '../older-node.ts';
import { parentPort } from 'node:worker_threads';
import { type RunOptions, simulate } from './run.ts';

/** A thread of `simulateAll`: one run a message. */
parentPort?.on('message', async (run: RunOptions) => parentPort?.postMessage(await simulate(run)));
