import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Ballot, CastVote, Vote } from '../../lib/core/ballot.ts';
import type { Cell } from '../../lib/core/cell.ts';
import type { SwitchState } from '../../lib/core/inputs.ts';
import type { Incident, Ledger } from '../../lib/core/ledger.ts';
import type { ReasonCode } from '../../lib/core/reasons.ts';
import { cadences } from '../../lib/core/schedule.ts';
import { startDynamo } from '../../lib/local/dynamo.ts';
import { createFaults } from '../../lib/local/faults.ts';
import type { Clock, Store } from '../../lib/ports.ts';
import { createClient, createTable } from '../../lib/store/client.ts';
import { createStore } from '../../lib/store/store.ts';
import { createWeb } from '../../lib/web/app.ts';
import { createEventLog } from '../../lib/web/event-log.ts';
import type { InboxMessage, TokenState, WebPorts } from '../../lib/web/ports.ts';
import { cellOf } from '../config/cell.ts';

export const CONFIGURATION = `
name: example
vantages: [eu-west-1, us-east-2, ap-northeast-1]
interval: 10s
templates:
  site:
    api: { type: http, path: /health }
    p2p: { type: tcp, port: 9876 }
nodes:
  eu1: { url: http://eu1.example.org, use: site }
  us1: { url: http://us1.example.org, use: site }
records:
  api:
    name: api.example.org
    zone: example.org
    type: A
    ttl: 30s
    policy: failover
    members:
      - { node: eu1, value: 203.0.113.10, role: primary }
      - { node: us1, value: 198.51.100.7, role: secondary }
`;

export interface Table {
  storeOf(cell: string, clock: Clock): Store;
  close(): Promise<void>;
}

/** An embedded DynamoDB for a test file; each world in it has a cell of its own. */
export async function startTable(): Promise<Table> {
  const dynamo = await startDynamo();
  const client = createClient({ endpoint: dynamo.endpoint, region: 'local', requestTimeoutMs: 10_000 });
  await createTable(client, 'web');
  return {
    storeOf: (cell, clock) => createStore({ client, table: 'web', cell, randomId: () => crypto.randomUUID(), clock }),
    async close() {
      client.destroy();
      await dynamo.close();
    },
  };
}

let worlds = 0;

/** A cell with its table and everything that the web part can be given, and the hands of a prober and an arbiter over it. */
export function createWorld(table: Table, clock: Clock, given: Partial<WebPorts> = {}, yaml = CONFIGURATION) {
  const cell: Cell = given.cell ?? cellOf(yaml);
  const real = table.storeOf(`cell${++worlds}`, clock);
  let isTableDown = false;
  const store = new Proxy(real, {
    get: (target, name: keyof Store) =>
      isTableDown ? () => Promise.reject(new Error('the table does not answer')) : target[name],
  });
  const events = createEventLog(clock);
  const inbox: InboxMessage[] = [];
  const faults = createFaults(() => undefined);
  const switches: SwitchState[] = cell.records.flatMap((record) =>
    record.members.map(({ node }) => ({ record: record.id, node, inService: true, version: 1 })),
  );
  const wakes: number[] = [];
  const web = createWeb({
    cell,
    store,
    clock,
    version: '0.0.0-test',
    wake: async () => {
      wakes.push(clock.now());
    },
    readSwitches: async () => switches,
    events,
    inbox: { list: () => inbox },
    faults,
    dns: { address: '127.0.0.1', port: 5300 },
    emit: events.emit,
    ...given,
  });

  /** Casts a vantage's ballot: everything up at `now` but what is listed by check key. */
  async function cast(vantage: string, votes: Record<string, [Vote, ReasonCode, string?]> = {}): Promise<void> {
    const { ballot } = await real.readBallot(vantage);
    const at = clock.now();
    const next: Ballot = {
      schema: 1,
      vantage,
      version: typeof ballot === 'string' ? 1 : ballot.version + 1,
      probeHash: cell.probeHash,
      rounds: Object.fromEntries(
        [...cadences(cell, vantage)].map(([intervalMs, asked]) => [intervalMs, { startedAt: at, asked }]),
      ),
      votes: Object.fromEntries(
        Object.entries(votes).map(([key, [vote, reason, detail]]): [string, CastVote] => {
          const checkHash = cell.checks.find((check) => check.key === key)?.hash ?? 'unknown';
          return [key, { vote, reason, ...(detail === undefined ? {} : { detail }), observedAt: at, since: at, checkHash }];
        }),
      ),
    };
    await real.writeBallot(next);
    events.emit({ event: 'ballot', vantage, votes: next.votes });
  }

  /** Commits changes to the ledger, as an arbiter would. */
  async function commit(changes: Partial<Ledger> = {}): Promise<Ledger> {
    const before = await real.readLedger();
    const ledger: Ledger = { ...(typeof before === 'string' ? newLedger(clock.now()) : before), ...changes };
    ledger.epoch = typeof before === 'string' ? 1 : before.epoch + 1;
    await real.writeLedger(ledger);
    return ledger;
  }

  return {
    cell,
    store: real,
    web,
    events,
    inbox,
    faults,
    switches,
    wakes,
    cast,
    commit,
    castAll: async (votes: Parameters<typeof cast>[1] = {}) => {
      for (const vantage of cell.vantages) await cast(vantage, votes);
    },
    takeTable: (isDown: boolean) => {
      isTableDown = isDown;
    },
    get: (path: string, headers: Record<string, string> = {}) => web.request(path, { headers }),
    send: (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
      web.request(path, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    sendForm: (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
      web.request(path, { method: 'POST', body: new URLSearchParams(fields), headers }),
  };
}

/** Tokens of one incident; whatever is not listed, or shown for another incident, is wrong. */
export const tokensOf =
  (incident: string, tokens: Record<string, TokenState>) =>
  (shownFor: string, token = ''): TokenState =>
    (shownFor === incident && tokens[token]) || 'wrong';

export type World = ReturnType<typeof createWorld>;

const newLedger = (at: number): Ledger => ({
  schema: 1,
  epoch: 1,
  incarnation: 'born1',
  bornAt: at,
  adoptedAt: at,
  checks: {},
  nodes: {},
  members: {},
  incidents: {},
  intents: [],
  leases: {},
  manual: {},
  silences: {},
});

export const openIncident = (id: string, node: string, openedAt: number): Incident => ({
  id,
  node,
  state: 'down',
  openedAt,
  timeline: [{ at: openedAt, epoch: 2, what: 'up → down', detail: `${node}/api` }],
  paging: { tier: 1, attempt: 1, nextAt: openedAt + 600_000 },
});

/** Serves an app on loopback, on a free port unless one is named. */
export async function serve(app: World['web'], port = 0): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(getRequestListener(app.fetch));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
