/** The fields of a cron expression: minute, hour, day of the month, month, day of the week (0 and 7 are Sunday). POSIX crontab(5). */
const FIELDS = [
  { from: 0, to: 59, names: [] },
  { from: 0, to: 23, names: [] },
  { from: 1, to: 31, names: [] },
  { from: 1, to: 12, names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] },
  { from: 0, to: 7, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
] as const;

type Field = (typeof FIELDS)[number];

export const CRON_INSTEAD = 'write minute, hour, day, month and weekday, like 0 3 * * 0';

/** Whether a text is a cron expression of five fields with values, names, ranges, lists and steps in range. */
export function isCron(expression: string): boolean {
  const parts = expression.trim().split(/\s+/);
  return (
    parts.length === FIELDS.length &&
    FIELDS.every((field, at) => (parts[at] ?? '').split(',').every((item) => isItem(field, item)))
  );
}

function isItem(field: Field, item: string): boolean {
  const [range = '', step, ...rest] = item.split('/');
  if (rest.length > 0 || (step !== undefined && !/^[1-9]\d?$/.test(step))) return false;
  if (range === '*') return true;
  const ends = range.split('-').map((end) => numberOf(field, end));
  if (ends.length > 2 || ends.some((end) => !(end >= field.from && end <= field.to))) return false;
  return ends.length === 2 ? (ends[0] ?? 0) <= (ends[1] ?? 0) : step === undefined;
}

const numberOf = (field: Field, word: string): number => {
  const named = (field.names as readonly string[]).indexOf(word.toLowerCase());
  if (named >= 0) return named + (field.to === 12 ? 1 : 0);
  return /^\d{1,2}$/.test(word) ? Number(word) : Number.NaN;
};
