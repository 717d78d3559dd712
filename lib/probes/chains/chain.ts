import type { ChainKind, ChainSpec } from '../../core/cell.ts';
import { judgeCertificates, judgeTime } from '../expectations.ts';
import type { Fetched } from '../fetch.ts';
import { callJsonRpc, fetchJson } from '../jsonrpc.ts';
import type { Look, Outcome } from '../look.ts';
import { readBitcoin } from './bitcoin.ts';
import { readCometbft } from './cometbft.ts';
import { readEosio } from './eosio.ts';
import { readEthereum } from './ethereum.ts';
import { judgeChain } from './judge.ts';
import { quantities } from './quantities.ts';
import { readSolana } from './solana.ts';
import type { Ask, ReadChain } from './state.ts';
import { readSteem } from './steem.ts';
import { readTezos } from './tezos.ts';

const READERS: Record<ChainKind, ReadChain> = {
  eosio: readEosio,
  steem: readSteem,
  tezos: readTezos,
  ethereum: readEthereum,
  cometbft: readCometbft,
  bitcoin: readBitcoin,
  solana: readSolana,
};

/** Asks a node what it says of its chain, and judges what can be judged without the other nodes: those are the core's (`heads.ts`). */
export async function probeChain(spec: ChainSpec, look: Look): Promise<Outcome> {
  const answers: Fetched[] = [];
  const state = await READERS[spec.kind](askBy(spec, look, answers), spec, quantities(look.show));
  const now = Date.now();
  const tookMs = look.elapsedMs();
  const { certificates = [], note } = answers[0] ?? {};
  const { expect } = spec;
  const others = [...judgeTime(tookMs, expect.time), ...judgeCertificates(certificates, now, expect.certificate)];
  const { height, headAt, chainId, misses, produced } = state;
  const facts = Object.entries({ height, headAt, chainId, misses, produced }).filter(([, fact]) => fact !== undefined);
  return {
    findings: [...others, ...judgeChain(spec, state, now, look.show)],
    tookMs,
    note,
    facts: Object.fromEntries(facts) as Outcome['facts'],
  };
}

/** Every question is a request of its own, for gateways refuse batches; questions of one `all` are asked at the same time. */
function askBy(spec: ChainSpec, look: Look, answers: Fetched[]): Ask {
  let asked = 0;
  // The first question's phases are the look's; those of others at the same time would add up to more than it took.
  const next = () => (asked++ === 0 ? look : look.beside());
  const taken = async (answering: ReturnType<typeof fetchJson>) => {
    const { value, answer } = await answering;
    answers.push(answer);
    return value;
  };
  return {
    get: (path) => taken(fetchJson(spec, { path }, next())),
    post: (path, body) => taken(fetchJson(spec, { path, body }, next())),
    call: (method, params = []) => taken(callJsonRpc(spec, { method, params }, next())),
    async all(...questions) {
      // A failure waits for the others: nothing may be left open when the look ends.
      const settled = await Promise.allSettled(questions);
      const failed = settled.find((each) => each.status === 'rejected');
      if (failed) throw failed.reason;
      return settled.map((each) => each.status === 'fulfilled' && each.value) as never;
    },
  };
}
