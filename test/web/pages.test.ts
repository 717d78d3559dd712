import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../clock.ts';
import { createWorld, openIncident, serve, startTable, type Table, tokensOf, type World } from './world.ts';

let table: Table;
let clock: ManualClock;
let world: World;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());
beforeEach(() => {
  clock = createManualClock();
  world = createWorld(table, clock);
});

const HOSTILE = `<script>alert('x')</script>"><img src=x onerror=alert(1)>`;
const page = async (path = '/') => (await world.get(path, { accept: 'text/html' })).text();
/** What people read: no tags, one space between words. */
const textOf = (html: string): string =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .replaceAll('&lt;', '<');

describe('the headline', () => {
  const sentence = async () => textOf(/<h1>(.*?)<\/h1>/s.exec(await page())?.[1] ?? '');
  const committedDown = { checks: { 'eu1/api': { state: 'down' as const, at: 1 } } };

  it('says first what is worst', async () => {
    expect(await sentence()).toBe('Starting: the first votes are on their way.');
    await world.commit();
    expect(await sentence()).toBe('Blind: only 0 of 3 vantages can be heard.');
    await world.castAll();
    expect(await sentence()).toBe('All 2 nodes are up.');
    await world.castAll({ 'eu1/api': ['degraded', 'slow'], 'us1/api': ['degraded', 'slow'] });
    expect(await sentence()).toBe('eu1 and us1 are up, but not well.');
    await world.castAll();
    await world.cast('eu-west-1', { 'us1/api': ['down', 'status'] });
    expect(await sentence()).toBe('us1 is out of reach for some vantages.');
    await world.commit(committedDown);
    expect(await sentence()).toBe('eu1 is down.');
    world.takeTable(true);
    expect(await sentence()).toBe('Blind: the voting table cannot be reached.');
  });

  it('goes on with what it means', async () => {
    await world.castAll();
    await world.commit({ ...committedDown, incidents: { 'born1-2': openIncident('born1-2', 'eu1', clock.now()) } });
    for (const state of world.switches) state.inService = state.node !== 'eu1';
    await world.cast('us-east-2', { 'us1/api': ['down', 'status'] });
    expect(textOf(await page())).toContain(
      'us1 is out of reach for some vantages. api.example.org is answered by us1. 1 incident waits for somebody to take it.',
    );
  });

  it('does not say that no incident is open when nobody can know', async () => {
    await world.commit();
    expect(textOf(await page())).toContain('None is open.');
    world.takeTable(true);
    expect(textOf(await page())).toContain('Not known: the ledger cannot be read.');
  });
});

describe('the grid', () => {
  it('shows the worst vote of each vantage, and the checks of the nodes that are opened', async () => {
    await world.castAll();
    await world.cast('us-east-2', { 'eu1/p2p': ['down', 'banner-missing', 'closed at once'] });
    const row = textOf(/<tr id="node-eu1".*?<\/tr>/s.exec(await page())?.[0] ?? '');
    expect(row).toContain('partial up down banner-missing up');
    expect(await page()).not.toContain('closed at once');

    const opened = await page('/?open=eu1');
    expect(opened).toMatch(/id="node-eu1-button"[^>]*aria-expanded="true"/);
    expect(textOf(opened)).toContain('down us-east-2 00:00:00Z banner-missing closed at once');
    expect(textOf(opened)).toContain('up eu-west-1 , ap-northeast-1 00:00:00Z ok Every expectation was met.');
  });

  it('says why there is no vote', async () => {
    await world.cast('eu-west-1');
    await clock.advance(60_000);
    expect(textOf(await page())).toContain('no vote stale');
    expect(textOf(await page('/?open=us1'))).toContain('The vote is too old to count.');
  });
});

it('shows who answers, why, and how to ask', async () => {
  await world.castAll();
  await world.commit({
    members: { 'api/eu1': { inService: false, at: 1, why: 'api HTTP 500', holdUntil: 0, flaps: [] } },
  });
  for (const state of world.switches) state.inService = state.node !== 'eu1';
  const text = textOf(await page());
  expect(text).toContain('Answers 198.51.100.7 (us1)');
  expect(text).toContain('out eu1 203.0.113.10 primary · api HTTP 500');
  expect(text).toContain('dig @127.0.0.1 -p 5300 +short api.example.org A');
});

describe('what others wrote', () => {
  it('is escaped wherever it is shown', async () => {
    await world.castAll({ 'eu1/api': ['down', 'status', HOSTILE] });
    const incident = { ...openIncident('born1-2', 'eu1', clock.now()), ackedBy: HOSTILE, ackedAt: clock.now() };
    incident.timeline.push({ at: clock.now(), epoch: 3, what: HOSTILE, detail: HOSTILE });
    const votes = {
      'eu-west-1': { vote: 'down', reason: 'status', detail: HOSTILE, observedAt: 1, since: 1, checkHash: 'x' },
    } as const;
    await world.store.writeIncident(incident, [{ epoch: 2, at: 1, check: HOSTILE, from: 'up', to: 'down', quorum: 2, votes }]);
    await world.commit({
      incidents: { 'born1-2': incident },
      members: { 'api/eu1': { inService: false, at: 1, why: HOSTILE, holdUntil: 0, flaps: [], held: HOSTILE } },
    });
    world.inbox.push({ at: 1, incident: HOSTILE, state: 'down', tier: 1, attempt: 1, subject: HOSTILE, text: HOSTILE });
    world.events.emit({ event: 'note', text: HOSTILE });
    world.events.emit({ event: 'hold', record: HOSTILE, node: HOSTILE, rule: HOSTILE, why: HOSTILE });
    for (const path of ['/?open=eu1', '/incidents/born1-2', `/incidents/${encodeURIComponent(HOSTILE)}`]) {
      const html = await page(path);
      expect(html).not.toMatch(/<script>|<img/);
      expect(html.match(/<script/g)).toHaveLength(1);
    }
    expect(await page('/?open=eu1')).toContain('&lt;script&gt;alert(');
  });

  it('could not run if it were not', async () => {
    for (const path of ['/', '/incidents/nope', '/api/v1/status', '/badge/eu1.svg', '/app.js']) {
      const { headers } = await world.get(path, { accept: 'text/html' });
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBeTruthy();
    }
    expect(await page()).not.toMatch(/ style=| on\w+="|<style/);
  });
});

describe('an incident', () => {
  it('that speaks for others leads to them', async () => {
    const digest = {
      ...openIncident('born1-2-digest', '2 nodes', clock.now()),
      together: { at: 0, incidents: { a: 'eu1', b: 'us1' } },
    };
    await world.commit({ incidents: { [digest.id]: digest } });
    const shown = await page('/incidents/born1-2-digest');
    expect(textOf(shown)).toContain('2 nodes are down.');
    expect(shown).toContain('<a href="/incidents/a">eu1</a>');
    expect(await (await world.get('/api/v1/incidents/born1-2-digest')).json()).toMatchObject({
      together: [{ id: 'a', node: 'eu1' }, {}],
    });
  });

  it('shows evidence and timeline, and is acknowledged by its form; reading it changes nothing', async () => {
    await world.commit({ incidents: { 'born1-2': openIncident('born1-2', 'eu1', clock.now()) } });
    const text = textOf(await page('/incidents/born1-2'));
    expect(text).toContain('eu1 is down.');
    expect(text).toContain('up → down : eu1/api');
    expect(await world.store.readActs()).toBe('missing');

    const done = await world.sendForm('/incidents/born1-2/ack', { by: 'ana' });
    expect([done.status, done.headers.get('location')]).toEqual([303, '/incidents/born1-2']);
    expect(textOf(await page('/incidents/born1-2'))).toContain('Taken by ana at 00:00:00Z');
  });

  it('says what is wrong, as a page or as JSON', async () => {
    await world.commit({ incidents: { 'born1-2': openIncident('born1-2', 'eu1', clock.now()) } });
    const forScript = await world.sendForm('/incidents/born1-2/ack', { by: '' }, { accept: 'application/json' });
    expect([forScript.status, await forScript.json()]).toEqual([
      400,
      { error: 'by: is empty (write who takes it in 1 to 80 characters)' },
    ]);
    const forPeople = await world.sendForm('/incidents/born1-2/ack', { by: '' }, { accept: 'text/html' });
    expect([forPeople.status, textOf(await forPeople.text())]).toEqual([400, expect.stringContaining('by: is empty')]);
    expect((await world.get('/incidents/nope', { accept: 'text/html' })).status).toBe(404);
  });

  it('carries the token of its link on', async () => {
    world = createWorld(table, clock, { checkToken: tokensOf('born1-2', { secret: 'good' }) });
    await world.commit({ incidents: { 'born1-2': openIncident('born1-2', 'eu1', clock.now()) } });
    expect(await page('/incidents/born1-2?token=secret')).toContain('<input type="hidden" name="token" value="secret">');
    expect((await world.sendForm('/incidents/born1-2/ack', { by: 'ana' })).status).toBe(403);
    expect((await world.sendForm('/incidents/born1-2/ack', { by: 'ana', token: 'secret' })).status).toBe(303);
  });
});

describe('the fault panel', () => {
  it('adds faults once, shows them and ends them', async () => {
    const cut = { vantage: 'us-east-2', node: '*', effect: 'unreachable' };
    for (const fields of [cut, cut, { effect: 'sns-down' }]) expect((await world.sendForm('/faults', fields)).status).toBe(303);
    expect(world.faults.list()).toEqual([cut, { effect: 'sns-down' }]);
    expect(textOf(await page())).toContain('every node is out of reach for us-east-2');

    await world.sendForm('/faults/end', { fault: JSON.stringify(cut) });
    expect(world.faults.list()).toEqual([{ effect: 'sns-down' }]);
    await world.sendForm('/faults/end', { fault: 'all' });
    expect(world.faults.list()).toEqual([]);
  });

  it('refuses what is no fault', async () => {
    expect((await world.sendForm('/faults', { effect: 'dead', vantage: 'x' })).status).toBe(400);
    expect((await world.sendForm('/faults/end', { fault: '{' })).status).toBe(400);
  });
});

describe('GET /events', () => {
  it('says at once where it stands, then each change, then that it is alive', async () => {
    const server = await serve(world.web);
    try {
      const answer = await fetch(`${server.url}/events`);
      expect(answer.headers.get('content-type')).toBe('text/event-stream');
      const read = messagesOf(answer);
      expect(await read()).toContain('event: change\ndata: \nid: 0');
      world.events.emit({ event: 'note', text: 'something' });
      expect(await read()).toContain('event: change\ndata: \nid: 1');
      await sleepers(1);
      await clock.advance(5_000);
      expect(await read()).toContain('event: tick\ndata: \nid: 1');
    } finally {
      await server.close();
    }
    await sleepers(0);
  });

  it('does not repeat what a browser that comes back has seen', async () => {
    world.events.emit({ event: 'note', text: 'something' });
    const first = async (id: string) => messagesOf(await world.get('/events', { 'last-event-id': id }))();
    expect(await first('1')).toContain('event: tick');
    expect(await first('0')).toContain('event: change');
  });

  /** Waits until so many streams are asleep. */
  const sleepers = (number: number) => expect.poll(() => clock.sleepers(), { interval: 5, timeout: 5_000 }).toBe(number);
});

function messagesOf(answer: Response): () => Promise<string> {
  const reader = answer.body?.getReader();
  return async () => new TextDecoder().decode((await reader?.read())?.value);
}
