/** Virtual time: what is to happen, in the order in which it happens. */
export interface Timeline {
  /** True time, ms since 1970: no simulated clock need agree. */
  now(): number;
  /** Does this then; not before now. What is due at the same time happens in the order in which it was asked for. */
  at(time: number, work: Work): void;
  /** Lets time pass until then. After each event everything that awaited it has run as far as it could. */
  runUntil(time: number): Promise<void>;
}

/** `idle`: it let nobody go on who awaits something, so that nothing has to be waited for. */
export type Work = () => unknown;

/** Does this whenever a period ends; `period`: the number of the one that did. */
export function atPeriodEnds({ now, at }: Timeline, periodMs: number, work: (period: number) => unknown): void {
  const schedule = (end: number): void =>
    at(end * periodMs, () => {
      const result = work(end - 1);
      schedule(end + 1);
      return result;
    });
  schedule(Math.floor(now() / periodMs) + 1);
}

/** When every life begins: 2026-01-01T00:00:00Z. */
export const START_MS = 1_767_225_600_000;

interface Due {
  time: number;
  order: number;
  work: Work;
}

export function createTimeline(startMs: number): Timeline {
  const heap: Due[] = [];
  let now = startMs;
  let order = 0;

  /** Does what is due until then, up to what others may go on after; false when all of it is done. */
  function next(until: number): boolean {
    for (let due = heap[0]; due && due.time <= until; due = heap[0]) {
      pop(heap);
      now = due.time;
      if (due.work() !== 'idle') return true;
    }
    now = until;
    return false;
  }

  return {
    now: () => now,
    at(time, work) {
      push(heap, { time: Math.max(now, time), order: order++, work });
    },
    runUntil: (until) =>
      new Promise((resolve, reject) => {
        const turn = (): void => {
          try {
            if (next(until)) drained(turn);
            else resolve();
          } catch (error) {
            reject(error);
          }
        };
        turn();
      }),
  };
}

/**
 * Goes on when nothing that awaits can run any further: the simulated processes wait for nothing but promises and this timeline.
 * Node runs the queue of ticks empty, then all microtasks, then the next ticks (Node.js documentation, "process.nextTick()"):
 * a tick that a microtask asks for comes after all of them. An immediate would do, at ten times the price.
 */
const drained = (next: () => void): void => queueMicrotask(() => process.nextTick(next));

const isBefore = (one: Due, other: Due): boolean => one.time < other.time || (one.time === other.time && one.order < other.order);

function push(heap: Due[], due: Due): void {
  let index = heap.push(due) - 1;
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent] as Due;
    if (!isBefore(due, above)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = due;
}

function pop(heap: Due[]): void {
  const last = heap.pop() as Due;
  if (heap.length === 0) return;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Due, heap[child] as Due)) child++;
    const below = heap[child] as Due;
    if (!isBefore(below, last)) break;
    heap[index] = below;
    index = child;
  }
  heap[index] = last;
}
