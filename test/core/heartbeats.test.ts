import { describe, expect, it } from 'vitest';
import type { Ballot } from '../../lib/core/ballot.ts';
import type { HeartbeatSpec } from '../../lib/core/cell.ts';
import { type Beat, isHeartbeat, judgeBeat, unreadableBeat } from '../../lib/core/heartbeats.ts';
import { mergeRun, type Observation } from '../../lib/core/merge.ts';
import { CLOCK_TOLERANCE_MS } from '../../lib/core/votes.ts';
import { cellOf, START_MS } from './invariants/world.ts';

const HOUR_MS = 3_600_000;
const hourly: HeartbeatSpec = { kind: 'heartbeat', everyMs: HOUR_MS, graceMs: 600_000 };
const now = START_MS + 24 * HOUR_MS;
const ago = (minutes: number) => now - minutes * 60_000;
const judge = (beat: Beat | 'missing', spec = hourly) => judgeBeat(spec, beat, ago(70), now);

describe('a heartbeat', () => {
  it('is a check that nobody looks at', () => {
    const { checks } = cellOf({ checks: { 'eu/api': { probe: hourly } } });
    expect(checks.filter(isHeartbeat).map(({ key }) => key)).toEqual(['eu/api']);
  });

  it('is up while the last success is young enough, its grace included', () => {
    expect(judge({ success: { at: ago(1) } })).toEqual({ vote: 'up', reason: 'ok', observedAt: now });
    expect(judge({ success: { at: ago(70) } })).toMatchObject({ vote: 'up' });
    const behindMs = (ms: number) => judge({ success: { at: ago(70) - ms } }).vote;
    expect([behindMs(CLOCK_TOLERANCE_MS), behindMs(CLOCK_TOLERANCE_MS + 1)]).toEqual(['up', 'down']);
    expect(judge({ success: { at: ago(71) } })).toEqual({
      vote: 'down',
      reason: 'beat-missing',
      detail: 'last heard at 2026-01-01 22:49Z, expected every 1 h, 10 min of grace',
      observedAt: now,
    });
  });

  it('is down at once when it says that it failed, until it succeeds', () => {
    const fail = { at: ago(5), exitCode: 3, message: 'disk full' };
    expect(judge({ success: { at: ago(20) }, fail })).toMatchObject({
      vote: 'down',
      reason: 'beat-failed',
      detail: 'failed at 2026-01-01 23:55Z: exit code 3, disk full',
    });
    expect(judge({ fail: { at: ago(5) }, start: { at: ago(1) } })).toMatchObject({
      reason: 'beat-failed',
      detail: 'failed at 2026-01-01 23:55Z',
    });
    expect(judge({ success: { at: ago(4) }, fail })).toMatchObject({ vote: 'up' });
    expect(judge({ success: { at: ago(5) }, fail })).toMatchObject({ vote: 'up' });
  });

  it('that began and did not end in time says so', () => {
    expect(judge({ success: { at: ago(20) }, start: { at: ago(10) } })).toMatchObject({ vote: 'up' });
    expect(judge({ success: { at: ago(80) }, start: { at: ago(10) } })).toMatchObject({
      vote: 'down',
      reason: 'beat-stuck',
      detail: 'began at 2026-01-01 23:50Z and did not end; last heard at 2026-01-01 22:40Z, expected every 1 h, 10 min of grace',
    });
  });

  it('that ended what it began, and is late, is only missing', () => {
    for (const start of [80, 81]) {
      expect(judge({ success: { at: ago(80) }, start: { at: ago(start) } })).toMatchObject({ reason: 'beat-missing' });
    }
  });

  it('by cron names its times', () => {
    const spec: HeartbeatSpec = { kind: 'heartbeat', cron: '0 3 * * *', timezone: 'Europe/Berlin', graceMs: 0 };
    expect(judge({ success: { at: ago(80) } }, spec).detail).toMatch(
      /expected at 0 3 \* \* \* \(Europe\/Berlin\), 0 s of grace$/,
    );
  });
});

describe('a heartbeat that never came', () => {
  const cell = cellOf({ checks: { 'eu/api': { probe: hourly } } });
  const startedAt = now;

  /** One vantage's ballots, a round each of these minutes; what it reads of the beat is the test's. */
  function ballots(minutes: number[], read: (at: number) => Observation) {
    let ballot: Ballot | undefined;
    const cast = minutes.map((minute) => {
      const at = startedAt + minute * 60_000;
      const seen = new Map([['eu/api', read(at)]]);
      ballot = mergeRun(cell, 'v0', ballot, { kind: 'round', startedAt: at, intervalsMs: [10_000], seen }).ballot;
      const { vote, reason, facts } = ballot.votes['eu/api'] ?? {};
      return { vote: `${vote} ${facts ? 'awaited' : ''}`.trim(), reason };
    });
    return { votes: cast.map(({ vote }) => vote), reasons: cast.map(({ reason }) => reason) };
  }
  const missing = (at: number) => judgeBeat(hourly, 'missing', at - HOUR_MS - 600_000, at);

  it('is awaited for as long as it may take, then down', () => {
    const { votes, reasons } = ballots([0, 30, 69, 70, 100], missing);
    expect(reasons).toEqual(['beat-awaited', 'beat-awaited', 'beat-awaited', 'beat-never', 'beat-never']);
    expect(votes).toEqual(['up awaited', 'up awaited', 'up awaited', 'down awaited', 'down awaited']);
  });

  it('is awaited from when it is missed, whatever was read before', () => {
    const read = (at: number) =>
      at === startedAt
        ? unreadableBeat('timeout', at)
        : at < startedAt + 20 * 60_000
          ? judgeBeat(hourly, { fail: { at } }, at - HOUR_MS, at)
          : missing(at);
    const { votes, reasons } = ballots([0, 10, 20, 89, 90], read);
    expect(reasons).toEqual(['beat-unreadable', 'beat-failed', 'beat-awaited', 'beat-awaited', 'beat-never']);
    expect(votes).toEqual(['abstain', 'down', 'up awaited', 'up awaited', 'down awaited']);
  });

  it('says since when it is awaited, and whether it ever began', () => {
    const run = (beat: Beat | 'missing') => {
      const round = (at: number, prior?: Ballot) => {
        const seen = new Map([['eu/api', judgeBeat(hourly, beat, at - HOUR_MS - 600_000, at)]]);
        return mergeRun(cell, 'v0', prior, { kind: 'round', startedAt: at, intervalsMs: [10_000], seen }).ballot;
      };
      return round(now + 2 * HOUR_MS, round(now)).votes['eu/api']?.detail;
    };
    expect(run('missing')).toBe('never heard; expected every 1 h, 10 min of grace, awaited since 2026-01-02 00:00Z');
    expect(run({ start: { at: now } })).toMatch(/^began at 2026-01-02 00:00Z and did not end; /);
  });

  it('is awaited no longer because nobody could read for a while', () => {
    const read = (at: number) => (at === startedAt + 30 * 60_000 ? unreadableBeat('timeout', at) : missing(at));
    expect(ballots([0, 30, 60, 75], read).reasons).toEqual(['beat-awaited', 'beat-unreadable', 'beat-awaited', 'beat-never']);
  });

  it('is up once it comes', () => {
    const read = (at: number) =>
      at < startedAt + 80 * 60_000 ? missing(at) : judgeBeat(hourly, { success: { at } }, at - HOUR_MS, at);
    expect(ballots([0, 75, 80], read).reasons).toEqual(['beat-awaited', 'beat-never', 'ok']);
  });
});
