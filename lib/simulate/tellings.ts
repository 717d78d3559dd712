/** L2 and L4 for hooks and roles: what others' services are owed they are told, or a page says that they were not. */
import type { HookIntent, Ledger } from '../core/ledger.ts';
import type { Proof } from './proof.ts';

const hooksIn = (ledger: Ledger | undefined): HookIntent[] =>
  (ledger?.intents ?? []).filter((each): each is HookIntent => each.kind === 'hook');

/** Has a page said, in this life, that this hook fails? */
const isToldAsFailed = ({ watch }: Proof, hook: string): boolean =>
  watch.deeds.sent.some(({ state, subject }) => state === 'hook-failed' && subject === hook);

/** Looks at what hooks are owed now; the returned function demands that they were told all of it since. */
export function hooksOwed(proof: Proof): () => void {
  const owed = hooksIn(proof.world.table.ledger());
  return () => {
    const later = hooksIn(proof.world.table.ledger());
    for (const { id, hook, node, event, body, epoch } of owed) {
      // A role that nobody heard of gives way to the one that came after it.
      const isOvertaken = event === 'role' && proof.watch.masters.toldSince(hook, String(body.record), node, epoch);
      if (proof.watch.deeds.wasHooked(id) || isOvertaken || isToldAsFailed(proof, hook)) continue;
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
    if (!isHooked && !isToldAsFailed(proof, id)) fail('L3', `hook ${id} was not told of the page about ${incidents[0]}`);
  }
}

/** Of each record with roles one is MASTER, serves, and was told so, unless a page says that a hook fails. */
export function checkRoles(proof: Proof): void {
  const { world, watch, cell, fail } = proof;
  const ledger = world.table.ledger();
  const tellers = cell.hooks.filter(({ events }) => events.includes('role'));
  if (!ledger || tellers.length === 0 || tellers.some(({ id }) => isToldAsFailed(proof, id))) return;
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
