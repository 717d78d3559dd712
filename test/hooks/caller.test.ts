import { describe, expect, it } from 'vitest';
import { isGenuine } from '../../examples/hooks/verify.ts';
import type { HookSpec } from '../../lib/core/telling.ts';
import { createHooks } from '../../lib/hooks/caller.ts';
import { createDial } from '../../lib/probes/dial.ts';
import { startReceiver } from './receiver.ts';

const NOW = Date.UTC(2026, 10, 21, 2, 1, 7);
const SECRET = 'a secret of some length';
const BODY = {
  version: 1,
  event: 'page',
  cell: 'test',
  incarnation: 'life',
  epoch: 7,
  at: '2026-11-21T02:01:07.000Z',
  node: 'eu1',
  text: 'eu1 DOWN',
};

/** What the hook's service sees, and what the call comes to. */
function hooksOf(spec: Partial<HookSpec>, resolve?: (host: string) => Promise<string[]>) {
  const hook = { id: 'ops', events: [], nodes: [], url: '', ...spec };
  const resolveText = async (text: unknown) => {
    if (typeof text === 'object' && text !== null && 'ssm' in text && text.ssm === '/known') return SECRET;
    throw new Error('no such parameter');
  };
  const dial = createDial(resolve ? { resolve } : {});
  return createHooks({ cell: { hooks: [hook] }, clock: { now: () => NOW }, dial, resolveText });
}

describe('a call', () => {
  it('is one POST of the body, with the key that stays the same', async () => {
    const { url, received } = await startReceiver(() => 204);
    expect(await hooksOf({ url: `${url}/notify?team=a` }).call('ops', BODY, 'life-7-0')).toBe(204);
    expect(received).toMatchObject([{ method: 'POST', path: '/notify?team=a' }]);
    expect(JSON.parse(received[0]?.body ?? '')).toEqual(BODY);
    expect(received[0]?.headers).toMatchObject({ 'content-type': 'application/json', 'idempotency-key': 'life-7-0' });
    expect(received[0]?.headers['quorumwatch-signature']).toBeUndefined();
  });

  it('is signed with its secret, so that the documented receiver knows it', async () => {
    const { url, received } = await startReceiver();
    await hooksOf({ url, secret: { ssm: '/known' } }).call('ops', { ...BODY, text: 'Ünïcode' }, 'k');
    const [{ headers, body } = { headers: {}, body: '' }] = received;
    expect(isGenuine(headers, body, SECRET, NOW)).toBe(true);
    expect(isGenuine(headers, body, SECRET, NOW + 299_000)).toBe(true);
    expect(isGenuine(headers, body, SECRET, NOW + 301_000)).toBe(false);
    expect(isGenuine(headers, body, SECRET, NOW - 301_000)).toBe(false);
    expect(isGenuine(headers, `${body} `, SECRET, NOW)).toBe(false);
    expect(isGenuine(headers, body, 'another', NOW)).toBe(false);
    expect(isGenuine({ ...headers, 'quorumwatch-timestamp': String(NOW / 1_000 + 1) }, body, SECRET, NOW)).toBe(false);
    expect(isGenuine({}, body, SECRET, NOW)).toBe(false);
  });

  it('follows no redirect', async () => {
    const other = await startReceiver();
    const { url } = await startReceiver(() => ({ status: 307, headers: { location: other.url } }));
    expect(await hooksOf({ url }).call('ops', BODY, 'k')).toBe(307);
    expect(other.received).toEqual([]);
  });

  it('goes to no private address by way of a name', async () => {
    const { port, received } = await startReceiver();
    const hooks = hooksOf({ url: `http://ops.example.org:${port}/secret-path` }, async () => ['127.0.0.1']);
    await expect(hooks.call('ops', BODY, 'k')).rejects.toThrow(
      /^ops\.example\.org is not a public address \(127\.0\.0\.1, loopback\)$/,
    );
    expect(received).toEqual([]);
  });

  it('that nobody can make is an error that keeps its secrets', async () => {
    await expect(hooksOf({ url: 'secret words' }).call('ops', BODY, 'k')).rejects.toThrow(
      'hook ops: what is given as its URL is none',
    );
    await expect(hooksOf({ url: { ssm: '/unknown' } }).call('ops', BODY, 'k')).rejects.toThrow('no such parameter');
    await expect(hooksOf({}).call('other', BODY, 'k')).rejects.toThrow('hook other: is not configured here');
  });
});
