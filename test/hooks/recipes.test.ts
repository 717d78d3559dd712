/** The recipes of examples/hooks, against services that refuse everything but their documented shape. */
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import { createRelay } from '../../examples/hooks/nodeos.ts';
import { resolveSource, sourceOf } from '../../lib/config/load.ts';
import type { Cell } from '../../lib/core/cell.ts';
import { createHooks } from '../../lib/hooks/caller.ts';
import { formatOf } from '../../lib/hooks/formats.ts';
import { createDial } from '../../lib/probes/dial.ts';
import { listen, type Received, startReceiver } from './receiver.ts';

const NOW = Date.UTC(2026, 10, 21, 2, 1, 7);
const file = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const SECRETS: Record<string, string> = {
  '/quorumwatch/pagerduty-key': 'e93facc04764012d7bfb002500d5d1a6',
  '/quorumwatch/hook': 'shared',
};

/** The hooks of a recipe, in a cell that has the nodes that it names; each goes to that server instead. */
function recipe(name: string, urls: Record<string, string>) {
  const yaml = `name: recipe\nvantages: [a, b, c]\nnodes: { bp1: { host: 203.0.113.1, checks: { p: { type: tcp, port: 1 } } }, bp2: { host: 203.0.113.2, checks: { p: { type: tcp, port: 1 } } } }\n${file(`examples/hooks/${name}`)}`;
  const source = sourceOf('recipe.yaml', yaml);
  if (!('data' in source)) throw new Error(JSON.stringify(source.faults));
  const loaded = resolveSource(source, { target: 'local', env: {} });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  const { cell }: { cell: Cell } = loaded;
  return {
    cell,
    ...createHooks({
      cell: { hooks: cell.hooks.map((hook) => ({ ...hook, url: urls[hook.id] ?? '' })) },
      clock: { now: Date.now },
      dial: createDial(),
      resolveText: async (text) => SECRETS[typeof text === 'object' && 'ssm' in text ? text.ssm : ''] ?? '',
    }),
  };
}

const bodyOf = (event: string, more: object = {}) => ({
  version: 1,
  event,
  cell: 'example',
  incarnation: 'life',
  epoch: 7,
  at: new Date(NOW).toISOString(),
  node: 'bp1',
  text: 'bp1 DOWN 02:01Z: api <HTTP 500> & more',
  incident: 'life-7-bp1',
  link: 'https://status.example.org/incidents/life-7-bp1?token=a',
  ...more,
});

const keysOf = (value: object) => Object.keys(value).sort();

test('Slack takes text alone, its special characters escaped', async () => {
  const { url, received } = await startReceiver(({ method, headers, body }) => {
    const isJson = method === 'POST' && headers['content-type'] === 'application/json';
    if (!isJson || keysOf(JSON.parse(body)).join() !== 'text' || !JSON.parse(body).text)
      return { status: 400, body: 'invalid_payload' };
    return { status: 200, body: 'ok' };
  });
  expect(await recipe('slack.yaml', { slack: url }).call('slack', bodyOf('page'), 'k')).toBe(200);
  expect(JSON.parse(received[0]?.body ?? '')).toEqual({
    text: 'bp1 DOWN 02:01Z: api &lt;HTTP 500&gt; &amp; more <https://status.example.org/incidents/life-7-bp1?token=a>',
  });
});

/** What the API's schema allows and demands, and nothing else. */
function pagerDutyAnswer({ path, headers, body }: Received): number {
  const { routing_key, event_action, dedup_key, payload, links = [], ...rest } = JSON.parse(body);
  const hasKey = /^\w{32}$/.test(routing_key) && headers['content-type'] === 'application/json' && path === '/v2/enqueue';
  if (!hasKey || typeof dedup_key !== 'string' || dedup_key.length > 255) return 400;
  if (event_action !== 'trigger')
    return ['acknowledge', 'resolve'].includes(event_action) && !payload && keysOf(rest).length === 0 ? 202 : 400;
  const { summary, source, severity, timestamp, group, ...others } = payload;
  const isPayload =
    summary &&
    source &&
    group &&
    ['critical', 'error', 'warning', 'info'].includes(severity) &&
    !Number.isNaN(Date.parse(timestamp));
  const areLinks = links.every((link: { href: string }) => URL.canParse(link.href) && keysOf(link).join() === 'href,text');
  return isPayload && areLinks && keysOf(others).length === 0 && keysOf(rest).join() === 'client' ? 202 : 400;
}

test('PagerDuty takes an incident as an alert that is triggered, acknowledged and resolved', async () => {
  const { url, received } = await startReceiver(pagerDutyAnswer);
  const { call, cell } = recipe('pagerduty.yaml', { pagerduty: `${url}/v2/enqueue` });
  for (const event of cell.hooks[0]?.events ?? []) expect(await call('pagerduty', bodyOf(event), 'k')).toBe(202);
  const sent = received.map(({ body }) => JSON.parse(body));
  expect(sent.map(({ event_action }) => event_action)).toEqual(['trigger', 'acknowledge', 'resolve']);
  expect(new Set(sent.map(({ dedup_key }) => dedup_key))).toEqual(new Set(['life-7-bp1']));
  expect(await call('pagerduty', bodyOf('flip', { incident: undefined, link: undefined, record: 'api' }), 'k')).toBe(202);
});

test('services with a shape of their own get it by their host', () => {
  const formats = [
    'https://hooks.slack.com/services/T/B/x',
    'https://events.pagerduty.com/v2/enqueue',
    'https://ops.example.org/',
  ];
  expect(formats.map((url) => formatOf(new URL(url)))).toEqual(['slack', 'pagerduty', 'json']);
});

describe('nodeos', () => {
  /** The producer_api of a nodeos that is told to fail, or that says yes and does nothing. */
  async function producer(mood: () => 'well' | 'broken' | 'stuck' = () => 'well') {
    let isPaused = false;
    const server = await startReceiver(({ method, path, body }) => {
      if (method !== 'POST' || body !== '') return 400;
      if (mood() === 'broken') return 500;
      if (path === '/v1/producer/paused') return { status: 201, body: String(isPaused) };
      if (path !== '/v1/producer/pause' && path !== '/v1/producer/resume') return 404;
      if (mood() === 'well') isPaused = path.endsWith('pause');
      return { status: 201, body: '{"result":"ok"}' };
    });
    const relay = await listen(createRelay({ secret: 'shared', nodeos: server.url }));
    const { call } = recipe('nodeos.yaml', { 'producer-1': relay.url });
    const tell = (role: string, epoch: number) => call('producer-1', bodyOf('role', { role, epoch }), 'k');
    return { ...server, relay, tell, isPaused: () => isPaused };
  }

  it('is paused and resumed as its role changes', async () => {
    const bp = await producer();
    for (const [role, epoch, isPaused] of [
      ['FAULT', 1, true],
      ['MASTER', 2, false],
      ['BACKUP', 3, true],
    ] as const) {
      expect(await bp.tell(role, epoch)).toBe(200);
      expect(bp.isPaused()).toBe(isPaused);
    }
  });

  it('is not confirmed before it is so', async () => {
    let mood: 'well' | 'broken' | 'stuck' = 'broken';
    const bp = await producer(() => mood);
    expect(await bp.tell('FAULT', 1)).toBe(502);
    mood = 'stuck';
    expect(await bp.tell('FAULT', 1)).toBe(502);
    mood = 'well';
    expect(await bp.tell('FAULT', 1)).toBe(200);
  });

  it('does not do what was overtaken, nor what is not signed', async () => {
    const bp = await producer();
    await bp.tell('BACKUP', 5);
    expect(await bp.tell('MASTER', 4)).toBe(200);
    expect(bp.isPaused()).toBe(true);
    const forged = await fetch(bp.relay.url, {
      method: 'POST',
      body: JSON.stringify(bodyOf('role', { role: 'MASTER', epoch: 9 })),
    });
    expect([forged.status, bp.isPaused()]).toEqual([401, true]);
  });
});

test('the documentation shows the receiver that is tested here', () => {
  const blocks = file('docs/hooks.md').split('```');
  expect(blocks.find((block) => block.startsWith('ts\n'))).toBe(`ts\n${file('examples/hooks/verify.ts')}`);
  const example = blocks.find((block) => block.startsWith('yaml\n'))?.slice('yaml\n'.length) ?? '';
  expect(Object.keys(parse(example).hooks)).toEqual(['slack', 'role']);
});
