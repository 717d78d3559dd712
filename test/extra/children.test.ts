/** Vantages, arbiters and the web part as processes: whichever is killed, a page says what is gone. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { QuorumEvent } from '../../lib/core/events.ts';
import type { Status } from '../../lib/core/status.ts';
import { startLocal } from '../../lib/local/runtime.ts';
import { cellOf } from '../config/cell.ts';

const VANTAGES = ['eu-west-1', 'us-east-2', 'ap-northeast-1'];
const INTERVAL_MS = 2_000;
/** Alarms judge three periods, wait for one another for two, and look back for five at the start. */
const PATIENCE_MS = 30 * INTERVAL_MS;

type Paged = Extract<QuorumEvent, { event: 'page' }>;

/** A system of processes that watches one node, once it votes and its alarms have seen it well. */
async function started() {
  const node = createServer((_, response) => response.end('ok')).listen(0, '127.0.0.1');
  onTestFinished(() => void node.close());
  await new Promise((listening) => node.once('listening', listening));
  const url = `http://127.0.0.1:${(node.address() as AddressInfo).port}`;
  const yaml = `name: apart\nvantages: [${VANTAGES.join(', ')}]\ndefaults: { timeout: 1s, attempts: 1 }\nnodes: { alpha: { url: "${url}", checks: { api: { type: http } } } }`;
  const cell = cellOf(yaml, { intervalMs: INTERVAL_MS });
  const pages: Paged[] = [];
  const emit = (event: QuorumEvent) => void (event.event === 'page' && pages.push(event));
  const runtime = await startLocal({ cell, port: 0, dnsPort: 0, version: 'test', emit, children: true });
  onTestFinished(() => runtime.close());

  async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
    const giveUpAt = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = await look();
      if (found) return found;
      if (Date.now() > giveUpAt) expect.fail(`${what}: not within ${PATIENCE_MS} ms; pages: ${JSON.stringify(pages)}`);
      await wait(100);
    }
  }
  await until('alpha is up', async () => {
    const { nodes } = (await (await fetch(`${runtime.url}/api/v1/status`)).json()) as Status;
    return nodes[0]?.verdict === 'up';
  });
  // CloudWatch tells nobody of what was never well: three periods of it.
  await wait(4 * INTERVAL_MS);
  expect(pages).toEqual([]);
  return {
    parts: Object.keys(runtime.pids),
    kill: (part: string) => process.kill(runtime.pids[part] ?? expect.fail(part), 'SIGKILL'),
    paged: (words: RegExp) => until(`a page ${words}`, () => pages.find(({ text }) => words.test(text))),
    pages,
  };
}

// One after the other: six systems of six processes each would all be late.
describe('what is killed is paged:', () => {
  test.each([
    ['vantage us-east-2', /^SILENT: vantage us-east-2 has cast no ballot/],
    ['arbiter arbiter-1', /^SILENT: the arbiter in arbiter-1 does not look/],
    ['arbiter arbiter-2', /^SILENT: the arbiter in arbiter-2 does not look/],
    ['web', /^SILENT: the web part in arbiter-1 does not answer/],
  ])('%s', { timeout: 120_000 }, async (part, words) => {
    const { kill, paged, pages } = await started();
    kill(part);
    await paged(words);
    expect(pages).toHaveLength(1);
  });

  test('both arbiters', { timeout: 120_000 }, async () => {
    const { kill, paged } = await started();
    kill('arbiter arbiter-1');
    kill('arbiter arbiter-2');
    await paged(/^BLIND: fewer than 2 of 3 vantages are heard/);
  });

  test('everything but one arbiter', { timeout: 120_000 }, async () => {
    const { parts, kill, paged, pages } = await started();
    expect(parts).toHaveLength(VANTAGES.length + 3);
    for (const part of parts) if (part !== 'arbiter arbiter-2') kill(part);
    const { text } = await paged(/^BLIND: fewer than 2 of 3 vantages are heard/);
    expect(text).toMatch(/also silent\//);
    await wait(6 * INTERVAL_MS);
    expect(pages.filter(({ state }) => state === 'blind')).toHaveLength(1);
  });
});
