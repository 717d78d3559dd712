import { describe, expect, test } from 'vitest';
import { redirecting } from './public-node.ts';
import { addressOf, entries, scenario } from './scenario.ts';

const NODES = ['alpha', 'beta'] as const;
const ALPHA = addressOf(NODES, 'alpha');
const BETA = addressOf(NODES, 'beta');

describe.concurrent('what a quorum and the guard hold back', () => {
  // An empty answer helps nobody: the last one stays in, people are told why, and whoever is right first answers at once.
  test('the last member goes down too, and another returns long before its hold is over', async (context) => {
    const here = await scenario(context, { nodes: NODES, hold: '1h' });
    await here.nodes.alpha.kill();
    await here.answers(BETA);
    await here.told('api: alpha out');
    await here.nodes.beta.kill();
    await here.told('page: beta down');
    await here.rounds(2);
    expect(await here.dig()).toEqual([BETA]);
    expect(here.acts()).toEqual([
      'alpha: up → down',
      'page: alpha down',
      'api: alpha out',
      'beta: up → down',
      'api: beta held by minInService',
      'page: beta down',
    ]);
    expect(here.of('page')[1]?.text).toMatch(/refused.* Still in api\.example\.test \(minInService\)/);

    const started = here.events.length;
    await here.nodes.alpha.start();
    await here.answers(ALPHA);
    await here.told('api: beta out');
    await here.rounds(1);
    expect(here.acts(started)).toEqual(['alpha: down → up', 'page: alpha recovered', 'api: alpha in', 'api: beta out']);
  });

  // Two regions that lost their way to a node are their problem, not the node's.
  test('a minority of the vantages is cut off', async (context) => {
    const here = await scenario(context, { nodes: NODES, vantages: 5 });
    const cut = ['us-east-2', 'sa-east-1'];
    await here.faults(...cut.map((vantage) => ({ vantage, node: 'alpha', effect: 'unreachable' as const })));
    const check = await here.until('alpha is partial', async () => {
      const [alpha] = (await here.status()).nodes;
      return (
        alpha?.verdict === 'partial' && alpha.checks.find(({ votes }) => cut.every((vantage) => votes[vantage]?.vote === 'down'))
      );
    });
    const said = Object.entries(check.votes).map(([vantage, { vote, reason }]) => `${vantage} ${vote} ${reason}`);
    expect(said).toEqual([
      'eu-west-1 up ok',
      'us-east-2 down connect-failed',
      'ap-northeast-1 up ok',
      'ca-central-1 up ok',
      'sa-east-1 down connect-failed',
    ]);
    // Longer than a real outage would take.
    await here.rounds(4);
    expect((await here.status()).nodes.map(({ verdict }) => verdict)).toEqual(['partial', 'up']);
    expect(await here.dig()).toEqual([ALPHA]);

    await here.faults();
    await here.until('alpha is up', async () => (await here.status()).nodes[0]?.verdict === 'up');
    await here.until('the ledger says so', () => here.of('transition').at(-1)?.to === 'up');
    await here.rounds(1);
    expect(here.acts()).toEqual(['alpha: up → partial', 'alpha: partial → up']);
  });

  test('all go down at once: nobody is taken out, and the first that is right again answers', async (context) => {
    const here = await scenario(context, { nodes: NODES, hold: '1h' });
    await Promise.all([here.nodes.alpha.kill(), here.nodes.beta.kill()]);
    await here.until('both are paged, together', () => here.of('page').length === 1);
    await here.rounds(2);
    expect(await here.dig()).toEqual([ALPHA]);
    expect(here.acts().sort()).toEqual([
      'alpha: up → down',
      'api: alpha held by minInService',
      'api: beta held by minInService',
      'beta: up → down',
      'page: digest down',
    ]);

    const started = here.events.length;
    await here.nodes.beta.start();
    await here.answers(BETA);
    await here.told('api: alpha out');
    await here.rounds(1);
    expect(here.acts(started)).toEqual(['beta: down → up', 'api: alpha out']); // people hear of the end when both are back
  });
});

const REDIRECTING = ['target', 'elsewhere', 'metadata', 'renamed', 'kept', 'dropped'] as const;

describe.concurrent('a witness and its failover script (Steem, 2018-07-28)', () => {
  // The script's only reference node had moved, and nobody heard of it. What a redirect does is said, and none leads where the
  // configuration did not: a probe in a Lambda must not be sent to its own runtime or to the metadata service.
  test('nodes that redirect', async (context) => {
    const post = 'type: http, path: /rpc, method: POST, body: \'{"id":1}\'';
    const checks = { kept: post, dropped: post } as Record<string, string>;
    const here = await scenario(context, {
      nodes: REDIRECTING,
      yaml: (nodes) => `
nodes:${entries(nodes, ([node, { url }]) => `${node}: { url: "${url}", checks: { api: { ${checks[node] ?? 'type: http'} } } }`)}`,
    });
    const { target, elsewhere, metadata, renamed, kept, dropped } = here.nodes;
    elsewhere.answer(redirecting(302, 'http://other.example.org/'));
    metadata.answer(redirecting(301, 'http://169.254.169.254/latest/meta-data/'));
    renamed.answer(redirecting(308, `http://localhost:${target.port}/renamed`));
    kept.answer(redirecting(307, `${target.url}/kept`));
    dropped.answer(redirecting(301, `${target.url}/dropped`));

    await here.until('four are paged', () => here.of('page')[0]?.subject.startsWith('4 nodes DOWN'));
    await here.until('the POST arrived', () => target.requests().includes('POST /kept {"id":1}'));
    await here.rounds(1);
    const { nodes } = await here.status();
    const said = nodes.map(({ id, verdict, checks: [check] }) => {
      const votes = Object.values(check?.votes ?? {}).map(({ vote, reason, detail }) => `${vote} ${reason}: ${detail}`);
      return [id, verdict, ...new Set(votes)];
    });
    expect(said).toEqual([
      ['target', 'up', 'up ok: undefined'],
      ['elsewhere', 'down', 'down redirect-refused: 302 to http://other.example.org/ not followed: another host than 127.0.0.1'],
      [
        'metadata',
        'down',
        'down redirect-refused: 301 to http://169.254.169.254/latest/meta-data/ not followed: another host than 127.0.0.1',
      ],
      [
        'renamed',
        'down',
        `down redirect-refused: 308 to http://localhost:${target.port}/renamed not followed: another host than 127.0.0.1`,
      ],
      ['kept', 'up', expect.stringMatching(/^up ok/)],
      [
        'dropped',
        'down',
        `down redirect-method: 301 to ${target.url}/dropped would turn POST into GET and drop the body; use 308, or write ${target.url}/dropped in url`,
      ],
    ]);
    expect(new Set(target.requests())).toEqual(new Set(['GET /', 'POST /kept {"id":1}']));
    expect(here.of('page')[0]?.subject).toMatch(/: elsewhere, metadata, renamed, dropped$/);
  });
});
