/** A time as a person reads it, with the date where it is not today's: `02:01:13Z`, `2026-11-20 23:59:01Z`. Both are ISO 8601 UTC. */
export function timeText(iso: string, now: string): string {
  const [day, time] = [iso.slice(0, 10), `${iso.slice(11, 19)}Z`];
  return day === now.slice(0, 10) ? time : `${day} ${time}`;
}
