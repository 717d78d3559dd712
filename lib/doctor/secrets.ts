import { lineOf } from '../aws/limits.ts';
import { secretRefs } from '../aws/secret-refs.ts';
import type { Cell, SecretRef } from '../core/cell.ts';
import type { Assumption } from './assumption.ts';
import type { Bench, Finding } from './bench.ts';

const nameOf = (secret: SecretRef): string => ('ssm' in secret ? secret.ssm : secret.secretsManager);

/** Which region reads which secret: vantages those of their checks, arbiters those of hooks and of the ping. */
function secretsOf({
  vantages,
  arbiters,
  checks,
  hooks,
  ping,
  references = [],
  canaries = [],
}: Cell): { region: string; secret: SecretRef }[] {
  const probing = vantages.flatMap((region) => {
    const mine = [...checks.filter((check) => check.vantages.includes(region)), ...references, ...canaries];
    return distinct(secretRefs(mine)).map((secret) => ({ region, secret }));
  });
  const calling = arbiters.flatMap((region) => distinct(secretRefs([hooks, ping])).map((secret) => ({ region, secret })));
  return [...probing, ...calling];
}

const distinct = (secrets: readonly SecretRef[]): SecretRef[] => [
  ...new Map(secrets.map((each) => [JSON.stringify(each), each])).values(),
];

async function checkSecrets({ cell, readSecret }: Bench): Promise<Finding[]> {
  const findings = await Promise.all(
    secretsOf(cell).map(async ({ region, secret }): Promise<Finding[]> => {
      const subject = `secret ${nameOf(secret)} in ${region}`;
      try {
        const text = await readSecret(region, secret);
        return text === '' ? [{ subject, what: 'is empty', todo: 'write its value' }] : [];
      } catch (error) {
        return [{ subject, what: `cannot be read: ${lineOf(error)}`, todo: 'write it in that region, under that name' }];
      }
    }),
  );
  return findings.flat();
}

export const SECRET_ASSUMPTIONS: Assumption[] = [
  {
    id: 'secrets',
    claim: 'Every secret of the configuration is there in each region that needs it.',
    source: 'SSM API reference, GetParameter; Secrets Manager API reference, GetSecretValue',
    proof: 'reads each one there, by your own rights, and shows none',
    concerns: (cell) => secretsOf(cell).length > 0,
    check: checkSecrets,
  },
];
