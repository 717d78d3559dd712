import { createHash } from 'node:crypto';

/** Enough of SHA-256 to tell configurations apart. */
const LENGTH = 16;

/** The first 16 hex digits of the SHA-256 of a value's canonical JSON: keys in order, nothing undefined. */
export const hashOf = (value: unknown): string => createHash('sha256').update(canonical(value)).digest('hex').slice(0, LENGTH);

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`)
    .join(',')}}`;
}
