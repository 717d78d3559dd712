import { describe, expect, type TestContext, test } from 'vitest';
import { isGenuine } from '../../examples/hooks/verify.ts';
import { type Received, startReceiver } from '../hooks/receiver.ts';
import { CHAIN_TEMPLATE, corrupted, healthy } from './public-node.ts';
import { addressOf, scenario } from './scenario.ts';

const NODES = ['one', 'two'] as const;
const SECRET = 'what only the two of us know';
const FENCE_MS = 2_000;

/** Two producers, and a service that pauses and resumes them; who can be told is up to the test. */
async function producers(context: TestContext, canBeTold: (node: string) => boolean) {
  const answer = ({ path, body }: Received) => (path === '/chat' || canBeTold(JSON.parse(body).node) ? 200 : 503);
  const ops = await startReceiver(answer, context);
  const here = await scenario(context, {
    nodes: NODES,
    yaml: (nodes) => `
templates:${CHAIN_TEMPLATE}
nodes:
  one: { url: "${nodes.one.url}", use: chain }
  two: { url: "${nodes.two.url}", use: chain }
records:
  producer:
    name: api.example.test
    zone: example.test
    members:
      - { node: one, value: ${addressOf(NODES, 'one')}, role: primary }
      - { node: two, value: ${addressOf(NODES, 'two')}, role: secondary }
    guard: { hold: 1s }
    fence: required
    fenceTimeout: ${FENCE_MS}ms
paging: { tiers: [{ hooks: [chat] }] }
hooks:
  chat: { events: [page, recovered], url: "${ops.url}/chat" }
  role: { events: [role], url: "${ops.url}/role", secret: ${SECRET} }`,
  });
  const bodies = (path: string) => ops.received.filter((each) => each.path === path).map(({ body }) => JSON.parse(body));
  /** What was asked of producers, in order: each call, also those that failed. */
  const calls = () => bodies('/role').map(({ node, role }) => `${node} ${role}`);
  return {
    ...here,
    ops,
    bodies,
    calls,
    hooks: () => here.of('hook').map(({ hook, node, status }) => `${hook} ${node} ${status}`),
  };
}

describe.concurrent('a producer and its stand-by (EOS42)', () => {
  // As keepalived's notify script did it: pause the one, resume the other, post to the chat. It answers wrongly, so it may still
  // produce: until its pause is confirmed, two producers would sign the same blocks.
  test('the old one is paused, which fails at first, then the new one resumes, and back again', async (context) => {
    let isUp = false;
    const here = await producers(context, () => isUp);
    expect(here.calls()).toEqual([]);
    here.nodes.one.answer(corrupted);
    await here.until('the pause was tried again', () => here.calls().length >= 2);
    expect(new Set(here.calls())).toEqual(new Set(['one FAULT']));
    expect(here.hooks()).toContain('role one 503');
    isUp = true;
    await here.until('two is told', () => here.calls().includes('two MASTER'));
    here.nodes.one.answer(healthy);
    await here.until('all is told', () => here.calls().includes('one MASTER') && here.bodies('/chat').length >= 2);
    const tries = here.calls().length - 4;
    expect(here.calls().slice(tries)).toEqual(['one FAULT', 'two MASTER', 'two BACKUP', 'one MASTER']);
    const role = here.ops.received.filter(({ path }) => path === '/role');
    expect(new Set(role.map(({ headers }) => headers['idempotency-key'])).size).toBe(4);
    expect(role.filter(({ headers, body }) => !isGenuine(headers, body, SECRET))).toEqual([]);
    const masters = here.bodies('/role').filter((body) => body.role === 'MASTER');
    expect(new Set(masters.map(({ epoch }) => epoch)).size).toBe(2);
    const [down, up] = here.bodies('/chat');
    expect([down, up]).toMatchObject(
      [
        { version: 1, event: 'page', cell: 'story', node: 'one', state: 'down', tier: 1, text: /one DOWN/ },
        { event: 'recovered', node: 'one', incident: down.incident, text: /one UP / },
      ].map((each) => ({ ...each, text: expect.stringMatching(each.text) })),
    );
    expect((await fetch(down.link)).status).toBe(200);
  });

  test('or nobody could connect to the old one for fenceTimeout', async (context) => {
    const here = await producers(context, (node) => node !== 'one');
    await here.nodes.one.kill();
    const { at } = await here.until('one is down', () => here.of('transition').find(({ to }) => to === 'down'));
    const told = await here.until('two is told', () =>
      here.of('hook').find(({ node, status }) => node === 'two' && status === 200),
    );
    expect(told.at - at).toBeGreaterThanOrEqual(FENCE_MS);
    expect(here.calls()[0]).toBe('one FAULT');
  });
});

describe.concurrent('a job that reports by itself', () => {
  // eosDAC, 2018-07-19: the script that sends the texts was misnamed on one server, so it never ran, and nobody noticed.
  test('pages when it fails, and when it never came; then it comes', async (context) => {
    // Late enough that both do not share a page.
    const here = await scenario(context, {
      nodes: [],
      yaml: () => `nodes:
  misnamed: { checks: { texts: { type: heartbeat, every: 9s, grace: 0s } } }
  backup: { checks: { nightly: { type: heartbeat, every: 24h } } }`,
    });
    const pages = (node: string) =>
      here
        .of('page')
        .filter(({ incident }) => incident.endsWith(`-${node}`))
        .map(({ state, text }) => `${state}: ${text}`);
    const beat = async (check: string, query = '') => {
      const { url } = here.beatUrls.find((each) => each.check === check) ?? { url: '' };
      expect((await fetch(url + query, { headers: { connection: 'close' } })).status).toBe(200);
    };

    await beat('backup/nightly', '?exit=3&message=disk%20full');
    const failed = await here.until('its failure is paged', () => pages('backup')[0]);
    expect(failed).toMatch(/^down: backup DOWN .*3\/3 regions: nightly failed at .*Z: exit code 3, disk full/);
    const never = await here.until('it is paged that it never came', () => pages('misnamed')[0]);
    expect(never).toMatch(/^down: misnamed DOWN .*3\/3 regions: texts never heard; expected every 9 s/);

    const beating = setInterval(() => void beat('misnamed/texts'), 500);
    context.onTestFinished(() => clearInterval(beating));
    await here.until('it is well', () => pages('misnamed')[1]?.startsWith('recovered'));
    expect(here.of('flip')).toEqual([]);
  });
});
