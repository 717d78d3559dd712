import { beforeEach, describe, expect, it } from 'vitest';
import type { BeatKind, Signal } from '../../lib/core/heartbeats.ts';
import { createWeb } from '../../lib/web/app.ts';
import { beatToken } from '../../lib/web/beat-tokens.ts';
import type { WebPorts } from '../../lib/web/ports.ts';
import { cellOf } from '../config/cell.ts';
import { createMemoryStore } from '../store/memory.ts';

const NOW = Date.UTC(2026, 10, 21, 2, 1);
const cell = cellOf(`name: beats
vantages: [a, b, c]
nodes: { cron: { url: "http://127.0.0.1", checks: { api: { type: http }, nightly: { type: heartbeat, every: 24h }, hourly: { type: heartbeat, cron: "0 * * * *" } } } }`);
const nightly = `/beat/${beatToken('new', 'beats', 'cron/nightly')}`;

let recorded: [check: string, kind: BeatKind, signal: Signal][] = [];
let isTableDown = false;
const ports: WebPorts = {
  cell,
  store: createMemoryStore(),
  clock: { now: () => NOW, sleep: async () => {} },
  version: 'test',
  wake: async () => {},
  beats: {
    secrets: async () => ['new', 'old'],
    async record(...given) {
      if (isTableDown) throw new Error('no answer');
      recorded.push(given);
    },
  },
};
const web = createWeb(ports);
beforeEach(() => {
  recorded = [];
  isTableDown = false;
});

const post = (path: string, body: string, type: string) =>
  web.request(path, { method: 'POST', body, headers: { 'content-type': type } });

describe('/beat/TOKEN', () => {
  it('takes a success by GET and by POST', async () => {
    for (const method of ['GET', 'POST']) {
      const answer = await web.request(nightly, { method });
      expect([answer.status, await answer.json()]).toEqual([200, { check: 'cron/nightly', state: 'success' }]);
    }
    expect(recorded).toEqual([
      ['cron/nightly', 'success', { at: NOW }],
      ['cron/nightly', 'success', { at: NOW }],
    ]);
  });

  it.each([
    ['?state=start', 'start', {}],
    ['?state=fail&message=disk%20full', 'fail', { message: 'disk full' }],
    ['?exit=0', 'success', { exitCode: 0 }],
    ['?exit=3', 'fail', { exitCode: 3 }],
    ['?exit=3&state=success', 'fail', { exitCode: 3 }],
    ['?message=%20a%0a%00b%20', 'success', { message: 'a b' }],
    [`?message=${'x'.repeat(300)}`, 'success', { message: 'x'.repeat(200) }],
  ])('takes %s', async (query, kind, signal) => {
    expect((await web.request(nightly + query)).status).toBe(200);
    expect(recorded).toEqual([['cron/nightly', kind, { ...signal, at: NOW }]]);
  });

  it.each([
    ['JSON', '{"state":"fail","exit":2,"message":"no"}', 'application/json', { exitCode: 2, message: 'no' }],
    ['a form', 'exit=2&message=no', 'application/x-www-form-urlencoded', { exitCode: 2, message: 'no' }],
  ])('takes %s', async (_, body, type, signal) => {
    expect((await post(nightly, body, type)).status).toBe(200);
    expect(recorded).toEqual([['cron/nightly', 'fail', { ...signal, at: NOW }]]);
  });

  it('takes plain text as the message', async () => {
    await post(`${nightly}?exit=1`, 'last line\n', 'text/plain');
    expect(recorded).toEqual([['cron/nightly', 'fail', { exitCode: 1, message: 'last line', at: NOW }]]);
  });

  it('knows each check by its own token, also by the secret that is being replaced', async () => {
    await web.request(`/beat/${beatToken('old', 'beats', 'cron/hourly')}`);
    expect(recorded.map(([check]) => check)).toEqual(['cron/hourly']);
    expect(nightly).toMatch(/^\/beat\/[\w-]{32}$/);
  });

  it.each([
    ['/beat/abc', 404, /^token: is not known/],
    [`/beat/${beatToken('older', 'beats', 'cron/nightly')}`, 404, /^token: is not known/],
    [`/beat/${beatToken('new', 'other', 'cron/nightly')}`, 404, /^token: is not known/],
    [`/beat/${beatToken('new', 'beats', 'cron/api')}`, 404, /^token: is not known/],
    [`${nightly}?state=done`, 400, /^state: "done" is not a state \(write one of start, success, fail\)$/],
    [`${nightly}?exit=bad`, 400, /^exit: "bad" is not an exit code/],
  ])('refuses %s', async (path, status, error) => {
    const answer = await web.request(path);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ error: expect.stringMatching(error) });
    expect(recorded).toEqual([]);
  });

  it.each([
    ['an object', '{"exit":{"toString":1}}', /^exit: \{"toString":1\} is not an exit code/],
    ['a list', '{"exit":[5]}', /^exit: \[5\] is not an exit code/],
  ])('refuses %s as an exit code', async (_, body, error) => {
    const answer = await post(nightly, body, 'application/json');
    expect([answer.status, await answer.json()]).toEqual([400, { error: expect.stringMatching(error) }]);
    expect(recorded).toEqual([]);
  });

  it('keeps of a message what misleads nobody, and what a table takes', async () => {
    await post(nightly, JSON.stringify({ message: 'a\u202eb\u2066 \ud800c \u2028' }), 'application/json');
    await post(nightly, JSON.stringify({ message: `${'x'.repeat(199)}\u{1f600}` }), 'application/json');
    expect(recorded.map(([, , { message }]) => message)).toEqual(['a b c', 'x'.repeat(199)]);
  });

  it('keeps tokens out of the log when it fails itself', async () => {
    const told: string[] = [];
    const failing = { ...ports.beats, secrets: () => Promise.reject(new Error('no secret')), record: async () => undefined };
    const broken = createWeb({ ...ports, beats: failing, emit: (event) => void told.push(JSON.stringify(event)) });
    expect((await broken.request(nightly)).status).toBe(500);
    expect(told).toEqual([expect.stringContaining('web: GET /beat/:token: Error: no secret')]);
    expect(told.join()).not.toContain(nightly.slice('/beat/'.length));
  });

  it('keeps nothing of whoever only asks whether it is there', async () => {
    expect((await web.request(nightly, { method: 'HEAD' })).status).toBe(405);
    expect(recorded).toEqual([]);
  });

  it('says that it could not keep it, so that the sender tries again', async () => {
    isTableDown = true;
    expect((await web.request(nightly)).status).toBe(503);
  });
});

describe('the page', () => {
  const pageOf = async (more: Partial<WebPorts>) => (await createWeb({ ...ports, ...more }).request('/')).text();

  it('shows where heartbeats go in a local run alone, and as no link', async () => {
    const url = `http://127.0.0.1:1${nightly}`;
    const page = await pageOf({ beatUrls: () => [{ check: 'cron/nightly', url }] });
    expect(page).toContain(`<code>curl ${url}</code>`);
    expect(page).not.toContain(`href="${url}`);
    expect(await pageOf({})).not.toContain('/beat/');
  });
});

it('is not there where no heartbeats are taken', async () => {
  expect((await createWeb({ ...ports, beats: undefined }).request(nightly)).status).toBe(404);
});
