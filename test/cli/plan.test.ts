import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Plan, planOf } from '../../lib/cli/plan.ts';
import { nightOf } from '../../lib/plan/night.ts';
import { PRICES } from '../../lib/plan/prices.ts';
import { cellOf } from '../config/cell.ts';
import { run } from './output.ts';

const YAML = `
name: priced
vantages: [eu-west-1, us-east-2, ap-northeast-1]
interval: 1m
nodes:
  n1: { url: 'https://n1.example.org', checks: { api: { type: http }, slow: { type: http, interval: 2m } } }
  n2: { url: 'https://n2.example.org', checks: { api: { type: http }, beat: { type: heartbeat, every: 1h } } }
records:
  api:
    { name: api.example.org, zone: example.org, members: [{ node: n1, value: 192.0.2.1, role: primary }, { node: n2, value: 192.0.2.2, role: secondary }] }
paging:
  regions: [eu-west-1, us-east-2]
  tiers: [{ sms: ['+12025550100'], email: [ops@example.org] }, { after: 5m, sms: ['+12025550101', '+12025550102'] }]
  repeat: 15m
`;

function file(yaml: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'quorumwatch-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'c.yaml'), yaml);
  return join(folder, 'c.yaml');
}

describe('quorumwatch plan', () => {
  it('says what would exist where, what it costs by which arithmetic, and what a night costs', async () => {
    const { code, out, err } = await run('plan', file(YAML), '--sms-price', '0.1');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toBe(`priced: 3 vantages look every 60 s, 2 must agree.
  eu-west-1, us-east-2 and ap-northeast-1 look; eu-west-1 decides.

What would exist:
  eu-west-1       quorumwatch-priced-state    1 table
  eu-west-1       quorumwatch-priced-records  2 alarms, 2 switches, 2 record sets
  eu-west-1       quorumwatch-priced-paging   2 topics, 4 subscriptions
  us-east-2       quorumwatch-priced-paging   2 topics, 4 subscriptions
  eu-west-1       quorumwatch-priced-vantage  1 function, 1 queue, 1 schedule
  us-east-2       quorumwatch-priced-vantage  1 function, 1 queue, 1 schedule
  ap-northeast-1  quorumwatch-priced-vantage  1 function, 1 queue, 1 schedule
  eu-west-1       quorumwatch-priced-arbiter  2 functions, 1 queue, 1 schedule, 1 secret
  eu-west-1       quorumwatch-priced-watch    5 alarms, 4 composite alarms, 1 dashboard
  us-east-2       quorumwatch-priced-watch    5 alarms, 4 composite alarms

Records, a switch for each member:
  api.example.org  A, failover  n1 and n2

What a month costs in which nothing happens (USD, us-east-1, 2026-11):
    0.08  131,400 writes            3 vantages × 43,800 rounds × 1 replica
    0.06  481,800 reads             3 vantages × 43,800 rounds × 2 + 1 arbiter × 43,800 minutes × 5 items
    0.06  306,600 invocations       3 vantages × (43,800 rounds + 43,800 minutes) + 1 arbiter × 43,800 minutes
    1.20  89,790 GB-seconds         3 vantages × (43,800 rounds × 1 s + 43,800 minutes × 0.2 s) × 0.5 GB + 1 arbiter × 43,800 minutes × 0.5 s × 0.5 GB
    1.30  3,241,200 queue requests  4 queues × 43,800 minutes × 15 polls + 613,200 for messages
    0.18  175,200 schedule runs     4 schedules × 43,800 minutes
    0.13  0.3 GB of log             306,600 invocations × 0.7 KB + 1 arbiter × 43,800 minutes × 5 metrics × 0.25 KB
    3.00  10 metrics                2 regions with alarms × 5 + 0 others × 5
    0.44  43,800 metric requests    1 way from an arbiter to another region's alarms × 43,800 minutes
    1.20  12 alarms                 12 in all stacks
    4.00  8 composite alarms        8 in all stacks
    3.00  1 dashboard               1 in all stacks
    1.50  2 health checks           2 in all stacks
    0.40  1 secret                  1 in all stacks
    0.04  8,760 secret reads        1 arbiter × 8,760
    0.13  1.4 GB sent               722,700 looks × 2 KB
   16.72  in all
    7.18  of it beyond what is free each month, if nothing else in the account uses that
          not in it: pages, incidents, visitors, the hosted zones and their questions

A night in which nobody takes an incident:
  33 pages in 8 h, 65 text messages × 0.1 USD = 6.50 USD an incident (a price differs by country: --sms-price).
  A new account may spend 1 USD a month on text messages, in each region: 10 of them. Beyond that SNS takes them and
  sends nothing, and this night is beyond it: see "Text messages" in docs/operating.md.
`);
  });

  it('prints the same with --json', async () => {
    const { code, out } = await run('plan', file(YAML), '--sms-price', '0.1', '--json');
    const plan = JSON.parse(out) as Plan;
    expect(code).toBe(0);
    expect(Object.keys(plan)).toEqual([
      'name',
      'vantages',
      'quorum',
      'intervalMs',
      'arbiters',
      'stacks',
      'records',
      'cost',
      'night',
    ]);
    expect(plan.stacks[0]).toEqual({ name: 'quorumwatch-priced-state', region: 'eu-west-1', has: { table: 1 } });
    expect(plan.cost.lines[0]).toEqual({
      price: 'tableWrites',
      count: 131_400,
      unit: 'write',
      source: 'DynamoDB pricing, on-demand',
      how: '3 vantages × 43,800 rounds × 1 replica',
      usd: expect.closeTo(0.0821),
      usdBeyondFree: expect.closeTo(0.0821),
    });
    expect(plan.cost.usd).toBeCloseTo(16.72, 1);
  });

  it.each([
    [['--sms-price', 'free'], '--sms-price: "free" is not a price (write USD like 0.08)'],
    [['--sms-price', '0'], '--sms-price: "0" is not a price (write USD like 0.08)'],
  ])('%j is wrong input', async (argv, line) => {
    expect(await run('plan', file(YAML), ...argv)).toEqual({ code: 2, out: '', err: `${line}\n` });
  });

  it('a configuration that is wrong is said, and nothing is planned', async () => {
    const { code, out, err } = await run('plan', file(YAML.replace('interval: 1m', 'interval: 1x')));
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^interval: line 4: .* \(.*\)\n$/);
  });
});

describe('the estimate', () => {
  const usdOf = (yaml: string, price: string): number | undefined =>
    planOf(cellOf(yaml), 1).cost.lines.find((line) => line.price === price)?.usd;

  it('grows with cadence, vantages and replicas, not with checks', () => {
    const faster = YAML.replace('interval: 1m', 'interval: 30s').replace('interval: 2m', 'interval: 1m');
    expect(usdOf(faster, 'tableWrites')).toBeCloseTo(2 * (usdOf(YAML, 'tableWrites') ?? 0));
    const strong = `${YAML}table: { replicas: [us-east-1, us-east-2, us-west-2] }\n`;
    expect(usdOf(strong, 'tableWrites')).toBeCloseTo(3 * (usdOf(YAML, 'tableWrites') ?? 0));
    const more = YAML.replace('api: { type: http }, slow', 'api: { type: http }, other: { type: http }, slow');
    expect(usdOf(more, 'tableWrites')).toBe(usdOf(YAML, 'tableWrites'));
    expect(usdOf(more, 'traffic')).toBeGreaterThan(usdOf(YAML, 'traffic') ?? 0);
  });

  it('takes off what is free, and no more', () => {
    const { cost } = planOf(cellOf(YAML), 1);
    for (const { price, count, usdBeyondFree, usd } of cost.lines) {
      const { free, per, usd: each } = PRICES[price];
      expect(usdBeyondFree).toBeCloseTo((Math.max(0, count - free) * each) / per);
      expect(usdBeyondFree).toBeLessThanOrEqual(usd);
    }
  });

  it('of a cell without records has no switch', () => {
    const none = YAML.replace(/records:[\s\S]*paging:/, 'paging:');
    expect(usdOf(none, 'switches')).toBeUndefined();
    expect(planOf(cellOf(none), 1).stacks.map(({ name }) => name)).not.toContain('quorumwatch-priced-records');
  });
});

describe('a night in which nobody takes it', () => {
  it.each([
    // At 0 and at 5 min, then every 15 min up to 8 h: 31 times.
    ['repeat: 15m', 33, 1 + 2 + 31 * 2],
    ['repeat: 8h', 2, 3],
    ['repeat: 475m', 2, 3],
    ['repeat: 474m', 3, 5],
  ])('%s', (repeat, pages, textMessages) => {
    const night = nightOf(cellOf(YAML.replace('repeat: 15m', repeat)), 0.1);
    expect(night).toEqual({ hours: 8, pages, textMessages, smsUsd: 0.1, usd: expect.closeTo(textMessages * 0.1), limitUsd: 1 });
  });

  it('of nobody costs nothing', () => {
    expect(nightOf(cellOf(YAML.replace(/paging:[\s\S]*/, '')), 1)).toMatchObject({ pages: 0, textMessages: 0, usd: 0 });
  });
});
