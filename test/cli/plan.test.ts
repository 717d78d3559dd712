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

const HEAD = `priced: 3 vantages look every 60 s, 2 must agree.
  eu-west-1, us-east-2 and ap-northeast-1 look; eu-west-1 decides.

What would exist:
`;
const STACKS = `
  us-east-2       quorumwatch-priced-paging   2 topics, 4 subscriptions
  eu-west-1       quorumwatch-priced-vantage  1 function, 1 queue, 1 schedule
`;
const RECORDS = `
Records, a switch for each member:
  api.example.org  A, failover  n1 and n2
`;
const COSTS = `
What a month costs in which nothing happens (USD, us-east-1, 2026-11):
    0.16  262,800 writes            3 vantages × 43,800 rounds × (1 replica + 1 for history)
    0.06  481,800 reads             3 vantages × 43,800 rounds × 2 + 1 arbiter × 43,800 minutes × 5 items
    0.06  306,600 invocations       3 vantages × (43,800 rounds + 43,800 minutes) + 1 arbiter × 43,800 minutes
    1.20  89,790 GB-seconds         3 vantages × (43,800 rounds × 1 s + 43,800 minutes × 0.2 s) × 0.5 GB + 1 arbiter × 43,800 minutes × 0.5 s × 0.5 GB
    1.30  3,241,200 queue requests  4 queues × 43,800 minutes × 15 polls + 613,200 for messages
    0.18  175,200 schedule runs     4 schedules × 43,800 minutes
`;
const NIGHT = `
A night in which nobody takes an incident:
  33 pages in 8 h, 65 text messages × 0.1 USD = 6.50 USD an incident (a price differs by country: --sms-price).
  A new account may spend 1 USD a month on text messages, in each region: 10 of them. Beyond that SNS takes them and
  sends nothing, and this night is beyond it: see "Text messages" in docs/operating.md.
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
    for (const text of [HEAD, STACKS, RECORDS, COSTS, NIGHT]) expect(out).toContain(text);
    expect(out.indexOf(HEAD)).toBe(0);
    expect(out).toMatch(/^ +\d+\.\d\d {2}in all\n +\d+\.\d\d {2}of it beyond what is free each month/m);
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
    expect(plan.stacks[0]).toEqual({ name: 'quorumwatch-priced-state', region: 'eu-west-1', has: { table: 2, secret: 2 } });
    expect(plan.cost.lines[0]).toEqual({
      price: 'tableWrites',
      count: 262_800,
      unit: 'write',
      source: 'DynamoDB pricing, on-demand',
      how: '3 vantages × 43,800 rounds × (1 replica + 1 for history)',
      usd: expect.closeTo(0.1643),
      usdBeyondFree: expect.closeTo(0.1643),
    });
    expect(plan.cost.usd).toBeCloseTo(plan.cost.lines.reduce((sum, { usd }) => sum + usd, 0));
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
    // Three replicas beside the one of history.
    expect(usdOf(strong, 'tableWrites')).toBeCloseTo(2 * (usdOf(YAML, 'tableWrites') ?? 0));
    const more = YAML.replace('api: { type: http }, slow', 'api: { type: http }, other: { type: http }, slow');
    expect(usdOf(more, 'tableWrites')).toBe(usdOf(YAML, 'tableWrites'));
    expect(usdOf(more, 'traffic')).toBeGreaterThan(usdOf(YAML, 'traffic') ?? 0);
  });

  it('counts a write of history for each KB: a byte a check, and 100 more', () => {
    const checksOf = (count: number): string =>
      Array.from({ length: count }, (_, index) => `c${index}: { type: http }`).join(', ');
    const howOf = (count: number): string | undefined =>
      planOf(cellOf(YAML.replace('api: { type: http }, slow', `api: { type: http }, ${checksOf(count)}, slow`)), 1).cost.lines[0]
        ?.how;
    expect(howOf(900)).toContain('(1 replica + 1 for history)');
    expect(howOf(1_000)).toContain('(1 replica + 2 for history)');
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

  it('a tier that comes after it is nobody’s of this night', () => {
    const late = YAML.replace('after: 5m', 'after: 9h');
    expect(nightOf(cellOf(late), 1)).toMatchObject({ pages: 1, textMessages: 1 });
  });

  it('of nobody costs nothing', () => {
    expect(nightOf(cellOf(YAML.replace(/paging:[\s\S]*/, '')), 1)).toMatchObject({ pages: 0, textMessages: 0, usd: 0 });
  });
});
