import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { type DeployedCell, deploy } from '../aws/account.ts';
import { cellOf } from '../config/cell.ts';
import { run } from './output.ts';

const REPLICAS = ['us-east-1', 'us-east-2', 'us-west-2'];
const YAML = `
name: example
vantages: [eu-west-1, us-east-2, ap-northeast-1]
table: { replicas: [${REPLICAS.join(', ')}] }
nodes:
  eu1: { url: https://eu1.example.org, checks: { api: { type: http } } }
paging: { regions: [eu-west-1, us-east-2], tiers: [{ email: [ops@example.org] }] }
`;

let deployed: DeployedCell;
let folder: string;
let config: string;
beforeEach(async () => {
  deployed = await deploy(cellOf(YAML));
  for (const [name, value] of Object.entries(deployed.environmentOf('web', 'eu-west-1')))
    if (name.startsWith('AWS_')) vi.stubEnv(name, value);
  folder = mkdtempSync(join(tmpdir(), 'quorumwatch-'));
  config = join(folder, 'quorumwatch.config.yaml');
  writeFileSync(config, YAML);
  await deployed.settle();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await deployed.close();
  rmSync(folder, { recursive: true });
});

/** The ledger says that it has read everything: nobody waits for an arbiter. */
async function readAll(): Promise<void> {
  const acts = await deployed.store.readActs();
  const ledger = await deployed.store.readLedger();
  if (typeof acts === 'string' || typeof ledger === 'string') return;
  await deployed.store.writeLedger({ ...ledger, epoch: ledger.epoch + 1, acts: { incarnation: acts.incarnation, seq: 99 } });
}

it('an order on AWS wakes every arbiter', async () => {
  await deployed.store.appendAct({ kind: 'restore', node: 'eu1', by: 'test', at: 0 });
  await readAll();
  const { code, err } = await run('pause', '--for', '1h', '--config', config);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  for (const region of REPLICAS) {
    const bodies = deployed.aws.sqs.messages(deployed.wakeQueue(region)).map(({ body }) => JSON.parse(body));
    expect(bodies).toEqual([{ kind: 'wake', from: 'cli' }]);
  }
});

it('one arbiter that can be woken is enough', async () => {
  await deployed.store.appendAct({ kind: 'restore', node: 'eu1', by: 'test', at: 0 });
  await readAll();
  deployed.aws.fail('failing', { service: 'sqs', region: 'us-east-1' });
  const { code, err } = await run('pause', '--for', '1h', '--config', config);
  expect({ code, err }).toEqual({ code: 0, err: '' });
});

it('an order stands although no arbiter can be woken', async () => {
  await deployed.store.appendAct({ kind: 'restore', node: 'eu1', by: 'test', at: 0 });
  await readAll();
  deployed.aws.fail('failing', { service: 'sqs' });
  const { code, err } = await run('pause', '--for', '1h', '--config', config);
  expect({ code, err }).toEqual({ code: 0, err: 'arbiters: none could be woken (they look every 60 s all the same)\n' });
  expect(await deployed.store.readActs()).toMatchObject({ acts: [{}, { kind: 'pause' }] });
});

it('without credentials it says where to get them', async () => {
  vi.unstubAllEnvs();
  for (const [name, value] of Object.entries({
    AWS_EC2_METADATA_DISABLED: 'true',
    HOME: folder,
    AWS_CONFIG_FILE: '',
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
  }))
    vi.stubEnv(name, value);
  const { code, out, err } = await run('incidents', '--config', config);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toBe(
    'table: CredentialsProviderError: Could not load credentials from any providers (run aws configure or aws sso login, set AWS_PROFILE, or write --endpoint URL for a local run)\n',
  );
});

it('a machine whose clock is wrong orders by the clock of the table', async () => {
  const ahead = 3 * 3_600_000;
  const upstream = process.env.AWS_ENDPOINT_URL_DYNAMODB ?? '';
  const proxy = createServer(async (request, response) => {
    const body = await request.toArray();
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers;
    const answer = await fetch(upstream, {
      method: 'POST',
      headers: headers as Record<string, string>,
      body: Buffer.concat(body),
    });
    response.setHeader('date', new Date(Date.now() + ahead).toUTCString());
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' }).end(await answer.text());
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void proxy.close());
  await once(proxy, 'listening');
  await deployed.store.appendAct({ kind: 'restore', node: 'eu1', by: 'test', at: 0 });
  await readAll();
  const endpoint = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const { out } = await run('pause', '--for', '1h', '--config', config, '--endpoint', endpoint, '--json');
  const until = Date.parse(JSON.parse(out).act.until);
  expect(Math.abs(until - Date.now() - ahead - 3_600_000)).toBeLessThan(10_000);
});
