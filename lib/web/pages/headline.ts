import type { Verdict } from '../../core/ledger.ts';
import type { Status } from '../../core/status.ts';
import { WORST_FIRST } from '../../core/tally.ts';
import { isHeard } from '../../core/votes.ts';
import { count, listed } from './format.ts';

export interface Headline {
  tone: Verdict;
  sentence: string;
  more: string;
}

const SAID: Record<Verdict, (names: string[]) => string> = {
  down: (names) => `${listed(names)} ${are(names)} down.`,
  unknown: (names) => `Nobody can say how ${listed(names)} ${are(names)}.`,
  partial: (names) => `${listed(names)} ${are(names)} out of reach for some vantages.`,
  degraded: (names) => `${listed(names)} ${are(names)} up, but not well.`,
  up: (names) => (names.length === 1 ? `${names[0]} is up.` : `All ${names.length} nodes are up.`),
};

/** The state of everything in one sentence, and a second one for what matters beside it. */
export function headline(status: Status): Headline {
  return blindness(status) ?? { ...worstOf(status), more: [...others(status), ...consequences(status)].join(' ') };
}

/** Nothing is known: that comes before everything else, for silence is not health. */
function blindness({ table, vantages, epoch, quorum }: Status): Headline | undefined {
  if (table === 'unreachable') {
    return {
      tone: 'unknown',
      sentence: 'Blind: the voting table cannot be reached.',
      more: 'Nothing below is known. No DNS answer changes until the table is back.',
    };
  }
  const heard = vantages.filter(({ state }) => isHeard(state)).length;
  if (heard >= quorum) return undefined;
  if (epoch === null && vantages.every(({ lastBallotAt }) => lastBallotAt === null)) {
    return {
      tone: 'unknown',
      sentence: 'Starting: the first votes are on their way.',
      more: `A verdict needs ${quorum} vantages.`,
    };
  }
  return {
    tone: 'unknown',
    sentence: `Blind: only ${heard} of ${count(vantages.length, 'vantage')} can be heard.`,
    more: `A verdict needs ${quorum}. No DNS answer changes until then.`,
  };
}

function worstOf({ nodes }: Status): Pick<Headline, 'tone' | 'sentence'> {
  const tone = WORST_FIRST.find((verdict) => nodes.some((node) => node.verdict === verdict)) ?? 'unknown';
  const names = nodes.filter(({ verdict }) => verdict === tone).map(({ id }) => id);
  return { tone, sentence: names.length === 0 ? 'No node is watched.' : SAID[tone](names) };
}

/** What is wrong beside the worst. */
function others({ nodes }: Status): string[] {
  const [, ...rest] = WORST_FIRST.filter((verdict) => nodes.some((node) => node.verdict === verdict));
  return rest
    .filter((verdict) => verdict !== 'up')
    .map((verdict) => SAID[verdict](nodes.filter((node) => node.verdict === verdict).map(({ id }) => id)));
}

/** What it means for users and for the people on call. */
function consequences({ nodes, records, incidents, vantages, pausedUntil }: Status): string[] {
  const said: string[] = [];
  for (const { name, members } of records) {
    const out = members.filter(({ inService }) => inService === false).map(({ node }) => node);
    const serving = members.filter(({ inService }) => inService).map(({ node }) => node);
    const works = serving.some((id) => nodes.find((node) => node.id === id)?.verdict !== 'down');
    if (serving.length > 0 && !works) said.push(`Nobody serves ${name} well.`);
    else if (out.length > 0) said.push(`${name} is answered by ${listed(serving)}.`);
  }
  const waiting = incidents.filter(({ ackedBy }) => ackedBy === null).length;
  if (waiting > 0)
    said.push(
      `${count(waiting, 'incident')} ${waiting === 1 ? 'waits' : 'wait'} for somebody to take ${waiting === 1 ? 'it' : 'them'}.`,
    );
  if (pausedUntil) said.push(`Paused until ${pausedUntil}.`);
  const silent = vantages.filter(({ state }) => state !== 'up').map(({ id }) => id);
  if (silent.length > 0) said.push(`${listed(silent)} cannot vote properly.`);
  if (said.length === 0) said.push(`${vantages.length} vantages agree.`);
  return said;
}

const are = (names: readonly string[]): string => (names.length === 1 ? 'is' : 'are');
