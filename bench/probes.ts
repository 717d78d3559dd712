/**
 * How many HTTP probes one core does on loopback, beside bare undici requests in the same process (a fresh connection each, too):
 * `node bench/probes.ts [count]`. The server runs in a process of its own.
 */
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from 'undici';
import type { Check } from '../lib/core/cell.ts';
import { createDial } from '../lib/probes/dial.ts';
import { createProbe } from '../lib/probes/index.ts';
import { eachConcurrently } from '../lib/probes/run.ts';

const BODY = JSON.stringify({ chain_id: 'a'.repeat(64), head_block_num: 1_234_567, server_version: 'x'.repeat(400) });
const CONCURRENCY = 64;
const ROUNDS = 3;

if (process.send) serve();
else await measure(Number(process.argv[2] ?? 2_000));

function serve(): void {
  const server = createServer((_request, response) => response.setHeader('content-type', 'application/json').end(BODY));
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
}

async function measure(count: number): Promise<void> {
  const child = fork(import.meta.filename);
  const port = await new Promise<number>((resolve) => child.once('message', (message) => resolve(message as number)));
  const url = `http://127.0.0.1:${port}`;
  const probe = createProbe({ dial: createDial(), resolveText: async () => '' });
  const { signal } = new AbortController();
  const plain = check(url, {
    status: [[200, 299]],
    body: { contains: [], notContains: [] },
    json: [],
    time: {},
    certificate: {},
  });
  const rich = check(url, {
    ...plain.probe.expect,
    body: { contains: ['head_block_num'], notContains: ['UNREACHABLE'], matches: '"chain_id":"a+"' },
    json: [
      { path: 'chain_id', equals: 'a'.repeat(64) },
      { path: 'head_block_num', greaterThan: 1 },
    ],
  });
  const kinds: [string, () => Promise<unknown>][] = [
    ['bare undici', () => bare(url)],
    ['probe, status only', () => probe(plain, signal)],
    ['probe, all expectations', () => probe(rich, signal)],
  ];
  for (let round = 1; round <= ROUNDS; round += 1) {
    const rates: number[] = [];
    for (const [, run] of kinds) rates.push(await rate(count, run));
    const [reference = 1] = rates;
    const shown = kinds.map(
      ([name], at) => `${name} ${Math.round(rates[at] ?? 0)}/s (${((rates[at] ?? 0) / reference).toFixed(2)})`,
    );
    process.stdout.write(`round ${round}: ${shown.join(', ')}\n`);
  }
  child.kill();
}

/** Per second of this process's CPU time: the machine may be busy with other things. */
async function rate(count: number, run: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await eachConcurrently(
    Array.from({ length: count }),
    CONCURRENCY,
    new AbortController().signal,
    async () => void (await run()),
  );
  const { user, system } = process.cpuUsage(before);
  return count / ((user + system) / 1_000_000);
}

async function bare(url: string): Promise<void> {
  const client = new Client(url);
  const { body } = await client.request({ path: '/', method: 'GET', reset: true });
  await body.text();
  await client.destroy();
}

function check<E>(url: string, expect: E) {
  const probe = { kind: 'http' as const, url, method: 'GET', headers: {}, redirects: 0, allowPrivate: false, expect };
  return { key: 'n/a', node: 'n', id: 'a', timeoutMs: 5_000, attempts: 1, probe } as unknown as Check & { probe: { expect: E } };
}
