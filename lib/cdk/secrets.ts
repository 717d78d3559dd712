import { secretRefs } from '../aws/secret-refs.ts';
import type { SecretRef } from '../core/cell.ts';

/** ARNs of the secrets that a piece of configuration refers to, each once, in order. */
export const secretArns = (configuration: unknown, region: string, account: string): string[] =>
  [...new Set(secretRefs(configuration).map((ref) => arnOf(ref, region, account)))].sort();

/** Secrets Manager ends every ARN with a hyphen and six random characters (user guide, "IAM policy examples for secrets"). */
function arnOf(ref: SecretRef, region: string, account: string): string {
  if ('ssm' in ref) return `arn:aws:ssm:${region}:${account}:parameter/${ref.ssm.replace(/^\//, '')}`;
  const id = ref.secretsManager;
  return id.startsWith('arn:') ? id : `arn:aws:secretsmanager:${region}:${account}:secret:${id}-??????`;
}
