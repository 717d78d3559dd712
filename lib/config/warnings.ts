import type { Configuration } from './configuration.ts';
import type { Problem } from './faults.ts';

/** What is valid, and still worth a word: nobody is paged, a tier reaches no one, a key does nothing yet. */
export function warningsOf({ config, checks }: Configuration): Problem[] {
  const problems: Problem[] = [];
  if (config.paging === undefined)
    problems.push({
      path: [],
      what: 'paging is missing: nobody is told of anything',
      instead: 'write paging: with at least one tier',
    });
  for (const { node, id, check, path } of checks) {
    if (check.type === 'http' || check.type === 'tcp') continue;
    problems.push({
      path,
      what: `checks of the kind ${check.type} do not work yet: ${node}/${id} is left out`,
      instead: 'keep it for a later version, or watch with http or tcp',
    });
  }
  return problems;
}
