import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { tableName } from '../../lib/aws/names.ts';
import { decide } from '../../lib/core/decide.ts';
import { systemClock } from '../../lib/local/clock.ts';
import { startDynamo } from '../../lib/local/dynamo.ts';
import { createClient, createTable } from '../../lib/store/client.ts';
import { createStore } from '../../lib/store/store.ts';
import { cellOf } from '../config/cell.ts';
import { CONFIGURATION, createWorld } from '../web/world.ts';
import { run } from './output.ts';

/** The configuration in which somebody can be paged. */
export const PAGED = `${CONFIGURATION}
paging:
  regions: [eu-west-1, us-east-2]
  tiers: [{ sms: ['+12025550100'], email: [ops@example.org] }, { after: 5m, email: [all@example.org] }]
  quiet: [{ email: [later@example.org] }]
`;

/** A deployed table with the hands of a prober and an arbiter over it, and the commands as somebody gives them. */
export async function startTableWorld(yaml = PAGED, intervalMs?: number) {
  const folder = mkdtempSync(join(tmpdir(), 'quorumwatch-'));
  const config = join(folder, 'quorumwatch.config.yaml');
  writeFileSync(config, yaml);
  const { endpoint, close } = await startDynamo();
  const client = createClient({ endpoint, region: 'local', requestTimeoutMs: 10_000 });
  const cell = cellOf(yaml, intervalMs === undefined ? {} : { intervalMs });
  await createTable(client, tableName(cell));
  const store = createStore({
    client,
    table: tableName(cell),
    cell: cell.name,
    randomId: () => crypto.randomUUID(),
    clock: systemClock,
  });
  const world = createWorld({ storeOf: () => store, close: async () => {} }, systemClock, { cell });

  /** An arbiter that looks until it is told to stop. */
  async function arbitrate(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { ledger, ...inputs } = await store.readSnapshot(cell.vantages);
      const decision = decide(cell, inputs, ledger, Date.now(), { arbiter: 'a', nonce: 'n' });
      if (decision.ledger) await store.writeLedger(decision.ledger);
      await wait(20);
    }
  }

  const command = (...argv: string[]) => run(...argv, '--config', config, '--endpoint', endpoint);
  return {
    ...world,
    config,
    endpoint,
    command,
    /** The command, with an arbiter that reads what it writes. */
    async obeyed(...argv: string[]) {
      const stop = new AbortController();
      const arbiter = arbitrate(stop.signal);
      const result = await command(...argv);
      stop.abort();
      await arbiter;
      return result;
    },
    async close() {
      client.destroy();
      await close();
      rmSync(folder, { recursive: true });
    },
  };
}

export type TableWorld = Awaited<ReturnType<typeof startTableWorld>>;

/** Times and durations are of this moment: what a text says of them is their shape. In a column they are as wide as yesterday's. */
export const timeless = (text: string): string =>
  text
    .replaceAll(/(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\dZ/g, 'TIME')
    .replaceAll(/TIME {3,}/g, 'TIME  ')
    .replaceAll(/heard \d+ s ago/g, 'heard SECONDS ago');
