import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../clock.ts';
import { createWorld, openIncident, startTable, type Table, type World } from './world.ts';

/** A page that is not public. */

let table: Table;
let world: World;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());
beforeEach(async () => {
  const clock = createManualClock();
  world = createWorld(table, clock, {
    mayRead: (token) => token === 'reader',
    checkToken: (incident, token) => (token === `link-${incident}` ? 'good' : token === `old-${incident}` ? 'expired' : 'wrong'),
  });
  const incident = openIncident('born1-2', 'eu1', clock.now());
  await world.commit({ incidents: { [incident.id]: incident } });
});
const ask = (path: string, headers: Record<string, string> = {}) =>
  world.web.request(`https://q.example.org${path}`, { headers });
const HTML = { accept: 'text/html' };
const PRIVATE = ['/', '/api/v1/status', '/api/v1/incidents', '/api/v1/incidents/born1-2', '/incidents/born1-2'].concat([
  '/metrics',
  '/feed.xml',
  '/badge/eu1.svg',
  '/events',
  '/api/v1/faults',
  '/anything',
]);

describe('without a token', () => {
  it.each(PRIVATE)('%s says nothing', async (path) => {
    for (const headers of [{}, HTML, { authorization: 'Bearer wrong' }, { cookie: '__Host-quorumwatch=wrong' }]) {
      const answer = await ask(path, headers as Record<string, string>);
      expect(answer.status).toBe(401);
      expect(await answer.text()).not.toMatch(/eu1|born1/);
    }
    expect((await world.web.request(path, { method: 'HEAD' })).status).toBe(401);
    expect((await ask(`${path}?token=wrong`)).status).toBe(401);
  });

  it('says how to get one, in words for whoever asks', async () => {
    const error =
      'token: is missing or wrong (docs/deploying.md says how to get it; page: { public: true } shows the page to all)';
    const answer = await ask('/api/v1/status', HTML);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(await answer.json()).toEqual({ error });
    expect(await (await ask('/', HTML)).text()).toContain('This page is not public.');
  });

  it.each(['/style.css', '/app.js', '/icon.svg'])('%s, which is nobody’s, is given', async (path) => {
    expect((await ask(path)).status).toBe(200);
  });
});

describe('with the token', () => {
  it.each([['/api/v1/status'], ['/api/v1/incidents/born1-2'], ['/metrics'], ['/feed.xml'], ['/badge/eu1.svg']])(
    '%s answers programs, by header or query',
    async (path) => {
      expect((await ask(path, { authorization: 'Bearer reader' })).status).toBe(200);
      expect((await ask(`${path}?token=reader`)).status).toBe(200);
    },
  );

  it('a browser keeps it, out of the address and out of reach of scripts', async () => {
    const answer = await ask('/?open=eu1&token=reader', HTML);
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/?open=eu1']);
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toBe('__Host-quorumwatch=reader; Max-Age=7776000; Path=/; HttpOnly; Secure; SameSite=Lax');
    expect((await ask('/?open=eu1', { ...HTML, cookie: cookie.split(';')[0] ?? '' })).status).toBe(200);
  });

  it('nobody may change anything by it', async () => {
    const body = JSON.stringify({ by: 'eve' });
    const headers = { 'content-type': 'application/json', authorization: 'Bearer reader' };
    const answer = await world.web.request('/api/v1/incidents/born1-2/ack', { method: 'POST', headers, body });
    expect(answer.status).toBe(403);
  });
});

describe('with the link of an incident', () => {
  it('that incident is shown, and nothing else', async () => {
    for (const path of ['/incidents/born1-2', '/api/v1/incidents/born1-2']) {
      expect((await ask(`${path}?token=link-born1-2`, HTML)).status).toBe(200);
      expect((await ask(`${path}?token=old-born1-2`, HTML)).status).toBe(200);
      expect((await ask(`${path}?token=link-other`, HTML)).status).toBe(401);
    }
    for (const path of ['/', '/api/v1/incidents', '/incidents/other'])
      expect((await ask(`${path}?token=link-born1-2`, HTML)).status).toBe(401);
  });
});
