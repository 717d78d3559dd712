/** Probes against a real Ethereum node, anvil of Foundry. Needs `npm run setup:probes`. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebsocketSpec } from '../../lib/core/cell.ts';
import { chainCheck } from '../probes/chains/check.ts';
import { look } from '../probes/checks.ts';
import { jsonrpcCheck, websocketCheck } from '../probes/kinds.ts';
import { leavingNothing } from '../probes/servers.ts';
import { createDaemons, freePorts } from './daemons.ts';

const ANVIL = fileURLToPath(new URL('ethereum-node/node_modules/.bin/anvil', import.meta.url));
const MINUTE_MS = 60_000;
const UP = { vote: 'up', reason: 'ok' };
const says = (vote: string, reason: string, detail: unknown) => ({ vote, reason, detail });

const daemons = createDaemons();
/** One makes a block a second; the other stands at its first, which is ten minutes old. */
const ports = { following: 0, stopped: 0 };

beforeAll(async () => {
  [ports.following = 0, ports.stopped = 0] = await freePorts(2);
  const start = (port: number, ...how: string[]) =>
    daemons.start(ANVIL, ['--host', '127.0.0.1', '--port', String(port), '--accounts', '1', ...how], port, /Listening/);
  await start(ports.following, '--block-time', '1');
  await start(ports.stopped, '--timestamp', String(Math.floor((Date.now() - 10 * MINUTE_MS) / 1_000)));
});
afterAll(() => daemons.stop());

describe('ethereum', () => {
  const seen = async (node: keyof typeof ports, expected: Parameters<typeof chainCheck>[2]) => {
    const { facts, ...verdict } = await leavingNothing(() =>
      look(chainCheck('ethereum', `http://127.0.0.1:${ports[node]}`, expected)),
    );
    return { ...verdict, height: Number(facts?.height), chainId: facts?.chainId };
  };
  const age = { headAge: { degradedMs: MINUTE_MS, downMs: 5 * MINUTE_MS } };

  it('is up while it follows its chain', async () => {
    const first = await seen('following', { ...age, chainId: '31337', blocksBehind: { down: 5 } });
    expect(first).toMatchObject({ ...UP, chainId: '31337' });
    expect(first.height).toBeGreaterThanOrEqual(0);
  });

  it('is degraded or down as its head is older', async () => {
    const old = (limit: string) =>
      expect.stringMatching(new RegExp(`^the newest block is 10 min old, expected less than ${limit}$`));
    expect(await seen('stopped', age)).toMatchObject(says('down', 'head-age', old('5 min')));
    const patient = { headAge: { degradedMs: MINUTE_MS, downMs: 30 * MINUTE_MS } };
    expect(await seen('stopped', patient)).toMatchObject(says('degraded', 'head-age', old('1 min')));
  });

  it('is down on another chain, and where it does not say what is expected', async () => {
    const other = says('down', 'chain-id', 'chain id is "31337", expected "1"');
    expect(await seen('following', { chainId: '1' })).toMatchObject(other);
    const unknown = says('down', 'rpc-error', expect.stringMatching(/^net_peerCount: error -32601, /));
    expect(await seen('following', { peers: { down: 1 } })).toMatchObject(unknown);
  });
});

describe('jsonrpc', () => {
  const seen = (method: string, expected: Parameters<typeof jsonrpcCheck>[1] = {}) =>
    leavingNothing(() => look(jsonrpcCheck(`http://127.0.0.1:${ports.following}`, { method, ...expected })));

  it('is up, degraded and down', async () => {
    const chain = (equals: string) => ({ expect: { json: [{ path: '@', equals }] } });
    expect(await seen('eth_chainId', chain('0x7a69'))).toEqual(UP);
    expect(await seen('eth_chainId', { expect: { time: { degradedMs: 0 } } })).toMatchObject({
      vote: 'degraded',
      reason: 'slow',
    });
    expect(await seen('eth_chainId', chain('0x1'))).toEqual(says('down', 'json-mismatch', '@ is "0x7a69", expected "0x1"'));
    expect(await seen('eth_nonsense')).toEqual(says('down', 'rpc-error', expect.stringMatching(/^eth_nonsense: error -32601, /)));
  });
});

describe('websocket', () => {
  const seen = (expected: Partial<WebsocketSpec['expect']>, subscription = 'newHeads', timeoutMs = 5_000) => {
    const send = [JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: [subscription] })];
    return leavingNothing(() =>
      look(websocketCheck(`ws://127.0.0.1:${ports.following}`, { send, expect: expected }, { timeoutMs })),
    );
  };

  it('is up while blocks come, degraded when they come late, down when they do not', async () => {
    expect(await seen({ grows: 'params.result.number' })).toEqual(UP);
    const late = await seen({ grows: 'params.result.number', time: { degradedMs: 10 } });
    expect(late).toMatchObject({ vote: 'degraded', reason: 'slow' });
    const detail = 'params.result.number is no number in 1 message, then nothing more within the timeout';
    expect(await seen({ grows: 'params.result.number' }, 'newPendingTransactions', 1_500)).toEqual(
      says('down', 'not-growing', detail),
    );
  });
});
