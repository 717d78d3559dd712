/** What hooks are owed: requests that others' services wait for. `docs/hooks.md` is their documentation. */

import { type Draft, owe } from './draft.ts';
import { isDrill } from './drill.ts';
import type { HookIntent, HookRole, Page } from './ledger.ts';
import type { HookSpec } from './telling.ts';

export const HOOK_EVENTS = ['page', 'acknowledged', 'recovered', 'flip', 'held', 'role'] as const;
export type HookEvent = (typeof HOOK_EVENTS)[number];

/** A hook that could not be called for so long is given up, and a page says so. */
export const HOOK_LIFE_MS = 15 * 60_000;

/** What a request says. Fields may be added, never renamed: anything else is another `version`. */
export interface HookBody extends HookDetails {
  version: 1;
  event: HookEvent;
  cell: string;
  /** The ledger's life: epochs of another one cannot be compared. */
  incarnation: string;
  /** Of the decision: what has a lower one was overtaken. */
  epoch: number;
  /** Of the decision, ISO 8601 UTC. */
  at: string;
  /** The node, or the part of the monitor, that it is about. */
  node: string;
}

/** What depends on the event. */
export interface HookDetails {
  /** One line for people. */
  text: string;
  incident?: string;
  /** Of a page. */
  state?: string;
  tier?: number;
  attempt?: number;
  /** Id of the record that was flipped, held or handed over. */
  record?: string;
  inService?: boolean;
  role?: HookRole;
  /** The guard's rule that holds. */
  rule?: string;
  why?: string;
  /** Who acknowledged. */
  by?: string;
}

/** The hooks that wait for this event of this node. */
export const hooksFor = (draft: Draft, event: HookEvent, ...nodes: string[]): HookSpec[] =>
  draft.cell.hooks.filter((hook) => hook.events.includes(event) && nodes.some((node) => isAbout(hook, node)));

/** Of a drill hooks hear only if somebody asked for that. */
const isKeptFromHooks = ({ ledger }: Draft, node: string): boolean => isDrill(node) && !ledger.drill?.hooks;

const isAbout = ({ nodes }: HookSpec, node: string): boolean => nodes.length === 0 || nodes.includes(node);

/** Owes a call of each hook that waits for this event of this node, or of those that it stands for. */
export function oweHooks(draft: Draft, event: HookEvent, node: string, details: HookDetails, nodes = [node]): void {
  if (isKeptFromHooks(draft, node)) return;
  for (const hook of hooksFor(draft, event, ...nodes)) oweHook(draft, hook, event, node, details);
}

function oweHook(draft: Draft, { id }: HookSpec, event: HookEvent, node: string, details: HookDetails): void {
  const { cell, ledger, now } = draft;
  const { incarnation, epoch } = ledger;
  const at = new Date(now).toISOString();
  const body: HookBody = { version: 1, event, cell: cell.name, incarnation, epoch, at, node, ...details };
  owe(draft, { kind: 'hook', lane: `hook/${id}/${node}`, hook: id, node, event, body: { ...body } });
}

/**
 * Owes the hooks that go with a page about these nodes, in its words. A hook that tiers name goes with their pages and is told the
 * end by each of them; any other that waits for pages goes with all of them, and is told the end once.
 */
export function owePageHooks(draft: Draft, page: Page, text: string, nodes: readonly string[]): void {
  if (isKeptFromHooks(draft, page.subject)) return;
  const event = page.state === 'recovered' ? 'recovered' : 'page';
  const about = nodes.length === 1 ? (nodes[0] ?? page.subject) : page.subject;
  const { incident, state, tier, attempt } = page;
  for (const hook of draft.cell.hooks) {
    // That it fails is not said by the hook that fails.
    const isItself = state === 'hook-failed' && hook.id === page.subject;
    if (isItself || !nodes.some((node) => isAbout(hook, node)) || !goesWith(draft, hook, event, page)) continue;
    oweHook(draft, hook, event, about, { text, incident, state, tier, attempt });
  }
}

function goesWith({ cell }: Draft, { id, events }: HookSpec, event: HookEvent, { tier, quiet }: Page): boolean {
  const { paging } = cell;
  const tiers = quiet ? paging.quiet : paging.tiers;
  if ([...paging.tiers, ...paging.quiet].some(({ hooks }) => hooks.includes(id)))
    return tiers[tier - 1]?.hooks.includes(id) ?? false;
  return events.includes(event) && (event === 'page' || tier === 1);
}

/**
 * Drops calls that failed for too long: whoever they are for should not act on them any more. What role somebody has stays true. Gives those that somebody must hear of, dropped or still owed: the first of each hook since
 * it last answered.
 */
export function dropOldHooks({ cell, ledger, now }: Pick<Draft, 'cell' | 'ledger' | 'now'>): HookIntent[] {
  const isConfigured = ({ hook }: HookIntent): boolean => cell.hooks.some(({ id }) => id === hook);
  const old = ledger.intents.filter((each): each is HookIntent => each.kind === 'hook' && now - each.at >= HOOK_LIFE_MS);
  const dropped = old.filter((each) => each.event !== 'role' || !isConfigured(each));
  ledger.intents = ledger.intents.filter((each) => !dropped.some(({ id }) => id === each.id));
  return old.filter((each) => {
    const isKnown = each.reported || ledger.failedHooks?.[each.hook] !== undefined;
    each.reported = true;
    if (isKnown || !isConfigured(each)) return false;
    ledger.failedHooks = { ...ledger.failedHooks, [each.hook]: now };
    return true;
  });
}
