/** Taking an incident by the link of a page, and giving it back: looking changes nothing, and no token changes more than its own. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../clock.ts';
import { createWorld, openIncident, startTable, type Table, tokensOf, type World } from './world.ts';

const [INCIDENT, OTHER] = ['born1-2', 'born1-3'];
const LINK = `/incidents/${INCIDENT}?token=good`;
const HTML = { accept: 'text/html' };

let table: Table;
let clock: ManualClock;
let world: World;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());
beforeEach(async () => {
  clock = createManualClock();
  world = createWorld(table, clock, { checkToken: tokensOf(INCIDENT, { good: 'good', old: 'expired' }) });
  await world.castAll();
  await commit({});
});

/** Both incidents are open; the first one as it is changed. */
const commit = (changes: object) => {
  const of = (id: string, node: string) => openIncident(id, node, clock.now());
  return world.commit({ incidents: { [INCIDENT]: { ...of(INCIDENT, 'eu1'), ...changes }, [OTHER]: of(OTHER, 'us1') } });
};
const text = (html: string) => html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
const look = async (path: string) => text(await (await world.get(path, HTML)).text());
const send = (path: string, fields: Record<string, string>) => world.sendForm(path, fields, HTML);
const asked = async () => {
  const acts = await world.store.readActs();
  return typeof acts === 'string' ? [] : acts.acts.map(({ kind, by }) => `${kind} ${by}`);
};

describe('a link', () => {
  it('shows the incident with the form, and takes nothing, however often it is opened', async () => {
    for (let times = 0; times < 3; times++) expect(await look(LINK)).toContain('Your name Acknowledge the incident of eu1');
    expect(await asked()).toEqual([]);
  });

  it('takes the incident when the form is sent, keeps who and when, and offers to give it back', async () => {
    expect((await send(`/incidents/${INCIDENT}/ack`, { by: 'ana', token: 'good' })).headers.get('location')).toBe(LINK);
    expect(await asked()).toEqual(['acknowledge ana']);
    expect(await look(LINK)).toMatch(/Taken by ana at 00:00:00Z Your name Give it back : page on about eu1/);
  });

  it('gives it back, and it can be taken again', async () => {
    for (const [path, by] of [
      ['ack', 'ana'],
      ['unack', 'ana'],
      ['ack', 'bob'],
    ] as const)
      expect((await send(`/incidents/${INCIDENT}/${path}`, { by, token: 'good' })).status).toBe(303);
    expect(await asked()).toEqual(['acknowledge ana', 'unacknowledge ana', 'acknowledge bob']);
    expect(await look(LINK)).toContain('Taken by bob');
  });
});

describe('says plainly, and changes nothing', () => {
  it('that somebody was faster', async () => {
    await commit({ ackedBy: 'ana', ackedAt: clock.now() });
    const answer = await send(`/incidents/${INCIDENT}/ack`, { by: 'bob', token: 'good' });
    expect([answer.status, text(await answer.text())]).toEqual([
      200,
      expect.stringContaining('Nothing changed. eu1 was taken by ana at 00:00:00Z . To the incident'),
    ]);
    expect(await asked()).toEqual([]);
  });

  it('that nobody has what is to be given back', async () => {
    const answer = await send(`/incidents/${INCIDENT}/unack`, { by: 'bob', token: 'good' });
    expect([answer.status, text(await answer.text())]).toEqual([200, expect.stringContaining('Nobody has taken eu1.')]);
    expect(await asked()).toEqual([]);
  });

  it.each(['ack', 'unack'])('that it is over: %s', async (path) => {
    await commit({ state: 'closed', closedAt: clock.now(), ackedBy: 'ana', ackedAt: clock.now() });
    const answer = await send(`/incidents/${INCIDENT}/${path}`, { by: 'bob', token: 'good' });
    expect([answer.status, text(await answer.text())]).toEqual([409, expect.stringContaining('born1-2 is closed')]);
    expect(await look(LINK)).toContain('was down; it is over.');
    expect(await look(LINK)).not.toContain('Give it back');
    expect(await asked()).toEqual([]);
  });

  const WRONG = 'token: is not the one of this incident (open the link of the page, or use the command line)';
  const EXPIRED = 'token: has expired (open the link of a later page, or use the command line)';
  it.each([
    ['forged', INCIDENT, 'forged', WRONG],
    ['missing', INCIDENT, '', WRONG],
    ["another incident's", OTHER, 'good', WRONG],
    ['expired', INCIDENT, 'old', EXPIRED],
  ])('that the token is %s', async (_, incident, token, problem) => {
    const page = await look(`/incidents/${incident}?token=${token}`);
    expect(page).toContain(`Nobody has taken it yet. ${problem}: npx quorumwatch ack ${incident} --by NAME`);
    expect(page).not.toContain('Your name');
    for (const path of ['ack', 'unack']) {
      const answer = await send(`/incidents/${incident}/${path}`, { by: 'eve', token });
      expect([answer.status, text(await answer.text())]).toEqual([403, expect.stringContaining(`Not done. ${problem}`)]);
      const forPrograms = await world.send('POST', `/api/v1/incidents/${incident}/${path}?token=${token}`, { by: 'eve' });
      expect([forPrograms.status, await forPrograms.json()]).toEqual([403, { error: problem }]);
    }
    expect(await asked()).toEqual([]);
  });

  it('on the overview, that a link is needed', async () => {
    const page = await look('/');
    expect(page).toContain(`open the link of the page to take it, or write: npx quorumwatch ack ${INCIDENT} --by NAME`);
    expect(page).not.toContain('Your name');
  });
});

it('programs give an incident back, once', async () => {
  await commit({ ackedBy: 'ana', ackedAt: clock.now() });
  for (const times of [1, 2]) {
    const answer = await world.send('POST', `/api/v1/incidents/${INCIDENT}/unack?token=good`, { by: 'ana' });
    expect([times, answer.status, await answer.json()]).toEqual([
      times,
      200,
      expect.objectContaining({ ackedBy: null, ackedAt: null }),
    ]);
  }
  expect(await asked()).toEqual(['unacknowledge ana']);
});
