import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { doctorCommand } from '../../lib/cli/doctor.ts';
import { CELL, startAccount } from '../doctor/world.ts';
import { run } from './output.ts';

afterEach(() => void vi.unstubAllEnvs());

it('says of each assumption whether it holds, and what to do where it does not', async () => {
  const account = await startAccount();
  account.aws.sns.sandboxed.add('us-east-2');
  const out: string[] = [];
  const io = {
    stdout: { write: (text: string) => out.push(text) },
    stderr: { write: () => {} },
    signal: new AbortController().signal,
  };
  const { cell, clock } = account;
  const code = await doctorCommand({ cell, clock, only: ['sms-sandbox', 'queues'], json: false, ...io });
  await account.close();
  expect(
    out.join(''),
  ).toBe(`holds    queues: Every vantage and every arbiter has its queue, under the name that follows from the configuration.
fails    sms-sandbox: Text messages reach every number of the configuration.
           us-east-2 text messages do not reach +12025550100: the account is in the SMS sandbox (verify the number there, or ask AWS to leave the sandbox)

1 of 2 assumptions hold. What to do is in brackets.
`);
  expect(code).toBe(1);
});

it('without credentials it asks nobody', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quorumwatch-'));
  const config = join(folder, 'c.yaml');
  writeFileSync(config, CELL);
  for (const [name, value] of Object.entries({
    AWS_EC2_METADATA_DISABLED: 'true',
    HOME: folder,
    AWS_SHARED_CREDENTIALS_FILE: config,
  }))
    vi.stubEnv(name, value);
  const { code, out, err } = await run('doctor', '--config', config);
  rmSync(folder, { recursive: true });
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(/^credentials: .+ \(run aws configure or aws sso login, or set AWS_PROFILE\)\n$/);
});
