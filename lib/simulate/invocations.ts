import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../ports.ts';
import type { Coverage } from './coverage.ts';
import { type Call, type CrashPoints, crashPointsOf, type Role } from './crash-points.ts';
import type { Random } from './random.ts';
import type { Timeline, Work } from './timeline.ts';
import type { View } from './watch.ts';
import type { Service, Weather } from './weather.ts';

/** One run of a handler, as Lambda would start it. */
export interface Invocation {
  /** The vantage, or the arbiter's region. */
  readonly place: string;
  readonly role: Role;
  /** What the watch knows of it. */
  view?: View;
  /** Shared by everything that runs in it. */
  readonly life: {
    /** It was killed: nothing that it waits for ever comes. */
    dead: boolean;
    /** Nothing that it waits for comes before this time. */
    frozenUntil: number;
    /** It was killed or frozen, lost an answer of SNS, or the ledger: nobody can say what it did, so that it may be done again (S16). */
    troubled: boolean;
    /** Called when it is killed. */
    onDeath: () => void;
  };
}

/** What a service made of a request; `lost`: it did what was asked, and its answer never arrives. */
export interface Served<T> {
  answer: T;
  lost?: boolean;
  slowMs?: number;
}

export interface Invocations {
  start(place: string, role: Invocation['role'], work: () => Promise<void>, onEnd: (error?: unknown) => void): Invocation;
  /** The one that runs this code. */
  current(): Invocation;
  /** From here on this code runs in a part of its own of the same invocation: an arbiter that decides twice is two deciders. */
  branch(): Invocation;
  /** Calls a service from the current invocation, over its link, through its crash points. */
  call<T>(service: Service, name: Call, serve: (by: Invocation) => Served<T>): Promise<T>;
  /** The clock of a place: skewed, and deaf while the invocation that looks at it is frozen or dead. */
  clockOf(place: string): Clock;
}

/** A client gives up this long after it asked. */
const TIMEOUT_MS = 2_000;
/** One for all: a stack trace costs more than the rest of a sleep. */
const ABORTED = new DOMException('The sleep was aborted', 'AbortError');
const FREEZES_MS = [5_000, 15_000, 45_000, 300_000];

export interface InvocationsOptions {
  timeline: Timeline;
  weather: Weather;
  random: Random;
  coverage: Coverage;
}

export function createInvocations({ timeline, weather, random, coverage }: InvocationsOptions): Invocations {
  const context = new AsyncLocalStorage<Invocation>();

  function current(): Invocation {
    const invocation = context.getStore();
    if (!invocation) throw new Error('no invocation runs this code');
    return invocation;
  }

  /** By role and call: building and hashing these names anew costs as much as a call. */
  const named = new Map<Role, Map<Call, CrashPoints>>();

  function pointsOf(role: Role, call: Call): CrashPoints {
    const known = named.get(role) ?? new Map<Call, CrashPoints>();
    named.set(role, known);
    const points = known.get(call) ?? crashPointsOf(role, call);
    known.set(call, points);
    return points;
  }

  /** Kills or freezes the invocation here, if that is what befalls it. */
  function crashPoint(by: Invocation, name: string): void {
    coverage.pass('crashPoints', name);
    const trap = weather.traps.get(name);
    if (trap !== undefined) weather.traps.delete(name);
    if (trap === 'killed' || weather.strikes('invocation killed')) {
      coverage.count('crashPoints', name);
      by.life.dead = true;
      by.life.troubled = true;
      by.life.onDeath();
    } else if (trap !== undefined || weather.strikes('invocation frozen')) {
      by.life.frozenUntil = timeline.now() + (trap ?? random.pick(FREEZES_MS));
      by.life.troubled = true;
    }
  }

  /** Goes on with an invocation then, or when it thaws, or never. */
  function resume(by: Invocation, time: number, work: Work): void {
    timeline.at(time, () => {
      if (by.life.dead) return 'idle';
      if (by.life.frozenUntil <= timeline.now()) return work();
      resume(by, by.life.frozenUntil, work);
      return 'idle';
    });
  }

  function call<T>(service: Service, name: Call, serve: (by: Invocation) => Served<T>): Promise<T> {
    const by = current();
    const points = pointsOf(by.role, name);
    return new Promise((resolve, reject) => {
      if (by.life.dead) return;
      crashPoint(by, points.before);
      if (by.life.dead) return;
      const fail = (error: unknown, inMs: number, isLost = false) => {
        if (name === 'readLedger' || name === 'writeLedger' || (isLost && service === 'sns')) by.life.troubled = true;
        resume(by, timeline.now() + inMs, () => reject(error));
      };
      const cut = weather.cutOf(by.place, service);
      const send = (): void => {
        if (cut && cut !== 'answers') fail(new Error(`${service} does not answer`), TIMEOUT_MS);
        else transmit();
      };
      const transmit = (): void =>
        timeline.at(timeline.now() + weather.latencyMs(), () => {
          arrive();
          return 'idle';
        });
      const arrive = (): void => {
        try {
          const { answer, lost, slowMs = 0 } = serve(by);
          if (by.life.dead) return;
          if (lost || cut === 'answers') {
            fail(new Error(`${service}: the answer was lost`), TIMEOUT_MS, true);
            return;
          }
          crashPoint(by, points.after);
          resume(by, timeline.now() + slowMs, () => resolve(answer));
        } catch (error) {
          if (!by.life.dead) fail(error, 0);
        }
      };
      if (by.life.frozenUntil > timeline.now()) resume(by, by.life.frozenUntil, send);
      else send();
    });
  }

  function clockOf(place: string): Clock {
    return {
      now: () => timeline.now() + (weather.skewMs.get(place) ?? 0),
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          const by = current();
          let isOver = false;
          const abort = (): void => {
            isOver = true;
            reject(ABORTED);
          };
          if (signal?.aborted) return abort();
          signal?.addEventListener('abort', abort, { once: true });
          resume(by, timeline.now() + Math.max(0, ms), () => {
            if (isOver) return 'idle';
            signal?.removeEventListener('abort', abort);
            return resolve();
          });
        }),
    };
  }

  function start(
    place: string,
    role: Invocation['role'],
    work: () => Promise<void>,
    onEnd: (error?: unknown) => void,
  ): Invocation {
    const by: Invocation = { place, role, life: { dead: false, frozenUntil: 0, troubled: false, onDeath: () => {} } };
    context.run(by, () => {
      work().then(
        () => onEnd(),
        (error: unknown) => onEnd(error),
      );
    });
    return by;
  }

  function branch(): Invocation {
    const part = { ...current() };
    context.enterWith(part);
    return part;
  }

  return { start, current, branch, call, clockOf };
}
