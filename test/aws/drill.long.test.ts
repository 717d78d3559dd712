import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { functionsOf, openWorld, TICK, VANTAGES, type World } from './world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await world.close();
});

it('a fire drill goes through the deployed functions: act, arbiter, queues, probers, ballots, page; no hook, no flip', async () => {
  const { deployed, hooks } = world;
  const { arbiter, prober, probeAll } = functionsOf(world);
  const inbox = (region: string) => deployed.aws.sqs.messages(deployed.vantageQueue(region)).map(({ body }) => JSON.parse(body));
  await deployed.settle();
  await probeAll();
  await deployed.store.appendAct({ kind: 'drill', at: Date.now(), by: 'ana', tier: 1, flip: false, hooks: false });
  await arbiter('us-east-2')(TICK);
  await Promise.all(
    VANTAGES.map(async (region) => {
      const [now, again, ...others] = inbox(region).filter(({ kind }) => kind === 'drill');
      expect([again.lookAfter - now.lookAfter, others]).toEqual([4_000, []]);
      await prober(region)(now, again);
    }),
  );
  // Down and paged; through; over.
  for (let ticks = 0; ticks < 3; ticks++) await arbiter('us-east-2')(TICK);
  expect(await deployed.store.readLedger()).toMatchObject({
    drill: { ended: 'through', hops: { asked: expect.any(Number), down: expect.any(Number), paged: expect.any(Number) } },
    nodes: {},
  });
  expect(deployed.aws.sns.published.map(({ subject }) => subject)).toEqual([
    expect.stringMatching(/^DRILL DOWN \S+, 3\/3 regions$/),
    'UP: the fire drill DRILL is over',
  ]);
  expect([...deployed.switches.values()].map(({ version }) => version)).toEqual([1, 1]);
  expect(hooks()).toEqual([]);
});
