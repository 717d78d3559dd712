import type { Cell, Check } from '../../lib/core/cell.ts';
import type { Effect } from './effects.ts';

const probe = (check: Check) => check.probe as unknown as Record<string, unknown>;
const expects = (check: Check) => check.probe.expect as unknown as Record<string, unknown>;

const cellWith = (type: string, body: string, more = ''): string => `name: effects
vantages: [a, b, c, d, e]
nodes: { eu1: { url: http://127.0.0.1:8080/base/, checks: { chain: { type: ${type}${body && `, ${body}`} } } } }
${more}`;

const of = (type: string) => (body: string, pick: (check: Check) => unknown, expected: unknown) => ({
  yaml: cellWith(type, body),
  pick: (cell: Cell) => cell.checks.map(pick)[0],
  expected,
});

interface Kind {
  /** The key that names who is watched. */
  watched?: 'producer' | 'witness' | 'baker' | 'validator';
  expect: ('chainId' | 'irreversibleLag' | 'missed' | 'peers' | 'participation')[];
}

const KINDS: Record<string, Kind> = {
  Eosio: { watched: 'producer', expect: ['chainId', 'irreversibleLag', 'missed'] },
  Steem: { watched: 'witness', expect: ['chainId', 'irreversibleLag', 'participation', 'missed'] },
  Tezos: { watched: 'baker', expect: ['chainId', 'peers', 'missed'] },
  Ethereum: { expect: ['chainId', 'peers'] },
  Cometbft: { watched: 'validator', expect: ['chainId', 'peers', 'missed'] },
  Bitcoin: { expect: ['chainId', 'peers'] },
  Solana: { watched: 'validator', expect: ['chainId', 'missed'] },
};

const EXPECTS: Record<Kind['expect'][number], [body: string, expected: object]> = {
  chainId: ['chainId: abc', { chainId: 'abc' }],
  irreversibleLag: ['irreversibleLag: { degraded: 400 }', { irreversibleLag: { degraded: 400 } }],
  missed: ['missed: { down: 2 }', { missed: { down: 2 } }],
  peers: ['peers: { degraded: 2, down: 1 }', { peers: { degraded: 2, down: 1 } }],
  participation: ['participation: { degraded: 90 }', { participation: { degraded: 90 } }],
};

function effectsOf(name: string, { watched, expect }: Kind): Record<string, Effect> {
  const check = of(name.toLowerCase());
  // Misses are somebody's.
  const who = watched === undefined ? '' : `${watched}: alice, `;
  const expecting = (body: string, expected: unknown) => check(`${who}expect: { ${body} }`, expects, expected);
  const [c, e] = [`${name}Check`, `${name}Expect`];
  return {
    [`${c}.type`]: check('', probe, { kind: name.toLowerCase() }),
    [`${c}.url`]: check('url: https://own.example.org', probe, { url: 'https://own.example.org' }),
    [`${c}.path`]: check('path: /rpc', probe, { url: 'http://127.0.0.1:8080/base/rpc' }),
    [`${c}.headers`]: check('headers: { x-note: text }', probe, { headers: { 'x-note': 'text' } }),
    [`${c}.interval`]: check('interval: 2m', (each) => each.intervalMs, 120_000),
    [`${c}.timeout`]: check('timeout: 3s', (each) => each.timeoutMs, 3_000),
    [`${c}.attempts`]: check('attempts: 5', (each) => each.attempts, 5),
    [`${c}.downFor`]: check('downFor: 0s', (each) => each.downForMs, 0),
    [`${c}.recover`]: check('recover: 7', (each) => each.recover, 7),
    [`${c}.vantages`]: check('vantages: [e, a, c]', (each) => [each.vantages, each.quorum], [['a', 'c', 'e'], 2]),
    [`${c}.quorum`]: check('quorum: 5', (each) => each.quorum, 5),
    [`${c}.severity`]: check('severity: info', (each) => each.severity, 'info'),
    [`${c}.allowPrivate`]: check('allowPrivate: true', probe, { allowPrivate: true }),
    [`${c}.expect`]: expecting('chainId: abc', { chainId: 'abc' }),
    ...(watched && { [`${c}.${watched}`]: check(`${watched}: alice`, probe, { producer: 'alice' }) }),
    [`${e}.headAge`]: expecting('headAge: { down: 1m }', { headAge: { downMs: 60_000 } }),
    [`${e}.blocksBehind`]: expecting('blocksBehind: { down: 16 }', { blocksBehind: { down: 16 } }),
    [`${e}.time`]: expecting('time: { down: 3s }', { time: { downMs: 3_000 } }),
    [`${e}.certificate`]: expecting('certificate: { degraded: 14d }', { certificate: { degradedMs: 1_209_600_000 } }),
    ...Object.fromEntries(expect.map((key) => [`${e}.${key}`, expecting(...EXPECTS[key])])),
  };
}

const limits = (
  title: string,
  type: string,
  key: string,
  degraded: string,
  down: string,
  seen: object,
): Record<string, Effect> => ({
  [`${title}.degraded`]: of(type)(`expect: { ${key}: { degraded: ${degraded}, down: ${down} } }`, expects, { [key]: seen }),
  [`${title}.down`]: of(type)(`expect: { ${key}: { degraded: ${degraded}, down: ${down} } }`, expects, { [key]: seen }),
});

const reference = (kind: string): Effect => ({
  yaml: cellWith(kind, '', `references: { ${kind}: [https://node.example.net/rpc] }`),
  pick: (cell) => cell.references?.map(({ node, probe }) => ({ node, kind: probe.kind, url: 'url' in probe && probe.url })),
  expected: [{ node: 'node.example.net', kind, url: 'https://node.example.net/rpc' }],
});

/** By `Section.key`: the kinds of chains, their limits, and the nodes that they are compared with. */
export const CHAIN_EFFECTS: Readonly<Record<string, Effect>> = {
  ...Object.assign({}, ...Object.entries(KINDS).map(([name, kind]) => effectsOf(name, kind))),
  ...limits('AgeLimits', 'eosio', 'headAge', '10s', '60s', { degradedMs: 10_000, downMs: 60_000 }),
  ...limits('BlockLimits', 'eosio', 'blocksBehind', '8', '16', { degraded: 8, down: 16 }),
  ...limits('MissLimits', 'steem, witness: alice', 'missed', '1', '5', { degraded: 1, down: 5 }),
  ...limits('PeerLimits', 'tezos', 'peers', '2', '1', { degraded: 2, down: 1 }),
  ...limits('ParticipationLimits', 'steem', 'participation', '90', '50', { degraded: 90, down: 50 }),
  'Configuration.references': reference('eosio'),
  ...Object.fromEntries(Object.keys(KINDS).map((name) => [`References.${name.toLowerCase()}`, reference(name.toLowerCase())])),
};
