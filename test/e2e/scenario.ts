import { Resolver } from 'node:dns/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, type TestContext, vi } from 'vitest';
import type { QuorumEvent } from '../../lib/core/events.ts';
import type { Status } from '../../lib/core/status.ts';
import type { Fault } from '../../lib/local/faults.ts';
import { startLocal } from '../../lib/local/runtime.ts';
import { cellOf } from '../config/cell.ts';
import { CHAIN_TEMPLATE, type PublicNode, startNode } from './public-node.ts';

// Stories wait much more than they work: all of a file run side by side.
vi.setConfig({ maxConcurrency: 20, testTimeout: 40_000 });

export const INTERVAL_MS = 1_000;
export const DOWN_FOR_MS = 1_000;
/** What a busy machine takes longer. */
const NOISE_MS = 2_000;
/** L1: a node that is down leaves DNS within two rounds and `downFor`. */
export const SOON_MS = 2 * INTERVAL_MS + DOWN_FOR_MS + NOISE_MS;
/** For what has no promised time. */
const PATIENCE_MS = 12_000;
/** Short beside a round; looking costs, too. */
const POLL_MS = 100;
const BIRTH_ROUNDS = 3;
/** Between the beginnings of two stories of a file: what all would do in the same second is too much for one thread. */
const STAGGER_MS = 500;
const VANTAGES = ['eu-west-1', 'us-east-2', 'ap-northeast-1', 'ca-central-1', 'sa-east-1'] as const;

type Truthy<T> = Exclude<T, false | null | undefined>;
export type Seen = QuorumEvent & { at: number };
type Kind = QuorumEvent['event'];
type Of<K extends Kind> = Extract<Seen, { event: K }>;

export interface Plan<Name extends string> {
  /** They become `nodes` with a check `api` each, and members of the failover record `api`: the first is primary. */
  nodes: readonly Name[];
  /** How many of them. @default 3 */
  vantages?: 3 | 5;
  downFor?: string;
  recover?: number;
  hold?: string;
  /** YAML of more records. */
  records?: string;
  /** YAML in place of `nodes` and `records`, from the nodes' URLs. */
  yaml?: (nodes: Record<Name, PublicNode>) => string;
  /** More YAML, of the top level. */
  more?: string;
  /** Starts what stands between the vantages and the nodes. */
  meanwhile?: () => Promise<void>;
  /** It begins although some node is not up. @default false */
  unwell?: boolean;
}

export interface Scenario<Name extends string> {
  nodes: Record<Name, PublicNode>;
  vantages: readonly string[];
  /** Where heartbeats go, by check. */
  beatUrls: readonly { check: string; url: string }[];
  /** Everything that was told, oldest first. */
  events: readonly Seen[];
  /** Those of one kind. */
  of<K extends Kind>(kind: K): Of<K>[];
  /** What came of it so far, one line a thing: votes that changed, transitions, pages, flips, holds. */
  story(from?: number): string[];
  /** The same without the votes. */
  acts(from?: number): string[];
  /** Polls until it gives something true, and gives that; fails with the events so far. */
  until<T>(what: string, look: () => T | Promise<T>, withinMs?: number): Promise<Truthy<T>>;
  /** Until the story since event number `from` has this line. */
  told(line: string, from?: number): Promise<unknown>;
  /** Until each of these vantages has looked this many times more. */
  rounds(count: number, vantages?: readonly string[]): Promise<void>;
  dig(name?: string): Promise<string[]>;
  /** Until DNS answers exactly this. */
  answers(address: string | undefined, withinMs?: number): Promise<unknown>;
  get<T>(path: string): Promise<T>;
  status(): Promise<Status>;
  request(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  /** Replaces the list of faults. */
  faults(...faults: Fault[]): Promise<void>;
}

let turn = Promise.resolve();

/** Entries of a YAML mapping, one a line. */
export const entries = <T>(items: Record<string, T>, line: (item: [string, T]) => string): string =>
  Object.entries(items)
    .map((item) => `\n  ${line(item as [string, T])}`)
    .join('');

/** The address of a node in the record. */
export const addressOf = (nodes: readonly string[], node: string): string => `203.0.113.${nodes.indexOf(node) + 1}`;

/**
 * Starts nodes and the local system that watches them, and waits until it may flip: it is older than three rounds and every
 * node is up. Everything ends with the test.
 */
export async function scenario<Name extends string>(test: TestContext, plan: Plan<Name>): Promise<Scenario<Name>> {
  const mine = turn;
  turn = turn.then(() => wait(STAGGER_MS));
  await mine;
  const nodes = Object.fromEntries(
    await Promise.all(
      plan.nodes.map(async (name) => {
        const node = await startNode();
        test.onTestFinished(() => node.kill());
        return [name, node] as const;
      }),
    ),
  ) as Record<Name, PublicNode>;
  const cell = cellOf(configuration(plan, nodes), { intervalMs: INTERVAL_MS });
  await plan.meanwhile?.();
  const events: Seen[] = [];
  const emit = (event: QuorumEvent) => void events.push({ ...event, at: Date.now() });
  test.onTestFailed(() => void process.stderr.write(`${test.task.name}:\n${transcript(events)}\n`));
  const runtime = await startLocal({ cell, port: 0, dnsPort: 0, version: 'test', emit });
  test.onTestFinished(() => runtime.close());
  const resolver = new Resolver({ timeout: 1_000, tries: 2 });
  resolver.setServers([`127.0.0.1:${runtime.dnsPort}`]);

  const here: Scenario<Name> = {
    nodes,
    vantages: cell.vantages,
    beatUrls: runtime.beatUrls,
    events,
    of: (kind) => events.filter((event): event is Of<typeof kind> => event.event === kind),
    story: (from = 0) => storyOf(events, from),
    acts: (from = 0) => storyOf(events, from).filter((line) => !isVote(line)),
    async until(what, look, withinMs = PATIENCE_MS) {
      const giveUpAt = Date.now() + withinMs;
      for (;;) {
        const found = await look();
        if (found) return found as Truthy<typeof found>;
        if (Date.now() > giveUpAt) return expect.fail(`${what}: not within ${withinMs} ms`);
        await wait(POLL_MS);
      }
    },
    told: (line, from = 0) => here.until(line, () => here.acts(from).includes(line)),
    async rounds(count, vantages = cell.vantages) {
      const from = events.length;
      const looks = (vantage: string) =>
        events.slice(from).filter((event) => event.event === 'ballot' && event.vantage === vantage).length;
      await here.until(`${count} rounds`, () => vantages.every((vantage) => looks(vantage) >= count));
    },
    dig: (name = 'api.example.test') => resolver.resolve4(name),
    answers: (address, withinMs) =>
      here.until(`DNS answers ${address}`, async () => String(await here.dig()) === address, withinMs),
    async request(method, path, body) {
      const response = await fetch(`${runtime.url}/api/v1${path}`, {
        method,
        headers: { 'content-type': 'application/json', connection: 'close' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    },
    get: async <T>(path: string) => (await here.request('GET', path)).body as T,
    status: () => here.get<Status>('/status'),
    async faults(...faults) {
      expect(await here.request('PUT', '/faults', faults)).toMatchObject({ status: 200 });
    },
  };
  const bornAt = await here.until('every node is up', async () => {
    const { nodes: watched } = await here.status();
    return (plan.unwell || watched.every(({ verdict }) => verdict === 'up')) && Date.parse(watched[0]?.since ?? '');
  });
  await here.until('it may flip', () => Date.now() >= bornAt + BIRTH_ROUNDS * INTERVAL_MS);
  return here;
}

function configuration<Name extends string>(plan: Plan<Name>, nodes: Record<Name, PublicNode>): string {
  const { vantages = 3, downFor = `${DOWN_FOR_MS}ms`, recover = 2, hold = '1s' } = plan;
  return `
name: story
vantages: [${VANTAGES.slice(0, vantages).join(', ')}]
interval: 10s
defaults: { timeout: 2s, attempts: 1, downFor: ${downFor}, recover: ${recover} }
${plan.yaml?.(nodes) ?? failover(plan, nodes, hold)}
${plan.more ?? ''}`;
}

function failover<Name extends string>(
  { nodes: names, records = '' }: Plan<Name>,
  nodes: Record<Name, PublicNode>,
  hold: string,
) {
  const watched = names.map((name) => `  ${name}: { url: "${nodes[name].url}", use: chain }`);
  const members = names.map(
    (name, at) => `      - { node: ${name}, value: ${addressOf(names, name)}, role: ${at === 0 ? 'primary' : 'secondary'} }`,
  );
  return `
templates:${CHAIN_TEMPLATE}
nodes:
${watched.join('\n')}
records:
  api:
    name: api.example.test
    zone: example.test
    members:
${members.join('\n')}
    guard: { hold: ${hold} }
${records}`;
}

const isVote = (line: string): boolean => /: \S+\/\S+ (up|degraded|down|abstain)$/.test(line);

/** Of each ballot only what changed; of notes nothing. */
function storyOf(events: readonly Seen[], from: number): string[] {
  const last = new Map<string, string>();
  return events.flatMap((event, at) => {
    const lines = event.event === 'ballot' ? changedVotes(event, last) : lineOf(event);
    return at < from ? [] : lines;
  });
}

function changedVotes({ vantage, votes }: Of<'ballot'>, last: Map<string, string>): string[] {
  const known = [...last.keys()].filter((key) => key.startsWith(`${vantage}: `));
  const now = new Map(Object.entries(votes).map(([check, { vote }]) => [`${vantage}: ${check}`, vote as string]));
  return [...new Set([...known, ...now.keys()])].flatMap((key) => {
    const vote = now.get(key) ?? 'up';
    if (vote === (last.get(key) ?? 'up')) return [];
    last.set(key, vote);
    return [`${key} ${vote}`];
  });
}

function lineOf(event: Exclude<Seen, { event: 'ballot' }>): string[] {
  switch (event.event) {
    case 'transition':
      return [`${event.node}: ${event.from} → ${event.to}`];
    case 'page':
      return [`page: ${nameOf(event.incident)} ${event.state}`];
    case 'flip':
      return [`${event.record}: ${event.node} ${event.inService ? 'in' : 'out'}`];
    case 'hold':
      return [`${event.record}: ${event.node} held by ${event.rule}`];
    default:
      return [];
  }
}

/** An incident's id without incarnation and epoch. */
const nameOf = (incident: string): string => incident.replace(/^[0-9a-f]{12}-\d+-/, '');

/** For whoever has to find out why a story went another way. */
function transcript(events: readonly Seen[]): string {
  const [first] = events;
  return events
    .filter(({ event }) => event !== 'ballot')
    .map(({ at, ...event }) => `${String(at - (first?.at ?? 0)).padStart(6)} ms  ${JSON.stringify(event)}`)
    .join('\n');
}
