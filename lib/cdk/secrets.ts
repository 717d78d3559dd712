import type { SecretRef } from '../core/cell.ts';

/** ARNs of the secrets that a piece of configuration refers to, each once, in order. */
export const secretArns = (configuration: unknown, region: string, account: string): string[] =>
  [...new Set(secretRefs(configuration).map((ref) => arnOf(ref, region, account)))].sort();

/** The references to secrets in a piece of configuration: objects with one key, `ssm` or `secretsManager`. */
function secretRefs(value: unknown): SecretRef[] {
  if (value === null || typeof value !== 'object') return [];
  const [[key, text] = [], ...others] = Object.entries(value);
  const isRef = others.length === 0 && (key === 'ssm' || key === 'secretsManager') && typeof text === 'string';
  return isRef ? [value as SecretRef] : Object.values(value).flatMap(secretRefs);
}

/** Secrets Manager ends every ARN with a hyphen and six random characters (user guide, "IAM policy examples for secrets"). */
function arnOf(ref: SecretRef, region: string, account: string): string {
  if ('ssm' in ref) return `arn:aws:ssm:${region}:${account}:parameter/${ref.ssm.replace(/^\//, '')}`;
  const id = ref.secretsManager;
  return id.startsWith('arn:') ? id : `arn:aws:secretsmanager:${region}:${account}:secret:${id}-??????`;
}
