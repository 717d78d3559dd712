import { type Cell, memberKey } from '../core/cell.ts';
import type { SwitchState } from '../core/inputs.ts';
import type { Switches } from '../ports.ts';
import type { Call } from './crash-points.ts';
import type { Invocation, Invocations, Served } from './invocations.ts';
import type { Random } from './random.ts';
import { createSwitchAlarms } from './switch-alarms.ts';
import type { Timeline } from './timeline.ts';
import type { Watch } from './watch.ts';
import type { Weather } from './weather.ts';

/** A switch, and whether its alarm leaves its member out all the same. */
export interface Answer extends SwitchState {
  isAlarmed: boolean;
  /** That is nobody's fault: a hand flipped it last, or the ledger is an old copy that does not know what its alarm was told. */
  isExcused: boolean;
}

/** The switches of all members, as Route 53 keeps health checks. */
export interface Route53 extends Switches {
  /** What DNS answers by: always there, whatever the control plane does. */
  answers(): Answer[];
  /** Somebody flips a switch in the console. */
  byHand(record: string, node: string, inService: boolean): void;
  /** The ledger is an old copy from now on. */
  excuse(): void;
}

export interface Route53Options {
  /** Every member that any configuration has. */
  cells: readonly Cell[];
  timeline: Timeline;
  weather: Weather;
  random: Random;
  invocations: Invocations;
  watch: Watch;
}

/** A read may be so old: less than what the core takes for a switch that was made anew. */
const LAGS_MS = [2_000, 20_000, 120_000];

/** A comparison with Route 53, and an alarm that is over. */
const OLD_COPY_MS = 8 * 60_000;

export function createRoute53({ cells, timeline, weather, random, invocations, watch }: Route53Options): Route53 {
  const switches = new Map<string, SwitchState>();
  for (const { id: record, members } of cells.flatMap(({ records }) => records))
    for (const { node } of members) switches.set(memberKey(record, node), { record, node, inService: true, version: 1 });

  const states = () => [...switches.values()].map((state) => ({ ...state }));
  const answers = () =>
    [...switches].map(([key, state]): Answer => ({ ...state, isAlarmed: alarms.isOut(key), isExcused: isExcused(key) }));
  /** Members whose switch a hand flipped last. */
  const byHand = new Set<string>();
  /** Until it is settled what an old copy makes of all switches; of a member whose alarm keeps it out by then, until that is over. */
  let excusedUntil = 0;
  const excused = new Set<string>();
  const isExcused = (key: string): boolean => byHand.has(key) || excused.has(key) || timeline.now() < excusedUntil;

  const alarms = createSwitchAlarms({
    ...{ timeline, weather, invocations },
    onChange(key, isOut) {
      if (!isOut) excused.delete(key);
      else if (timeline.now() < excusedUntil) excused.add(key);
      const state = switches.get(key);
      if (isOut && state?.inService && !isExcused(key)) watch.alarmed(state, minInService(state.record), answers());
    },
  });

  /** Of the configurations that have this record, the one that asks for the fewest. */
  const minInService = (record: string): number =>
    Math.min(...cells.flatMap(({ records }) => records.filter(({ id }) => id === record).map(({ guard }) => guard.minInService)));

  function find(record: string, node: string): SwitchState {
    const state = switches.get(memberKey(record, node));
    if (!state) throw new Error(`route53: no switch for ${memberKey(record, node)}`);
    return state;
  }

  /** What reads showed until then, oldest first. */
  let former: { until: number; shown: SwitchState[] }[] = [];

  function change(state: SwitchState, to: Partial<SwitchState>): void {
    const now = timeline.now();
    former = [...former.filter(({ until }) => until > now - Math.max(...LAGS_MS)), { until: now, shown: states() }];
    Object.assign(state, { ...to, version: state.version + 1 });
  }

  /** The API reference promises nothing of reads but that they come: they may not know yet what an update has changed. */
  function shown(fault: 'route53 list lags' | 'route53 read lags'): SwitchState[] {
    const isOld = (lagMs: number) => former.find(({ until }) => until > timeline.now() - lagMs);
    const lags = LAGS_MS.filter(isOld);
    if (lags.length === 0 || !weather.strikes(fault)) return states();
    return isOld(random.pick(lags))?.shown ?? states();
  }

  function request<T>(name: Call, serve: (by: Invocation) => T): Promise<T> {
    return invocations.call('route53', name, (by): Served<T> => {
      if (weather.strikes('route53 throttled')) throw new Error('route53: throttled');
      const answer = serve(by);
      const slowMs = weather.strikes('route53 slow') ? random.between(1_000, 12_000) : 0;
      return { answer, slowMs };
    });
  }

  /** Somebody else writes the same health check just then: a tag, a name, nothing that DNS shows. */
  function meddle(state: SwitchState): void {
    if (weather.strikes('route53 version mismatch')) change(state, {});
  }

  return {
    answers,
    signal: alarms.signal,
    byHand(record, node, inService) {
      change(find(record, node), { inService });
      byHand.add(memberKey(record, node));
    },
    excuse() {
      excusedUntil = timeline.now() + OLD_COPY_MS;
      for (const key of switches.keys()) if (alarms.isOut(key)) excused.add(key);
    },
    async list() {
      const all = await request('list', () => shown('route53 list lags'));
      watch.switchesListed(invocations.current(), all);
      return all;
    },
    async read(record, node) {
      const state = await request('read', () => {
        const key = memberKey(record, node);
        const old = shown('route53 read lags').find((each) => memberKey(each.record, each.node) === key);
        return old ?? { ...find(record, node) };
      });
      watch.switchRead(invocations.current(), state);
      return state;
    },
    update(sent) {
      const known = watch.switchOffered(invocations.current(), sent);
      return invocations.call('route53', 'update', (): Served<Awaited<ReturnType<Switches['update']>>> => {
        if (weather.strikes('route53 throttled')) throw new Error('route53: throttled');
        const state = find(sent.record, sent.node);
        meddle(state);
        const before = answers();
        // As the API has it: without a version, whatever is there is overwritten.
        const isCurrent = sent.version === undefined || sent.version === state.version;
        if (isCurrent) {
          change(state, { inService: sent.inService });
          byHand.delete(memberKey(sent.record, sent.node));
        }
        const result = isCurrent ? ('updated' as const) : ('version-mismatch' as const);
        watch.switchUpdated(known, sent, result, before);
        if (weather.strikes('route53 applied, but timed out')) return { answer: { result: 'version-mismatch' }, lost: true };
        const answer = isCurrent
          ? { result: 'updated' as const, version: state.version }
          : { result: 'version-mismatch' as const };
        return { answer };
      });
    },
  };
}
