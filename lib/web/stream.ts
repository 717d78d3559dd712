import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Clock } from '../ports.ts';
import type { EventFeed } from './event-log.ts';

/**
 * How often a quiet stream says that it is alive. A message rather than a comment, because scripts cannot see comments: the page
 * takes its absence as the sign that it is out of date, and draws anew on it, so that ages stay right.
 */
const TICK_MS = 5_000;
const RETRY_MS = 1_000;

/**
 * Server-sent events: `change` after something happened, else a `tick`; the first comes at once, and is a `change` unless the
 * browser's Last-Event-ID says that it missed nothing. Events that come faster than a browser reads are one `change`.
 */
export function streamChanges(c: Context, events: EventFeed, clock: Clock): Response {
  c.header('x-accel-buffering', 'no');
  return streamSSE(c, async (stream) => {
    let sentId = Number(c.req.header('last-event-id') ?? Number.NaN);
    let wake = new AbortController();
    const unsubscribe = events.subscribe(() => wake.abort());
    stream.onAbort(() => wake.abort());

    while (!stream.aborted) {
      wake = new AbortController();
      const id = events.lastId();
      await stream.writeSSE({ event: id === sentId ? 'tick' : 'change', id: String(id), data: '', retry: RETRY_MS });
      sentId = id;
      if (!stream.aborted && events.lastId() === id) await clock.sleep(TICK_MS, wake.signal).catch(() => undefined);
    }
    unsubscribe();
  });
}
