import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Check } from '../../lib/core/cell.ts';
import { createFaults, type NodeEffect } from '../../lib/local/faults.ts';
import { faultyDial, startGarbageServer } from '../../lib/local/faulty-dial.ts';
import { createDial } from '../../lib/probes/dial.ts';
import { createManualClock } from '../clock.ts';
import { httpCheck, look, tcpCheck } from '../probes/checks.ts';
import { serveDns } from '../probes/dns-servers.ts';
import { dnsCheck, tlsCheck, websocketCheck } from '../probes/kinds.ts';
import { leavingNothing, serveAnswer } from '../probes/servers.ts';

let garbage: Awaited<ReturnType<typeof startGarbageServer>>;
beforeAll(async () => {
  garbage = await startGarbageServer();
});
afterAll(() => garbage.close());

/** One look of the vantage eu at a check of the node eu1 under this fault. */
async function under(effect: NodeEffect, check: Check, node = '*') {
  const faults = createFaults(() => undefined);
  faults.replace([{ vantage: 'eu', node, effect }]);
  const dial = faultyDial(createDial(), 'eu', faults, garbage.port, createManualClock());
  return leavingNothing(() => look(check, { dial }));
}

const serveName = () =>
  serveDns(() => ({
    rcode: 'NOERROR',
    answers: [{ name: 'api.example.org', type: 'A', ttl: 1, data: '192.0.2.1' }],
    authorities: [],
  }));
const KINDS: [string, () => Promise<Check>][] = [
  ['http', async () => httpCheck((await serveAnswer(200)).url)],
  ['tcp', async () => tcpCheck('127.0.0.1', (await serveAnswer(200)).port, { expect: { banner: '^SSH', time: {} } })],
  ['tls', async () => tlsCheck((await serveAnswer(200)).port, { host: '127.0.0.1' })],
  ['dns', async () => dnsCheck(await serveName())],
  ['websocket', async () => websocketCheck((await serveAnswer(200)).url.replace('http', 'ws'))],
  ['websocket over TLS', async () => websocketCheck((await serveAnswer(200)).url.replace('http', 'wss'))],
];

describe.each(KINDS)('a fault on the way of %s', (_kind, check) => {
  it('unreachable is connect-failed', async () => {
    expect(await under('unreachable', await check())).toMatchObject({ vote: 'down', reason: 'connect-failed' });
  });

  it('garbage is down by what the protocol makes of it', async () => {
    const reason = expect.stringMatching(/^(protocol-error|banner-mismatch|tls-failed|closed-early)$/);
    expect(await under('garbage', await check())).toMatchObject({ vote: 'down', reason });
  });
});

it.each(KINDS.filter(([kind]) => !/tls/i.test(kind)))(
  'the way of %s is 3 s slower: beyond the timeout here',
  async (_kind, check) => {
    const slow = { ...(await check()), timeoutMs: 50 };
    expect(await under('slow', slow)).toMatchObject({ vote: 'down', reason: 'connect-timeout' });
  },
);

describe('a canary, which belongs to no node', () => {
  const canary = async () => ({ ...httpCheck((await serveAnswer(204)).url), node: '' });

  it('is not met by a fault of every node', async () => {
    expect(await under('unreachable', await canary())).toEqual({ vote: 'up', reason: 'ok' });
  });

  it('is lost to a vantage that is isolated', async () => {
    const faults = createFaults(() => undefined);
    faults.replace([{ vantage: 'eu', effect: 'isolated' }]);
    const dial = faultyDial(createDial(), 'eu', faults, garbage.port, createManualClock());
    expect(await look(await canary(), { dial })).toMatchObject({ vote: 'down', reason: 'connect-failed' });
  });
});
