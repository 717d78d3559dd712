/** What of docs/operating.md takes its time: the CDK's commands as syntheses (docs/deploying.md's too), doctor in an account, the alarms of the templates. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { prefixOf } from '../../lib/aws/names.ts';
import { example, SMALL } from '../cdk/configurations.ts';
import { offline } from '../cdk/offline.ts';
import { type Resource, synthesised } from '../cdk/synthesis.ts';
import { startAccount } from '../doctor/world.ts';
import { after, commandsOf, operating, pageOf } from './commands.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COMMANDS = commandsOf(operating());
const home = mkdtempSync(path.join(tmpdir(), 'operating-'));
/** A vantage was taken off the list, and its stack is still there. */
writeFileSync(path.join(home, 'before.yaml'), example());
writeFileSync(path.join(home, 'quorumwatch.config.yaml'), example().replace(', sa-east-1', ''));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const { env, noted } = offline(home);

/** What a command does before it asks AWS: synthesis, and the choice of stacks. */
async function cdk([name = '', ...words]: readonly string[]): Promise<string> {
  const verb = name === 'ls' ? 'ls' : 'synth';
  const args = words.filter((word) => word !== '--force');
  const app = `node ${path.join(ROOT, 'bin/app.ts')}`;
  const run = await promisify(execFile)('cdk', [verb, '--quiet', '--no-notices', '--app', app, ...args], { cwd: home, env });
  return run.stdout;
}

describe('cdk, without network or account:', () => {
  afterEach(() => expect(noted()).toEqual([]));

  const all = [...COMMANDS, ...commandsOf(pageOf('deploying.md'))];
  const commands = after(all, 'npx', 'cdk').filter(([verb]) => verb !== 'bootstrap');
  const distinct = [...new Map(commands.map((words) => [words.join(' '), words]))];
  it.each(distinct)('%s', { timeout: 120_000 }, async (_, words) => {
    await expect(cdk(words)).resolves.toEqual(expect.any(String));
  });

  it('a stack that there is not is noticed', { timeout: 120_000 }, async () => {
    await expect(cdk(['destroy', '--exclusively', 'Quorumwatch/Vantage-mars-1'])).rejects.toThrow(/No stack/i);
  });
});

describe('doctor', () => {
  it.each(after(COMMANDS, 'npx', 'quorumwatch', 'doctor').map((words) => [words.join(' '), words]))('%s', async (_, words) => {
    const account = await startAccount();
    const { code } = await account.doctor(words.filter((word) => word !== '--only'));
    await account.close();
    expect(code).toBe(0);
  });
});

/** `quorumwatch-example-silent-REGION` as an expression: REGION and its like stand for whatever is in their place. */
const patternOf = (name: string): RegExp =>
  new RegExp(
    `^${name
      .replace('example', 'NAME')
      .replaceAll('.', '\\.')
      .replaceAll(/\b[A-Z]{3,}\b/g, '[\\w.-]+')}$`,
  );

describe('the alarms', () => {
  const named = [...operating().matchAll(/^\| `(quorumwatch-example-[^`]+)` \|/gm)].map(([, name = '']) => patternOf(name));
  const alarmsOf = (yaml: string): string[] => {
    const { stacks } = synthesised(yaml);
    const resources = Object.values(stacks).flatMap(({ Resources }): Resource[] => Object.values(Resources));
    return resources.flatMap(({ Type, Properties }) => (Type.startsWith('AWS::CloudWatch') ? (Properties.AlarmName ?? []) : []));
  };

  it.each([
    ['the example', example()],
    ['small', SMALL],
  ])('of %s are all explained', (_, yaml) => {
    const alarms = alarmsOf(yaml);
    expect(alarms.length).toBeGreaterThan(8);
    expect(alarms.filter((alarm) => !named.some((pattern) => pattern.test(alarm)))).toEqual([]);
  });

  it('that are explained are there', () => {
    const alarms = alarmsOf(example());
    expect(named.filter((pattern) => !alarms.some((alarm) => pattern.test(alarm)))).toEqual([]);
    expect(alarms[0]).toContain(prefixOf('example'));
  });
});
