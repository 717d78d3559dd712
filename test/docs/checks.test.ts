import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { checkDocs } from '../../lib/config/check-docs.ts';
import { CHECK_EXAMPLES } from '../../lib/config/check-examples.ts';
import type { Vote } from '../../lib/core/ballot.ts';
import type { Beat } from '../../lib/core/heartbeats.ts';
import { createDial, type Dial } from '../../lib/probes/dial.ts';
import { bitcoin, cometbft, eosio, ethereum, solana, steem, tezos } from '../probes/chains/shapes.ts';
import { serveAnswer, serveHttp, serveRaw } from '../probes/servers.ts';
import { answering, exampleCell, feeding, type Kind, leadingTo, naming, observe, secured } from './examples.ts';

test('docs/checks.md is current (npm run docs writes it)', async () => {
  await expect(checkDocs()).toMatchFileSnapshot('../../docs/checks.md');
});

const INFO = eosio(0)['/v1/chain/get_info'] as object;
const page = async (body: string, status = 200) => leadingTo(await serveAnswer(status, body));
const saying = async (first: string) => leadingTo(await serveRaw((socket) => void socket.end(first)));
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** What nothing real is as fast as: makes an expectation of the time one that is not met. */
const hasty = (yaml: string) => yaml.replace(/expect: \{(?= .*\}$)/m, 'expect: { time: { degraded: 1ms },');

/** The same way, a moment later. */
const late = (dial: Dial): Dial => {
  return async (target, signal) => {
    await wait(5);
    return dial(target, signal);
  };
};

interface Case {
  server: () => Promise<Dial>;
  reason: string;
  detail?: string | RegExp;
  /** Of the example, where it expects nothing of the kind. */
  change?: (yaml: string) => string;
  beat?: (now: number) => Beat;
}
type Cases = Partial<Record<Extract<Vote, 'up' | 'degraded' | 'down'>, Case>>;

const up = (server: Case['server'], rest: Partial<Case> = {}): Case => ({ server, reason: 'ok', ...rest });
const old = (answers: Parameters<typeof answering>[0], ageMs: number, seen: string, limit: string): Case => ({
  server: () => answering(answers, ageMs),
  reason: 'head-age',
  // On a busy machine it grows a little older meanwhile.
  detail: new RegExp(`^the newest block is ${seen.replace(/\d+ s/, '\\d+ s')} old, expected less than ${limit}$`),
});
const slow = (server: Case['server']): Case => ({
  server: async () => late(await server()),
  change: hasty,
  reason: 'slow',
  detail: /^took \d+ ms, expected at most 1 ms/,
});
const unmet = (server: Case['server'], reason: string, detail: string | RegExp): Case => ({ server, reason, detail });

/** Of each kind a server as its example expects it, one that is worse, and one that is wrong. */
const KINDS: Record<Kind, Cases> = {
  http: {
    up: up(() => page(JSON.stringify(INFO))),
    degraded: {
      server: async () => late(await page(JSON.stringify(INFO))),
      change: (yaml) => yaml.replace('800ms', '1ms'),
      reason: 'slow',
      detail: /^took \d+ ms, expected at most 1 ms$/,
    },
    down: unmet(() => page('bad alloc'), 'body-mismatch', /^body lacks "head_block_num": "bad alloc"; body is not JSON/),
  },
  tcp: {
    up: up(() => saying('SSH-2.0-OpenSSH_9.6\r\n')),
    degraded: slow(() => saying('SSH-2.0-OpenSSH_9.6\r\n')),
    down: unmet(() => saying(''), 'banner-missing', 'closed before a banner, expected a banner that matches /^SSH-2.0/'),
  },
  tls: {
    up: up(() => secured()),
    degraded: unmet(() => secured(10), 'certificate-expires', /^certificate expires in 9d .*, expected at least 14d$/),
    down: unmet(() => secured(1), 'certificate-expires', /^certificate expires in (23|24)h .*, expected at least 2d$/),
  },
  dns: {
    up: up(() => naming('198.51.100.7', '203.0.113.10')),
    degraded: {
      ...slow(() => naming('198.51.100.7', '203.0.113.10')),
      change: (yaml) => yaml.replace('expect: {', 'expect: { time: { degraded: 1ms },'),
    },
    down: unmet(() => naming('203.0.113.10'), 'dns-mismatch', 'api.example.org A: "198.51.100.7" is missing'),
  },
  websocket: {
    up: up(() => feeding('0x1', '0x2')),
    degraded: slow(() => feeding('0x1', '0x2')),
    down: unmet(
      () => feeding('0x2', '0x2'),
      'not-growing',
      'params.result.number did not grow beyond 2 in 2 messages, then closed',
    ),
  },
  jsonrpc: {
    up: up(() => answering(ethereum)),
    degraded: slow(() => answering(ethereum)),
    down: unmet(() => answering(() => ({ eth_chainId: '0x5' })), 'json-mismatch', '@ is "0x5", expected "0x1"'),
  },
  eosio: {
    up: up(() => answering(eosio)),
    degraded: old(eosio, 30 * SECOND_MS, '30 s', '10 s'),
    down: old(eosio, 90 * SECOND_MS, '2 min', '1 min'),
  },
  steem: {
    up: up(() => answering(steem)),
    degraded: old(steem, 30 * SECOND_MS, '30 s', '15 s'),
    down: old(steem, 90 * SECOND_MS, '2 min', '1 min'),
  },
  tezos: {
    up: up(() => answering(tezos)),
    degraded: unmet(() => peers(1), 'peers', '1 peer, expected at least 2'),
    down: unmet(() => peers(0), 'peers', '0 peers, expected at least 1'),
  },
  ethereum: {
    up: up(() => answering(ethereum)),
    degraded: old(ethereum, 50 * SECOND_MS, '50 s', '30 s'),
    down: old(ethereum, 3 * MINUTE_MS, '3 min', '2 min'),
  },
  cometbft: {
    up: up(() => answering(cometbft)),
    degraded: old(cometbft, 30 * SECOND_MS, '30 s', '20 s'),
    down: old(cometbft, 90 * SECOND_MS, '2 min', '1 min'),
  },
  bitcoin: {
    up: up(() => answering(bitcoin)),
    degraded: old(bitcoin, 2 * HOUR_MS, '2 h', '1 h'),
    down: old(bitcoin, 4 * HOUR_MS, '4 h', '3 h'),
  },
  solana: {
    up: up(() => answering(solana)),
    degraded: old(solana, 30 * SECOND_MS, '30 s', '15 s'),
    down: old(solana, 90 * SECOND_MS, '2 min', '1 min'),
  },
  // Heard in time or not: there is nothing between.
  heartbeat: {
    up: up(async () => createDial(), { beat: (now) => ({ success: { at: now } }) }),
    down: {
      ...unmet(async () => createDial(), 'beat-failed', /: exit code 3, disk full$/),
      beat: (at) => ({ fail: { at, exitCode: 3, message: 'disk full' } }),
    },
  },
  any: {
    up: up(() => paths('/v2/health')),
    degraded: {
      server: async () => late(await page('')),
      change: (yaml) => yaml.replaceAll('/health }', '/health, expect: { time: { degraded: 1ms } } }'),
      reason: 'slow',
      detail: /^0 of 2 up; \w+ degraded: took \d+ ms/,
    },
    down: unmet(() => paths(''), 'status', '0 of 2 up; old down: HTTP 404, expected 2xx; new down: HTTP 404, expected 2xx'),
  },
  all: {
    up: up(() => paths('/')),
    degraded: {
      server: async () => late(await page('')),
      change: (yaml) => yaml.replace('path: / }', 'path: /, expect: { time: { degraded: 1ms } } }'),
      reason: 'slow',
      detail: /^1 of 2 up; web degraded: took \d+ ms/,
    },
    down: unmet(() => paths('/health'), 'status', '1 of 2 up; web down: HTTP 404, expected 2xx'),
  },
};

const peers = (count: number) =>
  answering((headAt) => ({ ...tezos(headAt), '/network/connections': Array.from({ length: count }, () => ({})) }));
/** A server that knows one path. */
const paths = async (known: string) =>
  leadingTo(await serveHttp(({ url }, response) => void response.writeHead(url === known ? 200 : 404).end()));

const ROWS = Object.entries(KINDS).flatMap(([kind, cases]) =>
  Object.entries(cases).map(([vote, given]) => [kind as Kind, vote, given] as const),
);

describe('the example of a kind', () => {
  test.each(ROWS)('%s: %s', async (kind, vote, { server, reason, detail, change, beat }) => {
    const cell = exampleCell(kind, change);
    const said = await observe(cell, await server(), beat);
    const id = cell.checks.find(({ probe }) => probe.kind === kind)?.id ?? '';
    expect(said[id]).toMatchObject({ vote, reason });
    if (detail !== undefined)
      expect(said[id]?.detail).toEqual(typeof detail === 'string' ? detail : expect.stringMatching(detail));
  });

  test('is there for every kind, and every kind but heartbeats can be up, degraded and down', () => {
    expect(Object.keys(KINDS)).toEqual(Object.keys(CHECK_EXAMPLES));
    const lacking = Object.entries(KINDS).filter(([, cases]) => Object.keys(cases).join() !== 'up,degraded,down');
    expect(lacking.map(([kind]) => kind)).toEqual(['heartbeat']);
  });
});
