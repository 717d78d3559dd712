import { describe, expect, it } from 'vitest';
import type { Cell } from '../../lib/core/cell.ts';
import type { QuorumEvent } from '../../lib/core/events.ts';
import type { Page } from '../../lib/core/ledger.ts';
import type { Message } from '../../lib/core/messages.ts';
import { watchMetrics } from '../../lib/local/metrics.ts';
import { createManualClock } from '../clock.ts';

const ROUND = 10_000;
const vantages = ['a', 'b', 'c'];
const cell = {
  intervalMs: ROUND,
  vantages,
  arbiters: ['elsewhere'],
  quorum: 2,
  checks: [{ intervalMs: ROUND, timeoutMs: 1_000, attempts: 2, vantages }],
} as unknown as Cell;

/** A local run's alarms, with arbiters that publish each round what they hear. */
function watched({ inboxFails = false } = {}) {
  const clock = createManualClock(3_000);
  const pages: { page: Page; message: Message }[] = [];
  const events: QuorumEvent[] = [];
  const inbox = {
    async publish(page: Page, message: Message) {
      if (inboxFails) throw new Error('no SNS');
      pages.push({ page, message });
    },
  };
  const emit = (event: QuorumEvent) => void events.push(event);
  const metrics = watchMetrics({ cell, clock, arbiters: ['r1', 'r2'], inbox, emit });
  /** Rounds in which these vantages are heard, told by these arbiters. */
  async function rounds(count: number, heard: string[], arbiters = ['r1', 'r2']): Promise<void> {
    for (let round = 0; round < count; round += 1) {
      for (const region of arbiters) {
        await metrics.put([{ name: 'Tick', value: 1, dimensions: { region } }]);
        await metrics.put([{ name: 'Web', value: 1, dimensions: { region } }]);
        await metrics.put([{ name: 'Heard', value: heard.length, dimensions: {} }]);
        for (const vantage of vantages)
          await metrics.put([{ name: 'BallotAge', value: heard.includes(vantage) ? 5 : 500, dimensions: { vantage } }]);
      }
      await clock.advance(ROUND);
    }
  }
  return { clock, pages, events, metrics, rounds, told: () => pages.map(({ page }) => `${page.incident} ${page.state}`) };
}

describe('local alarms', () => {
  it('page nobody while all is well, nor while a new system gets going', async () => {
    const { rounds, told } = watched();
    await rounds(4, []);
    await rounds(20, vantages);
    expect(told()).toEqual([]);
  });

  it('page blindness after three rounds without a quorum, once, and once that it is over', async () => {
    const { rounds, told, pages } = watched();
    await rounds(6, vantages);
    await rounds(2, ['a']);
    expect(told()).toEqual([]);
    await rounds(1, ['a']);
    expect(told()).toEqual(['blind blind']);
    await rounds(10, ['a']);
    await rounds(10, vantages);
    expect(told()).toEqual(['blind blind', 'blind recovered']);
    expect(pages[0]?.message.text).toBe(
      'BLIND: fewer than 2 of 3 vantages are heard: nothing is decided, paged or flipped (also silent/b, silent/c). Look at the voting table first, then at the log..',
    );
  });

  it('page blindness when everything falls silent: no arbiter is needed for it', async () => {
    const { clock, rounds, told, metrics } = watched();
    await rounds(6, vantages);
    await clock.advance(6 * ROUND);
    expect(told()).toEqual(['blind blind']);
    await clock.advance(20 * ROUND);
    await rounds(5, vantages);
    expect(told()).toEqual(['blind blind', 'blind recovered']);
    await metrics.close();
  });

  it('page a vantage that is silent and an arbiter that is dead, each for itself', async () => {
    const { rounds, told } = watched();
    await rounds(6, vantages);
    await rounds(10, ['a', 'b'], ['r2']);
    expect(told()).toEqual(['silent/c silent', 'tick/r1 silent']);
    await rounds(5, vantages);
    expect(told()).toEqual(['silent/c silent', 'tick/r1 silent', 'silent/c recovered', 'tick/r1 recovered']);
  });

  it('see no blindness while one arbiter hears a quorum, though another hears nobody', async () => {
    const { clock, rounds, metrics, told } = watched();
    await rounds(6, vantages);
    for (let round = 0; round < 8; round += 1) {
      for (const region of ['r1', 'r2']) await metrics.put([{ name: 'Tick', value: 1, dimensions: { region } }]);
      await metrics.put([{ name: 'Web', value: 1, dimensions: { region: 'r1' } }]);
      for (const vantage of vantages) await metrics.put([{ name: 'BallotAge', value: 5, dimensions: { vantage } }]);
      await metrics.put([{ name: 'Heard', value: 3, dimensions: {} }]);
      await metrics.put([{ name: 'Heard', value: 0, dimensions: {} }]);
      await clock.advance(ROUND);
    }
    expect(told()).toEqual([]);
  });

  it('say so in the events, with the datapoints', async () => {
    const { rounds, events } = watched();
    await rounds(6, vantages);
    await rounds(3, []);
    expect(events).toMatchObject([
      { event: 'note', text: 'alarm blind: ALARM, Heard 0, 0, 0 in periods of 10 s (at least 2 expected)' },
      { event: 'page', incident: 'blind', state: 'blind', tier: 1, attempt: 1 },
    ]);
  });

  it('that reach nobody are noted, and are no page', async () => {
    const { rounds, events } = watched({ inboxFails: true });
    await rounds(6, vantages);
    await rounds(3, []);
    expect(events.map((event) => event.event)).toEqual(['note', 'note']);
    expect(events[1]).toMatchObject({ text: 'alarm blind reached nobody: no SNS' });
  });

  it('leave nothing running once closed', async () => {
    const { clock, rounds, told, metrics } = watched();
    await rounds(6, vantages);
    await metrics.close();
    expect(clock.sleepers()).toBe(0);
    await clock.advance(20 * ROUND);
    expect(told()).toEqual([]);
  });

  it('do not count a period twice when a timer fires early', async () => {
    const { clock, metrics, told } = watched();
    const early = createManualClock(3_000);
    const pages: string[] = [];
    const hasty = watchMetrics({
      cell,
      clock: { now: early.now, sleep: (ms, signal) => early.sleep(Math.max(1, ms - 1), signal) },
      arbiters: [],
      inbox: { publish: async (page) => void pages.push(page.state) },
      emit: () => {},
    });
    await early.advance(5 * ROUND);
    expect(pages).toEqual([]);
    await early.advance(ROUND);
    expect(pages).toEqual(['blind']);
    await Promise.all([hasty.close(), metrics.close()]);
    expect([clock.sleepers(), told()]).toEqual([0, []]);
  });
});
