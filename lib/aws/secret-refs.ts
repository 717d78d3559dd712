import type { SecretRef } from '../core/cell.ts';

/** The references to secrets in a piece of configuration: objects with one key, `ssm` or `secretsManager`. */
export function secretRefs(value: unknown): SecretRef[] {
  if (value === null || typeof value !== 'object') return [];
  const [[key, text] = [], ...others] = Object.entries(value);
  const isRef = others.length === 0 && (key === 'ssm' || key === 'secretsManager') && typeof text === 'string';
  return isRef ? [value as SecretRef] : Object.values(value).flatMap(secretRefs);
}

/**
 * Where what is named by `id` is read from that region: there, or where its ARN says (IAM user guide, "Identify AWS resources with Amazon
 * Resource Names": `arn:partition:service:region:account:resource`).
 */
export const regionOfSecret = (id: string, region: string): string => (id.startsWith('arn:') && id.split(':')[3]) || region;
