import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CastVote } from '../../lib/core/ballot.ts';
import type { Evidence, Incident } from '../../lib/core/ledger.ts';
import { run } from './output.ts';
import { startTableWorld, type TableWorld, timeless } from './table-world.ts';

const MINUTE_MS = 60_000;
const ID = 'born1-2-eu1';
let world: TableWorld;
beforeEach(async () => {
  world = await startTableWorld();
});
afterEach(() => world.close());

/** What an arbiter writes of an outage that began 14 minutes ago: a quorum, a page, a guard's rule, a flip, a second page. */
async function outage(changes: Partial<Incident> = {}): Promise<Incident> {
  const at = Date.now() - 14 * MINUTE_MS;
  const vote = (vote: CastVote['vote'], reason: CastVote['reason'], seenAt: number, detail?: string): CastVote => ({
    vote,
    reason,
    observedAt: seenAt,
    since: seenAt - 9_000,
    checkHash: 'h',
    ...(detail !== undefined && { detail }),
  });
  const evidence: Evidence = {
    epoch: 2,
    at,
    check: 'eu1/api',
    from: 'up',
    to: 'down',
    quorum: 2,
    votes: {
      'eu-west-1': vote('down', 'status', at - 3_000, 'HTTP 500, expected 2xx'),
      'us-east-2': vote('down', 'status', at - 1_000, 'HTTP 500, expected 2xx'),
      'ap-northeast-1': { ...vote('abstain', 'missing', 0), since: 0 },
    },
  };
  const incident: Incident = {
    id: ID,
    node: 'eu1',
    state: 'down',
    openedAt: at,
    timeline: [
      { at, epoch: 2, what: 'up → down', detail: 'eu1/api' },
      { at, epoch: 2, what: 'paged down', detail: 'tier 1, attempt 1' },
      { at, epoch: 2, what: 'held: minInService', detail: 'api.example.org' },
      { at: at + MINUTE_MS, epoch: 3, what: 'out of service', detail: 'api.example.org: api down' },
      { at: at + 5 * MINUTE_MS, epoch: 4, what: 'paged down', detail: 'tier 2, attempt 1' },
      { at: at + 6 * MINUTE_MS, epoch: 5, what: 'a word of a later release' },
    ],
    paging: { tier: 2, attempt: 1, nextAt: Date.now() + MINUTE_MS },
    ...changes,
  };
  await world.store.writeIncident(incident, [evidence]);
  await world.castAll({ 'eu1/api': ['down', 'status', 'HTTP 500, expected 2xx'] });
  await world.commit({
    checks: { 'eu1/api': { state: 'down', at } },
    nodes: { eu1: { state: 'down', at, incident: ID } },
    incidents: { [ID]: incident },
    members: { 'api/eu1': { inService: false, at, why: 'api down', holdUntil: at, flaps: [at] } },
  });
  return incident;
}

describe('quorumwatch incidents', () => {
  it('says when there was none', async () => {
    await world.commit();
    expect(await world.command('incidents')).toEqual({ code: 0, out: 'There has been no incident.\n', err: '' });
  });

  it('lists them, the newest first', async () => {
    const over = { ...(await outage()), id: 'born1-1-us1', node: 'us1', state: 'closed' as const, ackedBy: 'ana' };
    const openedAt = over.openedAt - MINUTE_MS;
    await world.store.writeIncident({ ...over, openedAt, closedAt: openedAt + 30_000, closedAs: 'recovered' }, []);
    const { code, out, err } = await world.command('incidents');
    expect(timeless(out)).toBe(`2 incidents, 1 open. Why: quorumwatch explain INCIDENT
  open    born1-2-eu1  eu1  since TIME  for 14 min  taken by nobody
  closed  born1-1-us1  us1  since TIME  for 30 s    taken by ana
`);
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it('prints with --json what the web part gives', async () => {
    await outage();
    const { code, out } = await world.command('incidents', '--json');
    expect(JSON.parse(out)).toEqual(await (await world.get('/api/v1/incidents')).json());
    expect(JSON.parse(out)).toHaveLength(1);
    expect(code).toBe(0);
  });

  it('a table that does not answer is one line, exit code 1', async () => {
    const { code, out, err } = await run('incidents', '--config', world.config, '--endpoint', 'http://127.0.0.1:1');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^table: quorumwatch-example-single-eu-west-1 cannot be reached: .+ \(.+\)\n$/);
  });
});

describe('quorumwatch explain', () => {
  it('says why, by whom, what came of it, who is next and what can be done', async () => {
    await outage();
    const { code, out, err } = await world.command('explain', ID);
    expect(timeless(out)).toBe(`eu1 has been down for 14 min.
Incident born1-2-eu1, since TIME. Nobody has taken it yet.

Why:
  eu1/api went from up to down at TIME: 2 of 3 vantages saw it down, 2 must agree.
    down      eu-west-1, us-east-2 (TIME to TIME): HTTP 500, expected 2xx
              status: The HTTP status is not an expected one.
    no vote   ap-northeast-1 (never): The vantage has cast no ballot that speaks of this check.
    A quorum saw it for 9 s (downFor asks for 5 s); decided 12 s after the first vantage saw it.

What happened:
  TIME  eu1/api went from up to down
  TIME  paged down, tier 1, attempt 1: 1 text message and mail to ops@example.org
  TIME  api.example.org: left as it is, because too few other members are in service and sound (guard rule minInService)
  TIME  out of service: api.example.org: api down
  TIME  paged down, tier 2, attempt 1: mail to all@example.org
  TIME  a word of a later release

Who was paged:
  2 pages, the last at TIME.
  Next, unless somebody takes it: tier 2 at TIME: mail to all@example.org.

What DNS answers now:
  api.example.org A: 198.51.100.7. eu1 (203.0.113.10) is out of service: api down.

How it is now:
  api: down (3 down; 2 must agree)
  p2p: up (3 up; 2 must agree)

What you can do:
  take it, so that nobody else is woken:  quorumwatch ack born1-2-eu1 --by YOU
  take it out of DNS whatever it says:    quorumwatch drain eu1
  be left in peace for an hour:           quorumwatch silence eu1 --for 1h
`);
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });

  it('of one that is over it says what it was, and asks for nothing', async () => {
    const { openedAt, timeline } = await outage();
    const over = { state: 'closed' as const, closedAt: openedAt + 8 * MINUTE_MS, closedAs: 'recovered' as const };
    const acked = { ackedBy: 'ana', ackedAt: openedAt + 6 * MINUTE_MS };
    const last = { at: over.closedAt, epoch: 9, what: 'recovered' };
    const took = { at: acked.ackedAt, epoch: 8, what: 'acknowledged', detail: 'ana' };
    await outage({ ...over, ...acked, timeline: [...timeline, took, last] });
    const { out } = await world.command('explain', ID);
    expect(timeless(out)).toContain(`eu1 was down for 8 min; it is over.
Incident born1-2-eu1, since TIME, until TIME. Taken by ana at TIME, after 6 min.
`);
    expect(timeless(out)).toContain('  TIME  taken by ana\n  TIME  recovered\n');
    expect(out).toContain('  2 pages, the last at');
    expect(out).not.toContain('Next, unless');
    expect(out).not.toContain('What you can do');
  });

  it.each([
    [
      { list: 'quiet' as const, tier: 0 },
      {},
      /Next, unless somebody takes it: quiet tier 1 at .*: mail to later@example\.org\.$/m,
    ],
    [{ list: 'nobody' as const }, {}, /^ {2}Nobody: its failing checks are only worth a look \(severity\)\.$/m],
    [
      {},
      { digest: 'born1-2-2 nodes' },
      /^ {2}Others went down with it, and are paged together: quorumwatch explain born1-2-2 nodes$/m,
    ],
    [{}, { behind: 'us1' }, /^ {2}Nobody for itself: us1, which it depends on, is down\.$/m],
    [{}, { silencedUntil: 2_000_000_000_000 }, /tier 2 at 2033-05-18 03:33:20Z: mail to all@example\.org\.$/m],
  ])('who is next depends: %j %j', async (paging, changes, said) => {
    await outage({ ...changes, paging: { tier: 2, attempt: 1, nextAt: Date.now() + MINUTE_MS, ...paging } });
    const { out } = await world.command('explain', ID);
    expect(out).toMatch(said);
  });

  it('one that speaks for others leads to them', async () => {
    const timeline = [
      { at: Date.now(), epoch: 2, what: 'opened together', detail: '2 nodes' },
      { at: Date.now(), epoch: 3, what: 'with', detail: 'us1' },
      { at: Date.now(), epoch: 4, what: 'paged down', detail: 'quiet tier 1, attempt 1' },
    ];
    await outage({
      node: '2 nodes',
      together: { at: Date.now(), incidents: { 'born1-2-eu1': 'eu1', 'born1-2-us1': 'us1' } },
      timeline,
    });
    const { out } = await world.command('explain', ID);
    expect(out).toContain(
      'Why:\n  These opened together:\n    eu1: quorumwatch explain born1-2-eu1\n    us1: quorumwatch explain born1-2-us1\n',
    );
    expect(timeless(out)).toContain(
      '  TIME  opened together: 2 nodes\n  TIME  us1 went down too\n  TIME  paged down, quiet tier 1, attempt 1: mail to later@example.org\n',
    );
    expect(out).not.toContain('quorumwatch silence');
  });

  it('a silence puts off what would be paged next', async () => {
    await outage();
    const until = Date.now() + 2 * 86_400_000;
    await world.commit({ silences: { eu1: { until, by: 'ana' } } });
    const { out } = await world.command('explain', ID);
    const [day, time] = [new Date(until).toISOString().slice(0, 10), new Date(until).toISOString().slice(11, 19)];
    expect(out).toContain(`tier 2 at ${day} ${time}Z`);
  });

  it('prints with --json what the web part gives', async () => {
    await outage();
    const { code, out } = await world.command('explain', ID, '--json');
    expect(JSON.parse(out)).toEqual(await (await world.get(`/api/v1/incidents/${ID}`)).json());
    expect(code).toBe(0);
  });

  it('one that nobody knows is wrong input', async () => {
    const err = 'incident: "other" is not known (write one of quorumwatch incidents)\n';
    expect(await world.command('explain', 'other')).toEqual({ code: 2, out: '', err });
  });
});

describe('quorumwatch ack', () => {
  it('takes an incident once, and says who has it', async () => {
    await outage();
    const taken = 'eu1: taken by ana; nobody else is paged for 4 h\n';
    expect(await world.command('ack', ID, '--by', 'ana')).toEqual({ code: 0, out: taken, err: '' });
    const again = await world.command('ack', ID, '--by', 'bob');
    expect({ ...again, out: timeless(again.out) }).toEqual({ code: 0, out: 'eu1: ana has it already, taken at TIME\n', err: '' });
    expect(await world.store.readActs()).toMatchObject({ acts: [{ kind: 'acknowledge', incident: ID, by: 'ana', seq: 1 }] });
  });

  it('prints with --json what the web part gives', async () => {
    await outage();
    const { out } = await world.command('ack', ID, '--by', 'ana', '--json');
    const again = await world.send('POST', `/api/v1/incidents/${ID}/ack`, { by: 'bob' });
    expect(JSON.parse(out)).toEqual(await again.json());
    expect(JSON.parse(out)).toMatchObject({ ackedBy: 'ana' });
  });

  it.each([
    [['ack', ID], '--by: is missing (write who takes it, like --by ana)'],
    [['ack', ID, '--by', ' '], '--by: is empty (write who takes it in 1 to 80 characters)'],
    [['ack', 'other', '--by', 'ana'], 'incident: "other" is not known (write one of quorumwatch incidents)'],
  ])('%j is wrong input', async (argv, line) => {
    await outage();
    expect(await world.command(...argv)).toEqual({ code: 2, out: '', err: `${line}\n` });
  });

  it('gives it back with --end, and only what somebody has', async () => {
    await outage();
    const nobody = `incident: ${ID} is taken by nobody (nothing is left to give back)\n`;
    expect(await world.command('ack', ID, '--by', 'ana', '--end')).toEqual({ code: 2, out: '', err: nobody });
    await world.command('ack', ID, '--by', 'ana');
    const { code, out } = await world.obeyed('ack', ID, '--by', 'ana', '--end');
    expect({ code, out }).toEqual({ code: 0, out: `${ID} is nobody's any more: people are paged on.\n` });
    expect(JSON.parse((await world.command('explain', ID, '--json')).out)).toMatchObject({ ackedBy: null });
  });

  it('one that is over is nobody’s to give back', async () => {
    const { openedAt } = await outage();
    await outage({ state: 'closed', closedAt: openedAt + 1, closedAs: 'recovered', ackedBy: 'ana', ackedAt: openedAt });
    const err = `incident: ${ID} is closed (nothing is left to give back)\n`;
    expect(await world.command('ack', ID, '--by', 'ana', '--end')).toEqual({ code: 2, out: '', err });
  });

  it('one that is over is nobody’s to take', async () => {
    const { openedAt } = await outage();
    await outage({ state: 'closed', closedAt: openedAt + 1, closedAs: 'recovered' });
    const err = `incident: ${ID} is closed (nothing is left to acknowledge)\n`;
    expect(await world.command('ack', ID, '--by', 'ana')).toEqual({ code: 2, out: '', err });
  });
});
