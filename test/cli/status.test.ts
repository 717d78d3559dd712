import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Status } from '../../lib/core/status.ts';
import { openIncident } from '../web/world.ts';
import { run } from './output.ts';
import { PAGED, startTableWorld, type TableWorld, timeless } from './table-world.ts';

let world: TableWorld;
beforeEach(async () => {
  world = await startTableWorld();
});
afterEach(() => world.close());

const MINUTE_MS = 60_000;

/** eu1 was found down 14 minutes ago; two of three vantages see it, one says nothing. */
async function eu1Down(): Promise<void> {
  const downAt = Date.now() - 14 * MINUTE_MS;
  await world.cast('eu-west-1', { 'eu1/api': ['down', 'status', 'HTTP 500, expected 2xx'] });
  await world.cast('us-east-2', { 'eu1/api': ['down', 'status', 'HTTP 500, expected 2xx'] });
  await world.commit({
    checks: { 'eu1/api': { state: 'down', at: downAt } },
    nodes: { eu1: { state: 'down', at: downAt, incident: 'born1-2-eu1' } },
    incidents: { 'born1-2-eu1': openIncident('born1-2-eu1', 'eu1', downAt) },
    members: {
      'api/eu1': { inService: false, at: downAt, why: 'api down', holdUntil: downAt, flaps: [downAt] },
    },
    manual: {
      eu1: { kind: 'drain', by: 'ana', at: downAt, until: Date.now() - 1 },
      us1: { kind: 'force', inService: true, until: Date.now() + MINUTE_MS, by: 'ana', reason: 'it must serve', at: downAt },
    },
    silences: { eu1: { until: Date.now() + MINUTE_MS, by: 'bob' }, us1: { until: Date.now() - 1, by: 'bob' } },
  });
}

describe('quorumwatch status', () => {
  it('is short while everything is well, exit code 0', async () => {
    await world.castAll();
    await world.commit();
    const { code, out, err } = await world.command('status');
    expect(timeless(out)).toBe(`example, TIME
All 2 nodes are up.
3 vantages agree.

Nodes:
  eu1  up  2 checks
  us1  up  2 checks

Records:
  api.example.org A, kept for 30 s: 203.0.113.10
    eu1  203.0.113.10  in service  nothing speaks against it
    us1  198.51.100.7  in service  nothing speaks against it

Vantages:
  eu-west-1       up  heard SECONDS ago
  us-east-2       up  heard SECONDS ago
  ap-northeast-1  up  heard SECONDS ago
`);
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it('says what is down, who sees it, who has it and what was ordered, exit code 1', async () => {
    await eu1Down();
    const { code, out, err } = await world.command('status');
    expect(timeless(out)).toBe(`example, TIME
eu1 is down.
api.example.org is answered by us1. 1 incident waits for somebody to take it. ap-northeast-1 cannot vote properly.

Incidents:
  born1-2-eu1  eu1 down for 14 min  nobody has taken it (quorumwatch ack born1-2-eu1 --by YOU)

Nodes:
  eu1    down  since TIME
    api  down  2 of 3 vantages: HTTP 500, expected 2xx
  us1    up    2 checks

Records:
  api.example.org A, kept for 30 s: 198.51.100.7
    eu1  203.0.113.10  out of service  api down
    us1  198.51.100.7  in service      nothing speaks against it

Orders:
  eu1  silenced by bob until TIME: nobody is paged
  us1  forced in by ana until TIME: it must serve

Vantages:
  eu-west-1       up       heard SECONDS ago
  us-east-2       up       heard SECONDS ago
  ap-northeast-1  missing  never heard
`);
    expect({ code, err }).toEqual({ code: 1, err: '' });
  });

  it('prints with --json what the web part gives', async () => {
    await eu1Down();
    const { code, out } = await world.command('status', '--json');
    const { at: _, records, ...status } = JSON.parse(out) as Status;
    const { at: __, records: ofWeb, ...web } = (await (await world.get('/api/v1/status')).json()) as Status;
    expect(status).toEqual(web);
    // The switches themselves are not looked at from here: any look of ours is missing to the arbiters.
    expect(records).toEqual(
      ofWeb.map((record) => ({ ...record, source: 'ledger', answers: records[0]?.answers, members: records[0]?.members })),
    );
    expect(records[0]?.answers).toEqual(['198.51.100.7']);
    expect(code).toBe(1);
  });

  it('blindness is not health: exit code 1', async () => {
    await world.cast('eu-west-1');
    await world.commit();
    const { code, out } = await world.command('status');
    expect(out).toContain('Blind: only 1 of 3 vantages can be heard.');
    expect(code).toBe(1);
  });

  it('a table with nothing in it is none that anything is known of: exit code 1', async () => {
    expect(await world.command('status')).toMatchObject({ code: 1, out: expect.stringContaining('Starting: ') });
  });

  it('votes alone decide nothing: without a ledger, exit code 1', async () => {
    await world.castAll();
    expect((await world.command('status')).code).toBe(1);
  });

  it('a check of which too few can say anything is unknown: exit code 1', async () => {
    await world.castAll({ 'eu1/p2p': ['abstain', 'unfinished'] });
    await world.commit();
    const { code, out } = await world.command('status');
    expect(out).toContain('Nobody can say how eu1 is.');
    expect(code).toBe(1);
  });

  it('too few vantages for the cell are blindness, even where a check has enough of its own: exit code 1', async () => {
    const some = PAGED.replace('ap-northeast-1]', 'ap-northeast-1, sa-east-1, ca-central-1]')
      .replace('path: /health', 'path: /health, vantages: [eu-west-1, us-east-2, ap-northeast-1]')
      .replace('port: 9876', 'port: 9876, vantages: [eu-west-1, us-east-2, ap-northeast-1]');
    const few = await startTableWorld(some);
    for (const vantage of ['eu-west-1', 'us-east-2']) await few.cast(vantage);
    await few.commit();
    const { code, out } = await few.command('status', '--json');
    await few.close();
    expect((JSON.parse(out) as Status).nodes.map(({ verdict }) => verdict)).toEqual(['up', 'up']);
    expect(code).toBe(1);
  });

  it('an incident of a chain is one as well', async () => {
    await world.castAll();
    await world.commit({ incidents: { i: openIncident('i', 'eosio', Date.now()) } });
    expect((await world.command('status')).code).toBe(1);
  });

  it('a degraded node is fine', async () => {
    await world.castAll({ 'eu1/api': ['degraded', 'slow', 'took 900 ms, expected at most 800 ms'] });
    await world.commit();
    const { code, out } = await world.command('status');
    expect(out).toContain('degraded  3 of 3 vantages: took 900 ms, expected at most 800 ms');
    expect(code).toBe(0);
  });

  it('a table that does not answer is said on stderr, and nothing else is claimed', async () => {
    const nowhere = ['--config', world.config, '--endpoint', 'http://127.0.0.1:1'];
    const text = await run('status', ...nowhere);
    const fault =
      'table: quorumwatch-example-single-eu-west-1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1 (see that the address is right and the network works)\n';
    expect({ ...text, out: timeless(text.out) }).toEqual({
      code: 1,
      out: 'example, TIME\nBlind: the voting table cannot be reached.\nNothing below is known. No DNS answer changes until the table is back.\n',
      err: fault,
    });
    const { code, out, err } = await run('status', '--json', ...nowhere);
    expect({ code, err, table: (JSON.parse(out) as Status).table }).toEqual({ code: 1, err: fault, table: 'unreachable' });
  });

  it('a table that is not there is another one', async () => {
    const other = await startTableWorld(PAGED.replace('name: example', 'name: other'));
    const { code, err } = await run('status', '--config', other.config, '--endpoint', world.endpoint);
    await other.close();
    expect({ code, err }).toEqual({
      code: 1,
      err: 'table: quorumwatch-other-single-eu-west-1 is not in eu-west-1 (deploy it first, or look at --config and at the account of your credentials)\n',
    });
  });
});

it('a run that was started with another interval is understood', async () => {
  const slow = PAGED.replace('path: /health', 'path: /health, interval: 20s').replace('port: 9876', 'port: 9876, interval: 40s');
  const fast = await startTableWorld(slow, 1_000);
  await fast.castAll();
  await fast.commit();
  const { code, out } = await fast.command('status');
  await fast.close();
  expect(out).toContain('All 2 nodes are up.');
  expect(code).toBe(0);
});
