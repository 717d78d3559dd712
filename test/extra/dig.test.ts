/** The DNS server asked by the tool that people use. Needs Debian's bind9-dnsutils. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SwitchState } from '../../lib/core/inputs.ts';
import { answer } from '../../lib/local/answers.ts';
import { createDnsServer, type DnsServer } from '../../lib/local/dns.ts';
import { cellOf } from '../config/cell.ts';

const { records } = cellOf(`
name: dig
vantages: [a, b, c]
nodes:
  eu: { url: "http://127.0.0.1:1", checks: { api: { type: http } } }
  us: { url: "http://127.0.0.1:2", checks: { api: { type: http } } }
records:
  api:
    name: api.example.test
    zone: example.test
    type: A
    ttl: 30s
    policy: failover
    members:
      - { node: eu, value: 203.0.113.1, role: primary }
      - { node: us, value: 203.0.113.2, role: secondary }
`);
const switches: SwitchState[] = ['eu', 'us'].map((node) => ({ record: 'api', node, inService: true, version: 1 }));
let server: DnsServer;

beforeAll(async () => {
  server = await createDnsServer({ port: 0, answer: (query) => answer(records, switches, query, Math.random) });
});
afterAll(() => server.close());

async function dig(...args: string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('dig', ['@127.0.0.1', '-p', String(server.port), ...args]);
    return stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error('dig is not installed (apt-get install bind9-dnsutils)');
  }
}

it('answers with the primary, and with the secondary once the primary is out', async () => {
  expect(await dig('+short', 'api.example.test', 'A')).toBe('203.0.113.1\n');
  for (const each of switches) each.inService = each.node !== 'eu';
  expect(await dig('+short', 'API.example.test', 'A')).toBe('203.0.113.2\n');
});

it('answers over TCP, with the TTL and its authority', async () => {
  const text = await dig('+tcp', '+norecurse', 'api.example.test', 'A');
  expect(text).toMatch(/status: NOERROR/);
  expect(text).toMatch(/flags: qr aa/);
  expect(text).toMatch(/api\.example\.test\.\s+30\s+IN\s+A\s/);
  expect(text).not.toMatch(/WARNING|;; Warning/);
});

it('says what is not there, and what is not ours', async () => {
  expect(await dig('api.example.test', 'AAAA')).toMatch(/status: NOERROR[\s\S]*SOA/);
  expect(await dig('other.example.test', 'A')).toMatch(/status: NXDOMAIN/);
  expect(await dig('example.org', 'A')).toMatch(/status: REFUSED/);
});
