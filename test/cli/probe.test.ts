import { describe, expect, test, vi } from 'vitest';
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

async function run(options: { cell?: Cell; node?: string; check?: string; json?: boolean; isTTY?: boolean; probe?: Probe }) {
  const [out, err]: [string[], string[]] = [[], []];
  const probe: Probe = async ({ key }: Check) => results[key] ?? { vote: 'abstain', reason: 'internal', timings: { totalMs: 0 } };
  const stdout = { write: (text: string) => out.push(text), isTTY: options.isTTY ?? false };
  const stderr = { write: (text: string) => err.push(text) };
  const code = await probeCommand({ cell, probe, json: false, ...options, stdout, stderr });
  return { code, out: out.join(''), err: err.join('') };
}

test('prints a line for each check, aligned, and below it where the time went', async () => {
  const { code, out, err } = await run({});
  expect(out).toBe(
    [
      'eu1      api  up        ok',
      '  DNS         █                                      1.2 ms',
      '  connect      █████████                            10.6 ms',
      '  TLS                   █████████████████           20.0 ms',
      '  first byte                             ████        5.0 ms',
      '  total       ████████████████████████████████      38.0 ms',
      'eu1      p2p  degraded  slow    took 9 ms, expected at most 5 ms',
      '  connect     ████████████████████████████████       9.0 ms',
      '  total       ████████████████████████████████       9.0 ms',
      'us-east  api  down      status  HTTP 500, expected 2xx',
      '  connect     ████████████████                       1.0 ms',
      '  total       ████████████████████████████████       2.0 ms',
      '',
    ].join('\n'),
  );
  expect({ code, err }).toEqual({ code: 1, err: '' });
});

test('shows every expectation with what was seen, and the certificates with the time that they have left', async () => {
  const day = (days: number) => Date.UTC(2026, 0, 1) + days * 86_400_000;
  vi.useFakeTimers({ toFake: ['Date'], now: day(10) });
  const certificate = { name: 'node.test', issuer: 'Middle', hosts: 'DNS:node.test', validFrom: day(0), expiresAt: day(90) };
  const above = { ...certificate, name: 'Middle', issuer: 'Root' };
  const explained = {
    expectations: [
      { vote: 'up' as const, detail: 'HTTP 200, expected 2xx' },
      { vote: 'degraded' as const, detail: 'took 9 ms, expected at most 5 ms' },
      { vote: 'down' as const, detail: 'body lacks "x": "y"' },
    ],
    certificates: [certificate, { ...above, expiresAt: day(8) }, { ...above, validFrom: day(11) }],
  };
  const probe: Probe = async () => ({ vote: 'down', reason: 'body-mismatch', timings: { totalMs: 0 }, explained });
  const { out } = await run({ node: 'us-east', probe });
  vi.useRealTimers();
  expect(out.split('\n').slice(2)).toEqual([
    '  ✓ HTTP 200, expected 2xx',
    '  ! took 9 ms, expected at most 5 ms',
    '  ✗ body lacks "x": "y"',
    '  certificate "node.test" for DNS:node.test by "Middle", 2026-01-01 to 2026-04-01, 80 days left',
    '    certificate "Middle" by "Root", 2026-01-01 to 2026-01-09, expired 2 days ago',
    '      certificate "Middle" by "Root", 2026-01-12 to 2026-04-01, not yet valid',
    '',
  ]);
  expect((await run({ node: 'us-east', probe, json: true })).out).not.toContain('explained');
});

describe('a group', () => {
  const group = (id: string, ...of: string[]) => ({
    ...httpCheck('http://a/', {}, { node: 'eu1', id }),
    probe: { kind: 'any' as const, of },
  });
  const parts = ['eu1/api', 'eu1/p2p'];
  const grouped = {
    nodes: [{ id: 'eu1', checks: ['eu1/either'], parts }],
    checks: [
      ...cell.checks,
      group('either', ...parts),
      { ...group('beat'), probe: { kind: 'heartbeat' as const, graceMs: 0 } },
      group('alive', 'eu1/beat', 'eu1/api'),
    ],
  } as Cell;

  test('is what its parts come to, as slow as the slowest of them', async () => {
    const { out } = await run({ cell: grouped, json: true, check: 'either' });
    const detail = '1 of 2 up; p2p degraded: took 9 ms, expected at most 5 ms';
    expect(JSON.parse(out)).toEqual([
      { node: 'eu1', check: 'either', vote: 'up', reason: 'ok', detail, timings: { totalMs: 38 } },
    ]);
  });

  test('speaks for its parts in the exit code', async () => {
    const probe: Probe = async ({ id }) => ({
      ...(id === 'p2p' ? { vote: 'down', reason: 'connect-refused' } : { vote: 'up', reason: 'ok' }),
      timings: { totalMs: 1 },
    });
    expect((await run({ cell: grouped, node: 'eu1', probe })).code).toBe(0);
    expect((await run({ cell: { ...grouped, nodes: cell.nodes }, node: 'eu1', probe })).code).toBe(1);
  });

  test('with a heartbeat is heard, not looked at', async () => {
    const { err } = await run({ cell: grouped, check: 'alive' });
    expect(err).toBe('--check: there is no check "alive" (write one of api, p2p, either)\n');
  });
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
