import { userInfo } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endOfForce } from '../../lib/cli/orders.ts';
import type { Act } from '../../lib/core/acts.ts';
import { systemClock } from '../../lib/local/clock.ts';
import { run } from './output.ts';
import { startTableWorld, type TableWorld, timeless } from './table-world.ts';

const HOUR_MS = 3_600_000;
let world: TableWorld;
beforeEach(async () => {
  world = await startTableWorld();
  await world.castAll();
  await world.commit({ bornAt: Date.now() - HOUR_MS, adoptedAt: Date.now() - HOUR_MS });
});
afterEach(() => world.close());

const acts = async (): Promise<Act[]> => {
  const read = await world.store.readActs();
  return typeof read === 'string' ? [] : read.acts;
};
const ledger = async () => {
  const read = await world.store.readLedger();
  if (typeof read === 'string') throw new Error(read);
  return read;
};

describe('an order', () => {
  it('drain: is written, read by an arbiter, and what came of it is said', async () => {
    const { code, out, err } = await world.obeyed('drain', 'eu1', '--by', 'ana');
    expect(timeless(out)).toBe(`eu1 is drained: it stays out until quorumwatch restore eu1.
  api.example.org: eu1 is out of service: drained by ana; not back before TIME
`);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect((await ledger()).intents).toMatchObject([{ kind: 'flip', record: 'api', node: 'eu1', inService: false }]);
  });

  it('drain: ends by itself at its time', async () => {
    const { out } = await world.obeyed('drain', 'eu1', '--for', '2h');
    expect(timeless(out)).toMatch(/^eu1 is drained: it stays out until TIME\.\n/);
    const { eu1 } = (await ledger()).manual;
    expect(Math.abs((eu1?.until ?? 0) - Date.now() - 2 * HOUR_MS)).toBeLessThan(10_000);
  });

  it('drain: that a guard holds says so', async () => {
    await world.castAll({ 'us1/api': ['down', 'status', 'HTTP 500'] });
    await world.commit({ checks: { 'us1/api': { state: 'down', at: Date.now() - HOUR_MS } } });
    const { code, out } = await world.obeyed('drain', 'eu1');
    expect(out).toContain('eu1 is in service: in service; held: too few other members are in service and sound');
    expect(code).toBe(0);
  });

  it('restore: ends a drain', async () => {
    await world.obeyed('drain', 'eu1');
    const { out } = await world.obeyed('restore', 'eu1');
    expect(out).toMatch(
      /^eu1 is given back: its checks decide, and nothing but they\.\n {2}api\.example\.org: eu1 is in service/,
    );
    expect((await ledger()).manual).toEqual({});
  });

  it('force: holds until its time, or until it is ended', async () => {
    const argv = ['force', 'eu1', 'out', '--for', '1h', '--reason', 'the disk is full', '--by', 'ana'];
    const forced = await world.obeyed(...argv);
    expect(timeless(forced.out)).toBe(`eu1 is forced out until TIME: the disk is full
  api.example.org: eu1 is out of service: forced out by ana: the disk is full; not back before TIME
`);
    const { eu1 } = (await ledger()).manual;
    expect(eu1).toMatchObject({ kind: 'force', inService: false, by: 'ana', reason: 'the disk is full' });
    expect(Math.abs((eu1?.kind === 'force' ? eu1.until : 0) - Date.now() - HOUR_MS)).toBeLessThan(10_000);
    const ended = await world.obeyed('force', 'eu1', '--end');
    expect(ended.out).toMatch(/^eu1 is no longer forced: its checks decide\.\n/);
    expect((await ledger()).manual).toEqual({});
  });

  it('silence: pages nobody until its time, or until it is ended', async () => {
    expect(timeless((await world.obeyed('silence', 'us1', '--for', '90m')).out)).toBe('us1 pages nobody until TIME.\n');
    expect((await ledger()).silences).toMatchObject({ us1: { by: userInfo().username } });
    expect((await world.obeyed('silence', 'us1', '--end')).out).toBe('us1 pages people again.\n');
    expect((await ledger()).silences).toEqual({});
  });

  it('pause: holds automatic acts until its time, or until it is ended', async () => {
    const paused = await world.obeyed('pause', '--for', '2d');
    expect(timeless(paused.out)).toBe('Nothing is flipped automatically until TIME; people are paged as ever.\n');
    expect((await ledger()).pausedUntil).toBeGreaterThan(Date.now() + 47 * HOUR_MS);
    expect((await world.obeyed('pause', '--end')).out).toBe('The pause is over.\n');
    expect((await ledger()).pausedUntil).toBeUndefined();
  });

  it('force: one that the arbiters have not read yet can be ended, another node’s is not meant', async () => {
    const force = {
      kind: 'force' as const,
      inService: false,
      until: Date.now() + HOUR_MS,
      reason: 'r',
      by: 'ana',
      at: Date.now(),
    };
    await world.store.appendAct({ ...force, node: 'eu1' });
    expect((await world.command('force', 'us1', '--end')).code).toBe(2);
    const end = await endOfForce({ ...world, clock: systemClock, wake: async () => {} }, 'eu1', { at: 1, by: 'ana' });
    expect(end).toMatchObject({ kind: 'force', node: 'eu1', until: 0 });
  });

  it('is ended by one who was quicker than the arbiters', async () => {
    await world.store.appendAct({ kind: 'pause', until: Date.now() + HOUR_MS, by: 'ana', at: Date.now() });
    expect((await world.obeyed('pause', '--end')).code).toBe(0);
    expect((await ledger()).pausedUntil).toBeUndefined();
  });

  it('prints with --json what was written and what came of it', async () => {
    const { out } = await world.obeyed('force', 'us1', 'in', '--for', '1h', '--reason', 'why', '--by', 'ana', '--json');
    const time = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(JSON.parse(out)).toEqual({
      act: { kind: 'force', node: 'us1', inService: true, until: time, reason: 'why', by: 'ana', at: time, seq: 1 },
      consumed: true,
      members: [{ record: 'api', node: 'us1', inService: true, why: 'nothing speaks against it' }],
    });
  });
});

describe('wrong input writes nothing:', () => {
  it.each([
    [['drain'], 'drain: one node is needed (write quorumwatch drain NODE [--for 1h] [--by WHO])'],
    [['drain', 'eu2'], 'node: there is no node "eu2" (write eu1)'],
    [['restore', 'nowhere'], 'node: there is no node "nowhere" (write eu1 or us1)'],
    [['drain', 'eu1', '--by', 'a'.repeat(81)], '--by: is 81 characters long (write who takes it in 1 to 80 characters)'],
    [['silence', 'eu1'], '--for: is missing (write quorumwatch silence eu1 --for 1h, or --end)'],
    [['silence', 'eu1', '--for', '1h', '--end'], '--end: stands beside --for (write one of them)'],
    [['pause', '--for', 'long'], '--for: "long" is not a duration from 1s to 30d (write 1h)'],
    [['pause', '--for', '31d'], '--for: "31d" is not a duration from 1s to 30d (write 1h)'],
    [['pause', '--for', '999ms'], '--for: "999ms" is not a duration from 1s to 30d (write 1h)'],
    [['drain', 'eu1', '--for', '1x'], '--for: "1x" is not a duration from 1s to 30d (write 1h)'],
    [['force', 'eu1', 'off', '--for', '1h', '--reason', 'x'], 'force: "off" is no place (write in or out)'],
    [['force', 'eu1', '--for', '1h', '--reason', 'x'], 'force: "" is no place (write in or out)'],
    [['force', 'eu1', 'out', '--for', '1h'], '--reason: is missing (write why, in up to 200 characters)'],
    [
      ['force', 'eu1', 'out', '--for', '1h', '--reason', 'a\nb'],
      '--reason: is too long or not plain text (write why, in up to 200 characters)',
    ],
    [['force', 'eu1', '--end'], 'force: there is none of eu1 (nothing is left to end)'],
  ])('%j', async (argv, line) => {
    expect(await world.command(...argv)).toEqual({ code: 2, out: '', err: `${line}\n` });
    expect(await acts()).toEqual([]);
  });

  it('a force that is none is not ended by ending a drain', async () => {
    await world.obeyed('drain', 'eu1', '--by', 'ana');
    const err = 'force: there is none of eu1 (it is drained by ana until it is restored)\n';
    expect(await world.command('force', 'eu1', '--end')).toEqual({ code: 2, out: '', err });
  });

  it('a node that is in no record has nothing to be taken out of', async () => {
    const none = await startTableWorld(
      'name: plain\nvantages: [a, b, c]\nnodes: { n1: { url: http://n1.example.org, checks: { api: { type: http } } } }\n',
    );
    const { code, err } = await none.command('drain', 'n1');
    await none.close();
    expect({ code, err }).toEqual({ code: 2, err: 'node: n1 is a member of no record (the configuration has no records)\n' });
  });

  it.each([
    [
      ['--endpoint', '127.0.0.1:8070'],
      '--endpoint: "127.0.0.1:8070" is not a URL (write the address of a local run, like http://127.0.0.1:8070)',
    ],
    [['--region', 'us-east-1'], '--region: the table has no replica in us-east-1 (write one of eu-west-1)'],
  ])('%j', async (where, line) => {
    expect(await run('status', '--config', world.config, ...where)).toEqual({ code: 2, out: '', err: `${line}\n` });
  });
});
