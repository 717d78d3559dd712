import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Bundle, bundle, MAX_START_BYTES, MAX_TOTAL_BYTES } from '../../lib/aws/bundle.ts';
import { ROLES } from '../../lib/cdk/code.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'quorumwatch-bundle-'));
const bundles = new Map<string, Bundle>();
beforeAll(async () => {
  for (const role of ROLES) bundles.set(role, await bundle(role, path.join(folder, role)));
});
afterAll(() => rmSync(folder, { recursive: true }));

const packagesOf = (files: readonly string[]): string[] => [
  ...new Set(files.flatMap((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [])),
];

it('no function starts with more than it may, nor has more', () => {
  for (const role of ROLES) {
    const { startBytes = 0, totalBytes = 0 } = bundles.get(role) ?? {};
    expect(startBytes, role).toBeGreaterThan(150_000);
    expect(startBytes, role).toBeLessThanOrEqual(MAX_START_BYTES[role]);
    expect(totalBytes, role).toBeGreaterThan(startBytes);
    expect(totalBytes, role).toBeLessThanOrEqual(MAX_TOTAL_BYTES[role]);
  }
});

it('the sizes are those of docs/architecture.md, nearly', () => {
  const page = readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| (\w+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$/gm)].map(([, role, ...kilobytes]) => [
    role,
    ...kilobytes.map((text) => Number(text) * 1_000),
  ]);
  const near = (bytes = 0) => expect.toSatisfy((written: number) => Math.abs(written - bytes) < bytes / 20, `about ${bytes}`);
  const sizes = ROLES.map((role) => {
    const { startBytes, totalBytes } = bundles.get(role) ?? {};
    return [role, near(startBytes), MAX_START_BYTES[role], near(totalBytes), MAX_TOTAL_BYTES[role]];
  });
  expect(rows).toEqual(sizes);
});

it('a prober starts without what only some checks need, and has it all the same', () => {
  const { startFiles = [], files = [] } = bundles.get('prober') ?? {};
  const some = ['re2js', 'ws', 'dns-packet', '@aws-lambda-powertools/jmespath', 'croner', '@aws-sdk/client-ssm'];
  expect(packagesOf(files)).toEqual(expect.arrayContaining(some));
  expect(packagesOf(startFiles).filter((name) => some.includes(name))).toEqual([]);
  expect(packagesOf(startFiles)).toContain('undici');
});

it('none holds what only a command line or a deployment needs', () => {
  const strange = /^(zod|yaml|aws-cdk-lib|constructs|esbuild|dynalite|@hono)/;
  for (const role of ROLES) expect(packagesOf(bundles.get(role)?.files ?? []).filter((name) => strange.test(name))).toEqual([]);
});
