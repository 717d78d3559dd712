/** What happens while Route 53, SNS or people are at odds with what was decided. */
import { describe, expect, it } from 'vitest';
import { begin } from './life.ts';

describe('Route 53', () => {
  it('throttles half of all calls: the flip is done all the same', async () => {
    const life = begin();
    await life.till('5:00');
    life.often('route53 throttled', 0.5);
    life.down('n0');
    await life.till('9:00');
    expect(life.out()).toEqual(['n0']);
  });

  it('applies every flip and never says so: it is not done twice, and nobody is told of a hand', async () => {
    const life = begin();
    await life.till('5:00');
    const over = life.often('route53 applied, but timed out', 1);
    life.down('n0');
    await life.till('7:00');
    over();
    await life.till('12:00');
    expect([life.out(), life.pages().filter((page) => page.endsWith('foreign-hand'))]).toEqual([['n0'], []]);
  });

  it('is written by somebody else between our read and our update: it is read again, and nothing is overwritten', async () => {
    const life = begin();
    await life.till('5:00');
    life.often('route53 version mismatch', 0.5);
    life.down('n0');
    await life.till('9:00');
    expect(life.out()).toEqual(['n0']);
  });

  it('takes up to twelve seconds for an answer: pages do not wait for it', async () => {
    const life = begin();
    await life.till('5:00');
    life.often('route53 slow', 1);
    life.down('n0');
    await life.till('6:00');
    expect(life.pages()).toEqual(['n0 down']);
    await life.till('12:00');
    expect(life.out()).toEqual(['n0']);
  });

  it('loses its control plane while a node comes back: it is told, and done when it can be', async () => {
    const life = begin();
    await life.till('5:00');
    const over = life.down('n0');
    await life.till('6:30');
    const back = life.lose('route53');
    over();
    await life.till('12:00');
    expect([life.out(), life.pages()]).toEqual([['n0'], expect.arrayContaining(['api/n0 flip-failed'])]);
    back();
    await life.till('14:00');
    expect(life.out()).toEqual([]);
  });

  it("lists what was two minutes ago: our own flips are taken for nobody else's", async () => {
    const life = begin();
    await life.till('5:00');
    life.often('route53 list lags', 1);
    const over = life.down('n0');
    await life.till('9:00');
    expect([life.out(), life.pages()]).toEqual([['n0'], ['n0 down']]);
    over();
    await life.till('16:00');
    expect([life.out(), life.pages()]).toEqual([[], ['n0 down', 'n0 recovered']]);
  });

  it('is read as it was two minutes ago: a member that still is out is not taken for back, and the rest stays', async () => {
    const life = begin({ nodes: 2 });
    const force = (node: string, inService: boolean) =>
      life.order({ kind: 'force', node, inService, until: life.world.timeline.now() + 600_000, reason: 'because' });
    await life.till('5:00');
    force('n1', false);
    await life.till('6:20');
    life.often('route53 read lags', 1);
    force('n1', true);
    force('n0', false);
    await life.till('12:00');
    expect(life.out()).toEqual(['n0']);
  });

  it('is changed by hand while a flip is on its way: the hand wins or the flip does, and the ledger knows which', async () => {
    const life = begin();
    await life.till('4:55');
    life.trap('arbiter read: after', 15);
    life.down('n0');
    await life.till('5:20');
    life.world.route53.byHand('api', 'n0', false);
    await life.till('12:00');
    expect([life.out(), life.world.table.ledger()?.members['api/n0']?.inService]).toEqual([['n0'], false]);
  });
});

describe('SNS', () => {
  it('publishes and times out: people may hear twice, never not at all', async () => {
    const life = begin();
    await life.till('5:00');
    life.often('sns timeout after publish', 0.5);
    life.down('n0');
    await life.till('8:00');
    expect(new Set(life.pages())).toEqual(new Set(['n0 down']));
  });

  it('fails every other time: the page comes late, once', async () => {
    const life = begin();
    await life.till('5:00');
    life.often('sns fails', 0.5);
    life.down('n0');
    await life.till('8:00');
    expect(life.pages()).toEqual(['n0 down']);
  });
});

describe('people', () => {
  it('drain a node for a while: it is back when that is over', async () => {
    const life = begin();
    await life.till('5:00');
    life.order({ kind: 'drain', node: 'n0', until: life.world.timeline.now() + 120_000 });
    await life.till('6:30');
    expect(life.out()).toEqual(['n0']);
    await life.till('9:00');
    expect(life.out()).toEqual([]);
  });

  it('flip a switch by hand, and drain the node for a while: what the hand did outlives the drain', async () => {
    const life = begin();
    await life.till('5:00');
    life.world.route53.byHand('api', 'n0', false);
    await life.till('9:00');
    life.order({ kind: 'drain', node: 'n0', until: life.world.timeline.now() + 60_000 });
    await life.till('14:00');
    expect(life.out()).toEqual(['n0']);
  });

  it('ask for the opposite at the same moment: one of them is done, and stays', async () => {
    const life = begin();
    await life.till('5:00');
    const until = life.world.timeline.now() + 600_000;
    life.order({ kind: 'force', node: 'n0', inService: false, until, reason: 'disk' });
    life.order({ kind: 'force', node: 'n0', inService: true, until, reason: 'no' });
    await life.till('7:00');
    const out = life.out();
    await life.till('12:00');
    expect(life.out()).toEqual(out);
  });

  it('restore a node while its arbiter is about to take it out: the order binds the next decision', async () => {
    const life = begin();
    await life.till('4:55');
    life.trap('arbiter update: before', 30);
    const over = life.down('n0');
    await life.till('5:25');
    over();
    life.order({ kind: 'restore', node: 'n0' });
    await life.till('9:00');
    expect([life.verdict('n0/api'), life.out()]).toEqual(['up', []]);
  });

  it('acknowledge and withdraw it: it is paged on', async () => {
    const life = begin();
    await life.till('5:00');
    life.down('n0');
    await life.till('6:00');
    const [incident = ''] = Object.keys(life.world.table.ledger()?.incidents ?? {});
    life.order({ kind: 'acknowledge', incident });
    await life.till('8:00');
    life.order({ kind: 'unacknowledge', incident });
    await life.till('9:30');
    expect(life.pages().length).toBeGreaterThan(1);
  });
});
