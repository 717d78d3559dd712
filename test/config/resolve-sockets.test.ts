import { describe, expect, it } from 'vitest';
import { cellOf } from './cell.ts';

const both = (record = '') => `name: both
vantages: [a, b, c]
nodes:
  n1: { url: "http://n1.example.org", checks: { api: { type: http, ipVersion: both }, ssh: { type: tcp, port: 22 } } }
  n2: { url: "http://n2.example.org", checks: { api: { type: http } } }
records:
  api: { name: api.example.org, zone: example.org, ${record} policy: multivalue, members: [{ node: n1, value: 192.0.2.1 }, { node: n2, value: 192.0.2.2 }] }
`;

describe('ipVersion: both', () => {
  it('makes two checks, one of each version', () => {
    const { checks, nodes } = cellOf(both());
    expect(checks.map(({ key, probe }) => [key, probe.ipVersion])).toEqual([
      ['n1/api-v4', 4],
      ['n1/api-v6', 6],
      ['n1/ssh', undefined],
      ['n2/api', undefined],
    ]);
    expect(new Set(checks.map(({ hash }) => hash)).size).toBe(4);
    expect(nodes[0]?.checks).toEqual(['n1/api-v4', 'n1/api-v6', 'n1/ssh']);
  });

  it('is required of a record as both', () => {
    expect(cellOf(both('requires: [api],')).records[0]?.requires).toEqual(['api-v4', 'api-v6', 'api']);
    expect(cellOf(both()).records[0]?.requires).toEqual(['api-v4', 'api-v6', 'api', 'ssh']);
  });
});

describe('canaries', () => {
  const PLAIN =
    'name: plain\nvantages: [eu-west-1, us-east-2, sa-east-1]\nnodes: { n1: { url: "http://n1.example.org", checks: { api: { type: http } } } }\n';
  const own = `${PLAIN}canaries: [https://a.example.org, https://b.example.org, https://c.example.org]\n`;
  const urls = (yaml: string, target: 'aws' | 'local') =>
    cellOf(yaml, { target }).canaries?.map(({ probe }) => probe.kind === 'http' && probe.url);

  it('are three of three companies on AWS, and none locally', () => {
    const preset = urls(PLAIN, 'aws') ?? [];
    expect(new Set(preset.map((url) => new URL(url || '').hostname.split('.').at(-2))).size).toBe(3);
    expect(urls(PLAIN, 'local')).toEqual([]);
  });

  it('are the configured ones anywhere', () => {
    const configured = ['https://a.example.org', 'https://b.example.org', 'https://c.example.org'];
    expect([urls(own, 'aws'), urls(own, 'local')]).toEqual([configured, configured]);
  });

  it('take any HTTP answer, and change no hash', () => {
    const cell = cellOf(own);
    expect(cell.canaries?.[0]?.probe.expect).toMatchObject({ status: [[200, 599]] });
    expect(cell.probeHash).toBe(cellOf(PLAIN).probeHash);
  });
});
