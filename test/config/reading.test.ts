import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { faultLine } from '../../lib/config/faults.ts';
import { loadConfig } from '../../lib/config/load.ts';

const GOOD = new URL('../testdata/config/good/', import.meta.url).pathname;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'quorumwatch-config-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function faultsOf(name: string, text?: string): Promise<string[]> {
  if (text !== undefined) await writeFile(join(directory, name), text);
  const loaded = await loadConfig(join(directory, name), { env: {} });
  return loaded.ok ? [] : loaded.faults.map((fault) => faultLine(fault).replaceAll(`${directory}/`, ''));
}

describe('reading a configuration', () => {
  it('gives the same cell for YAML, JSON and TypeScript', async () => {
    const [yaml, json, module] = await Promise.all(
      ['minimal.yaml', 'minimal.json', 'minimal.ts'].map((name) => loadConfig(join(GOOD, name))),
    );
    expect(yaml).toMatchObject({ ok: true, cell: { name: 'minimal' } });
    expect(json).toMatchObject({ ok: true, cell: yaml?.ok && yaml.cell });
    expect(module).toMatchObject({ ok: true, cell: yaml?.ok && yaml.cell });
  });

  it('accepts the documented example, of which every key works', async () => {
    const loaded = await loadConfig('examples/aws.yaml', { env: { ONCALL_SMS: '+4915112345678' } });
    expect(loaded.ok && loaded.warnings.map(({ path }) => path)).toEqual([]);
  });

  it.each([
    [
      'absent.yaml',
      undefined,
      'absent.yaml: there is no such file (name a file that can be read, or write one with quorumwatch init)',
    ],
    [
      'absent.ts',
      undefined,
      'absent.ts: there is no such file (name a file that can be read, or write one with quorumwatch init)',
    ],
    ['config.toml', 'name = "x"', 'config.toml: .toml is not an ending of a configuration (write .yaml, .json or .ts)'],
    ['void.yaml', '', 'void.yaml: line 1: the file is empty (begin with the output of quorumwatch init)'],
    ['void.json', '', 'void.json: line 1: the file is empty (begin with the output of quorumwatch init)'],
    [
      'loose.json',
      '{\n  name: bad\n}\n',
      "loose.json: line 2: this is not JSON: Expected property name or '}' (write JSON, or rename the file to .yaml)",
    ],
    ['lines.json', '{\n  "nam": "bad"\n}\n', 'nam: line 2: is not a known key (write name)'],
    [
      'none.ts',
      'export const config = {};\n',
      'none.ts: nothing is exported as default (write export default defineConfig({ … }))',
    ],
    [
      'throws.ts',
      "throw new Error('no such region');\n",
      'throws.ts: it cannot be imported: no such region (write a module with export default defineConfig({ … }))',
    ],
    [
      'circle.ts',
      'const a: Record<string, unknown> = {};\na.nodes = a;\nexport default a;\n',
      expect.stringMatching(/^circle\.ts: it cannot be imported: Converting circular structure to JSON .*\(write a module/),
    ],
    ['data.ts', 'export default { nam: 1 };\n', 'nam: is not a known key (write name)'],
  ])('%s: one line that says what to write instead', async (name, text, expected) => {
    expect(await faultsOf(name, text)).toEqual(expect.arrayContaining([expected]));
  });

  it('refuses a directory', async () => {
    await mkdir(join(directory, 'folder.yaml'));
    expect(await faultsOf('folder.yaml')).toEqual([
      'folder.yaml: this is a directory (name a file that can be read, or write one with quorumwatch init)',
    ]);
  });

  it('takes text from the environment, but not a list or a number', async () => {
    const yaml =
      'name: { env: NAME }\nvantages: [a, b, c]\nnodes: { eu1: { url: { env: URL }, checks: { api: { type: http } } } }\n';
    await writeFile(join(directory, 'env.yaml'), yaml);
    const loaded = await loadConfig(join(directory, 'env.yaml'), { env: { NAME: 'from-env', URL: 'http://127.0.0.1:8080' } });
    expect(loaded.ok && [loaded.cell.name, loaded.cell.checks[0]?.probe]).toMatchObject([
      'from-env',
      { url: 'http://127.0.0.1:8080' },
    ]);
    expect(await faultsOf('list.yaml', 'name: x\nvantages: { env: HOME }\nnodes: {}\n')).toContain(
      'vantages: line 2: the environment has no HOME (set HOME)',
    );
  });
});
