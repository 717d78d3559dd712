import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Text } from '../../lib/core/cell.ts';
import { createKnock } from '../../lib/hooks/knock.ts';
import { createDial } from '../../lib/probes/dial.ts';
import { startReceiver } from './receiver.ts';

/** Knocks once; `resolve` stands in for DNS. */
function knock(url: Text, resolve?: (host: string) => Promise<string[]>, timeoutMs?: number): Promise<void> {
  const dial = createDial(resolve ? { resolve } : {});
  return createKnock({ what: 'ping', url, dial, resolveText: async () => 'http://127.0.0.1:1/secret', timeoutMs })();
}

describe('a knock', () => {
  it('is one GET, and any 2xx is an answer', async () => {
    const { url, received } = await startReceiver(() => 204);
    await knock(`${url}/id?a=b`);
    expect(received).toMatchObject([{ method: 'GET', path: '/id?a=b', body: '' }]);
  });

  it.each([302, 404, 500])('that is answered by %i is none', async (status) => {
    const { url, received } = await startReceiver(() => ({ status, headers: { location: '/elsewhere' } }));
    await expect(knock(url)).rejects.toThrow(`ping: answered HTTP ${status}`);
    expect(received).toHaveLength(1);
  });

  it('asks what a secret says, and no error repeats it', async () => {
    const failed = await knock({ ssm: '/ping' }).catch((error: Error) => error);
    expect(String(failed)).toMatch(/refused/);
    expect(String(failed)).not.toContain('secret');
    await expect(knock('mailto:a@b.example')).rejects.toThrow(/^ping: what is given as its URL is none$/);
  });

  it('reaches no private address by a name', async () => {
    const { url, received } = await startReceiver();
    await expect(knock(url.replace('127.0.0.1', 'ping.example.org'), async () => ['127.0.0.1'])).rejects.toThrow(
      /not a public address/,
    );
    expect(received).toEqual([]);
  });

  it('waits for no answer longer than it may', async () => {
    const server = createServer(() => {}).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((listening) => server.once('listening', listening));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await expect(knock(`http://127.0.0.1:${port}`, undefined, 100)).rejects.toThrow('ping: no answer within 0.1 s');
  });
});
