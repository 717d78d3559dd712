import { describe, expect, it } from 'vitest';
import type { Cell, MemberSpec, RecordSpec } from '../../lib/core/cell.ts';
import type { SwitchState } from '../../lib/core/inputs.ts';
import { answer } from '../../lib/local/answers.ts';
import { createRoute53, ROUTE53_REQUESTS_PER_SECOND, type Route53Options } from '../../lib/local/route53.ts';
import { createManualClock } from '../clock.ts';

type Member = Partial<MemberSpec> & { node: string };

function recordOf(policy: RecordSpec['policy'], members: Member[], rest: Partial<RecordSpec> = {}): RecordSpec {
  const whole = members.map((member) => ({ value: `ip-${member.node}`, ...member }));
  const base = { id: 'r', name: 'api.example.org', zone: 'example.org', type: 'A', ttlMs: 30_500, policy, members: whole };
  return { ...base, ...rest } as RecordSpec;
}

const out = (...nodes: string[]): SwitchState[] => nodes.map((node) => ({ record: 'r', node, inService: false, version: 2 }));
/** Who is answered with at all, over many draws. */
const servingNow = (record: RecordSpec, switches: SwitchState[]): string[] => {
  const random = evenly(20);
  const asked = Array.from(
    { length: 20 },
    () => answer([record], switches, { name: record.name, type: record.type }, random).answers,
  );
  return [...new Set(asked.flat().map((found) => ('data' in found ? String(found.data).slice('ip-'.length) : '')))].sort();
};
/** Fair over many draws, without chance: 0, 1/n, 2/n, … */
const evenly = (n: number, start = 0) => {
  let i = start;
  return () => (i++ % n) / n;
};

describe('who serves', () => {
  const pair = recordOf('failover', [
    { node: 'p1', role: 'primary' },
    { node: 's1', role: 'secondary' },
  ]);
  const groups = recordOf('failover', [
    { node: 'p1', role: 'primary' },
    { node: 's1', role: 'secondary' },
    { node: 'p2', role: 'primary' },
    { node: 's2', role: 'secondary' },
  ]);
  const weighted = recordOf('weighted', [
    { node: 'a', weight: 3 },
    { node: 'b', weight: 1 },
    { node: 'z', weight: 0 },
  ]);
  const many = recordOf('multivalue', [{ node: 'a' }, { node: 'b' }]);

  it.each<[string, RecordSpec, string[], string[]]>([
    ['failover, all healthy: the primary', pair, [], ['p1']],
    ['failover, primary out: the secondary', pair, ['p1'], ['s1']],
    ['failover, secondary out: the primary', pair, ['s1'], ['p1']],
    ['failover, both out: the primary', pair, ['p1', 's1'], ['p1']],
    ['failover with groups, one primary out: the healthy primaries', groups, ['p1'], ['p2']],
    ['failover with groups, all primaries out: the healthy secondaries', groups, ['p1', 'p2', 's1'], ['s2']],
    ['failover with groups, all out: the primaries', groups, ['p1', 'p2', 's1', 's2'], ['p1', 'p2']],
    ['weighted, all healthy: those with a weight', weighted, [], ['a', 'b']],
    ['weighted, one out: the other', weighted, ['a'], ['b']],
    ['weighted, all with a weight out: those with weight 0', weighted, ['a', 'b'], ['z']],
    ['weighted, all out: all count as healthy, so those with a weight', weighted, ['a', 'b', 'z'], ['a', 'b']],
    ['multivalue, one out: the others', many, ['a'], ['b']],
    ['multivalue, all out: all', many, ['a', 'b'], ['a', 'b']],
  ])('%s', (_, record, unhealthy, expected) => {
    expect(servingNow(record, out(...unhealthy))).toEqual(expected);
  });

  it("another record's switch says nothing of this one", () => {
    const other = [{ record: 'other', node: 'p1', inService: false, version: 2 }];
    expect(servingNow(pair, other)).toEqual(['p1']);
  });

  it('failover without a secondary: the primary, healthy or not', () => {
    const alone = recordOf('failover', [{ node: 'p1', role: 'primary' }]);
    expect(servingNow(alone, out('p1'))).toEqual(['p1']);
  });
});

describe('answers', () => {
  const ask = (records: RecordSpec[], name: string, type: string, switches: SwitchState[] = [], random = () => 0) =>
    answer(records, switches, { name, type }, random);
  const dataOf = (found: ReturnType<typeof ask>) => found.answers.map((record) => 'data' in record && record.data);
  const count = (record: RecordSpec, switches: SwitchState[], draws: number) => {
    const random = evenly(draws);
    const counts: Record<string, number> = {};
    for (let i = 0; i < draws; i += 1) {
      const [value] = dataOf(ask([record], record.name, 'A', switches, random));
      counts[String(value)] = (counts[String(value)] ?? 0) + 1;
    }
    return counts;
  };
  const members = (n: number) => Array.from({ length: n }, (_, i) => ({ node: `n${i}` }));

  it('carry the asked name as it was written, the type, and the TTL in whole seconds', () => {
    const record = recordOf('multivalue', [{ node: 'a' }]);
    expect(ask([record], 'API.example.ORG', 'A')).toEqual({
      rcode: 'NOERROR',
      answers: [{ name: 'API.example.ORG', type: 'A', ttl: 30, data: 'ip-a' }],
      authorities: [],
    });
  });

  it('weighted: one value, in proportion to the weights', () => {
    const record = recordOf('weighted', [
      { node: 'a', weight: 3 },
      { node: 'b', weight: 1 },
    ]);
    expect(count(record, [], 400)).toEqual({ 'ip-a': 300, 'ip-b': 100 });
    expect(count(record, out('a'), 10)).toEqual({ 'ip-b': 10 });
    expect(count(record, out('a', 'b'), 400)).toEqual({ 'ip-a': 300, 'ip-b': 100 });
  });

  it('weighted, all weights 0: all alike', () => {
    const record = recordOf('weighted', [
      { node: 'a', weight: 0 },
      { node: 'b', weight: 0 },
    ]);
    expect(count(record, [], 400)).toEqual({ 'ip-a': 200, 'ip-b': 200 });
  });

  it('multivalue: every healthy value up to eight, any eight of more', () => {
    const nine = recordOf('multivalue', members(9));
    expect(dataOf(ask([nine], nine.name, 'A', out('n3'))).sort()).toEqual([0, 1, 2, 4, 5, 6, 7, 8].map((n) => `ip-n${n}`));
    const seen = new Set<unknown>();
    for (let i = 0; i < 9; i += 1) {
      const values = dataOf(ask([nine], nine.name, 'A', [], evenly(9, i)));
      expect(values).toHaveLength(8);
      expect(new Set(values).size).toBe(8);
      for (const value of values) seen.add(value);
    }
    expect(seen.size).toBe(9);
  });

  it('an alias is answered whatever type is asked, and with one value', () => {
    const alias = recordOf(
      'failover',
      [
        { node: 'a', role: 'primary' },
        { node: 'b', role: 'primary' },
      ],
      { type: 'CNAME' },
    );
    for (const type of ['A', 'AAAA', 'CNAME', 'TXT', 'ANY']) {
      expect(ask([alias], alias.name, type).answers).toMatchObject([{ type: 'CNAME' }]);
    }
  });

  it('one name may have A and AAAA records, each with switches of its own', () => {
    const a = recordOf('multivalue', [{ node: 'a' }]);
    const aaaa = recordOf('multivalue', [{ node: 'a', value: '::1' }], { id: 'r6', type: 'AAAA' });
    expect(dataOf(ask([a, aaaa], a.name, 'AAAA'))).toEqual(['::1']);
    expect(dataOf(ask([a, aaaa], a.name, 'A'))).toEqual(['ip-a']);
  });

  const zone = [recordOf('multivalue', [{ node: 'a' }], { name: 'api.eu.example.org' })];
  const soa = { name: 'example.org', type: 'SOA', ttl: 900 };
  it.each<[string, string, string]>([
    ['another type of a name that exists', 'api.eu.example.org', 'MX'],
    ['a name between the record and its zone', 'eu.example.org', 'A'],
    ['the zone itself', 'example.org', 'A'],
  ])('NODATA: %s', (_, name, type) => {
    const found = ask(zone, name, type);
    expect(found).toMatchObject({ rcode: 'NOERROR', answers: [], authorities: [soa] });
  });

  it('NXDOMAIN, with the zone’s SOA: a name in our zone that nobody has', () => {
    for (const name of ['x.example.org', 'x.api.eu.example.org', 'pi.eu.example.org'])
      expect(ask(zone, name, 'A')).toMatchObject({ rcode: 'NXDOMAIN', answers: [], authorities: [soa] });
  });

  it('REFUSED: names outside our zones, and zone transfers', () => {
    for (const name of ['example.com', 'notexample.org', 'org', ''])
      expect(ask(zone, name, 'A')).toEqual({ rcode: 'REFUSED', answers: [], authorities: [] });
    expect(ask(zone, 'example.org', 'AXFR').rcode).toBe('REFUSED');
  });

  it('SOA at the zone, from the nearest zone where one lies in another', () => {
    const inner = recordOf('multivalue', [{ node: 'a' }], { id: 'i', name: 'x.sub.example.org', zone: 'sub.example.org' });
    expect(ask([...zone, inner], 'example.org', 'SOA').answers).toMatchObject([soa]);
    expect(ask([...zone, inner], 'y.sub.example.org', 'A').authorities).toMatchObject([{ name: 'sub.example.org' }]);
  });

  it('ANY gets something small', () => {
    expect(ask(zone, 'api.eu.example.org', 'ANY').answers).toMatchObject([{ type: 'HINFO', data: { cpu: 'RFC8482' } }]);
    expect(ask(zone, 'x.example.org', 'ANY').rcode).toBe('NXDOMAIN');
  });
});

describe('switches', () => {
  const cell = { records: [recordOf('multivalue', [{ node: 'a' }, { node: 'b' }])] } as Cell;
  const create = (options: Partial<Route53Options> = {}) => {
    const clock = createManualClock(0);
    return { clock, route53: createRoute53({ cell, clock, isDown: () => false, ...options }) };
  };
  const a = { record: 'r', node: 'a', inService: true, version: 1 };
  const b = { ...a, node: 'b' };

  it('begin in service at version 1; an update with the current version is taken and counts up', async () => {
    const { route53 } = create();
    expect(await route53.list()).toEqual([a, b]);
    expect(await route53.update({ ...a, inService: false })).toEqual({ result: 'updated', version: 2 });
    expect(await route53.read('r', 'a')).toEqual({ ...a, inService: false, version: 2 });
    expect(route53.states()).toEqual([{ ...a, inService: false, version: 2 }, b]);
  });

  it('an update with any other version changes nothing and says so', async () => {
    const { route53 } = create();
    await route53.update({ ...a, inService: false });
    for (const version of [1, 3]) expect(await route53.update({ ...a, version })).toEqual({ result: 'version-mismatch' });
    expect(await route53.read('r', 'a')).toEqual({ ...a, inService: false, version: 2 });
  });

  it('what was read is a copy: changing it flips nothing', async () => {
    const { route53 } = create();
    (await route53.read('r', 'a')).inService = false;
    for (const state of [...route53.states(), ...(await route53.list())]) state.inService = false;
    expect(route53.states()).toEqual([a, b]);
  });

  it('a member that is not configured has no switch', async () => {
    await expect(create().route53.read('r', 'x')).rejects.toThrow('route53: no switch for r/x');
  });

  it('while it is down every call fails and the data plane stays as it is', async () => {
    let down = false;
    const { route53 } = create({ isDown: () => down });
    await route53.update({ ...a, inService: false });
    down = true;
    const calls = [route53.list(), route53.read('r', 'a'), route53.update({ ...a, version: 2 })];
    for (const call of calls) await expect(call).rejects.toMatchObject({ name: 'ServiceUnavailable' });
    expect(route53.states()[0]).toEqual({ ...a, inService: false, version: 2 });
  });

  it('five requests a second are taken, the sixth is throttled and changes nothing, and a fifth of a second later one is taken', async () => {
    const { clock, route53 } = create({ requestsPerSecond: ROUTE53_REQUESTS_PER_SECOND });
    for (let i = 0; i < 5; i += 1) await route53.list();
    await expect(route53.update({ ...a, inService: false })).rejects.toMatchObject({ name: 'Throttling' });
    expect(route53.states()[0]).toEqual(a);
    await clock.advance(200);
    await route53.list();
    await expect(route53.list()).rejects.toMatchObject({ name: 'Throttling' });
    await clock.advance(60_000);
    for (let i = 0; i < 5; i += 1) await route53.list();
    await expect(route53.list()).rejects.toMatchObject({ name: 'Throttling' });
  });

  it('survive a restart with what onChange was last told; members that are gone are forgotten, new ones begin', async () => {
    let kept: SwitchState[] = [];
    const onChange = (states: SwitchState[]) => {
      kept = states;
    };
    const { route53 } = create({ onChange });
    await route53.update({ ...a, inService: false });
    expect(kept).toEqual([{ ...a, inService: false, version: 2 }, b]);
    const gone = { record: 'r', node: 'gone', inService: false, version: 7 };
    const { route53: again } = create({ initial: [...kept.filter(({ node }) => node === 'a'), gone] });
    expect(again.states()).toEqual([{ ...a, inService: false, version: 2 }, b]);
  });
});
