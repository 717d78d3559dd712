import { expect, test } from 'vitest';
import { probeCommand } from '../../lib/cli/probe.ts';
import type { Cell, Check } from '../../lib/core/cell.ts';
import type { Probe, ProbeResult } from '../../lib/ports.ts';
import { httpCheck } from '../probes/checks.ts';

const results: Record<string, ProbeResult> = {
  'eu1/api': { vote: 'up', reason: 'ok', timings: { dnsMs: 1.234, connectMs: 10.6, tlsMs: 20, firstByteMs: 5, totalMs: 38.04 } },
  'eu1/p2p': {
    vote: 'degraded',
    reason: 'slow',
    detail: 'took 9 ms, expected at most 5 ms',
    timings: { connectMs: 9, totalMs: 9 },
  },
  'us-east/api': { vote: 'down', reason: 'status', detail: 'HTTP 500, expected 2xx', timings: { connectMs: 1, totalMs: 2 } },
};

const cell = {
  nodes: [{ id: 'eu1' }, { id: 'us-east' }],
  checks: ['eu1/api', 'eu1/p2p', 'us-east/api'].map((key) => {
    const [node = '', id = ''] = key.split('/');
    return httpCheck('http://a/', {}, { node, id });
  }),
} as Cell;

async function run(options: { node?: string; check?: string; json?: boolean; isTTY?: boolean; probe?: Probe }) {
  const [out, err]: [string[], string[]] = [[], []];
  const probe: Probe = async ({ key }: Check) => results[key] ?? { vote: 'abstain', reason: 'internal', timings: { totalMs: 0 } };
  const stdout = { write: (text: string) => out.push(text), isTTY: options.isTTY ?? false };
  const stderr = { write: (text: string) => err.push(text) };
  const code = await probeCommand({ cell, probe, json: false, ...options, stdout, stderr });
  return { code, out: out.join(''), err: err.join('') };
}

test('prints a line for each check and one for its timings, aligned', async () => {
  const { code, out, err } = await run({});
  expect(out).toBe(
    [
      'eu1      api  up        ok',
      '              dns 1.2 · connect 11 · tls 20 · first byte 5.0 · total 38 ms',
      'eu1      p2p  degraded  slow    took 9 ms, expected at most 5 ms',
      '              connect 9.0 · total 9.0 ms',
      'us-east  api  down      status  HTTP 500, expected 2xx',
      '              connect 1.0 · total 2.0 ms',
      '',
    ].join('\n'),
  );
  expect({ code, err }).toEqual({ code: 1, err: '' });
});

test('colours only for a terminal', async () => {
  expect((await run({ isTTY: true, node: 'us-east' })).out).toContain('\x1b[31mdown\x1b[0m');
  expect((await run({ node: 'us-east' })).out).not.toContain('\x1b');
});

test('--json is one array alone on stdout', async () => {
  const { code, out } = await run({ json: true, node: 'eu1', check: 'api' });
  const timings = { dnsMs: 1.2, connectMs: 10.6, tlsMs: 20, firstByteMs: 5, totalMs: 38 };
  expect(JSON.parse(out)).toEqual([{ node: 'eu1', check: 'api', vote: 'up', reason: 'ok', detail: '', timings }]);
  expect(code).toBe(0);
});

test('degraded is fine, an abstention is not', async () => {
  expect((await run({ node: 'eu1' })).code).toBe(0);
  const probe: Probe = async () => ({ vote: 'abstain', reason: 'secret', timings: { totalMs: 0 } });
  expect((await run({ probe })).code).toBe(1);
});

test('--check alone chooses it on every node', async () => {
  const { out } = await run({ json: true, check: 'api' });
  expect(JSON.parse(out).map(({ node }: { node: string }) => node)).toEqual(['eu1', 'us-east']);
});

test.each([
  [{ node: 'eu2' }, '--node: there is no node "eu2" (write one of eu1, us-east)\n'],
  [{ check: 'web' }, '--check: there is no check "web" (write one of api, p2p)\n'],
  [{ node: 'us-east', check: 'p2p' }, '--check: there is no check "p2p" of node "us-east" (write one of api)\n'],
])('%j is wrong input', async (options, err) => {
  expect(await run({ ...options, json: true })).toEqual({ code: 2, out: '', err });
});
