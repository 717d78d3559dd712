/** Structural checks of what was read: small pieces that the item shapes in `shapes.ts` are put together from. */

export type Guard = (value: unknown) => boolean;

/** One guard for each field of T: leaving a field out does not compile. */
export type Fields<T> = { [K in keyof T]-?: Guard };

export const string: Guard = (value) => typeof value === 'string';
export const number: Guard = (value) => Number.isFinite(value);
export const boolean: Guard = (value) => typeof value === 'boolean';

export const optional =
  (guard: Guard): Guard =>
  (value) =>
    value === undefined || guard(value);

export const literal =
  (...allowed: readonly (string | number)[]): Guard =>
  (value) =>
    allowed.some((one) => one === value);

export const either =
  (...guards: readonly Guard[]): Guard =>
  (value) =>
    guards.some((guard) => guard(value));

export const list =
  (item: Guard): Guard =>
  (value) =>
    Array.isArray(value) && value.every(item);

/** An object with any keys. */
export const dictionary =
  (item: Guard): Guard =>
  (value) =>
    isObject(value) && Object.values(value).every(item);

/** An object with these fields; further ones are left alone, so that a field can be added without a new schema. */
export const fields =
  <T>(guards: Fields<T>): Guard =>
  (value) =>
    isObject(value) && Object.entries<Guard>(guards).every(([name, guard]) => guard(value[name]));

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
