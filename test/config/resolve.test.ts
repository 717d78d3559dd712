import { describe, expect, it } from 'vitest';
import type { Cell } from '../../lib/core/cell.ts';
import { cellOf } from './cell.ts';

const PLAIN = `name: plain
vantages: [a, b, c]
nodes:
  eu1: { url: http://127.0.0.1:8080, checks: { api: { type: http, path: /health }, p2p: { type: tcp, port: 9876, interval: 5m } } }
`;
const hash = (cell: Cell, key = 'eu1/api') => cell.checks.find((check) => check.key === key)?.hash;

describe('resolving a configuration', () => {
  it('leaves no default to fill in', () => {
    const cell = cellOf(PLAIN);
    expect(cell).toMatchObject({
      title: 'plain',
      arbiters: ['a'],
      intervalMs: 30_000,
      tickMs: 60_000,
      quorum: 2,
      records: [],
      hooks: [],
    });
    expect(cell.checks[0]).toEqual({
      key: 'eu1/api',
      node: 'eu1',
      id: 'api',
      hash: expect.stringMatching(/^[0-9a-f]{16}$/),
      intervalMs: 30_000,
      timeoutMs: 4_000,
      attempts: 2,
      downForMs: 5_000,
      recover: 2,
      severity: 'critical',
      vantages: ['a', 'b', 'c'],
      quorum: 2,
      probe: {
        kind: 'http',
        url: 'http://127.0.0.1:8080/health',
        method: 'GET',
        headers: {},
        redirects: 3,
        allowPrivate: false,
        expect: { status: [[200, 299]], body: { contains: [], notContains: [] }, json: [], time: {}, certificate: {} },
      },
    });
    expect(cell.paging).toEqual({
      configured: false,
      regions: ['a', 'b'],
      timezone: 'UTC',
      tiers: [{ afterMs: 0, sms: [], email: [], https: [], hooks: [] }],
      quiet: [],
      repeatMs: 600_000,
      ackLapsesMs: 14_400_000,
    });
  });

  it.each([
    ['the target', '/health', '/healthz'],
    ['an expectation', 'path: /health', 'path: /health, expect: { status: 204 }'],
    ['the vantages', '[a, b, c]', '[a, b, d]'],
    ['the quorum', 'nodes:', 'quorum: 3\nnodes:'],
    ['the interval', 'nodes:', 'interval: 60s\nnodes:'],
  ])('gives another hash when %s changes', (_, from, to) => {
    const [before, after] = [cellOf(PLAIN), cellOf(PLAIN.replace(from, to))];
    expect(hash(after)).not.toBe(hash(before));
    expect(after.probeHash).not.toBe(before.probeHash);
  });

  it.each([
    ['paging', 'paging: { repeat: 1m, tiers: [{ email: [ops@example.org] }] }'],
    ['silences', 'silences: { night: { cron: "0 3 * * *", for: 1h } }'],
    ['hooks', 'hooks: { slack: { events: [page], url: https://ops.example.org } }'],
    ['the title', 'page: { title: Other }'],
  ])('keeps every hash when %s changes', (_, line) => {
    const [before, after] = [cellOf(PLAIN), cellOf(`${PLAIN}${line}\n`)];
    expect(after.checks).toEqual(before.checks);
    expect(after.probeHash).toBe(before.probeHash);
  });

  it('keeps hashes when a severity changes', () => {
    expect(cellOf(PLAIN.replace('/health', '/health, severity: info')).probeHash).toBe(cellOf(PLAIN).probeHash);
  });

  it('overrides the interval alone: timeouts stay, and checks keep their multiple', () => {
    const cell = cellOf(PLAIN, { intervalMs: 2_000 });
    expect(cell).toMatchObject({ intervalMs: 2_000, tickMs: 2_000 });
    expect(cell.checks.map(({ id, intervalMs, timeoutMs }) => [id, intervalMs, timeoutMs])).toEqual([
      ['api', 2_000, 4_000],
      ['p2p', 20_000, 4_000],
    ]);
    expect(cellOf(PLAIN, { intervalMs: 90_000 }).tickMs).toBe(60_000);
  });

  it('takes an interval below ten seconds only from an override', () => {
    const short = PLAIN.replace('nodes:', 'interval: 2s\nnodes:');
    expect(() => cellOf(short)).toThrow('interval: line 3: 2s is not between 10s and 5m (write a duration like 30s)');
    expect(cellOf(short, { intervalMs: 1_000 }).checks.map(({ intervalMs }) => intervalMs)).toEqual([1_000, 150_000]);
  });

  it('reaches IPv6 and port 25 from one machine', () => {
    expect(cellOf(PLAIN.replace('http://127.0.0.1:8080', '"http://[::1]:25"')).checks.map(({ probe }) => probe)).toMatchObject([
      { url: 'http://[::1]:25/health' },
      { host: '::1' },
    ]);
  });

  it.each([
    ['50%', 5, 2],
    ['34%', 5, 1],
    ['10%', 5, 1],
    ['100%', 5, 5],
    ['3', 5, 3],
  ])('counts maxOut %s of %i members as %i', (maxOut, count, expected) => {
    const ids = Array.from({ length: count }, (_, at) => `n${at}`);
    const cell = cellOf(`name: guard
vantages: [a, b, c]
templates: { web: { api: { type: http } } }
nodes: { ${ids.map((id) => `${id}: { url: "http://${id}.example.org", use: web }`).join(', ')} }
records:
  api:
    name: api.example.org
    zone: example.org
    policy: multivalue
    members: [${ids.map((id, at) => `{ node: ${id}, value: 192.0.2.${at} }`).join(', ')}]
    guard: { maxOut: ${maxOut} }
`);
    expect(cell.records[0]?.guard.maxOut).toBe(expected);
  });

  describe('groups', () => {
    const grouped = (requires = '', p2p = '{ type: tcp, port: 1, timeout: 3s, attempts: 3 }') =>
      cellOf(`name: groups
vantages: [a, b, c]
templates:
  chain:
    api: { type: http, ipVersion: both }
    p2p: ${p2p}
    beat: { type: heartbeat, every: 1h }
    either: { type: any, of: [api, p2p] }
    alive: { type: all, of: [beat, either] }
    beats: { type: any, of: [beat, beat] }
nodes: { n1: { url: "http://n1.example.org", use: chain }, n2: { url: "http://n2.example.org", use: chain } }
records:
  api: { name: api.example.org, zone: example.org, policy: multivalue, ${requires} members: [{ node: n1, value: 192.0.2.1 }, { node: n2, value: 192.0.2.2 }] }
`);
    const find = (cell: ReturnType<typeof cellOf>, id: string) => cell.checks.find(({ key }) => key === `n1/${id}`);

    it('speak for their parts, unless a record asks for one by name', () => {
      expect(grouped().nodes[0]).toMatchObject({
        checks: ['n1/alive', 'n1/beats'],
        parts: ['n1/api-v4', 'n1/api-v6', 'n1/beat', 'n1/either', 'n1/p2p'],
      });
      expect(grouped('requires: [p2p, alive],').nodes[0]).toMatchObject({ checks: ['n1/alive', 'n1/beats', 'n1/p2p'] });
    });

    it('decide service by default in place of their parts, if any of these is probed', () => {
      expect(grouped().records[0]?.requires).toEqual(['alive']);
      expect(grouped('requires: [either],').records[0]?.requires).toEqual(['either']);
    });

    it('take as long as their slowest part, tried as often as allowed', () => {
      expect(find(grouped(), 'alive')).toMatchObject({ timeoutMs: 9_000, attempts: 1 });
      expect(find(grouped(), 'either')?.probe).toEqual({ kind: 'any', of: ['n1/api-v4', 'n1/api-v6', 'n1/p2p'] });
    });

    it('ask another question when a part does', () => {
      const hashes = (cell: ReturnType<typeof cellOf>) => ['alive', 'either', 'beats'].map((id) => find(cell, id)?.hash);
      const [alive, either, beats] = hashes(grouped());
      const other = hashes(grouped('', '{ type: tcp, port: 2, timeout: 3s, attempts: 3 }'));
      expect(other).toEqual([expect.not.stringMatching(`${alive}`), expect.not.stringMatching(`${either}`), beats]);
    });
  });

  it('lets heartbeats decide service only where they are named', () => {
    const requiresOf = (requires: string) =>
      cellOf(`name: beats
vantages: [a, b, c]
templates: { site: { api: { type: http }, beat: { type: heartbeat, every: 1h } } }
nodes: { n1: { url: "http://n1.example.org", use: site }, n2: { url: "http://n2.example.org", use: site } }
records:
  api: { name: api.example.org, zone: example.org, policy: multivalue, ${requires} members: [{ node: n1, value: 192.0.2.1 }, { node: n2, value: 192.0.2.2 }] }
`).records[0]?.requires;
    expect(requiresOf('')).toEqual(['api']);
    expect(requiresOf('requires: [api, beat],')).toEqual(['api', 'beat']);
  });
});
