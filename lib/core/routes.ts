import type { Cell, RecordSpec, Severity } from './cell.ts';
import { checkStateOf, checksInTrouble } from './checks.ts';
import { type Draft, tell } from './draft.ts';
import { isTakeOutHeld, memberOf } from './guard.ts';
import type { Incident, PagingList } from './ledger.ts';
import type { TierSpec } from './telling.ts';

/** Incidents climb from the first (not decided yet) to the last of these, never back. */
const CLIMB: readonly (PagingList | undefined)[] = [undefined, 'nobody', 'quiet', 'tiers'];

/** The tiers that people are told by, the first to be told first. */
export const tiersOf = ({ paging }: Cell, list: PagingList | undefined): readonly TierSpec[] =>
  list === 'quiet' ? paging.quiet : paging.tiers;

/** Decides whom an incident is paged to; once more people must know, its pages begin anew with them, at once. */
export function routeIncident(draft: Draft, incident: Incident): void {
  const { paging } = incident;
  const list = listFor(draft, incident) ?? paging.list ?? 'tiers';
  if (CLIMB.indexOf(list) <= CLIMB.indexOf(paging.list)) return;
  if (paging.list !== undefined) tell(draft, incident.id, `paged by ${list} from now on`);
  incident.paging = {
    list,
    tier: 0,
    attempt: 0,
    nextAt: draft.now + (tiersOf(draft.cell, list)[0]?.afterMs ?? 0),
    before: paging.attempt,
    ...(paging.told && { told: paging.told }),
  };
}

/** Nothing while none of its checks is in trouble: it came and went, and may come again; or it is a chain. */
function listFor(draft: Draft, { node }: Incident): PagingList | undefined {
  const { cell } = draft;
  const records = cell.records.filter(({ members }) => members.some((member) => member.node === node));
  if (records.some((record) => isTakeOutHeld(draft, record, node) || hasFailed(draft, node))) return 'tiers';
  const troubled = checksInTrouble(draft, node);
  if (troubled.length === 0) return undefined;
  const quiet = cell.paging.quiet.length > 0 ? 'quiet' : 'tiers';
  const { policy } = cell.nodes.find(({ id }) => id === node) ?? {};
  if (policy !== undefined) return policy === 'quiet' ? quiet : 'tiers';
  const severities = new Set<Severity>(troubled.map(({ severity }) => severity));
  if (!severities.has('critical')) return severities.has('warning') ? quiet : 'nobody';
  return records.length > 0 && records.every((record) => isServed(draft, record)) ? quiet : 'tiers';
}

/** A flip of it could not be carried out, and a page says so. */
const hasFailed = ({ ledger }: Draft, node: string): boolean =>
  ledger.intents.some((each) => each.kind === 'flip' && each.reported && each.node === node);

/** Does somebody answer for it, and nobody who does not work? */
function isServed(draft: Draft, record: RecordSpec): boolean {
  const serving = record.members.filter(({ node }) => memberOf(draft, record, node)?.inService ?? true);
  const works = (node: string) =>
    record.requires.every((id) => !['down', 'unknown'].includes(checkStateOf(draft.ledger, `${node}/${id}`)));
  return serving.length > 0 && serving.every(({ node }) => works(node));
}
