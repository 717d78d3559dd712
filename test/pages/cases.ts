/** Pages of every kind, as an arbiter owes them: what golden files and the schema are held against. */
import type { Page, PageVote } from '../../lib/core/ledger.ts';

const at = (time: string) => Date.parse(`2026-11-21T${time}Z`);
const NODE_LONGEST = `n${'o'.repeat(61)}1`;
const RECORD_LONGEST = `${['a', 'b', 'c'].map((letter) => letter.repeat(63)).join('.')}.example.org`;

const vote = (vantage: string, change: Partial<PageVote> = {}): PageVote => ({
  vantage,
  vote: 'down',
  reason: 'status',
  detail: 'HTTP 500, expected 2xx',
  tookMs: 212,
  ...change,
});
const VOTES = [
  vote('eu-west-1'),
  vote('us-east-2'),
  vote('ap-northeast-1', { reason: 'answer-timeout', detail: 'no answer within 4000 ms', tookMs: 4_000 }),
  vote('ca-central-1', { vote: 'up', reason: 'ok', detail: undefined, tookMs: 87 }),
  vote('sa-east-1', { vote: 'abstain', reason: 'stale', detail: undefined, tookMs: undefined }),
].map((each) => JSON.parse(JSON.stringify(each)) as PageVote);

const down: Page = {
  incident: '5f0c2b9e11aa-1740-eu1',
  state: 'down',
  tier: 1,
  attempt: 1,
  at: at('02:01:07'),
  subject: 'eu1',
  seenBy: { down: 4, of: 5 },
  failing: [{ check: 'api', detail: 'HTTP 500, expected 2xx', votes: VOTES }],
  records: [{ name: 'api.example.org', out: true, serves: ['us1'], why: 'api down' }],
  openedAt: at('02:01:07'),
};
const held = 'too few other members are in service and sound';
const notice = (state: Page['state'], subject: string, text: string): Page => ({
  incident: `5f0c2b9e11aa-1740-${state}-${subject}`,
  state,
  tier: 1,
  attempt: 1,
  at: at('02:01:07'),
  subject,
  failing: [],
  records: [],
  text,
});
const nodes = Array.from({ length: 20 }, (_, index) => `node-${index + 1}`);
const digest: Page = {
  ...down,
  incident: '5f0c2b9e11aa-1740-digest',
  subject: '200 nodes',
  together: { count: 200, nodes },
  failing: [
    { check: 'api', detail: 'connect timeout after 4000 ms (198 nodes)' },
    { check: 'p2p', detail: 'refused (2 nodes)' },
  ],
  records: [{ name: 'api.example.org', out: false, serves: [], held: 'massFailure', why: 'more than half look down' }],
};
delete digest.seenBy;

/** By name of its golden file. */
export const CASES: Readonly<Record<string, Page>> = {
  down,
  'down-quiet': { ...down, quiet: true, at: at('02:16:07') },
  'down-tier-2': { ...down, tier: 2, at: at('02:06:07') },
  'down-still': { ...down, tier: 2, attempt: 12, at: at('04:01:10') },
  'down-for-days': { ...down, tier: 2, attempt: 40, at: at('04:01:10') + 2 * 86_400_000 },
  'down-held': {
    ...down,
    records: [{ name: 'api.example.org', out: false, serves: [], held: 'minInService', why: held }],
  },
  'down-two-checks': {
    ...down,
    failing: [...down.failing, { check: 'p2p', detail: 'never passed yet: 203.0.113.10:9876 refused the connection' }],
    records: [...down.records, { name: 'rpc.example.org', out: true, serves: ['us1', 'ap1', 'sa1', 'ca1'], why: 'api down' }],
  },
  'down-behind': { ...down, subject: 'gateway', records: [], behind: { count: 3, nodes: ['db', 'web', 'worker'] } },
  'down-longest-names': {
    ...down,
    incident: `5f0c2b9e11aa-1740-${NODE_LONGEST}`,
    subject: NODE_LONGEST,
    failing: [{ check: `c${'h'.repeat(61)}k`, detail: 'x'.repeat(200), votes: VOTES }],
    records: [{ name: RECORD_LONGEST, out: true, serves: [NODE_LONGEST, `${NODE_LONGEST.slice(0, -1)}2`], why: 'api down' }],
  },
  'down-not-gsm': {
    ...down,
    failing: [{ check: 'api', detail: 'body is "Żółć, 🦊 und Straße [€] – “quoted”", expected {ok}' }],
  },
  flapping: { ...down, at: at('02:09:10'), openedAt: at('02:05:07'), flapping: { count: 2, since: at('02:01:07') } },
  'flapping-still': {
    ...down,
    tier: 2,
    attempt: 2,
    at: at('03:10:10'),
    openedAt: at('02:05:07'),
    flapping: { count: 91, since: at('02:01:07') },
  },
  digest,
  'digest-still': { ...digest, tier: 2, attempt: 3, at: at('02:26:10') },
  'digest-recovered': {
    ...digest,
    state: 'recovered',
    failing: [],
    records: [],
    at: at('02:15:10'),
    ackedBy: 'ana',
    ackedAt: at('02:04:07'),
  },
  unknown: {
    ...down,
    state: 'unknown',
    seenBy: { down: 0, of: 5 },
    failing: [{ check: 'api', detail: 'too few vantages are heard' }],
    records: [{ name: 'api.example.org', out: false, serves: ['us1'] }],
  },
  recovered: { ...down, state: 'recovered', at: at('02:15:10'), failing: [], ackedBy: 'ana', ackedAt: at('02:04:07') },
  'recovered-longest-name': {
    ...down,
    state: 'recovered',
    at: at('02:15:10'),
    subject: NODE_LONGEST,
    failing: [],
    ackedBy: 'Zoë Żółć from the night shift 🦊',
    ackedAt: at('02:04:07'),
  },
  'recovered-untaken': { ...down, state: 'recovered', at: at('02:15:10'), failing: [] },
  held: {
    ...down,
    state: 'held',
    at: at('02:04:10'),
    records: [{ name: 'api.example.org', out: false, serves: [], held: 'minInService', why: held }],
  },
  halted: {
    ...down,
    ...notice('down', 'eosio-chain-aca376f2', 'eosio-chain-aca376f2: chain halted: the newest block is 75 s old'),
  },
  removed: { ...notice('recovered', 'eu1', 'eu1 is no longer configured, its incident is closed'), openedAt: at('01:01:07') },
  'flip-failed': notice('flip-failed', 'api/eu1', 'eu1 cannot be put out of service: Throttling: Rate exceeded'),
  'hook-failed': notice('hook-failed', 'role', 'hook role failed for 15 min, us1 was not told that it is MASTER: refused'),
  'foreign-hand': notice('foreign-hand', 'api/eu1', 'api.example.org: eu1 was taken out by hand'),
  skew: notice('skew', 'example', 'vantages have run different configurations for 30 minutes: deploy all stacks'),
  paused: {
    ...notice('paused', 'example', 'ana paused all automatic acts at 2026-11-20 02:01Z: nothing is flipped'),
    quiet: true,
  },
  abstaining: notice('abstaining', 'eu-west-1', 'vantage eu-west-1 has not voted for 15 minutes: its clock is 12 s off'),
  'never-passed': notice('never-passed', 'example', 'eu1/beat has never passed since it is configured: look at the votes'),
  unheard: notice('unheard', 'example', 'email ops@example.org of tier 1 in eu-west-1 has not confirmed'),
  unwatched: notice('unwatched', 'example', 'the alarm quorumwatch-example-blind in eu-west-1 notifies nobody'),
  blind: notice('blind', 'blind', 'fewer than 3 of 5 vantages are heard: nothing is decided, paged or flipped'),
  silent: notice('silent', 'silent/eu-west-1', 'vantage eu-west-1 has cast no ballot for 70 s'),
};
