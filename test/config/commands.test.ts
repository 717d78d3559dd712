import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { initCommand } from '../../lib/cli/init.ts';
import { schemaCommand } from '../../lib/cli/schema.ts';
import { validateCommand } from '../../lib/cli/validate.ts';
import { configDocs } from '../../lib/config/docs.ts';

function recorder() {
  const said = { stdout: '', stderr: '' };
  return {
    said,
    stdout: { write: (text: string) => (said.stdout += text) },
    stderr: { write: (text: string) => (said.stderr += text) },
  };
}

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'quorumwatch-commands-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('init', () => {
  it('writes a configuration that is valid, and never over another', async () => {
    const first = recorder();
    expect(await initCommand({ directory, ...first })).toBe(0);
    expect(first.said.stdout).toContain('wrote quorumwatch.config.yaml');
    const file = join(directory, 'quorumwatch.config.yaml');
    expect(await validateCommand({ file, ...recorder() })).toBe(0);

    await writeFile(file, 'mine');
    const second = recorder();
    expect(await initCommand({ directory, ...second })).toBe(2);
    expect(second.said).toEqual({
      stdout: '',
      stderr: 'quorumwatch.config.yaml: the file is there already (edit it, or move it away first)\n',
    });
    expect(await readFile(file, 'utf8')).toBe('mine');
  });

  it('says in one line when it cannot write', async () => {
    const { said, ...outputs } = recorder();
    expect(await initCommand({ directory: join(directory, 'absent'), ...outputs })).toBe(2);
    expect(said.stderr).toMatch(
      /^quorumwatch\.config\.yaml: it cannot be written: .* \(choose a directory that can be written to\)\n$/,
    );
  });
});

describe('validate', () => {
  const bad = 'name: x\nvantages: [a]\ninterval: soon\nnodes: {}\n';

  it('prints faults on stderr and exits 2', async () => {
    const file = join(directory, 'bad.yaml');
    await writeFile(file, bad);
    const { said, ...outputs } = recorder();
    expect(await validateCommand({ file, ...outputs })).toBe(2);
    expect(said.stdout).toBe('');
    expect(said.stderr.split('\n')).toEqual([
      'vantages: line 2: one vantage cannot outvote a mistaken one (write at least three regions, or allowFewVantages: true)',
      'interval: line 3: "soon" is not a duration (write a whole number and ms, s, m, h or d, like 30s)',
      expect.stringMatching(/^nodes: line 4: there is no node \(/),
      '',
    ]);
  });

  it('prints one object with --json', async () => {
    const file = join(directory, 'bad.yaml');
    await writeFile(file, bad);
    const { said, ...outputs } = recorder();
    expect(await validateCommand({ file, json: true, ...outputs })).toBe(2);
    const { ok, faults, warnings } = JSON.parse(said.stdout);
    expect({ ok, warnings, lines: faults.map(({ line }: { line: number }) => line) }).toEqual({
      ok: false,
      warnings: [],
      lines: [2, 3, 4],
    });
  });

  it('prints warnings for people on stdout and exits 0', async () => {
    const { said, ...outputs } = recorder();
    expect(await validateCommand({ file: 'test/testdata/config/good/minimal.yaml', ...outputs })).toBe(0);
    expect(said).toEqual({
      stdout: [
        'warning: test/testdata/config/good/minimal.yaml: there is no paging: nobody is told of anything (write paging: with at least one tier)',
        'test/testdata/config/good/minimal.yaml: valid: 1 node, 1 working check, 3 vantages of which 2 must agree',
        '',
      ].join('\n'),
      stderr: '',
    });
  });

  it('warns of vantages that are no regions of AWS, and of tiers that reach nobody', async () => {
    const file = join(directory, 'local.yaml');
    await writeFile(
      file,
      'name: x\nvantages: [a, us-east-1, eu-west-1]\nnodes: { n: { url: http://127.0.0.1, checks: { api: { type: http } } } }\npaging: { tiers: [{}] }\n',
    );
    const { said, ...outputs } = recorder();
    expect(await validateCommand({ file, json: true, ...outputs })).toBe(0);
    expect(JSON.parse(said.stdout).warnings.map(({ path }: { path: string }) => path)).toEqual([
      'vantages[0]',
      'paging.tiers[0]',
    ]);
  });

  it.each([
    ['ops: { events: [role], url: https://ops.example.org }', []],
    [
      'ops: { events: [role], nodes: [n3], url: https://ops.example.org }',
      ['records.api.fence', 'records.api.fence', 'hooks.ops.events'],
    ],
    ['ops: { events: [role], nodes: [n1], url: https://ops.example.org }', ['records.api.fence']],
    ['ops: { events: [page], url: https://ops.example.org }', ['records.api.fence', 'records.api.fence']],
  ])('warns of hooks that wait for roles nobody has, and of fences whose pause nobody confirms: %s', async (hook, paths) => {
    const file = join(directory, 'roles.yaml');
    const node = (port: number) => `{ url: "https://eu.example.org:${port}", checks: { api: { type: http } } }`;
    await writeFile(
      file,
      `name: x
vantages: [a, b, c]
nodes: { n1: ${node(1)}, n2: ${node(2)}, n3: ${node(3)} }
records:
  api:
    name: api.example.org
    zone: example.org
    members: [{ node: n1, value: 192.0.2.1, role: primary }, { node: n2, value: 192.0.2.2, role: secondary }]
    fence: required
paging: { tiers: [{ email: [ops@example.org] }] }
hooks: { ${hook} }
`,
    );
    const { said, ...outputs } = recorder();
    expect(await validateCommand({ file, json: true, ...outputs })).toBe(0);
    const warned = JSON.parse(said.stdout).warnings.map(({ path }: { path: string }) => path);
    expect(warned.filter((path: string) => /fence|hooks/.test(path))).toEqual(paths);
  });
});

describe('schema', () => {
  it('prints a JSON Schema in which every text may come from the environment, and ids may not', async () => {
    const { said, ...outputs } = recorder();
    expect(await schemaCommand(outputs)).toBe(0);
    const { $defs } = JSON.parse(said.stdout);
    expect($defs.Node.properties.url).toEqual({
      description: 'What `http` checks and their like ask.',
      anyOf: [{ type: 'string' }, { $ref: '#/$defs/Environment' }],
    });
    expect($defs.Node.properties.checks.propertyNames.anyOf).toBeUndefined();
    expect($defs.HttpCheck.additionalProperties).toBe(false);
    expect($defs.HttpExpect.properties.time.$ref).toBe('#/$defs/TimeLimits');
  });
});

describe('docs/config.md', () => {
  it('is current (npm run docs writes it)', async () => {
    await expect(configDocs()).toMatchFileSnapshot('../../docs/config.md');
  });
});
