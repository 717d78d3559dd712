/** Where a run can be killed: before and after each call that it makes. */
import type { Hooks, Pager, Store, Switches } from '../ports.ts';
import type { ProberPorts } from '../run/prober.ts';

/** Who calls what, by the ports that the handlers are given: a call that they gain does not compile until it is listed. */
interface Calls {
  prober: keyof ProberPorts['store'] | 'readBeats' | 'look' | 'send to prober' | 'send to arbiter';
  /** It neither casts ballots nor orders anything, and nobody asks the incidents here. */
  arbiter:
    | Exclude<keyof Store, keyof ProberPorts['store'] | 'readActs' | 'appendAct' | 'listIncidents' | 'readIncident'>
    | keyof Switches
    | keyof Pager
    | keyof Hooks
    | 'send to prober';
  web: 'appendAct' | 'recordBeat';
}

export type Role = keyof Calls;
/** `readActs` is for people's commands: no simulated role makes it. */
export type Call = Calls[Role] | 'readActs';

const CALLS: { [R in Role]: Record<Calls[R], true> } = {
  prober: { readBallot: true, writeBallot: true, readBeats: true, look: true, 'send to prober': true, 'send to arbiter': true },
  arbiter: {
    readSnapshot: true,
    readLedger: true,
    writeLedger: true,
    writeIncident: true,
    list: true,
    read: true,
    update: true,
    signal: true,
    publish: true,
    call: true,
    'send to prober': true,
  },
  web: { appendAct: true, recordBeat: true },
};

export interface CrashPoints {
  before: string;
  after: string;
}

export const crashPointsOf = (role: string, call: string): CrashPoints => ({
  before: `${role} ${call}: before`,
  after: `${role} ${call}: after`,
});

/** Every one that must be reached: a call that no run was killed at fails the suite. */
export const CRASH_POINTS: readonly string[] = Object.entries(CALLS).flatMap(([role, calls]) =>
  Object.keys(calls).flatMap((call) => Object.values(crashPointsOf(role, call))),
);
