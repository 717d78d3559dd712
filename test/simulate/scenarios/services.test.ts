/** What happens while parts of AWS, or of ourselves, are gone; and what people do meanwhile. */
import { describe, expect, it } from 'vitest';
import { begin } from './life.ts';

describe('Route 53', () => {
  it('cannot be reached: people are paged at once, told that the flip fails, and the node is out all the same, by its alarm', async () => {
    const life = begin();
    await life.till('5:00');
    life.lose('route53');
    life.down('n0');
    await life.till('5:50');
    expect([life.out(), life.pages()]).toEqual([[], ['n0 down']]);
    await life.till('6:30');
    expect(life.out()).toEqual(['n0']);
    await life.till('9:00');
    expect([life.switchOf('n0'), life.pages()]).toEqual(['in', expect.arrayContaining(['api/n0 flip-failed'])]);
  });

  it('is back: the flip is done, and nothing changes for anybody who asks', async () => {
    const life = begin();
    await life.till('5:00');
    const found = life.lose('route53');
    life.down('n0');
    await life.till('9:00');
    found();
    await life.till('12:00');
    expect([life.out(), life.switchOf('n0')]).toEqual([['n0'], 'out']);
  });

  it('was gone for a whole outage: the node is back two minutes after it is well, without any flip', async () => {
    const life = begin();
    await life.till('5:00');
    life.lose('route53');
    const over = life.down('n0');
    await life.till('8:00');
    expect(life.out()).toEqual(['n0']);
    over();
    await life.till('11:00');
    expect([life.out(), life.switchOf('n0')]).toEqual([[], 'in']);
  });

  it('was changed by hand: it is noticed, told and left so, until somebody restores it', async () => {
    const life = begin();
    await life.till('5:00');
    life.world.route53.byHand('api', 'n1', false);
    await life.till('10:00');
    expect([life.out(), life.pages()]).toEqual([['n1'], ['api/n1 foreign-hand']]);
    life.order({ kind: 'restore', node: 'n1' });
    await life.till('12:00');
    expect(life.out()).toEqual([]);
  });
});

describe('the metric that alarms follow', () => {
  const short = { records: { api: { members: ['n0', 'n1'], guard: { holdMs: 0 } } } };

  it('keeps a member out for a minute or two after its switch is back: nobody leaves for its sake until then', async () => {
    const life = begin(short);
    await life.till('5:00');
    const over = life.down('n0');
    await life.till('6:30');
    over();
    await life.till('7:00');
    expect([life.switchOf('n0'), life.out()]).toEqual(['in', ['n0']]);
    life.down('n1');
    await life.till('7:50');
    expect([life.out(), life.held('api/n1')]).toEqual([['n0'], 'minInService']);
    await life.till('9:50');
    expect(life.out()).toEqual(['n1']);
  });

  it('says nothing of a member that an old list shows out of service when the table has just been lost', async () => {
    const life = begin(short);
    await life.till('5:00');
    life.order({ kind: 'drain', node: 'n0' });
    await life.till('5:15');
    life.world.route53.byHand('api', 'n1', false);
    await life.till('5:20');
    life.order({ kind: 'restore', node: 'n0' });
    await life.till('7:17');
    expect([life.switchOf('n0'), life.out()]).toEqual(['in', ['n1']]);
    life.world.table.wipe();
    const shownAsTheyAre = life.often('route53 list lags', 1); // as they were two minutes ago
    life.order({ kind: 'unsilence', node: 'n0' }); // an arbiter wakes
    await life.till('7:20');
    expect(life.world.table.ledger()?.members['api/n0']).toMatchObject({ why: 'found out of service' });
    shownAsTheyAre();
    for (const clock of ['8:10', '9:10', '10:10', '11:10']) {
      await life.till(clock);
      expect(life.out()).not.toContain('n0');
    }
  });

  it('is lost before it says that a member is back: nobody leaves for its sake until it has said so', async () => {
    const life = begin(short);
    await life.till('5:00');
    const over = life.down('n0');
    await life.till('7:30');
    const found = life.lose('cloudwatch');
    over();
    await life.till('9:00');
    life.down('n1');
    await life.till('30:00');
    expect([life.switchOf('n0'), life.out()]).toEqual(['in', ['n0']]);
    found();
    await life.till('33:00');
    expect(life.out()).toEqual(['n1']);
  });

  it('had the last word when the table was emptied: the new ledger takes it back', async () => {
    const life = begin(short);
    await life.till('5:00');
    const found = life.lose('route53');
    const over = life.down('n0');
    await life.till('8:00');
    expect([life.switchOf('n0'), life.out()]).toEqual(['in', ['n0']]);
    life.world.table.wipe();
    over();
    found();
    await life.till('12:00');
    expect(life.out()).toEqual([]);
  });

  it('had the last word on a member that is taken off its record, and put back: it is taken back, too', async () => {
    const life = begin(short);
    await life.till('5:00');
    const found = life.lose('route53');
    const over = life.down('n1');
    await life.till('8:00');
    life.deploy(['a0', 'a1'], 'member removed');
    over();
    await life.till('14:00');
    expect([life.switchOf('n1'), life.out()]).toEqual(['in', ['n1']]);
    found();
    life.deploy(['a0', 'a1']);
    await life.till('18:00');
    expect(life.out()).toEqual([]);
  });
});

describe('SNS', () => {
  it('takes nothing: the node is out all the same, and the page follows', async () => {
    const life = begin();
    await life.till('5:00');
    life.world.weather.down.add('sns');
    life.down('n0');
    await life.till('6:00');
    expect([life.out(), life.pages()]).toEqual([['n0'], []]);
    life.world.weather.down.delete('sns');
    await life.till('9:00');
    expect(life.pages()).toEqual(['n0 down']);
  });
});

describe('the table', () => {
  it('is wiped while a node is out: the new ledger takes it over as out, and lets it back when it has proven itself', async () => {
    const life = begin();
    await life.till('5:00');
    const over = life.down('n0');
    await life.till('6:00');
    life.world.table.wipe();
    await life.till('7:00');
    expect(life.out()).toEqual(['n0']);
    over();
    await life.till('10:00');
    expect(life.out()).toEqual([]);
  });

  it('is down: nothing is decided, and an alarm says so', async () => {
    const life = begin();
    await life.till('5:00');
    life.world.weather.down.add('table');
    life.down('n0');
    await life.till('12:00');
    expect([life.out(), life.world.monitor.firing()]).toEqual([[], expect.arrayContaining(['blind'])]);
  });

  it('cannot say what people asked for: nothing is flipped until it can', async () => {
    const life = begin();
    await life.till('4:00');
    life.order({ kind: 'silence', node: 'n2', until: life.world.timeline.now() + 1_000 });
    await life.till('5:00');
    const readable = life.world.table.garble('acts');
    life.down('n0');
    await life.till('6:00');
    expect([life.out(), life.held('api/n0')]).toEqual([[], 'orders']);
    readable();
    await life.till('8:00');
    expect(life.out()).toEqual(['n0']);
  });
});

describe('an arbiter', () => {
  it('is lost with its region: the other goes on', async () => {
    const life = begin();
    life.world.weather.dead.add('a0');
    await life.till('5:00');
    life.down('n0');
    await life.till('5:40');
    expect([life.out(), life.pages()]).toEqual([['n0'], ['n0 down']]);
  });
});

describe('people', () => {
  it('drain a node, and it stays out however well it is, until they restore it', async () => {
    const life = begin();
    await life.till('5:00');
    life.order({ kind: 'drain', node: 'n0' });
    await life.till('9:00');
    expect(life.out()).toEqual(['n0']);
    life.order({ kind: 'restore', node: 'n0' });
    await life.till('11:00');
    expect(life.out()).toEqual([]);
  });

  it('pause everything: pages go out, switches stay', async () => {
    const life = begin();
    await life.till('5:00');
    life.order({ kind: 'pause', until: life.world.timeline.now() + 120_000 });
    await life.till('5:05');
    life.down('n0');
    await life.till('6:30');
    expect([life.out(), life.pages()]).toEqual([[], ['n0 down']]);
    await life.till('9:00');
    expect(life.out()).toEqual(['n0']);
  });

  it('silence a node: it is taken out, and pages nobody', async () => {
    const life = begin();
    await life.till('5:00');
    life.order({ kind: 'silence', node: 'n0', until: life.world.timeline.now() + 600_000 });
    await life.till('5:10');
    life.down('n0');
    await life.till('8:00');
    expect([life.out(), life.pages()]).toEqual([['n0'], []]);
  });

  it('acknowledge: nobody else is paged', async () => {
    const life = begin();
    await life.till('5:00');
    life.down('n0');
    await life.till('6:00');
    const [incident = ''] = Object.keys(life.world.table.ledger()?.incidents ?? {});
    life.order({ kind: 'acknowledge', incident });
    await life.till('14:00');
    expect(life.pages()).toEqual(['n0 down']);
  });

  it('cannot force out the last one that serves', async () => {
    const life = begin({ nodes: 2 });
    await life.till('5:00');
    life.down('n0');
    await life.till('6:00');
    const until = life.world.timeline.now() + 600_000;
    life.order({ kind: 'force', node: 'n1', inService: false, until, reason: 'maintenance' });
    await life.till('8:00');
    expect([life.out(), life.held('api/n1')]).toEqual([['n0'], 'minInService']);
  });
});
