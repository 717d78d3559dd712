import { describe, expect, test } from 'vitest';
import { addressOf, type Scenario, scenario } from './scenario.ts';

const NODES = ['alpha', 'beta'] as const;
const ALPHA = addressOf(NODES, 'alpha');
const BETA = addressOf(NODES, 'beta');

describe.concurrent("a database that is gone is not a database that says 'nothing' (NodeCraft, 2016-06-24)", () => {
  // A missing ledger is a new one, not "all down" and not "all up": who was out stays out until it has proven itself.
  test('the table goes away while a member is out, and comes back empty', async (context) => {
    const here = await scenario(context, { nodes: NODES });
    await here.nodes.alpha.kill();
    await here.answers(BETA);
    await here.told('page: alpha down');
    await here.told('api: alpha out');
    await here.faults({ effect: 'table-down' });
    await here.told('page: blind blind');

    const blind = here.events.length;
    await here.faults({ effect: 'table-wiped' });
    await here.told('page: blind recovered');
    await here.told('page: alpha down', blind);
    await here.rounds(4);
    expect(here.acts(blind).sort()).toEqual(['alpha: up → down', 'page: alpha down', 'page: blind recovered']);
    expect(await here.dig()).toEqual([BETA]);
    const [record] = (await here.status()).records;
    expect(record?.members[0]).toMatchObject({ node: 'alpha', inService: false, why: 'found out of service' });

    const started = here.events.length;
    await here.nodes.alpha.start();
    await here.answers(ALPHA);
    await here.told('api: alpha in');
    await here.rounds(2);
    expect(here.acts(started)).toEqual(['alpha: down → up', 'page: alpha recovered', 'api: alpha in']);
    const [first, second] = here.of('page').filter(({ state }) => state === 'down');
    expect(second?.incident).not.toBe(first?.incident);
  });

  // Nobody can decide without the table: nothing is done, and people are told so by a path that does not need it.
  test('the table goes away while a node dies, and comes back', async (context) => {
    const here = await scenario(context, { nodes: NODES });
    await here.faults({ effect: 'table-down' });
    await here.nodes.alpha.kill();
    await here.told('page: blind blind');
    expect(here.story()).toEqual(['page: blind blind']);
    expect(await here.dig()).toEqual([ALPHA]);
    const { table, nodes } = await here.status();
    expect([table, ...nodes.map(({ verdict }) => verdict)]).toEqual(['unreachable', 'unknown', 'unknown']);

    await here.faults();
    await here.answers(BETA);
    await here.told('page: blind recovered');
    await here.told('api: alpha out');
    await here.rounds(3);
    expect(here.acts().sort()).toEqual([
      'alpha: up → down',
      'api: alpha out',
      'page: alpha down',
      'page: blind blind',
      'page: blind recovered',
    ]);
  });
});

async function stateOf(here: Scenario<string>, vantage: string): Promise<string> {
  const { vantages, nodes } = await here.status();
  const vote = nodes[0]?.checks[0]?.votes[vantage];
  return `${vantages.find(({ id }) => id === vantage)?.state}, ${vote?.vote} ${vote?.reason}`;
}

describe.concurrent('vantages that fall silent', () => {
  // N never shrinks because voters are silent, and the others still are a quorum: verdicts stay, and a real outage is seen (L7).
  test('one is dead and one is late: the other three go on', async (context) => {
    const here = await scenario(context, { nodes: NODES, vantages: 5 });
    const [ca, sa] = ['ca-central-1', 'sa-east-1'];
    await here.faults({ vantage: ca, effect: 'dead' }, { vantage: sa, effect: 'late' });
    await here.until('one is late', async () => (await stateOf(here, sa)) === 'abstaining, abstain late');
    await here.until('one is stale', async () => (await stateOf(here, ca)) === 'stale, abstain stale');
    const { nodes } = await here.status();
    expect(nodes.map(({ verdict }) => verdict)).toEqual(['up', 'up']);

    await here.nodes.alpha.kill();
    await here.answers(BETA);
    // Who begins its rounds late may still be in time with a second opinion.
    const down = await here.until('alpha is paged', () => here.of('page').find(({ incident }) => incident.endsWith('alpha')));
    expect(down.subject).toMatch(/^alpha DOWN .*, [34]\/5 regions$/);
    await here.told(`page: silent/${ca} silent`);
    await here.told('api: alpha out');
    expect(here.acts().sort()).toEqual(['alpha: up → down', 'api: alpha out', 'page: alpha down', `page: silent/${ca} silent`]);
  });

  // A vantage without network can neither see the nodes nor say so: nobody hears a lie.
  test('one is isolated, the table is wiped meanwhile, and it comes back', async (context) => {
    const here = await scenario(context, { nodes: NODES });
    const [, us = ''] = here.vantages;
    await here.faults({ vantage: us, effect: 'isolated' });
    await here.until('it is stale', async () => (await stateOf(here, us)) === 'stale, abstain stale');
    await here.faults({ vantage: us, effect: 'isolated' }, { effect: 'table-wiped' });
    await here.until('it is missing', async () => (await stateOf(here, us)) === 'missing, abstain missing');
    await here.until('the others are heard', async () => (await here.status()).nodes.every(({ verdict }) => verdict === 'up'));
    await here.faults();
    await here.until('it is heard', async () => (await stateOf(here, us)) === 'up, up ok');
    await here.rounds(1);
    expect(here.acts().filter((line) => !line.startsWith(`page: silent/${us}`))).toEqual([]);
  });
});

describe.concurrent('what is owed while a service is down', () => {
  // L3: people are told in time although Route 53 does not answer, then that it does not, and the flip is made up for.
  test("Route 53's control plane is down while a node is", async (context) => {
    const here = await scenario(context, { nodes: NODES });
    await here.faults({ effect: 'route53-down' });
    await here.nodes.alpha.kill();
    await here.until('alpha is paged', () => here.of('page')[0]?.state === 'down');
    const failed = await here.until('the flip is reported', () => here.of('page')[1]);
    expect(failed).toMatchObject({ state: 'flip-failed', incident: expect.stringMatching(/-flip-failed-api-alpha$/) });
    expect(failed.subject).toBe('FLIP FAILED: alpha cannot be put out of service: route53: the control plane does not answer');
    expect(await here.dig()).toEqual([ALPHA]);

    await here.faults();
    await here.answers(BETA);
    await here.told('api: alpha out');
    await here.rounds(2);
    expect(here.acts()).toEqual([
      'alpha: up → down',
      'page: alpha down',
      'page: flip-failed-api-alpha flip-failed',
      'api: alpha out',
    ]);
  });

  // DNS does not wait for people, and people do not lose the page.
  test('SNS is down while a node is', async (context) => {
    const here = await scenario(context, { nodes: NODES });
    await here.faults({ effect: 'sns-down' });
    await here.nodes.alpha.kill();
    await here.answers(BETA);
    await here.rounds(2);
    expect(here.of('page')).toEqual([]);

    await here.faults();
    await here.told('page: alpha down');
    await here.rounds(2);
    expect(here.acts()).toEqual(['alpha: up → down', 'api: alpha out', 'page: alpha down']);
  });
});
