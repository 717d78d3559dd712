/**
 * Whatever fails of the monitor itself ends in a page: one test for each watch, which breaks exactly what it watches.
 * `npm run test:watches` takes each watch away and sees its test fail, and no other.
 */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ARBITERS, type Monitor, startMonitor, VANTAGES, watchedCell } from './world.ts';

/** Long enough for a new system to be judged by its alarms, and for them to wait for one another. */
const STARTED = 10;
const ALARMED = 10;

let monitor: Monitor;
beforeEach(() => {
  monitor = startMonitor();
});
afterEach(() => monitor.close());

const started = async () => {
  await monitor.minutes(STARTED);
  expect(monitor.told()).toEqual([]);
};
const after = async (minutes: number) => {
  await monitor.minutes(minutes);
  return monitor.told();
};

it('a monitor that is well says nothing for hours but to the third party', async () => {
  await started();
  monitor.pings();
  expect(await after(4 * 60)).toEqual([]);
  expect(monitor.pings()).toBe(4 * 60 * ARBITERS.length);
});

it('nor does one that looks every five minutes', async () => {
  await monitor.close();
  monitor = startMonitor(watchedCell('5m'));
  expect(await after(4 * 60)).toEqual([]);
});

it('silent: a vantage that never came up for want of its bundle', async () => {
  monitor.broken.functions.add('v2');
  expect(await after(STARTED)).toEqual(['alarm silent/v2 ALARM']);
});

it('silent: a vantage that never came up for want of a right', async () => {
  monitor.broken.rights.add('v2');
  expect(await after(STARTED)).toEqual(['alarm silent/v2 ALARM']);
});

it('silent: a vantage that stops, and comes back', async () => {
  await started();
  monitor.broken.functions.add('v2');
  expect(await after(ALARMED)).toEqual(['alarm silent/v2 ALARM']);
  monitor.broken.functions.clear();
  expect(await after(ALARMED)).toEqual(['alarm silent/v2 OK']);
});

it('silent: the schedule of a vantage stops', async () => {
  await started();
  monitor.broken.schedules.add('v3');
  expect(await after(ALARMED)).toEqual(['alarm silent/v3 ALARM']);
});

it('tick: the arbiter of one region stops', async () => {
  await started();
  monitor.broken.functions.add('a1');
  expect(await after(ALARMED)).toEqual(['alarm tick/a1 ALARM']);
});

it('tick: the schedule of an arbiter stops', async () => {
  await started();
  monitor.broken.schedules.add('a2');
  expect(await after(ALARMED)).toEqual(['alarm tick/a2 ALARM']);
});

it('blind: every arbiter stops: nobody of ours is left to say so', async () => {
  await started();
  for (const region of ARBITERS) monitor.broken.functions.add(region);
  expect(await after(ALARMED)).toContain('alarm blind ALARM');
});

it('blind: the scheduler stops for everybody', async () => {
  await started();
  for (const each of [...VANTAGES, ...ARBITERS]) monitor.broken.schedules.add(each);
  expect(await after(ALARMED)).toContain('alarm blind ALARM');
});

it('blind: too few vantages are heard', async () => {
  await started();
  for (const vantage of ['v1', 'v3'] as const) monitor.broken.functions.add(vantage);
  expect(await after(ALARMED)).toContain('alarm blind ALARM');
});

it('table: it comes and goes every two minutes, never for as long as it takes to be blind', async () => {
  await started();
  const told: string[] = [];
  for (let minute = 0; minute < 24; minute += 2) {
    monitor.broken.table = minute % 4 === 0;
    told.push(...(await after(2)));
  }
  expect(told).toEqual(['alarm table ALARM']);
  monitor.broken.table = false;
  expect(await after(2 * ALARMED)).toEqual(['alarm table OK']);
});

it('web: the web part of a region does not answer', async () => {
  await started();
  monitor.broken.webs.add('a3');
  expect(await after(ALARMED)).toEqual(['alarm web/a3 ALARM']);
  monitor.broken.webs.clear();
  expect(await after(ALARMED)).toEqual(['alarm web/a3 OK']);
});

it('ping: the third party is not told that all is well while too few vantages are heard, nor when nobody looks', async () => {
  await started();
  monitor.pings();
  for (const vantage of ['v1', 'v2'] as const) monitor.broken.functions.add(vantage);
  await after(3);
  monitor.pings();
  await after(ALARMED);
  expect(monitor.pings()).toBe(0);
  monitor.broken.functions.clear();
  await after(3);
  expect(monitor.pings()).toBeGreaterThan(0);
  for (const region of ARBITERS) monitor.broken.functions.add(region);
  await after(1);
  monitor.pings();
  await after(ALARMED);
  expect(monitor.pings()).toBe(0);
});

it('clock: a vantage with a wrong clock', async () => {
  await started();
  monitor.broken.clocks.set('v2', 7_000);
  expect(await after(14)).toEqual([]);
  expect(await after(4)).toEqual([
    'abstaining v2, tier 1: VANTAGE ABSTAINS: vantage v2 has not voted for 15 minutes: clock, 7000 ms ahead of the table',
  ]);
  expect(await after(60)).toEqual([]);
});

it('abstaining: a vantage that cannot read the secret of a check', async () => {
  monitor.sees('v2', { 'eu1/api': ['abstain', 'secret', '/key: AccessDenied'] });
  expect(await after(18)).toEqual([
    'abstaining v2, tier 1: VANTAGE ABSTAINS: vantage v2 has not voted on eu1/api for 15 minutes: secret, /key: AccessDenied',
  ]);
});

it('skew: vantages that run another configuration for half an hour', async () => {
  await started();
  const other = { ...monitor.cell, probeHash: 'another' };
  await monitor.deploy('v3', other);
  expect(await after(29)).toEqual([]);
  expect(await after(3)).toEqual([
    expect.stringMatching(/^skew example, tier 1: CONFIGURATION SKEW: vantages have run different/),
  ]);
});

it('never-passed: a check that is down from the start says so', async () => {
  for (const vantage of VANTAGES) monitor.sees(vantage, { 'eu1/p2p': ['down', 'connect-refused', 'nobody listens'] });
  const [page, ...others] = await after(STARTED);
  expect(page).toMatch(/^down eu1, tier 1: .*: p2p never passed yet: nobody listens$/);
  expect(others).toEqual([]);
});

it('never-passed: a check of which a quorum never says anything good, and never that it is down', async () => {
  monitor.sees('v1', { 'eu1/p2p': ['down', 'connect-refused'] });
  monitor.sees('v2', { 'eu1/p2p': ['abstain', 'internal'] });
  expect(await after(14)).toEqual([]);
  expect((await after(3)).filter((line) => !line.startsWith('abstaining'))).toEqual([
    'never-passed example, tier 1: NEVER PASSED: eu1/p2p never passed since it was configured: look at the votes',
  ]);
});

const found = (what: Monitor['broken']['inspection']['findings'][number]['what'], subject: string) => ({
  what,
  region: 'v1',
  subject,
});

it('unheard: a subscription that is not confirmed', async () => {
  monitor.broken.inspection = { findings: [found('unconfirmed', 'tier 1: email ops@example.org')], heardTiers: [2] };
  expect(await after(8)).toEqual([]);
  expect(await after(20)).toEqual([
    'unheard example, tier 2: PAGES MAY NOT ARRIVE: v1, tier 1: email ops@example.org has not confirmed its subscription',
  ]);
});

it('unheard: a subscription that vanished, within the hour; and nothing of it once it is back', async () => {
  await started();
  monitor.broken.inspection.findings = [found('vanished', 'tier 2: email all@example.org')];
  expect(await after(75)).toEqual([
    expect.stringMatching(/^unheard example, tier 1: .* email all@example.org is not subscribed any more/),
  ]);
  monitor.broken.inspection.findings = [];
  expect(await after(3 * 60)).toEqual([]);
});

it('unheard: text messages over their spend limit', async () => {
  await started();
  monitor.broken.inspection.findings = [{ ...found('spend', 'text messages'), detail: 'USD 50.00 of a limit of 50' }];
  expect(await after(75)).toEqual([expect.stringMatching(/^unheard .* text messages are not sent any more this month/)]);
});

it('unheard: it is looked for once an hour, and every five minutes by each arbiter while nobody can look', async () => {
  await started();
  monitor.inspections();
  await after(120);
  expect(monitor.inspections()).toBe(2);
  monitor.broken.inspects = true;
  await after(120);
  const tries = monitor.inspections();
  expect([tries >= 12 * ARBITERS.length, tries <= 24 * ARBITERS.length]).toEqual([true, true]);
});

it('unwatched: alarms whose actions are off', async () => {
  await started();
  monitor.broken.inspection.findings = [found('alarm-off', 'the alarm quorumwatch-example-blind')];
  expect(await after(75)).toEqual([
    'unwatched example, tier 1: ALARMS ARE OFF: v1, the alarm quorumwatch-example-blind will tell nobody: it is missing, or its actions are off',
  ]);
});

it('drills: one goes through at its time, once, and says so when it cannot', async () => {
  await monitor.close();
  monitor = startMonitor(watchedCell('30s', 'drills: { cron: "30 * * * *" }'));
  expect(await after(29)).toEqual([]);
  expect(await after(4)).toEqual([
    expect.stringMatching(/^down DRILL, tier 1: DRILL DOWN 00:3\dZ, [23]\/3 regions: drill nobody listens$/),
    'recovered DRILL, tier 1: UP: the fire drill DRILL is over',
  ]);
  expect(await after(55)).toEqual([]);
  for (const vantage of ['v1', 'v2'] as const) monitor.sees(vantage, { 'DRILL/drill': ['abstain', 'internal'] });
  expect(await after(10)).toContain('drill-failed DRILL, tier 1: DRILL FAILED: the drill did not get through: no down, no paged');
});
