/** L2 and L4 for hooks and roles: what others' services are owed they are told, or a page says that they were not. */
import type { HookIntent, Ledger } from '../core/ledger.ts';
import type { Proof } from './proof.ts';

const hooksIn = (ledger: Ledger | undefined): HookIntent[] =>
  (ledger?.intents ?? []).filter((each): each is HookIntent => each.kind === 'hook');

const HOOK_LIFE_MS = 15 * 60_000;

/** Was it given up in time, and did people hear that its hook fails? What role somebody has is never given up. */
const isGivenUp = ({ world, watch }: Proof, { hook, event, at }: HookIntent): boolean =>
  event !== 'role' && world.timeline.now() - at >= HOOK_LIFE_MS && watch.deeds.wasToldAsFailed(hook, at);

/** Looks at what hooks are owed now; the returned function demands that they were told all of it since. */
export function hooksOwed(proof: Proof): () => void {
  const owed = hooksIn(proof.world.table.ledger());
  return () => {
    const later = hooksIn(proof.world.table.ledger());
    for (const call of owed) {
      const { id, hook, node, event, body, epoch } = call;
      // A role that nobody heard of gives way to the one that came after it.
      const isOvertaken = event === 'role' && proof.watch.masters.toldSince(hook, String(body.record), node, epoch);
      if (proof.watch.deeds.wasHooked(id) || isOvertaken || isGivenUp(proof, call)) continue;
      const isLeft = later.some((each) => each.id === id);
      proof.fail('L4', `hook ${hook} was owed ${event} of ${node} (${id}), ${isLeft ? 'and still is' : 'and nobody told it'}`);
    }
  };
}

/** Who hears of pages heard of this incident. */
export function expectHooked(proof: Proof, incidents: readonly (string | undefined)[]): void {
  const { world, cell, fail } = proof;
  for (const { id } of cell.hooks.filter(({ events }) => events.includes('page'))) {
    const isHooked = world.hooks.taken.some(({ event, incident }) => event === 'page' && incidents.includes(String(incident)));
    if (!isHooked) fail('L3', `hook ${id} was not told of the page about ${incidents[0]}`);
  }
}

/** Of each record with roles one is MASTER, serves, and was told so. */
export function checkRoles(proof: Proof): void {
  const { world, watch, cell, fail } = proof;
  const ledger = world.table.ledger();
  if (!ledger || !cell.hooks.some(({ events }) => events.includes('role'))) return;
  for (const { id, policy, members } of cell.records) {
    if (policy !== 'failover') continue;
    const nodes = members.map(({ node }) => node);
    const masters = nodes.filter((node) => ledger.roles?.[id]?.told[node] === 'MASTER');
    const [master] = masters;
    if (masters.length !== 1 || master === undefined) {
      fail('L4', `${id} has ${masters.length === 0 ? 'no MASTER' : `the MASTERs ${masters.join(', ')}`}, and all is well`);
      continue;
    }
    const heard = watch.masters.holder(id);
    if (heard !== 'unknown' && heard !== master)
      fail('L4', `${master} is MASTER of ${id}, and ${heard ?? 'nobody'} was told last`);
    const serving = nodes.filter((node) => ledger.members[`${id}/${node}`]?.inService ?? true);
    if (serving.length > 0 && !serving.includes(master))
      fail('L4', `${master} is MASTER of ${id}, and ${serving.join(', ')} serve`);
  }
}
