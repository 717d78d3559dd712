/** What happens while several configurations, or several releases, run at once. */
import { describe, expect, it } from 'vitest';
import { begin } from './life.ts';

const ALL = ['v0', 'v1', 'v2', 'v3', 'a0', 'a1'];

describe('a roll-out', () => {
  it('that adds a vantage in the middle of an outage goes on with the same incident', async () => {
    const life = begin();
    await life.till('5:00');
    life.down('n0');
    await life.till('6:00');
    life.deploy(['v0', 'v3', 'a0'], 'vantage added');
    await life.till('6:30');
    life.deploy(ALL, 'vantage added');
    await life.till('9:00');
    expect([life.verdict('n0/api'), life.out(), life.pages()]).toEqual(['down', ['n0'], ['n0 down']]);
  });

  it('that removes a vantage in the middle of an outage goes on with the same incident', async () => {
    const life = begin();
    life.deploy(ALL, 'vantage added');
    await life.till('5:00');
    life.down('n0');
    await life.till('6:00');
    life.deploy(['v1', 'v2', 'a1']);
    await life.till('6:30');
    life.deploy(ALL);
    await life.till('9:00');
    expect([life.verdict('n0/api'), life.out(), life.pages()]).toEqual(['down', ['n0'], ['n0 down']]);
  });

  it('that stands still half-way leaves no arbiter able to flip by the smaller half', async () => {
    const life = begin();
    await life.till('5:00');
    life.deploy(['a0', 'a1', 'v0'], 'vantage added');
    await life.till('6:00');
    life.down('n0');
    await life.till('8:00');
    expect(life.out()).toEqual([]);
    life.deploy(ALL, 'vantage added');
    await life.till('10:00');
    expect(life.out()).toEqual(['n0']);
  });

  it('that has reached the arbiters alone takes nobody out, although all votes that it takes are listed', async () => {
    const life = begin();
    await life.till('5:00');
    life.world.nature.trouble({ checks: new Set(['n1/api']), vote: 'degraded' });
    life.deploy(['a0', 'a1'], 'node removed');
    await life.till('6:00');
    life.down('n0');
    await life.till('8:00');
    expect([life.verdict('n0/api'), life.out(), life.held('api/n0')]).toEqual(['down', [], 'rollout']);
    life.deploy(ALL, 'node removed');
    await life.till('10:00');
    expect(life.out()).toEqual(['n0']);
  });

  it('that is rolled back changes nothing', async () => {
    const life = begin();
    await life.till('5:00');
    life.deploy(['a0', 'v0', 'v1'], 'vantage added');
    await life.till('6:00');
    life.deploy(ALL);
    await life.till('8:00');
    expect([life.out(), life.pages()]).toEqual([[], []]);
    life.down('n0');
    await life.till('9:00');
    expect(life.out()).toEqual(['n0']);
  });

  it('that removes a node which is down closes its incident', async () => {
    const life = begin();
    await life.till('5:00');
    life.down('n2');
    await life.till('6:00');
    life.deploy(ALL, 'node removed');
    await life.till('12:00');
    expect(Object.keys(life.world.table.ledger()?.nodes ?? {})).toEqual([]);
    expect(life.pages()).toEqual(['n2 down', 'n2 recovered']);
  });
});

describe('an older release', () => {
  it('that takes a member off its record while it is out leaves its switch, and the guard does without it', async () => {
    const life = begin({ nodes: 3 });
    await life.till('5:00');
    life.down('n2');
    await life.till('6:00');
    life.deploy(['a0', 'a1'], 'member removed');
    await life.till('10:00');
    expect([life.out(), life.verdict('n2/api')]).toEqual([['n2'], 'down']);
    life.down('n1');
    await life.till('11:00');
    life.down('n0');
    await life.till('15:00');
    expect([life.out(), life.held('api/n0')]).toEqual([['n1', 'n2'], 'minInService']);
  });

  it('that takes a member off its record at one arbiter alone lets no other member out in its stead', async () => {
    const life = begin({ nodes: 2 });
    await life.till('5:00');
    life.down('n1');
    await life.till('6:00');
    expect(life.out()).toEqual(['n1']);
    life.deploy(['a0'], 'member removed');
    life.down('n0');
    await life.till('15:00');
    expect(life.out()).toEqual(['n1']);
    life.deploy(['a0']);
    await life.till('20:00');
    expect(life.out()).toEqual(['n1']);
  });

  it('that cannot read the new ledger leaves everything to the new one', async () => {
    const life = begin();
    life.world.weather.olderReleases.add('a0');
    await life.till('5:00');
    life.down('n0');
    await life.till('6:00');
    expect([life.out(), life.pages()]).toEqual([['n0'], ['n0 down']]);
  });

  it('whose probers ask one check fewer lets nobody back who is out: it says nothing of what it does not list', async () => {
    const life = begin();
    const older = life.often('ballot of an older release', 1);
    life.world.route53.byHand('api', 'n0', false); // before the ledger is born: it is found so
    await life.till('6:00');
    expect(life.out()).toEqual(['n0']);
    older();
    await life.till('9:00');
    expect(life.out()).toEqual([]);
  });
});
