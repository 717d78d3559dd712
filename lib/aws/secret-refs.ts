import type { SecretRef } from '../core/cell.ts';

/** The references to secrets in a piece of configuration: objects with one key, `ssm` or `secretsManager`. */
export function secretRefs(value: unknown): SecretRef[] {
  if (value === null || typeof value !== 'object') return [];
  const [[key, text] = [], ...others] = Object.entries(value);
  const isRef = others.length === 0 && (key === 'ssm' || key === 'secretsManager') && typeof text === 'string';
  return isRef ? [value as SecretRef] : Object.values(value).flatMap(secretRefs);
}
