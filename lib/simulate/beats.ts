import type { Cell } from '../core/cell.ts';
import { type BeatKind, isHeartbeat } from '../core/heartbeats.ts';
import type { Beats } from '../ports.ts';
import type { Invocations } from './invocations.ts';
import type { Timeline } from './timeline.ts';

/** What a node may say instead of its success; nothing at all. */
export type Instead = 'nothing' | Exclude<BeatKind, 'success'>;

/** Those who tell of themselves: each sends its beat when it is due. */
export interface Senders {
  /** The checks that wait for beats. */
  readonly checks: readonly string[];
  /** From now on this is sent instead; gives the end of it. */
  stop(check: string, instead: Instead): () => void;
}

interface SenderOptions {
  timeline: Timeline;
  invocations: Invocations;
  beats: Beats;
}

export function createSenders(cell: Cell, { timeline, invocations, beats }: SenderOptions): Senders {
  const heartbeats = cell.checks.filter(isHeartbeat);
  const stopped = new Map<string, Instead[]>();

  function send(check: string, everyMs: number): void {
    const kind = stopped.get(check)?.at(-1) ?? 'success';
    const signal = { at: timeline.now() };
    if (kind !== 'nothing')
      invocations.start(
        'web',
        'web',
        () => beats.record(check, kind, signal),
        () => {},
      );
    timeline.at(timeline.now() + everyMs, () => send(check, everyMs));
  }

  for (const { key, intervalMs, probe } of heartbeats)
    timeline.at(timeline.now() + intervalMs, () => send(key, probe.everyMs ?? intervalMs));

  return {
    checks: heartbeats.map(({ key }) => key),
    stop(check, instead) {
      const others = stopped.get(check) ?? [];
      stopped.set(check, [...others, instead]);
      return () => {
        const left = stopped.get(check) ?? [];
        stopped.set(check, left.toSpliced(left.lastIndexOf(instead), 1));
      };
    },
  };
}
