/** What CloudFormation makes of the secrets of the state's stack, from template to template. */
import type { Cell } from '../../lib/core/cell.ts';
import { resourcesOf, synthesiseCell, templateOf } from '../cdk/synthesis.ts';
import type { FakeAws } from '../fakes/aws.ts';

interface TemplateSecret {
  name: string;
  regions: string[];
  isKept: boolean;
}

export type TemplateSecrets = ReadonlyMap<string, TemplateSecret>;

/** The secrets of the state's template, by the stack's region and their logical id. */
export function secretsOf(cell: Cell, replicasBefore: readonly string[] = []): TemplateSecrets {
  const synthesis = synthesiseCell(cell, { replicasBefore });
  const own = synthesis.places.State?.region ?? '';
  const secrets = resourcesOf(templateOf(synthesis, 'State'), 'AWS::SecretsManager::Secret');
  return new Map(
    secrets.map(([id, { Properties, UpdateReplacePolicy }]) => {
      const copies: { Region: string }[] = Properties.ReplicaRegions ?? [];
      const regions = [own, ...copies.map(({ Region }) => Region)];
      return [`${own}/${id}`, { name: Properties.Name, regions, isKept: UpdateReplacePolicy === 'Retain' }];
    }),
  );
}

/**
 * Deploys the stack. A secret with another name is a new one, with another text, and the old one is deleted when the update is over, unless the template says that
 * it stays; where it is copied to changes in place (CloudFormation template reference, "AWS::SecretsManager::Secret": Name,
 * ReplicaRegions; "UpdateReplacePolicy attribute"). A stack in another region leaves all of this one's as it is.
 */
export function deploySecrets({ secretsManager }: FakeAws, before: TemplateSecrets, after: TemplateSecrets): void {
  const { secrets, regionsOf } = secretsManager;
  for (const { name, regions } of after.values()) {
    if (!secrets.has(name)) secrets.set(name, `the first text of ${name}`);
    regionsOf.set(name, regions);
  }
  for (const [id, { name, isKept }] of before) {
    const next = after.get(id);
    if (next !== undefined && next.name !== name && !isKept) secrets.delete(name);
  }
}
