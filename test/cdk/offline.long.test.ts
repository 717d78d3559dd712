/** That it would be seen: what syntheses are said to do without. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { offline } from './offline.ts';

const home = mkdtempSync(path.join(tmpdir(), 'offline-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

it.each([
  ['await fetch("https://203.0.113.1/")', 'connect 203.0.113.1'],
  ['await fetch("http://example.org/")', 'connect example.org'],
  ['await import("node:https").then((https) => https.get("https://example.org/").on("error", () => {}))', 'connect example.org'],
  ['(await import("node:net")).connect(443, "example.org").on("error", () => {})', 'connect example.org'],
  ['await (await import("node:dns/promises")).lookup("example.org")', 'lookup example.org'],
  ['(await import("node:dns")).lookup("example.org", () => {})', 'lookup example.org'],
  ['await new (await import("node:dns/promises")).Resolver().resolve4("example.org")', 'resolve4 example.org'],
])('%s is refused and noted', async (script, what) => {
  const { env, noted } = offline(home);
  const tried = `try { ${script} } catch {}`;
  await promisify(execFile)('node', ['--input-type=module', '--eval', tried], { env });
  expect(noted()).toEqual([expect.stringMatching(new RegExp(`: ${what}$`))]);
});

it('loopback is not', async () => {
  const { env, noted } = offline(home);
  const script = `
    const { createServer } = await import('node:http');
    const server = createServer((_, answer) => answer.end('here')).listen(0, '127.0.0.1', async () => {
      const answer = await fetch(\`http://localhost:\${server.address().port}/\`);
      console.log(await answer.text());
      server.close();
      server.closeAllConnections();
    });`;
  const { stdout } = await promisify(execFile)('node', ['--input-type=module', '--eval', script], { env });
  expect([stdout, noted()]).toEqual(['here\n', []]);
});
