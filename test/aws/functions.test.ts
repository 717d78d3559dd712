import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isGenuine } from '../../examples/hooks/verify.ts';
import { SWITCH_METRIC } from '../../lib/aws/names.ts';
import { once } from '../../lib/aws/once.ts';
import { createProberFunction } from '../../lib/aws/prober.ts';
import { start } from '../../lib/aws/start.ts';
import { beatToken } from '../../lib/web/beat-tokens.ts';
import { BEAT_KEY, LINK_BASE, urlEvent } from './account.ts';
import { functionsOf, HOOK_SECRET, openWorld, TICK, VANTAGES, type World } from './world.ts';

let world: World;
let deployed: World['deployed'];
let run: ReturnType<typeof functionsOf>;
let logged: Record<string, unknown>[];

beforeEach(async () => {
  world = await openWorld();
  deployed = world.deployed;
  run = functionsOf(world);
  logged = [];
  const write = (chunk: string | Uint8Array) => {
    for (const line of String(chunk).split('\n').filter(Boolean)) logged.push(JSON.parse(line));
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(write as typeof process.stdout.write);
  vi.spyOn(process.stderr, 'write').mockImplementation(write as typeof process.stderr.write);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await world.close();
});

const round = () => ({ kind: 'round', due: Date.now() });

describe('a prober', () => {
  it('plans, looks, casts its ballot and wakes every arbiter', async () => {
    world.breakNode();
    const scheduledTime = new Date(Math.floor(Date.now() / 60_000) * 60_000).toISOString();
    const answer = await run.prober('eu-west-1')({ kind: 'plan', scheduledTime }, round());
    expect(answer).toEqual({ batchItemFailures: [] });
    const { ballot } = await deployed.store.readBallot('eu-west-1');
    expect(ballot).toMatchObject({ version: 1, votes: { 'eu1/api': { vote: 'down', reason: 'status' } } });
    const kindsAt = (url: string) => deployed.aws.sqs.messages(url).map(({ body }) => JSON.parse(body).kind);
    for (const region of world.cell.arbiters) expect(kindsAt(deployed.wakeQueue(region))).toEqual(['wake']);
    expect(kindsAt(deployed.vantageQueue('eu-west-1'))).toEqual(expect.arrayContaining(Array(6).fill('round')));
    expect(logged).toContainEqual(
      expect.objectContaining({ service: 'quorumwatch-prober', region: 'eu-west-1', message: 'ballot' }),
    );
  });

  it('gives back only the messages that failed, and says why', async () => {
    const answer = await run.prober('eu-west-1')(round(), 'nonsense');
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(logged).toContainEqual(expect.objectContaining({ level: 'ERROR', message: 'a message failed: nonsense' }));
  });

  it('goes on when the region of an arbiter is gone', async () => {
    world.breakNode();
    deployed.aws.fail('refused', { region: 'us-east-1' });
    expect(await run.prober('eu-west-1')(round())).toEqual({ batchItemFailures: [] });
    expect(deployed.aws.sqs.messages(deployed.wakeQueue('us-west-2'))).toHaveLength(1);
    expect(deployed.aws.sqs.messages(deployed.vantageQueue('us-east-2'))).toHaveLength(2);
  });

  it('keeps how long its looks took, in the region of the state', async () => {
    world.breakNode();
    await run.prober('eu-west-1')(round());
    const { rounds } = await deployed.history.read('eu-west-1', 0, 1);
    expect(rounds.map(({ took }) => [...took].map((byte) => byte > 0))).toEqual([[false, true]]);
    expect(logged.filter(({ level }) => level === 'WARN')).toEqual([]);
  });

  it('that cannot keep them has voted, and logs a line', async () => {
    world.breakNode();
    await deployed.removeHistory();
    expect(await run.prober('eu-west-1')(round())).toEqual({ batchItemFailures: [] });
    expect((await deployed.store.readBallot('eu-west-1')).ballot).toMatchObject({ votes: { 'eu1/api': { vote: 'down' } } });
    expect(logged).toContainEqual(
      expect.objectContaining({ level: 'WARN', text: expect.stringMatching(/^history: a round was not kept: .*not found/) }),
    );
  });

  it('that lacks something fails every invocation, not only the first', () => {
    const prober = once(() => createProberFunction(start('prober', { AWS_REGION: 'eu-west-1' })));
    for (const _ of [1, 2]) expect(() => prober()).toThrow(/^QUORUMWATCH_CELL: is not set/);
  });
});

describe('an arbiter', () => {
  it('takes a node out by both ways, pages with a link that is signed, and writes it down', async () => {
    await deployed.settle();
    world.breakNode();
    await run.probeAll();
    expect(await run.arbiter('us-east-2')(TICK)).toEqual({ batchItemFailures: [] });
    const { aws, switches } = deployed;
    expect(switches.get('api/eu1')).toMatchObject({ disabled: true, inverted: true, version: 2 });
    expect(switches.get('api/us1')).toMatchObject({ disabled: false, version: 1 });
    expect(aws.cloudWatch.latest('us-east-2', SWITCH_METRIC, { record: 'api', node: 'eu1' })).toBe(1);
    expect(aws.sns.published).toMatchObject([{ region: 'eu-west-1', subject: expect.stringContaining('eu1 DOWN') }]);
    expect(aws.sns.published[0]?.texts.sms).toMatch(/https:\/\/q\.example\.org\/i\/[\w-]{16}$/);
    expect(await deployed.store.listIncidents(5)).toMatchObject([{ id: 'born1-2-eu1', state: 'down' }]);
    expect(logged).toContainEqual(
      expect.objectContaining({ message: 'flip', record: 'api', node: 'eu1', inService: false, epoch: 2 }),
    );
    expect(JSON.stringify(logged)).toContain('/i/hidden');
  });

  it('takes it out by the metric alone, and pages, while the control plane and us-east-1 are gone', async () => {
    await deployed.settle();
    world.breakNode();
    await run.probeAll();
    deployed.aws.fail('refused', { region: 'us-east-1' });
    await run.arbiter('us-east-2')(TICK);
    expect(deployed.switches.get('api/eu1')).toMatchObject({ disabled: false, version: 1 });
    expect(deployed.aws.cloudWatch.latest('us-east-2', SWITCH_METRIC, { record: 'api', node: 'eu1' })).toBe(1);
    expect(deployed.aws.sns.published).toHaveLength(1);
    expect(await deployed.store.readLedger()).toMatchObject({ intents: [{ kind: 'flip', node: 'eu1', tries: 1 }] });
  });

  it('asks for nothing that its role need not be allowed', async () => {
    await deployed.settle();
    world.breakNode();
    await run.probeAll();
    deployed.aws.calls.length = 0;
    await run.arbiter('us-east-2')(TICK);
    const [eu1, us1] = ['api/eu1', 'api/us1'].map(
      (member) => `arn:aws:route53:::healthcheck/${deployed.switches.get(member)?.id}`,
    );
    const needs = deployed.aws.calls.map(({ action, resources, context }) => [
      action,
      ...resources,
      ...Object.values(context ?? {}),
    ]);
    const topics = ['eu-west-1', 'us-east-2'].map((each) => `arn:aws:sns:${each}:123456789012:quorumwatch-example-tier-1`);
    expect(needs.toSorted()).toEqual([
      ['cloudwatch:DescribeAlarms', '*'],
      ['cloudwatch:DescribeAlarms', '*'],
      ['cloudwatch:GetMetricStatistics', '*'],
      ['cloudwatch:GetMetricStatistics', '*'],
      ['cloudwatch:PutMetricData', '*', 'Quorumwatch/example'],
      ['cloudwatch:PutMetricData', '*', 'Quorumwatch/example'],
      ['route53:GetHealthCheck', eu1],
      ['route53:ListHealthChecks', '*'],
      ['route53:ListTagsForResources', eu1, us1],
      ['route53:UpdateHealthCheck', eu1],
      [
        'secretsmanager:GetSecretValue',
        'arn:aws:secretsmanager:us-east-2:123456789012:secret:quorumwatch-example-us-east-1/links-AbCdEf',
      ],
      ['sns:GetSMSAttributes', '*'],
      ['sns:GetSMSAttributes', '*'],
      ...topics.map((topic) => ['sns:ListSubscriptionsByTopic', topic]),
      ['sns:Publish', topics[0]],
      ...['hook', 'hook-secret', 'ping'].map((name) => [
        'ssm:GetParameter',
        `arn:aws:ssm:us-east-2:123456789012:parameter/quorumwatch/${name}`,
      ]),
    ]);
    expect(run.dialled).toEqual(['q.example.org']);
  });

  it('calls the hook of a page, signed with its secret, of which nothing is logged', async () => {
    await deployed.settle();
    world.breakNode();
    await run.probeAll();
    await run.arbiter('us-east-2')(TICK);
    const [call, ...others] = world.hooks();
    expect(others).toEqual([]);
    expect(JSON.parse(call?.body ?? '')).toMatchObject({ event: 'page', node: 'eu1', incident: 'born1-2-eu1' });
    expect(isGenuine(call?.headers ?? {}, call?.body ?? '', HOOK_SECRET)).toBe(true);
    expect(JSON.stringify(logged)).not.toContain(HOOK_SECRET);
    expect(logged).toContainEqual(expect.objectContaining({ message: 'hook', hook: 'ops', status: 204 }));
  });

  it('answers many wakes by one look', async () => {
    await run.arbiter('us-east-2')(...VANTAGES.map((from) => ({ kind: 'wake', from })));
    expect(logged.filter((line) => 'Tick' in line)).toHaveLength(1);
    expect(deployed.aws.cloudWatch.latest('eu-west-1', 'Tick', { region: 'us-east-2' })).toBe(1);
  });

  it('that cannot reach the table fails its batch, and has said so to the alarms', async () => {
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
    const arbiter = run.arbiter('us-east-2');
    vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', 'http://127.0.0.1:9');
    await expect(arbiter(TICK)).rejects.toThrow(/ECONNREFUSED/);
    expect(deployed.aws.cloudWatch.latest('eu-west-1', 'Heard', {})).toBe(0);
  });

  it('pages without a token where the key cannot be read', async () => {
    await deployed.settle();
    deployed.aws.secretsManager.secrets.clear();
    world.breakNode();
    await run.probeAll();
    await run.arbiter('us-east-2')(TICK);
    expect(deployed.aws.sns.published[0]?.texts.sms).toMatch(/\/incidents\/born1-2-eu1$/);
    expect(logged).toContainEqual(
      expect.objectContaining({ level: 'WARN', text: expect.stringMatching(/^links go out unsigned/) }),
    );
  });
});

describe('the web', () => {
  const ask = (method: string, path: string, body?: object): Promise<APIGatewayProxyStructuredResultV2> =>
    run.web(urlEvent(method, path, body));

  it('says what is so, by a function URL, to who has the token', async () => {
    await deployed.settle();
    await run.probeAll();
    expect(await ask('GET', '/api/v1/status')).toMatchObject({ statusCode: 401 });
    const { statusCode, body = '' } = await ask('GET', `/api/v1/status?token=${deployed.readToken}`);
    expect(statusCode).toBe(200);
    expect(JSON.parse(body).nodes.map(({ id, verdict }: { id: string; verdict: string }) => [id, verdict])).toEqual([
      ['eu1', 'up'],
      ['us1', 'up'],
      ['cron', 'up'],
    ]);
  });

  it('shows how long looks took, as far as it can be read', async () => {
    await deployed.settle();
    await run.probeAll();
    const latency = async () => {
      const { body = '' } = await ask('GET', `/api/v1/history?node=us1&token=${deployed.readToken}`);
      return JSON.parse(body);
    };
    const { vantages, nodes } = await latency();
    expect(vantages.map(({ id, state }: { id: string; state: string }) => [id, state])).toEqual(VANTAGES.map((id) => [id, 'ok']));
    for (const vantage of VANTAGES) expect(nodes[0].checks[0].latency[vantage]).toMatchObject({ looks: 1 });
    await deployed.removeHistory();
    expect((await latency()).vantages[0]).toMatchObject({ state: 'unreadable' });
    expect(await ask('GET', `/?token=${deployed.readToken}`)).toMatchObject({ statusCode: 200 });
  });

  it('says it to everybody where the page is public', async () => {
    const open = await openWorld({ more: 'page: { public: true }' });
    expect(await functionsOf(open).web(urlEvent('GET', '/api/v1/status'))).toMatchObject({ statusCode: 200 });
    await open.close();
  });

  it('lets who has the link acknowledge, nobody else, and wakes the arbiters', async () => {
    await deployed.settle();
    world.breakNode();
    await run.probeAll();
    await run.arbiter('us-east-2')(TICK);
    const sent = /https:\S+$/.exec(deployed.aws.sns.published[0]?.texts.sms ?? '')?.[0] ?? '';
    const { statusCode, headers } = await ask('GET', sent);
    expect(statusCode).toBe(302);
    expect(await ask('GET', `/i/${'a'.repeat(16)}`)).toMatchObject({ statusCode: 404 });
    const link = new URL(String(headers?.location), LINK_BASE);
    expect(await ask('GET', link.href)).toMatchObject({ statusCode: 200, body: expect.stringContaining('Acknowledge') });
    expect(await deployed.store.readActs()).toBe('missing');
    const path = `/api/v1${link.pathname}/ack`;
    expect(await ask('POST', `${path}?token=${'a'.repeat(16)}`, { by: 'eve' })).toMatchObject({ statusCode: 403 });
    expect(await ask('POST', path, { by: 'eve' })).toMatchObject({ statusCode: 403 });
    deployed.aws.fail('refused', { region: 'us-east-1' });
    expect(await ask('POST', path + link.search, { by: 'ana' })).toMatchObject({ statusCode: 200 });
    const woken = deployed.aws.sqs.messages(deployed.wakeQueue('us-west-2')).map(({ body }) => JSON.parse(body));
    expect(woken).toContainEqual({ kind: 'wake', from: 'web' });
    expect(await deployed.store.readActs()).toMatchObject({ acts: [{ kind: 'acknowledge', by: 'ana' }] });
  });

  it('hears a heartbeat by its token, also by the one before the secret was changed; then every vantage judges it', async () => {
    const secrets = deployed.aws.secretsManager;
    const name = 'quorumwatch-example-us-east-1/heartbeats';
    secrets.previous.set(name, BEAT_KEY);
    secrets.secrets.set(name, 'another');
    const path = (secret: string) => `/beat/${beatToken(secret, 'example', 'cron/nightly')}`;
    expect(await ask('GET', path('guessed'))).toMatchObject({ statusCode: 404 });
    for (const secret of [BEAT_KEY, 'another'])
      expect(await ask('POST', `${path(secret)}?exit=3`)).toMatchObject({ statusCode: 200 });
    await run.probeAll();
    for (const vantage of VANTAGES)
      expect((await deployed.store.readBallot(vantage)).ballot).toMatchObject({
        votes: { 'cron/nightly': { vote: 'down', reason: 'beat-failed' } },
      });
  });

  it.each([
    ['PUT', '/api/v1/faults'],
    ['GET', '/events?token=READ'],
  ])('has nothing of a local run: %s %s', async (method, path) => {
    expect(await ask(method, path.replace('READ', deployed.readToken), method === 'PUT' ? [] : undefined)).toMatchObject({
      statusCode: 404,
    });
  });
});
