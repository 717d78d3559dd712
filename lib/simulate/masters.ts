/** Failover records as those hear of them who act on it: nobody is told to take over while another may still be at work. */

import type { Cell, RecordSpec } from '../core/cell.ts';
import type { HookIntent, Ledger } from '../core/ledger.ts';
import type { ReasonCode } from '../core/reasons.ts';
import { observe } from './invariants/reading.ts';
import { ledgerBefore, type Step } from './invariants/step.ts';

export interface Masters {
  /** A decision was made, and this committed. */
  decided(step: Step, after: Ledger): void;
  /** Whoever waits for this hook took it. */
  heard(intent: string): void;
  /** Who was told last that it is MASTER, and not since that it is not; `unknown` when nobody was told anything since the table was replaced. */
  holder(record: string): string | undefined | 'unknown';
  /** Did this hook hear of a role of this node that was decided later? */
  toldSince(hook: string, record: string, node: string, epoch: number): boolean;
  /** The table was emptied or set back: what was told before nobody knows. */
  forget(): void;
}

interface Told {
  record: string;
  node: string;
  role: string;
  hook: string;
  epoch: number;
  /** It may take over although the last one did not confirm: nobody has reached that for as long as the fence says. */
  isFree: boolean;
}

const UNREACHABLE: ReadonlySet<ReasonCode> = new Set(['connect-refused', 'connect-failed', 'connect-timeout']);
/** Checks that open no connection of their own. */
const CONNECTS_NOT: ReadonlySet<string> = new Set(['heartbeat', 'any', 'all']);
/** How far the clocks of two arbiters may be apart. */
const CLOCKS_MS = 10_000;
/** An arbiter that decided so lately goes by its configuration still: two ticks. */
const KNOWN_MS = 120_000;

export function createMasters(say: (rule: string, what: string) => void): Masters {
  const told = new Map<string, Told>();
  /** By record: who was told last that it is MASTER, and not since that it is not. */
  const holders = new Map<string, string | undefined>();
  const unreachableSince = new Map<string, number>();
  /** By region: what its arbiter committed last, and when. */
  const deciders = new Map<string, { cell: Cell; at: number }>();
  const heard: Told[] = [];

  function noteReach(step: Step): void {
    for (const { id } of step.cell.nodes) {
      if (!isUnreachable(step, id)) unreachableSince.delete(id);
      else if (!unreachableSince.has(id)) unreachableSince.set(id, step.now);
    }
  }

  /** Does anybody who decided lately still know it as a member? */
  const isKnown = (id: string, holder: string | undefined, now: number): boolean =>
    [...deciders.values()].some(
      ({ cell, at }) =>
        now - at < KNOWN_MS &&
        cell.records.some((record) => record.id === id && record.members.some(({ node }) => node === holder)),
    );

  /** Without a fence it is free at once; so it is when nobody knows the last one as a member any more. */
  function isFree({ now }: Step, { id, fence }: RecordSpec): boolean {
    const holder = holders.get(id);
    if (!fence || !isKnown(id, holder, now)) return true;
    const since = unreachableSince.get(holder ?? '');
    return since !== undefined && now - since + CLOCKS_MS >= fence.timeoutMs;
  }

  /** Did this hook hear of a role of this node that was decided later? */
  const toldSince: Masters['toldSince'] = (hook, record, node, epoch) =>
    heard.some((each) => each.hook === hook && each.record === record && each.node === node && each.epoch > epoch);

  return {
    decided(step, after) {
      noteReach(step);
      deciders.set(regionOf(step), { cell: step.cell, at: step.now });
      const before = ledgerBefore(step);
      for (const [record, { master }] of Object.entries(after.roles ?? {}))
        if (!before.roles?.[record]) holders.set(record, master);
      const fresh = after.intents.filter((each): each is HookIntent => each.kind === 'hook' && each.epoch === after.epoch);
      const masters = new Map<string, string>();
      for (const { id, event, node, body, hook, epoch } of fresh) {
        const record = step.cell.records.find((each) => each.id === body.record);
        if (event !== 'role' || !record) continue;
        told.set(id, { record: record.id, node, role: String(body.role), hook, epoch, isFree: isFree(step, record) });
        if (body.role !== 'MASTER') continue;
        const other = masters.get(record.id);
        if (other !== undefined && other !== node) say('roles', `${other} and ${node} are MASTER of ${record.id} in one epoch`);
        masters.set(record.id, node);
      }
    },
    heard(intent) {
      const call = told.get(intent);
      if (!call) return;
      const { record, node, role, hook, epoch } = call;
      if (toldSince(hook, record, node, epoch)) return; // it arrives late, and is to be ignored (docs/hooks.md)
      heard.push(call);
      const holder = holders.get(record);
      if (role !== 'MASTER') {
        if (holder === node) holders.set(record, undefined);
        return;
      }
      if (holder !== undefined && holder !== node && !call.isFree)
        say('roles', `${node} is told that it is MASTER of ${record}, and ${holder} was not told that it is not`);
      holders.set(record, node);
    },
    holder: (record) => (holders.has(record) ? holders.get(record) : 'unknown'),
    toldSince,
    forget() {
      heard.length = 0;
      told.clear();
      holders.clear();
      unreachableSince.clear();
    },
  };
}

/** An arbiter's name is its region and the id of its run. */
const regionOf = ({ me }: Step): string => me.arbiter.split('/')[0] ?? '';

/** Does a quorum get no connection, at any check that makes one? */
function isUnreachable(step: Step, node: string): boolean {
  const checks = step.cell.checks.filter((check) => check.node === node && !CONNECTS_NOT.has(check.probe.kind));
  return checks.every(({ key, quorum }) => {
    const words = [...(observe(step).words.get(key)?.values() ?? [])];
    return (
      words.filter(({ vote, reason }) => vote === 'down' && reason !== undefined && UNREACHABLE.has(reason)).length >= quorum
    );
  });
}
