import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../clock.ts';
import { createWorld, openIncident, startTable, type Table, tokensOf, type World } from './world.ts';

let table: Table;
let clock: ManualClock;
let world: World;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());
beforeEach(() => {
  clock = createManualClock();
  world = createWorld(table, clock);
});

const incidentOpened = () => {
  const incident = openIncident('born1-2', 'eu1', clock.now());
  return world.commit({ incidents: { [incident.id]: incident } });
};
const ACK = '/api/v1/incidents/born1-2/ack';

describe('names that every object knows', () => {
  it.each(['__proto__', 'constructor', 'toString'])('are no incident: %s', async (id) => {
    await incidentOpened();
    const shown = await world.get(`/api/v1/incidents/${id}`);
    expect([shown.status, await shown.json()]).toEqual([
      404,
      { error: `incident: "${id}" is not known (see /api/v1/incidents)` },
    ]);
    const taken = await world.send('POST', `/api/v1/incidents/${id}/ack`, { by: 'ana' });
    expect(taken.status).toBe(404);
  });
});

describe('GET /api/v1/status', () => {
  it('gives the verdicts, votes, records, vantages and incidents', async () => {
    await world.commit();
    await world.castAll({ 'us1/p2p': ['down', 'connect-refused', 'nobody listens'] });
    const answer = await world.get('/api/v1/status');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      table: 'ok',
      epoch: 1,
      nodes: [
        { id: 'eu1', verdict: 'up', checks: [{ id: 'api', verdict: 'up' }, { id: 'p2p' }] },
        {
          id: 'us1',
          verdict: 'partial',
          checks: [
            { id: 'api', verdict: 'up' },
            {
              id: 'p2p',
              votes: { 'eu-west-1': { vote: 'down', reason: 'connect-refused', observedAt: '2026-01-01T00:00:00.000Z' } },
            },
          ],
        },
      ],
      records: [
        {
          id: 'api',
          name: 'api.example.org',
          members: [
            { node: 'eu1', inService: true },
            { node: 'us1', inService: true },
          ],
        },
      ],
      vantages: [{ id: 'eu-west-1', state: 'up', lastBallotAt: '2026-01-01T00:00:00.000Z' }, {}, {}],
      incidents: [],
    });
  });

  it('answers with what is known while the table is away: nothing', async () => {
    await world.castAll();
    world.takeTable(true);
    const answer = await world.get('/api/v1/status');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ table: 'unreachable', nodes: [{ verdict: 'unknown' }, { verdict: 'unknown' }] });
  });

  it('falls back to the ledger while Route 53 is away', async () => {
    world = createWorld(table, clock, { readSwitches: () => Promise.reject(new Error('away')) });
    await world.commit();
    expect(await (await world.get('/api/v1/status')).json()).toMatchObject({
      records: [{ source: 'ledger', answers: ['203.0.113.10'] }],
    });
  });
});

describe('GET /api/v1/incidents', () => {
  it('merges the ledger over what is stored, newest first, with evidence that is not written yet', async () => {
    const [old, now] = [clock.now() - 1_000_000, clock.now()];
    const closed = { ...openIncident('born1-1', 'us1', old), state: 'closed' as const, closedAt: old + 5_000 };
    await world.store.writeIncident(closed, []);
    const open = openIncident('born1-2', 'eu1', now);
    const votes = { 'eu-west-1': { vote: 'down', reason: 'status', observedAt: now, since: now, checkHash: 'x' } } as const;
    const evidence = { epoch: 2, at: now, check: 'eu1/api', from: 'up', to: 'down', quorum: 2, votes } as const;
    const base = { id: 'i1', lane: 'incident/born1-2', epoch: 2, at: now, tries: 0, notBefore: now };
    await world.commit({
      incidents: { 'born1-2': open },
      intents: [{ ...base, kind: 'record', incident: 'born1-2', evidence: [evidence] }],
    });

    const list = (await (await world.get('/api/v1/incidents')).json()) as unknown[];
    expect(list).toMatchObject([
      {
        id: 'born1-2',
        node: 'eu1',
        state: 'down',
        openedAt: '2026-01-01T00:00:00.000Z',
        closedAt: null,
        ackedBy: null,
        ackedAt: null,
        evidence: [
          {
            check: 'eu1/api',
            at: '2026-01-01T00:00:00.000Z',
            votes: { 'eu-west-1': { vote: 'down', observedAt: '2026-01-01T00:00:00.000Z' } },
          },
        ],
        timeline: [{ at: '2026-01-01T00:00:00.000Z', what: 'up → down' }],
      },
      { id: 'born1-1', state: 'closed', closedAt: '2025-12-31T23:43:25.000Z' },
    ]);
    expect(await (await world.get('/api/v1/incidents/born1-2')).json()).toEqual(list[0]);

    // Once written, the same evidence is shown once.
    await world.store.writeIncident(open, [evidence]);
    expect(await (await world.get('/api/v1/incidents/born1-2')).json()).toMatchObject({ evidence: [{ epoch: 2 }] });
  });

  it('answers 404 for one that nobody knows, and 503 while the table is away', async () => {
    const unknown = await world.get('/api/v1/incidents/nope');
    expect([unknown.status, await unknown.json()]).toEqual([
      404,
      { error: 'incident: "nope" is not known (see /api/v1/incidents)' },
    ]);
    world.takeTable(true);
    const away = await world.get('/api/v1/incidents');
    expect(away.status).toBe(503);
    expect(await away.json()).toEqual({ error: expect.stringMatching(/^table: cannot be reached \(try again shortly\)/) });
  });
});

describe('POST /api/v1/incidents/ID/ack', () => {
  it('writes an act, wakes the arbiters and leaves the ledger alone', async () => {
    await incidentOpened();
    const before = await world.store.readLedger();
    const answer = await world.send('POST', ACK, { by: ' ana ' });
    expect([answer.status, await answer.json()]).toEqual([
      200,
      expect.objectContaining({ ackedBy: 'ana', ackedAt: '2026-01-01T00:00:00.000Z' }),
    ]);
    expect(await world.store.readActs()).toMatchObject({ acts: [{ kind: 'acknowledge', incident: 'born1-2', by: 'ana' }] });
    expect(await world.store.readLedger()).toEqual(before);
    expect(world.wakes).toHaveLength(1);
  });

  it('is unchanged by a second one, before and after the arbiters consumed the first', async () => {
    await incidentOpened();
    const first = await (await world.send('POST', ACK, { by: 'ana' })).json();
    await clock.advance(5_000);
    const second = await world.send('POST', ACK, { by: 'bob' });
    expect([second.status, await second.json()]).toEqual([200, first]);
    const acts = await world.store.readActs();
    if (typeof acts === 'string') throw new Error(acts);
    expect(acts.acts).toHaveLength(1);

    const taken = { ...openIncident('born1-2', 'eu1', clock.now() - 5_000), ackedBy: 'ana', ackedAt: clock.now() - 5_000 };
    await world.commit({ incidents: { 'born1-2': taken }, acts: { incarnation: acts.incarnation, seq: 1 } });
    const third = await world.send('POST', ACK, { by: 'bob' });
    expect([third.status, await third.json()]).toEqual([200, expect.objectContaining({ ackedBy: 'ana' })]);
    expect(await world.store.readActs()).toEqual(acts);
  });

  it('answers 409 when it is closed, in the ledger or in the store, or belongs to a ledger that is gone', async () => {
    const closed = { ...openIncident('born1-2', 'eu1', clock.now()), state: 'closed' as const, closedAt: clock.now() };
    await world.commit({ incidents: { 'born1-2': closed } });
    expect((await world.send('POST', ACK, { by: 'ana' })).status).toBe(409);
    await world.commit({ incidents: {} });
    await world.store.writeIncident(closed, []);
    await world.store.writeIncident(openIncident('born0-9', 'eu1', clock.now()), []);
    for (const id of ['born1-2', 'born0-9']) {
      const answer = await world.send('POST', `/api/v1/incidents/${id}/ack`, { by: 'ana' });
      expect([answer.status, await answer.json()]).toEqual([
        409,
        { error: `incident: ${id} is closed (nothing is left to acknowledge)` },
      ]);
    }
    expect(await world.store.readActs()).toBe('missing');
  });

  it('answers 404 for an unknown one and 503 while the table is away', async () => {
    expect((await world.send('POST', ACK, { by: 'ana' })).status).toBe(404);
    world.takeTable(true);
    expect((await world.send('POST', ACK, { by: 'ana' })).status).toBe(503);
  });

  it.each([
    ['not JSON', '{', 'body: is not a JSON object (write {"by": "ana"})'],
    ['no object', '3', 'body: is not a JSON object (write {"by": "ana"})'],
    ['nobody', {}, 'by: is missing (write who takes it in 1 to 80 characters)'],
    ['a number', { by: 3 }, 'by: is not text (write who takes it in 1 to 80 characters)'],
    ['blanks', { by: '  ' }, 'by: is empty (write who takes it in 1 to 80 characters)'],
    ['too much', { by: 'x'.repeat(81) }, 'by: is 81 characters long (write who takes it in 1 to 80 characters)'],
    ['text that turns', { by: 'a\u202eb' }, 'by: contains control characters (write who takes it in 1 to 80 characters)'],
    ['half a character', { by: 'a\ud800' }, 'by: contains control characters (write who takes it in 1 to 80 characters)'],
    ['two lines', { by: 'a\nb' }, 'by: contains control characters (write who takes it in 1 to 80 characters)'],
  ])('refuses %s', async (_, body, error) => {
    await incidentOpened();
    const answer = await world.send('POST', ACK, body);
    expect([answer.status, await answer.json()]).toEqual([400, { error }]);
  });

  it('asks for the token where there is one', async () => {
    world = createWorld(table, clock, { checkToken: tokensOf('born1-2', { secret: 'good' }) });
    await incidentOpened();
    expect((await world.send('POST', ACK, { by: 'ana' })).status).toBe(403);
    expect((await world.send('POST', `${ACK}?token=wrong`, { by: 'ana' })).status).toBe(403);
    expect((await world.send('POST', ACK, { by: 'ana' }, { authorization: 'Bearer secret' })).status).toBe(200);
    expect((await world.send('POST', `${ACK}?token=secret`, { by: 'ana' })).status).toBe(200);
  });

  it('keeps the act when the arbiters cannot be woken, and says so', async () => {
    world = createWorld(table, clock, { wake: () => Promise.reject(new Error('queue away')) });
    await incidentOpened();
    expect((await world.send('POST', ACK, { by: 'ana' })).status).toBe(200);
    expect(world.events.recent()).toMatchObject([
      { event: 'note', text: 'web: the arbiters could not be woken: Error: queue away' },
    ]);
  });
});

describe('/api/v1/faults', () => {
  const FAULTS = [
    { vantage: '*', node: 'eu1', effect: 'slow' },
    { vantage: 'us-east-2', effect: 'dead' },
    { effect: 'sns-down' },
  ];

  it('replaces, lists and empties the list, and tells of it', async () => {
    expect(await (await world.get('/api/v1/faults')).json()).toEqual([]);
    const put = await world.send('PUT', '/api/v1/faults', FAULTS);
    expect([put.status, await put.json()]).toEqual([200, FAULTS]);
    expect(await (await world.get('/api/v1/faults')).json()).toEqual(FAULTS);
    expect(await (await world.send('DELETE', '/api/v1/faults')).json()).toEqual([]);
    expect(world.events.recent().map((event) => 'text' in event && event.text)).toEqual([
      'fault begins: eu1 is slow for every vantage',
      'fault begins: us-east-2 is stopped',
      'fault begins: SNS is away',
      'fault ends: eu1 is slow for every vantage',
      'fault ends: us-east-2 is stopped',
      'fault ends: SNS is away',
    ]);
  });

  it.each([
    [{}, 'body: is not a list (write [{"vantage": "*", "node": "*", "effect": "slow"}])'],
    [[3], '[0]: is not an object (write {"effect": "table-down"})'],
    [
      [{ effect: 'sns-down' }, {}],
      '[1].effect: is missing (write one of unreachable, slow, garbage, dead, isolated, late, table-down, table-wiped, route53-down, sns-down)',
    ],
    [
      [{ vantage: 'x', node: '*', effect: 'slow' }],
      '[0].vantage: "x" is not a vantage (write one of *, eu-west-1, us-east-2, ap-northeast-1)',
    ],
    [[{ vantage: '*', node: 'x', effect: 'slow' }], '[0].node: "x" is not a node (write one of *, eu1, us1)'],
    [[{ vantage: '*', effect: 'slow' }], '[0].node: is missing (write one of *, eu1, us1)'],
    [[{ vantage: '*', node: 'eu1', effect: 'dead' }], '[0].node: does not belong to the effect "dead" (leave it out)'],
  ])('refuses %j and changes nothing', async (body, error) => {
    await world.send('PUT', '/api/v1/faults', FAULTS);
    const answer = await world.send('PUT', '/api/v1/faults', body);
    expect([answer.status, await answer.json()]).toEqual([400, { error }]);
    expect(world.faults.list()).toEqual(FAULTS);
  });

  it('is not there outside a local run', async () => {
    world = createWorld(table, clock, { faults: undefined });
    expect((await world.get('/api/v1/faults')).status).toBe(404);
    expect((await world.sendForm('/faults', { effect: 'sns-down' })).status).toBe(404);
    expect(await (await world.get('/')).text()).not.toContain('Break something');
  });
});

describe('other origins', () => {
  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a neighbour', { 'sec-fetch-site': 'same-site' }, 403],
    ['another origin', { origin: 'http://evil.example', host: 'localhost' }, 403],
    ['a sandboxed page', { origin: 'null', host: 'localhost' }, 403],
    ['a form of ours that is no JSON', { 'sec-fetch-site': 'same-origin', 'content-type': 'text/plain' }, 415],
    ['our own page', { 'sec-fetch-site': 'same-origin' }, 200],
    ['our own origin', { origin: 'http://localhost:8080', host: 'localhost:8080' }, 200],
    ['a program', { 'content-type': 'text/plain' }, 200],
  ])('%s', async (_, headers, status) => {
    expect((await world.send('PUT', '/api/v1/faults', [{ effect: 'sns-down' }], headers)).status).toBe(status);
    expect(world.faults.list()).toHaveLength(status === 200 ? 1 : 0);
  });

  it('may not send forms either', async () => {
    expect((await world.sendForm('/faults', { effect: 'sns-down' }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect(world.faults.list()).toEqual([]);
  });
});

it('answers unknown paths and bodies that are too long with JSON', async () => {
  const unknown = await world.get('/api/v1/nope');
  expect([unknown.status, await unknown.json()]).toEqual([404, { error: 'path: /api/v1/nope is not known (start at /)' }]);
  const long = await world.send('PUT', '/api/v1/faults', JSON.stringify('x'.repeat(70_000)), { 'content-length': '70002' });
  expect([long.status, await long.json()]).toEqual([413, { error: 'body: is too long (send at most 65536 bytes)' }]);
});
