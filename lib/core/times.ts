/** Times and durations for people. */

/** `45 s`, `14 min`, `2 h 5 min`, `3 d 4 h` */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h${minutes % 60 ? ` ${minutes % 60} min` : ''}`;
  return `${Math.floor(hours / 24)} d${hours % 24 ? ` ${hours % 24} h` : ''}`;
}

const DAY_MS = 86_400_000;

/** `02:01Z`, or `03:01 CET` in another time zone; with its date once that is more than a day ago. */
export function clockTime(at: number, timezone: string, now = at): string {
  const full = dateTime(at, timezone);
  return now - at < DAY_MS ? full.slice(full.indexOf(' ') + 1) : full;
}

/** `2026-11-21 02:01Z`, or `2026-11-21 03:01 CET` */
export function dateTime(at: number, timezone = 'UTC'): string {
  const { year, month, day, hour, minute, timeZoneName } = partsOf(at, timezone);
  return `${year}-${month}-${day} ${hour}:${minute}${timezone === 'UTC' ? 'Z' : ` ${timeZoneName}`}`;
}

/** By time zone: making one takes longer than all else about a page. */
const formats = new Map<string, Intl.DateTimeFormat>();

function partsOf(at: number, timezone: string): Partial<Record<Intl.DateTimeFormatPartTypes, string>> {
  const format =
    formats.get(timezone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone: timezone,
      ...{ year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
      hourCycle: 'h23',
      timeZoneName: 'short',
    });
  formats.set(timezone, format);
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
}
