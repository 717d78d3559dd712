/** The package as npm installs it, in an empty project: the commands, the CDK app that it ships, and the construct in another's app. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { cellOf, SMALL } from '../cdk/configurations.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const home = mkdtempSync(path.join(tmpdir(), 'package-'));
const project = path.join(home, 'project');
const tarball = path.join(home, `quorumwatch-${packageJson.version}.tgz`);
afterAll(() => rmSync(home, { recursive: true, force: true }), 120_000);

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** No credentials, and nothing of this checkout but its Node. */
const env = { PATH: process.env.PATH, HOME: home, AWS_EC2_METADATA_DISABLED: 'true', CDK_DISABLE_CLI_TELEMETRY: 'true' };

/** Runs in the project. */
async function run(command: string, args: readonly string[], { cwd = project, ...more }: { cwd?: string; env?: object } = {}) {
  const ran = promisify(execFile)(command, args, { cwd, env: { ...env, ...more.env }, maxBuffer: 2 ** 26 });
  return ran.then(
    (said) => ({ code: 0, ...said }),
    (error: Ran) => error,
  );
}
const write = (name: string, text: string): void => writeFileSync(path.join(project, name), text);
const versionOf = (name: 'aws-cdk' | 'aws-cdk-lib' | 'constructs'): string => `${name}@${packageJson.devDependencies[name]}`;

beforeAll(async () => {
  expect(await run('npm', ['pack', '--silent', '--pack-destination', home], { cwd: ROOT })).toMatchObject({ code: 0 });
  mkdirSync(project);
  // What `npm init` writes; older ones leave `type` out, and mean the same.
  write('package.json', '{ "name": "project", "version": "1.0.0", "type": "commonjs" }\n');
  const wanted = [tarball, versionOf('aws-cdk'), versionOf('aws-cdk-lib'), versionOf('constructs')];
  expect(await run('npm', ['install', '--no-audit', '--no-fund', ...wanted], { env: process.env })).toMatchObject({ code: 0 });
  // Elsewhere, or npx would run everything by it.
  expect(
    await run('npm', ['install', '--no-audit', '--prefix', path.join(home, 'old'), 'node@20'], { env: process.env }),
  ).toMatchObject({
    code: 0,
  });
  write('small.yaml', SMALL);
  write('typed.ts', TYPED);
  write('wrong.yaml', SMALL.replace('name: small', 'nome: small'));
}, 300_000);

it('holds JavaScript with its types and three bundles: every page of the documentation, no TypeScript to run, no test, no example but one', async () => {
  const files = (await run('tar', ['--list', '--file', tarball])).stdout.trim().split('\n');
  const unexpected = files.filter(
    (file) => !/\.(js|d\.ts|css|svg)$|^package\/(README\.md|LICENSE|package\.json|docs\/\w+\.md)$/.test(file),
  );
  expect(
    unexpected.filter((file) => !/^package\/dist\/lambdas\/(prober|arbiter|web|gate)\/[\w-]+\.mjs$/.test(file)).toSorted(),
  ).toEqual([
    'package/bin/quorumwatch.mjs',
    'package/dist/cdk.json',
    'package/dist/examples/aws.yaml',
    'package/dist/package.json',
    'package/docs/page.schema.json',
  ]);
  // What commands, faults and the README send people to.
  for (const page of readdirSync(path.join(ROOT, 'docs')).filter((name) => name.endsWith('.md')))
    expect(files).toContain(`package/docs/${page}`);
  for (const role of ['prober', 'arbiter', 'web', 'gate']) expect(files).toContain(`package/dist/lambdas/${role}/index.mjs`);
  expect(files.filter((file) => file.includes('/test/'))).toEqual([]);
});

it('takes the CDK from the project', () => {
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(path.join(project, 'node_modules/quorumwatch/package.json'), 'utf8'),
  );
  expect(Object.keys(peerDependencies)).toEqual(['aws-cdk-lib', 'constructs']);
  expect(Object.keys(dependencies)).not.toContain('aws-cdk-lib');
  expect(readdirSync(path.join(project, 'node_modules/quorumwatch'))).not.toContain('node_modules');
});

/** A configuration in TypeScript, as people write it. */
const TYPED = `import { defineConfig } from 'quorumwatch';

const nodes = Object.fromEntries(
  ['eu1', 'us1'].map((id) => [id, { url: \`https://\${id}.example.org\`, checks: { home: { type: 'http' as const } } }]),
);

export default defineConfig({ name: 'typed', vantages: ['eu-west-1', 'us-east-2', 'sa-east-1'], nodes });
`;

/** Each has one check. */
const NODES = cellOf(SMALL).nodes.length;

describe('npx quorumwatch', () => {
  const valid = (name: string, nodes: number) =>
    `${name}: valid: ${nodes} nodes, ${nodes} working checks, 3 vantages of which 2 must agree`;

  it('says its version, and what it can', async () => {
    expect(await run('npx', ['quorumwatch', '--version'])).toMatchObject({ code: 0, stdout: `${packageJson.version}\n` });
    expect((await run('npx', ['quorumwatch'])).stdout).toContain('validate FILE');
  });

  it.each([
    ['small.yaml', NODES],
    ['typed.ts', 2],
  ])('validates %s, in a project of CommonJS', async (name, nodes) => {
    const { code, stdout, stderr } = await run('npx', ['quorumwatch', 'validate', name]);
    expect({ code, stderr: stderr.replaceAll(/^npm .*\n/gm, '') }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trim().split('\n').at(-1)).toBe(valid(name, nodes));
  });

  it('says what is wrong in one line', async () => {
    const { code, stderr } = await run('npx', ['quorumwatch', 'validate', 'wrong.yaml']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^(\S.*\(write .*\)\n){2}$/),
    });
  });

  it('runs on Node.js 20 too, which takes YAML and JSON alone', async () => {
    const node20 = path.join(home, 'old/node_modules/.bin/node');
    const quorumwatch = 'node_modules/quorumwatch/bin/quorumwatch.mjs';
    expect((await run(node20, ['--version'])).stdout).toMatch(/^v20\./);
    const { code, stdout } = await run(node20, [quorumwatch, 'validate', 'small.yaml']);
    expect({ code, last: stdout.trim().split('\n').at(-1) }).toEqual({ code: 0, last: valid('small.yaml', NODES) });
    const simulated = await run(node20, [quorumwatch, 'simulate', '--runs', '1', '--json']);
    expect(JSON.parse(simulated.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ runs: 1, violations: [] });
    const { stderr } = await run(node20, [quorumwatch, 'validate', 'typed.ts']);
    expect(stderr).toMatch(
      /^typed\.ts: Node\.js 20\.[\d.]+ does not run TypeScript \(use Node\.js 22\.18 or newer, or write YAML or JSON\)\n$/,
    );
  });
});

/** Templates by stack, which name codes by their hash. The CDK's own metadata names how a stack was made. */
function templatesIn(out: string): Record<string, object> {
  const files = readdirSync(out).filter((file) => file.endsWith('.template.json'));
  return Object.fromEntries(
    files.map((file) => {
      const template = JSON.parse(readFileSync(path.join(out, file), 'utf8'));
      delete template.Resources.CDKMetadata;
      return [file, template];
    }),
  );
}
const assetsIn = (out: string): string[] => readdirSync(out).filter((name) => /^asset\.[0-9a-f]{64}$/.test(name));

/** Every file of every function's code, with a hash of its bytes. */
function codeIn(out: string): Record<string, string> {
  const files = assetsIn(out).flatMap((asset) =>
    readdirSync(path.join(out, asset), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(out, path.join(entry.parentPath, entry.name))),
  );
  const hashOf = (file: string): string =>
    createHash('sha256')
      .update(readFileSync(path.join(out, file)))
      .digest('hex');
  return Object.fromEntries(files.map((file) => [file, hashOf(file)]));
}

const synth = (out: string, app: string, cwd = project): Promise<Ran> => {
  const options = ['--quiet', '--no-notices', '--no-version-reporting', '--output', out, '--context'];
  return run('npx', ['cdk', 'synth', ...options, `config=${path.join(project, 'small.yaml')}`, '--app', app], { cwd });
};

describe('npx cdk synth', { timeout: 120_000 }, () => {
  it('gives, by the app of the package, what a checkout gives: the same templates, and the same code byte for byte', async () => {
    const [ours, theirs] = ['checkout.out', 'package.out'].map((name) => path.join(home, name)) as [string, string];
    expect(await synth(ours, 'node bin/app.ts', ROOT)).toMatchObject({ code: 0 });
    expect(await synth(theirs, 'npx quorumwatch app')).toMatchObject({ code: 0 });
    expect(Object.keys(templatesIn(theirs)).length).toBeGreaterThan(5);
    const code = codeIn(theirs);
    for (const file of ['index.mjs', 'cell.json'])
      expect(Object.keys(code).filter((name) => name.endsWith(`/${file}`))).toHaveLength(4);
    expect(code).toEqual(codeIn(ours));
    expect(templatesIn(theirs)).toEqual(templatesIn(ours));
  });

  it('puts the configuration beside each bundle', async () => {
    const out = path.join(home, 'package.out');
    const assets = assetsIn(out);
    expect(assets).toHaveLength(4);
    for (const asset of assets) {
      expect(readdirSync(path.join(out, asset))).toContain('index.mjs');
      expect(JSON.parse(readFileSync(path.join(out, asset, 'cell.json'), 'utf8'))).toMatchObject({ name: 'small', quorum: 2 });
    }
  });

  it('says what is wrong in one line', async () => {
    const { code, stderr } = await run('npx', ['cdk', 'synth', '--app', 'npx quorumwatch app', '-c', 'config=wrong.yaml']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('nome: line 2: is not a known key (write name)\n');
    expect(stderr).not.toMatch(/\n\s+at /);
  });

  const OWN = `
const app = new App();
const monitor = new Quorumwatch(app, 'Monitor', { config: {
  name: 'own',
  vantages: ['eu-west-1', 'us-east-2', 'sa-east-1'],
  nodes: { a: { url: 'https://a.example.org', checks: { home: { type: 'http' } } }, b: { url: 'https://b.example.org', checks: { home: { type: 'http' } } } },
  records: { www: { name: 'www.example.org', zone: 'example.org', policy: 'weighted', members: [{ node: 'a', value: '192.0.2.1' }, { node: 'b', value: '192.0.2.2' }] } },
  paging: { regions: ['us-east-2', 'eu-west-1'], tiers: [{ email: ['ops@example.org'] }] },
} });
monitor.topics['us-east-2'].tiers[0].addSubscription(new EmailSubscription('boss@example.org'));
const stack = new Stack(app, 'Own', { env: { account: '123456789012', region: 'eu-west-1' } });
new CfnRecordSet(stack, 'Set', {
  name: 'own.example.org.', hostedZoneName: 'example.org.', type: 'A', ttl: '60', resourceRecords: ['192.0.2.1'],
  setIdentifier: 'a', weight: 1, healthCheckId: monitor.switchOf('www', 'a').healthCheckId,
});
app.synth();
`;
  const ESM = `import { App, Stack } from 'aws-cdk-lib';
import { CfnRecordSet } from 'aws-cdk-lib/aws-route53';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Quorumwatch } from 'quorumwatch/cdk';
`;
  const COMMONJS = ESM.replaceAll(/import (\{.*\}) from ('.*');/g, 'const $1 = require($2);');

  it.each([
    ['ES modules', 'own.mjs', ESM],
    ['CommonJS', 'own.cjs', COMMONJS],
  ])('takes the construct in an app of %s', async (_, name, imports) => {
    write(name, `${imports}${OWN}`);
    const out = path.join(home, `${name}.out`);
    const { code, stderr } = await synth(out, `node ${name}`);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const text = JSON.stringify(templatesIn(out));
    for (const there of ['boss@example.org', 'own.example.org.', 'quorumwatch-own-vantage']) expect(text).toContain(there);
  });

  it('has types for both entries', async () => {
    write(
      'own.mts',
      `${ESM}import type {} from 'quorumwatch';\n${OWN.replace("topics['us-east-2'].tiers[0].", "topics['us-east-2']?.tiers[0]?.")}`,
    );
    write('typed.mts', TYPED);
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2022', '--types', ''];
    const tsc = (...files: string[]) => run(path.join(ROOT, 'node_modules/.bin/tsc'), [...options, ...files]);
    expect(await tsc('own.mts', 'typed.mts')).toMatchObject({ code: 0, stdout: '' });
    write('mistyped.mts', TYPED.replace('vantages', 'vantage'));
    expect(await tsc('mistyped.mts')).toMatchObject({
      code: expect.not.stringMatching('0'),
      stdout: expect.stringContaining("'vantage'"),
    });
  });
});
