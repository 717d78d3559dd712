/** What is demanded once everything works again, in lives that once failed it. */
import { describe, expect, it } from 'vitest';
import { begin } from './life.ts';

describe('after the healing', () => {
  it.each([1, 2, 3, 4])('who took in a silence what comes and goes is not paged when it comes again (%i)', async (seed) => {
    const life = begin({ seed, records: { api: { members: ['n0'] } } });
    await life.till('4:50');
    life.order({ kind: 'silence', node: 'n0', until: life.world.timeline.now() + 240_000 });
    for (const [down, up] of [
      ['5:00', '6:00'],
      ['7:00', '8:00'],
    ] as const) {
      await life.till(down);
      const over = life.down('n0');
      await life.till(up);
      over();
    }
    await life.till('8:30');
    const [incident = ''] = Object.keys(life.world.table.ledger()?.incidents ?? {});
    life.order({ kind: 'acknowledge', incident });
    await life.till('9:00');
    expect(life.pages()).toEqual([]);
    expect(life.world.table.ledger()?.incidents[incident]?.ackedAt).toBeDefined();
    await life.heals();
  });
});
