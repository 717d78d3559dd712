import { describe, expect, it } from 'vitest';
import { systemClock } from '../../lib/local/clock.ts';
import type { Clock } from '../../lib/ports.ts';
import { createManualClock } from '../clock.ts';

describe('manual clock', () => {
  it('wakes sleepers at their due times, earliest first, and lets each sleep again on the way', async () => {
    const clock = createManualClock(0);
    const woken: string[] = [];
    const everyTen = async () => {
      for (;;) {
        await clock.sleep(10);
        woken.push(`ten@${clock.now()}`);
      }
    };
    void everyTen();
    void clock.sleep(15).then(() => woken.push(`fifteen@${clock.now()}`));
    await clock.advance(30);
    expect(woken).toEqual(['ten@10', 'fifteen@15', 'ten@20', 'ten@30']);
    expect(clock.now()).toBe(30);
    expect(clock.sleepers()).toBe(1);
  });
});

describe.each<[string, () => Clock]>([
  ['manual', () => createManualClock()],
  ['system', () => systemClock],
])('%s clock', (_, createClock) => {
  it('ends an aborted sleep with an AbortError, also when it was aborted before', async () => {
    const clock = createClock();
    const stop = new AbortController();
    const sleep = clock.sleep(60_000, stop.signal);
    stop.abort();
    await expect(sleep).rejects.toMatchObject({ name: 'AbortError' });
    await expect(clock.sleep(60_000, stop.signal)).rejects.toMatchObject({ name: 'AbortError' });
  });
});
