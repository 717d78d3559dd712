import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { main } from '../../lib/cli/main.ts';
import { run } from './output.ts';

const LOCAL = 'quorumwatch local FILE [--port P] [--dns-port D] [--interval 2s] [--data DIR] [--children] [--json]';

test.each([
  [['local'], `local: one file is needed (write ${LOCAL})`],
  [['local', 'a.yaml', 'b.yaml'], `local: one file is needed (write ${LOCAL})`],
  [['schema', 'a.yaml'], 'schema: takes no file (write quorumwatch schema)'],
  [['local', 'a.yaml', '--colour'], `local: unknown option '--colour' (write ${LOCAL})`],
  [['local', 'a.yaml', '--port'], `local: option '--port <value>' argument missing (write ${LOCAL})`],
  [['local', 'a.yaml', '--json=yes'], `local: option '--json' does not take an argument (write ${LOCAL})`],
  [['validate', 'a.yaml', '--port', '1'], "validate: unknown option '--port' (write quorumwatch validate FILE [--json])"],
  [['local', 'a.yaml', '--port', 'http'], '--port: "http" is not a port (write 0 to 65535; 0 takes any that is free)'],
  [['local', 'a.yaml', '--port', '1e3'], '--port: "1e3" is not a port (write 0 to 65535; 0 takes any that is free)'],
  [['local', 'a.yaml', '--dns-port', '65536'], '--dns-port: "65536" is not a port (write 0 to 65535; 0 takes any that is free)'],
  [['local', 'a.yaml', '--dns-port='], '--dns-port: "" is not a port (write 0 to 65535; 0 takes any that is free)'],
  [['local', 'a.yaml', '--interval', '2'], '--interval: "2" is not a duration of at least 1s (write 2s)'],
  [['local', 'a.yaml', '--interval', '500ms'], '--interval: "500ms" is not a duration of at least 1s (write 2s)'],
  [
    ['local', 'a.yaml', '--port', '8080', '--dns-port', '8080'],
    "--port: 8080 is the DNS server's port as well (write another one, or 0 for any that is free)",
  ],
  [['status', 'a.yaml'], 'status: takes no file (write quorumwatch status)'],
  [['explain'], 'explain: one incident is needed (write quorumwatch explain INCIDENT)'],
  [
    ['force', 'a', 'in', 'out'],
    'force: a node and in or out are needed (write quorumwatch force NODE in|out --for 1h --reason TEXT [--by WHO], or force NODE --end)',
  ],
  [['local', 'a.yaml'], 'a.yaml: there is no such file (name a file that can be read, or write one with quorumwatch init)'],
])('%j is wrong input, said in one line', async (argv, line) => {
  expect(await run(...argv)).toEqual({ code: 2, out: '', err: `${line}\n` });
});

test.each(['lokal', 'toString'])('a command that is none is told with those that are: %s', async (name) => {
  const err = expect.stringMatching(new RegExp(`^command: "${name}" is not one \\(write init, [^\n]*local[^\n]*\\)\n$`));
  expect(await run(name)).toEqual({ code: 2, out: '', err });
});

test('each fault of a configuration is said in one line, and nothing is started', async () => {
  const file = fileURLToPath(new URL('../testdata/config/bad/many-at-once.yaml', import.meta.url));
  const { code, out, err } = await run('local', file, '--port', '0', '--dns-port', '0');
  expect({ code, out }).toEqual({ code: 2, out: '' });
  const faults = err.trimEnd().split('\n');
  expect(faults.length).toBeGreaterThan(2);
  for (const fault of faults) expect(fault).toMatch(/^\S+: .* \(.+\)$/);
});

describe('a DNS port that is taken', () => {
  const file = fileURLToPath(new URL('../../examples/local.yaml', import.meta.url));
  const inUse = (port: number) => `--dns-port: ${port} is in use (write another one, or 0 for any that is free)\n`;

  test('for TCP', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await run('local', file, '--port', '0', '--dns-port', String(port))).toEqual({ code: 2, out: '', err: inUse(port) });
  });

  test('for UDP alone', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    onTestFinished(() => void socket.close());
    await once(socket, 'listening');
    const { port } = socket.address();
    expect(await run('local', file, '--port', '0', '--dns-port', String(port))).toEqual({ code: 2, out: '', err: inUse(port) });
  });
});

describe('help and version', () => {
  test.each([[[]], [['help']], [['--help']], [['-h']]])('%j shows every command', async (argv) => {
    const { code, out, err } = await run(...argv);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const command of ['init', 'schema', 'validate FILE', 'probe FILE', 'local FILE']) expect(out).toContain(`  ${command}`);
  });

  test.each(['version', '--version'])('%s', async (name) => {
    expect(await run(name)).toEqual({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' });
  });
});

test('checks with a cadence of their own keep their multiple of --interval, and it is said', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quorumwatch-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const config = join(folder, 'slow.yaml');
  const checks = '{ api: { type: http }, p2p: { type: tcp, port: 1, interval: 5m } }';
  writeFileSync(config, `name: slow\nvantages: [a, b, c]\nnodes: { n: { url: "http://127.0.0.1:1", checks: ${checks} } }\n`);
  const [stop, out] = [new AbortController(), [] as string[]];
  const write = (text: string) => {
    out.push(text);
    stop.abort();
  };
  const argv = ['local', config, '--interval', '2s', '--port', '0', '--dns-port', '0'];
  expect(await main(argv, { stdout: { write }, stderr: { write }, signal: stop.signal })).toBe(0);
  expect(out[0]).toBe('slow: 2 checks, 3 vantages, quorum 2, every 2 s, 1 of them every 20 s\n');
});

test('who stops reading, like head, is told of no fault', async () => {
  const bin = fileURLToPath(new URL('../../bin/quorumwatch.mjs', import.meta.url));
  const child = spawn(process.execPath, [bin, 'schema'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const [err, [code]] = await Promise.all([child.stderr.toArray(), once(child, 'close')]);
  expect({ code, err: Buffer.concat(err).toString() }).toEqual({ code: 0, err: '' });
});
