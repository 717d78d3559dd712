/** `cdk synth` as people run it, bundles and all: without network and account, without a finding of cdk-nag or CloudFormation's rules. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { LARGE, PLAIN, SMALL, WIDE } from '../cdk/configurations.ts';
import { offline, preload } from '../cdk/offline.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const home = mkdtempSync(path.join(tmpdir(), 'synth-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
afterEach(() => expect(noted()).toEqual([]));

const LARGEST = '40 nodes and 10 records in less than 30 s';
const { env, noted } = offline(home);

async function synth(name: string, args: string[], more: Record<string, string> = {}) {
  const out = path.join(home, `${name}.out`);
  const run = promisify(execFile)('cdk', ['synth', '--quiet', '--no-notices', '--output', out, ...args], {
    cwd: ROOT,
    env: { ...env, ...more },
  });
  const { code, stdout, stderr } = await run.then(
    (said) => ({ code: 0, ...said }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
  return { out, code, stdout, stderr };
}

const written = (name: string, yaml: string): string[] => {
  const file = path.join(home, `${name}.yaml`);
  writeFileSync(file, yaml);
  return ['--context', `config=${file}`];
};

describe('cdk synth without network or account', () => {
  it.each([
    ['the example', []],
    ['3 vantages and 1 replica', written('small', SMALL)],
    ['5 vantages and 3 replicas', written('wide', WIDE)],
    ['no records', written('plain', PLAIN)],
    ['a name for the status page', written('named', `${SMALL}domain: status.example.org\n`)],
    [LARGEST, written('large', LARGE)],
  ])('%s: no finding', { timeout: 120_000 }, async (name, args) => {
    const startedAt = performance.now();
    const { out, code, stdout, stderr } = await synth(name.replaceAll(' ', '-'), args);
    const notes = stderr.split('\n').filter((line) => !/^$|^Successfully synthesized|^Supply a stack id/.test(line));
    expect({ code, stdout, notes }).toEqual({ code: 0, stdout: '', notes: [] });
    if (name === LARGEST) expect(performance.now() - startedAt).toBeLessThan(30_000);
    expect(JSON.parse(readFileSync(path.join(out, 'validation-report.json'), 'utf8')).pluginReports).toEqual([]);
    expect(readdirSync(out).filter((file) => file.endsWith('.template.json')).length).toBeGreaterThan(5);
  });

  it.each([
    ['cdk-nag', 'SOFT', /\bAwsSolutions-SQS4\b/],
    ['CloudFormation’s own rules', 'WRONG', /\bCloudFormation-Validate::F3012\b/],
  ])('fails, and says why, where there is a finding of %s', { timeout: 120_000 }, async (_, queue, rule) => {
    const planted = {
      NODE_OPTIONS: `${env.NODE_OPTIONS} ${preload('test/extra/planted-queue.ts')}`,
      PLANTED_QUEUE: queue,
    };
    const { code, stderr } = await synth(`planted-${queue}`, written('planted', PLAIN), planted);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(rule);
    expect(stderr).toContain('Planted/Queue');
  });

  it('says what is wrong with a configuration, without a stack trace', { timeout: 60_000 }, async () => {
    const { code, stderr } = await synth('wrong', written('wrong', PLAIN.replace('name: plain', 'nome: plain')));
    expect(code).not.toBe(0);
    expect(stderr).toContain('nome: line 2: is not a known key (write name)');
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  it('says what cannot be deployed, without a stack trace', { timeout: 60_000 }, async () => {
    const { code, stderr } = await synth('elsewhere', written('elsewhere', WIDE.replace('eu-west-3]', 'sa-east-1]')));
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/^table\.replicas: sa-east-1 has no strong tables \(write three of .*\)\n/);
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/own';

  it('takes its options from the context', { timeout: 60_000 }, async () => {
    const options = [
      'protect=false',
      'reserveConcurrency=false',
      'permissionsBoundary=limit',
      'adopt=group',
      `secretKeys=${KEY}`,
    ];
    const context = options.flatMap((option) => ['--context', option]);
    const { out, code } = await synth('options', [...written('options', SMALL), ...context]);
    expect(code).toBe(0);
    const templates = readdirSync(out).filter((file) => file.endsWith('.template.json'));
    const text = templates.map((file) => readFileSync(path.join(out, file), 'utf8')).join('');
    for (const there of ['policy/limit', '_quorumwatch.g.example.org', KEY]) expect(text).toContain(there);
    for (const gone of ['ReservedConcurrentExecutions', '"Retain"']) expect(text).not.toContain(gone);
  });

  it('never deploys the example by mistake', { timeout: 60_000 }, async () => {
    const { code, stderr } = await synth('mistake', [], { CDK_DEFAULT_ACCOUNT: '210987654321' });
    expect(code).not.toBe(0);
    expect(stderr).toContain('config: there is no quorumwatch.config.ts (write one, or -c config=FILE)');
  });
});
