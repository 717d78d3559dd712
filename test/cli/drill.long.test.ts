/** Fire drills as people order them, on a local run: real looks, a real quorum, real pages. */
import { Resolver } from 'node:dns/promises';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, type TestContext, test, vi } from 'vitest';
import { listen } from '../hooks/receiver.ts';
import { quorumwatch } from './process.ts';

vi.setConfig({ testTimeout: 120_000 });

interface Event {
  event: string;
  [field: string]: unknown;
}

/** A local run over two nodes that are well, in DNS, and old enough to flip. */
async function started(context: TestContext) {
  const node = await listen((_, response) => response.end('ok'), context);
  const called: string[] = [];
  const chat = await listen((request, response) => {
    request.on('data', (chunk) => called.push(JSON.parse(chunk).text));
    request.on('end', () => response.end());
  }, context);
  const dir = mkdtempSync(join(tmpdir(), 'quorumwatch-'));
  context.onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const config = join(dir, 'two.yaml');
  writeFileSync(
    config,
    `
name: two
vantages: [eu-west-1, us-east-2, ap-northeast-1]
interval: 10s
defaults: { timeout: 2s, attempts: 1, downFor: 1s }
nodes:
  alpha: { url: "${node.url}", checks: { api: { type: http } } }
  beta:  { url: "${node.url}", checks: { api: { type: http } } }
records:
  api:
    name: api.example.test
    zone: example.test
    members: [{ node: alpha, value: 203.0.113.1, role: primary }, { node: beta, value: 203.0.113.2, role: secondary }]
paging: { tiers: [{ hooks: [chat] }] }
hooks: { chat: { events: [page, recovered], url: "${chat.url}" } }
`,
  );
  const local = quorumwatch(context, ['local', config, '--port', '0', '--dns-port', '0', '--interval', '2s', '--json']);
  const events = () => local.lines.map((line): Event => JSON.parse(line));
  const ready = await local.line((line) => {
    const event: Event = JSON.parse(line);
    return event.event === 'ready' ? event : undefined;
  });
  const url = String(ready.url);
  // A new ledger flips nothing for three rounds.
  await vi.waitFor(() => expect(events().filter(({ event }) => event === 'ballot').length).toBeGreaterThan(15), {
    timeout: 30_000,
  });
  const resolver = new Resolver({ timeout: 1_000, tries: 2 });
  resolver.setServers([`127.0.0.1:${ready.dnsPort}`]);
  const answers: string[] = [];
  const asking = setInterval(
    () => void resolver.resolve4('api.example.test').then(([address = '']) => answers.push(address)),
    100,
  );
  context.onTestFinished(() => clearInterval(asking));
  const drill = (...options: string[]) =>
    quorumwatch(context, ['drill', '--config', config, '--endpoint', url, ...options]).ended();
  const of = (kind: string) => events().filter(({ event }) => event === kind);
  return { drill, of, called, answers };
}

const HOPS = [
  'decided by an arbiter',
  'vantages were asked to look',
  'a quorum agreed, and the ledger says down',
  'the page was sent',
];

describe.concurrent('quorumwatch drill', () => {
  test('says each hop with its time; people are paged, nobody else is told, DNS stays', async (context) => {
    const here = await started(context);
    const { code, out, err } = await here.drill('--node', 'alpha');
    expect([code, err]).toEqual([0, '']);
    const lines = out.trimEnd().split('\n');
    expect(lines.at(-1)).toBe('The drill went all the way.');
    for (const line of lines.slice(0, -1)) expect(line).toMatch(/^ *\+\d+\.\d s {2}\S/);
    for (const hop of [...HOPS, 'the page of its end was sent']) expect(out).toContain(hop);
    // On a busy machine the third one may look too late to be waited for.
    expect(out.match(/\S+ saw it fail/g)?.length).toBeGreaterThanOrEqual(2);
    expect(here.of('page').map(({ subject }) => subject)).toEqual([
      expect.stringMatching(/^DRILL-alpha DOWN \S+, [23]\/3 regions$/),
      'UP: the fire drill DRILL-alpha is over',
    ]);
    expect([here.of('flip'), here.called, new Set(here.answers)]).toEqual([[], [], new Set(['203.0.113.1'])]);
  });

  test('flips and calls hooks when it is asked to, and puts the member back', async (context) => {
    const here = await started(context);
    const { code, out } = await here.drill('--node', 'alpha', '--flip', '--hooks', '--json');
    const { hops, ended } = JSON.parse(out);
    expect([code, ended]).toEqual([0, 'through']);
    expect(Object.keys(hops)).toEqual(['begun', 'asked', 'down', 'paged', 'hooked', 'out', 'in', 'over']);
    for (const at of Object.values(hops)) expect(at).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(here.of('flip').map(({ node, inService }) => `${node} ${inService ? 'in' : 'out'}`)).toEqual([
      'alpha out',
      'alpha in',
    ]);
    await vi.waitFor(() => expect(here.answers.at(-1)).toBe('203.0.113.1'));
    expect(new Set(here.answers)).toEqual(new Set(['203.0.113.1', '203.0.113.2']));
    expect(here.called).toEqual([expect.stringMatching(/^DRILL-alpha DOWN/), 'UP: the fire drill DRILL-alpha is over']);
  });

  test('says what is wrong with what it is told, in one line each', async (context) => {
    const here = await started(context);
    const refused = async (...options: string[]) => {
      const { code, out, err } = await here.drill(...options);
      return [code, out, err.trimEnd()];
    };
    expect(await refused('--flip')).toEqual([2, '', '--flip: needs a node to take out of service (write --node NODE)']);
    expect(await refused('--node', 'gamma')).toEqual([2, '', 'node: there is no node "gamma" (write alpha or beta)']);
    expect(await refused('--tier', '2')).toEqual([2, '', '--tier: "2" is no tier (write 1 to 1)']);
  });
});
