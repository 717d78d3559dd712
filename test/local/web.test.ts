import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../lib/local/clock.ts';
import { startDynamo } from '../../lib/local/dynamo.ts';
import { startWeb } from '../../lib/local/web.ts';
import { createClient, createTable } from '../../lib/store/client.ts';
import { createStore } from '../../lib/store/store.ts';
import { cellOf } from '../config/cell.ts';
import { CONFIGURATION } from '../web/world.ts';

let dynamo: Awaited<ReturnType<typeof startDynamo>>;
let web: Awaited<ReturnType<typeof startWeb>>;
beforeAll(async () => {
  dynamo = await startDynamo();
  const client = createClient({ endpoint: dynamo.endpoint, region: 'local', requestTimeoutMs: 10_000 });
  await createTable(client, 'local');
  const cell = cellOf(CONFIGURATION);
  const store = createStore({ client, table: 'local', cell: cell.name, randomId: () => 'id', clock: systemClock });
  web = await startWeb({
    port: 0,
    tableEndpoint: dynamo.endpoint,
    cell,
    store,
    clock: systemClock,
    version: 'test',
    wake: async () => {},
  });
});
afterAll(async () => {
  await web.close();
  await dynamo.close();
});

/** A request that says it came to `host`: `fetch` will not lie about that. */
const get = (host: string) =>
  new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    request(`${web.url}/api/v1/status`, { headers: { host } }, async (response) => {
      resolve({ status: response.statusCode, body: Buffer.concat(await response.toArray()).toString() });
    })
      .on('error', reject)
      .end();
  });

it.each(['127.0.0.1', '127.0.0.1:9', 'localhost', 'LOCALHOST:8070', 'monitor.localhost:80', '[::1]:8070', '127.8.9.1'])(
  '%s is this machine',
  async (host) => {
    expect((await get(host)).status).toBe(200);
  },
);

// DNS rebinding: a stranger's page reads ours, under a name of theirs that leads to loopback.
it.each([
  'evil.example',
  'evil.example:8070',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  '10.0.0.1',
  'notlocalhost',
  '[::2]',
])('%s is not', async (host) => {
  const { status, body } = await get(host);
  expect(status).toBe(421);
  expect(body).toBe(`host: "${host}" is not a name of this machine (open ${web.url})\n`);
});

it('answers for the table as well, so that one address will do', async () => {
  const client = createClient({ endpoint: web.url, region: 'local' });
  const store = createStore({ client, table: 'local', cell: 'example', randomId: () => 'id', clock: systemClock });
  await store.appendAct({ kind: 'pause', until: 1, by: 'ana', at: 0 });
  expect(await store.readActs()).toMatchObject({ acts: [{ kind: 'pause', by: 'ana' }] });
  await expect(
    createStore({ ...{ client, cell: 'example', randomId: () => 'id', clock: systemClock }, table: 'other' }).readActs(),
  ).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  });
  client.destroy();
});

it('what is not known is said as ever', async () => {
  expect(await (await fetch(`${web.url}/nothing`)).json()).toEqual({ error: 'path: /nothing is not known (start at /)' });
});
