/**
 * `item-too-large`: the value does not fit an item, however shortened. `item-unreadable`: the stored item is malformed or of a
 * newer schema, and what was asked needs it. `contended`: other writers won every attempt.
 */
export type StoreErrorCode = 'item-too-large' | 'item-unreadable' | 'contended';

/** A fault of the store's own; a table that cannot be reached throws what the SDK says instead. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string) {
    super(message);
    this.name = 'StoreError';
    this.code = code;
  }
}
