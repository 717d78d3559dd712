import { ProbeFailure } from '../failure.ts';
import type { Show } from '../show.ts';

/** Reads the numbers, times and names of chain nodes, whatever their clothes; what makes no sense throws `chain-data`. */
export interface Quantities {
  /** A whole number from 0: a number, decimal text, or hexadecimal text after `0x`. */
  count(value: unknown, field: string): number;
  /** ms since 1970, of ISO 8601 text (UTC where it does not say) or of seconds since 1970. */
  instant(value: unknown, field: string): number;
  /** An id: up to 128 visible ASCII characters without blanks. */
  name(value: unknown, field: string): string;
  flag(value: unknown, field: string): boolean;
  /** What an object holds under this name; undefined where it is none. */
  field(value: unknown, name: string): unknown;
}

const DECIMAL = /^\d{1,16}$/;
const HEXADECIMAL = /^0x[0-9a-f]{1,14}$/i;
/** RFC 3339, and the same without a zone (EOSIO, Steem); CometBFT has up to nine digits of a second. */
const ISO_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/;
const NAME = /^[\x21-\x7e]{1,128}$/;
/** The largest number of ms that `Date` holds (ECMA-262, "Time Values and Time Range"). */
const LAST_INSTANT = 8.64e15;

export function quantities(show: Show): Quantities {
  const refuse = (value: unknown, field: string, expected: string): never => {
    // As JSON, an infinite number would be shown as null.
    const seen = value === undefined ? 'missing' : typeof value === 'number' ? String(value) : show.value(value);
    throw new ProbeFailure('chain-data', `${field} is ${seen}, expected ${expected}`);
  };
  const count = (value: unknown, field: string): number => {
    const number = typeof value === 'string' && (DECIMAL.test(value) || HEXADECIMAL.test(value)) ? Number(value) : value;
    return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : refuse(value, field, 'a whole number');
  };
  return {
    count,
    instant(value, field) {
      const [, day, fraction = '', zone = 'Z'] = (typeof value === 'string' && ISO_TIME.exec(value)) || [];
      const isSeconds = typeof value === 'number' || (typeof value === 'string' && HEXADECIMAL.test(value));
      const at = day ? Date.parse(`${day}${fraction.slice(0, 4)}${zone}`) : isSeconds ? count(value, field) * 1_000 : Number.NaN;
      return at >= 0 && at <= LAST_INSTANT ? at : refuse(value, field, 'a time');
    },
    name: (value, field) => (typeof value === 'string' && NAME.test(value) ? value : refuse(value, field, 'an id')),
    flag: (value, field) => (typeof value === 'boolean' ? value : refuse(value, field, 'true or false')),
    field: (value, name) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? (value as Record<string, unknown>)[name]
        : undefined,
  };
}
