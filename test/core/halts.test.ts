import { expect, it } from 'vitest';
import type { Ballot } from '../../lib/core/ballot.ts';
import type { Cell } from '../../lib/core/cell.ts';
import { decide } from '../../lib/core/decide.ts';
import { lanesHeldBy, settle } from '../../lib/core/intents.ts';
import type { Evidence, Incident, Ledger } from '../../lib/core/ledger.ts';
import { mergeRun } from '../../lib/core/merge.ts';
import { messageOf } from '../../lib/core/messages.ts';
import { judgeStep } from '../../lib/simulate/invariants/judge.ts';
import { chainCell, round, type Sight } from './chain-world.ts';
import { ledgerOf, START_MS } from './invariants/world.ts';

const ROUND_S = 10;
/** The world of the story begins an hour after the ledger's birth. */
const LATER_S = 3_600;

/** Vantages that look at the nodes each round, an arbiter that decides and acts; every decision is judged by the rules of the design. */
function chainStory(first: Cell) {
  let cell = first;
  let asked = first;
  let ledger: Ledger = ledgerOf(cell);
  let seconds = LATER_S;
  let lines: string[] = [];
  const ballots: Record<string, Ballot> = {};
  const texts: string[] = [];
  const records: { incident?: Incident; evidence: Evidence[] }[] = [];

  function decideNow(): void {
    const now = START_MS + seconds * 1_000;
    const inputs = { ballots: structuredClone(ballots), acts: 'missing' as const };
    const me = { arbiter: 'a0', nonce: 'life' };
    const decision = decide(cell, inputs, ledger, now, me);
    const after = decision.ledger;
    expect(judgeStep({ cell, inputs, before: ledger, now, me, decision, ...(after && { after }) }, decide)).toEqual([]);
    if (!after) return;
    ledger = after;
    for (const event of decision.events)
      if (event.event === 'transition') lines.push(`${event.node} ${event.from} → ${event.to}`);
    for (const lane of lanesHeldBy(ledger, me.arbiter, now)) carryOut(lane, now);
  }

  function carryOut(lane: string, now: number): void {
    for (const intent of ledger.intents.filter((each) => each.lane === lane)) {
      if (intent.kind === 'page') {
        lines.push(`page ${intent.page.subject} ${intent.page.state}`);
        texts.push(messageOf(intent.page, 'LINK').text);
      }
      if (intent.kind === 'record') {
        const incident = structuredClone(ledger.incidents[intent.incident]);
        records.push({ ...(incident && { incident }), evidence: intent.evidence });
      }
      if (intent.kind === 'flip') lines.push(`${intent.node} ${intent.inService ? 'in' : 'out'}`);
      ledger = settle(ledger, intent.id, { done: true, version: 2 }, now) ?? ledger;
    }
  }

  return {
    /** So many rounds in which every vantage sees this of the nodes; or one of them something else. */
    rounds(count: number, sights: Record<string, Sight>, byVantage: Record<string, Record<string, Sight>> = {}) {
      for (let turn = 0; turn < count; turn++) {
        seconds += ROUND_S;
        for (const vantage of asked.vantages) {
          const run = round(seconds, byVantage[vantage] ?? sights);
          ballots[vantage] = mergeRun(asked, vantage, ballots[vantage], run).ballot;
        }
        decideNow();
      }
    },
    told() {
      const told = lines;
      lines = [];
      return told;
    },
    /** From now on this is everybody's configuration, or the arbiters' alone. */
    deploy(next: Cell, to: 'arbiters' | 'all' = 'all') {
      cell = next;
      if (to === 'all') asked = next;
    },
    ledger: () => ledger,
    texts,
    /** Incidents as they were recorded. */
    records,
  };
}

const FRESH = { a: {}, b: {}, c: {} };
const OLD = { a: { age: 70 }, b: { age: 70 }, c: { age: 70 } };

it('wakes people also where others are told quietly', () => {
  const cell = chainCell(['a', 'b', 'c']);
  const quiet = cell.paging.tiers.map((tier) => ({ ...tier, afterMs: tier.afterMs + 3_600_000 }));
  const story = chainStory({ ...cell, paging: { ...cell.paging, quiet } });
  story.rounds(3, FRESH);
  story.rounds(12, OLD);
  expect(story.told()).toContain('page eosio-chain-aca3 down');
});

it('pages a chain that stands still once, takes nothing out, and closes with the first new blocks', () => {
  const story = chainStory(chainCell(['a', 'b', 'c']));
  story.rounds(3, FRESH);
  story.rounds(12, OLD);
  const degraded = ['a up → degraded', 'b up → degraded', 'c up → degraded'];
  expect(story.told().sort()).toEqual([...degraded, 'page eosio-chain-aca3 down']);
  expect(story.texts).toEqual([
    'DOWN: eosio-chain-aca3: chain halted: the newest block is old; no other node has a newer one; nothing is taken out for it LINK',
  ]);
  const [incident] = Object.values(story.ledger().incidents);
  expect(incident).toMatchObject({
    node: 'eosio-chain-aca3',
    state: 'down',
    id: expect.stringMatching(/^life-\d+-eosio-chain-aca3$/),
  });

  story.rounds(12, FRESH);
  expect(story.told().sort()).toEqual([
    'a degraded → up',
    'b degraded → up',
    'c degraded → up',
    'page eosio-chain-aca3 recovered',
  ]);
  expect(story.texts.at(-1)).toMatch(/^eosio-chain-aca3 UP \d\d:\d\dZ, recovered after \d+ (s|min), nobody acknowledged LINK$/);
  expect(story.ledger()).toMatchObject({ incidents: {}, intents: [], checks: {}, nodes: {} });
});

it('is recorded with the votes that said so, and how it ended', () => {
  const story = chainStory(chainCell(['a', 'b', 'c']));
  story.rounds(3, FRESH);
  story.rounds(2, OLD);
  const [opened] = story.records;
  expect(opened?.incident?.timeline.map(({ what }) => what)).toEqual(['chain halted', 'paged down']);
  expect(opened?.evidence.map(({ check, from, to, quorum }) => ({ check, from, to, quorum }))).toEqual(
    ['a/chain', 'b/chain', 'c/chain'].map((check) => ({ check, from: 'up', to: 'degraded', quorum: 2 })),
  );
  for (const { votes, at, epoch } of opened?.evidence ?? []) {
    expect(Object.values(votes).map(({ reason }) => reason)).toEqual(['chain-halted', 'chain-halted', 'chain-halted']);
    expect({ at, epoch }).toEqual({ at: opened?.incident?.openedAt, epoch: opened?.incident?.timeline[0]?.epoch });
  }
  story.rounds(1, FRESH);
  expect(story.records.find(({ incident }) => incident?.state === 'closed')).toMatchObject({
    incident: { node: 'eosio-chain-aca3', closedAs: 'recovered' },
    evidence: [],
  });
});

it('has to last for downFor, and no longer', () => {
  const cell = chainCell(['a', 'b', 'c']);
  const story = chainStory({ ...cell, checks: cell.checks.map((check) => ({ ...check, downForMs: 20_000 })) });
  story.rounds(3, FRESH);
  story.rounds(2, OLD);
  expect(story.texts).toEqual([]);
  story.rounds(1, OLD);
  expect(story.texts).toHaveLength(1);
});

it.each([
  ['the first characters of its id', 'aca376f206b8fc25', 'eosio-chain-aca376f2'],
  ['nothing else than letters and numbers', 'osmosis-1', 'eosio-chain-osmosis1'],
  ['its kind alone where no node says which one it is', '', 'eosio-chain'],
])('has for a name %s', (_, chainId, name) => {
  const story = chainStory(chainCell(['a', 'b']));
  story.rounds(2, { a: { age: 70, chainId }, b: { age: 70, chainId } });
  expect(story.told()).toContain(`page ${name} down`);
});

it('is the one that most vantages are on, and the first of several as good', () => {
  const named = (...ids: string[]) => {
    const story = chainStory(chainCell(['a', 'b']));
    const sights = ids.map((chainId, index) => [`v${index}`, { a: { age: 70, chainId }, b: { age: 70, chainId } }]);
    story.rounds(2, { a: { wrong: 'unfinished' }, b: { wrong: 'unfinished' } }, Object.fromEntries(sights));
    return story.told();
  };
  expect(named('beef', 'aca3', 'aca3')).toContain('page eosio-chain-aca3 down');
  expect(named('beef', 'aca3')).toContain('page eosio-chain-beef down');
});

it('has an incident of its own, whatever other chain stands still', () => {
  const story = chainStory(chainCell(['a', 'b', 'c', 'd']));
  const others = { c: { chainId: 'beef' }, d: { chainId: 'beef' } };
  const oldOthers = { c: { age: 70, chainId: 'beef' }, d: { age: 70, chainId: 'beef' } };
  story.rounds(3, { ...FRESH, ...others });
  story.rounds(2, { ...OLD, ...others });
  expect(story.told()).toEqual(['page eosio-chain-aca3 down']);
  story.rounds(2, { ...OLD, ...oldOthers });
  expect(story.told()).toContain('page eosio-chain-beef down');
  story.rounds(1, { ...FRESH, ...oldOthers });
  expect(story.told()).toContain('page eosio-chain-aca3 recovered');
});

it('is over when a quorum says so of one node, whoever else cannot be seen', () => {
  const story = chainStory(chainCell(['a', 'b', 'c']));
  story.rounds(2, OLD);
  story.told();
  story.rounds(1, { a: { wrong: 'unfinished' }, b: {}, c: {} });
  expect(story.told()).toContain('page eosio-chain-aca3 recovered');
});

it('that comes and goes is one incident, with how often, until it has been well for a while or is no longer configured', () => {
  const flapping = () => {
    const story = chainStory(chainCell(['a', 'b', 'c']));
    for (let times = 0; times < 3; times++) {
      story.rounds(3, OLD);
      story.rounds(3, FRESH);
    }
    return story;
  };
  const story = flapping();
  const pages = () => story.told().filter((line) => line.startsWith('page'));
  expect(pages()).toEqual(['page eosio-chain-aca3 down', 'page eosio-chain-aca3 recovered', 'page eosio-chain-aca3 down']);
  expect(story.ledger().outages?.['eosio-chain-aca3']).toMatchObject({ count: 3, upAt: expect.any(Number) });
  story.rounds(90, FRESH);
  expect(pages()).toContain('page eosio-chain-aca3 recovered');
  const gone = flapping();
  gone.told();
  gone.deploy(chainCell(['d']));
  gone.rounds(1, { d: {} });
  expect(gone.texts.at(-1)).toContain('no longer configured');
});

it('still takes out a node that is down for itself meanwhile', () => {
  const story = chainStory(chainCell(['a', 'b', 'c']));
  story.rounds(3, FRESH);
  story.rounds(6, OLD);
  story.told();
  story.rounds(4, { ...OLD, a: { wrong: 'connect-refused' } });
  expect(story.told()).toEqual(['a degraded → down', 'a out', 'page a down']);
});

it('takes out the node that alone stands still, and does not call it back when the others stop too', () => {
  const story = chainStory(chainCell(['a', 'b', 'c']));
  story.rounds(3, FRESH);
  story.rounds(3, { ...FRESH, a: { age: 700 } });
  expect(story.told()).toEqual(['a up → down', 'a out', 'page a down']);
  story.rounds(12, { ...OLD, a: { age: 7_000 } });
  expect(story.told().sort()).toEqual(['b up → degraded', 'c up → degraded', 'page eosio-chain-aca3 down']);
});

it('is moved by no vantage that lies alone', () => {
  const story = chainStory(chainCell(['a', 'b', 'c']));
  const lies = { a: {}, b: { height: 9_999 }, c: { height: 9_999 } };
  story.rounds(3, FRESH);
  story.rounds(8, FRESH, { v1: lies });
  expect(story.told()).toEqual(['a up → partial']);
  story.rounds(8, OLD, { v1: FRESH });
  expect(story.told().filter((line) => line.startsWith('page'))).toEqual(['page eosio-chain-aca3 down']);
});

it('is told by a quorum, also where downFor is nothing', () => {
  const cell = chainCell(['a', 'b', 'c']);
  const story = chainStory({ ...cell, checks: cell.checks.map((check) => ({ ...check, downForMs: 0 })) });
  story.rounds(3, FRESH);
  story.rounds(8, FRESH, { v1: OLD });
  expect(story.told()).toEqual([]);
});

it('keeps the incident open while nobody can say, and ends it when a roll-out that took its checks away is through', () => {
  const story = chainStory(chainCell(['a', 'b', 'c']));
  story.rounds(3, FRESH);
  story.rounds(6, OLD);
  story.told();
  const abstaining = { a: { wrong: 'unfinished' }, b: { wrong: 'unfinished' }, c: { wrong: 'unfinished' } } as const;
  story.rounds(2, abstaining);
  expect(story.told()).toEqual([]);
  const next = { ...chainCell(['d']), probeHash: 'probe-2' };
  story.deploy(next, 'arbiters');
  story.rounds(1, OLD);
  expect(Object.keys(story.ledger().incidents)).toHaveLength(1);
  story.deploy(next);
  story.rounds(1, { d: {} });
  expect(story.told()).toContain('page eosio-chain-aca3 recovered');
  expect(story.texts.at(-1)).toContain('no longer configured');
  expect(story.ledger().outages).toEqual({});
});

it('takes a node out that is behind by quorum, and back in', () => {
  const story = chainStory(chainCell(['a', 'b', 'c']));
  story.rounds(3, FRESH);
  story.rounds(3, { a: { height: 50 }, b: {}, c: {} });
  expect(story.told()).toEqual(['a up → down', 'a out', 'page a down']);
  expect(story.texts.at(-1)).toContain('3/3 regions: chain 50 blocks behind');
  story.rounds(8, FRESH);
  expect(story.told()).toEqual(['a down → up', 'page a recovered', 'a in']);
});
