/**
 * Members that belong in service again, while their alarm may still keep them out: it follows a metric by the minute, and nobody is
 * told when the metric itself cannot be published. Until arbiters know better, no other member may leave for their sake.
 */
import type { Draft } from './draft.ts';
import type { Ledger } from './ledger.ts';

/** From now on this member belongs in service, or out of it. */
export function noteService(draft: Draft, key: string, inService: boolean): void {
  if (inService) beginReturn(draft, key);
  else endReturn(draft, key);
}

export function beginReturn({ ledger, now }: Draft, key: string): void {
  ledger.returning = { ...ledger.returning, [key]: now };
}

function endReturn({ ledger }: Draft, key: string): void {
  if (ledger.returning?.[key] === undefined) return;
  const { [key]: _, ...others } = ledger.returning;
  if (Object.keys(others).length > 0) ledger.returning = others;
  else delete ledger.returning;
}

/** Ends the returns that are known to be over. */
export function endReturns(draft: Draft): void {
  for (const key of draft.inputs.returned ?? []) endReturn(draft, key);
}

export const isReturning = ({ returning }: Ledger, key: string): boolean => returning?.[key] !== undefined;
