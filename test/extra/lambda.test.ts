import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { type LambdaEnvironment, startLambda } from './lambda.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'lambda-'));
writeFileSync(
  path.join(folder, 'index.mjs'),
  `let count = 0;
export const handler = async ({ ms }) => {
  count++;
  await new Promise((done) => setTimeout(done, ms));
  return { count, pid: process.pid };
};`,
);
let lambda: LambdaEnvironment;
afterEach(async () => {
  await lambda.close();
  rmSync(folder, { recursive: true });
});

it('ends an invocation whose time is over, and its process with it; the next one begins anew', async () => {
  lambda = await startLambda(folder, 'index.handler', { AWS_REGION: 'eu-west-1' }, 1_000);
  expect(await lambda.invoke({ ms: 0 })).toMatchObject({ count: 1 });
  const { pid } = (await lambda.invoke({ ms: 0 })) as { pid: number };
  await expect(lambda.invoke({ ms: 60_000 })).rejects.toThrow(/^request-3 Task timed out after 1\.00 seconds$/);
  await expect.poll(() => isRunning(pid)).toBe(false);
  expect(await lambda.invoke({ ms: 0 })).toMatchObject({ count: 1 });
  expect(lambda.log().join()).toContain('Task timed out after 1.00 seconds');
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
