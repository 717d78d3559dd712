import {
  type HealthCheck,
  ListHealthChecksCommand,
  ListTagsForResourcesCommand,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import { type Cell, memberKey } from '../core/cell.ts';
import { withinMs } from './limits.ts';
import { SWITCH_TAGS } from './names.ts';

/** Route 53 API reference, ListTagsForResources: up to 10 resources in a request. */
const TAGS_BATCH = 10;
/** All of it: an arbiter waits for it before it decides. */
const DISCOVERY_TIMEOUT_MS = 5_000;

/** Of the health checks that the records' stack makes. */
const SWITCH_TYPE = 'CLOUDWATCH_METRIC';

export interface SwitchIds {
  /** Every switch of the cell as Route 53 lists it now, by `<record>/<node>`; more than one: nobody can say which is meant. */
  list(): Promise<ReadonlyMap<string, HealthCheck[]>>;
  /** The id of a member's switch. Throws when none, or more than one, is tagged as its. */
  idOf(record: string, node: string): Promise<string>;
}

/**
 * Finds switches by their tags: ids of health checks are random. What a health check is tagged as is remembered while the process
 * lives, members that were not found are looked for again. Of a member whose health check is the user's own, that one alone is its
 * switch, of whatever type it is, and only with the tags: nobody's health check is touched by a slip of the pen.
 */
export function createSwitchIds(client: Route53Client, cell: Cell): SwitchIds {
  const ownIds = new Map(
    cell.records.flatMap(({ id, members }) =>
      members.flatMap(({ node, healthCheckId }) => (healthCheckId ? [[memberKey(id, node), healthCheckId] as const] : [])),
    ),
  );
  const own = new Set(ownIds.values());
  /** By id: whose switch it is; undefined: nobody's of this cell. */
  const ownerOf = new Map<string, string | undefined>();
  let found: ReadonlyMap<string, HealthCheck[]> = new Map();
  let listing: ReturnType<typeof listAnew> | undefined;

  /** Many may ask at once; Route 53 is asked once. */
  function list(): ReturnType<typeof listAnew> {
    listing ??= listAnew().finally(() => {
      listing = undefined;
    });
    return listing;
  }

  async function listAnew(): Promise<ReadonlyMap<string, HealthCheck[]>> {
    const bound = withinMs(DISCOVERY_TIMEOUT_MS);
    const checks = await listCandidates(bound);
    await readTags(
      checks.flatMap(({ Id }) => (Id !== undefined && !ownerOf.has(Id) ? [Id] : [])),
      bound,
    );
    const byMember = Map.groupBy(checks, ({ Id }) => ownerOf.get(Id ?? ''));
    found = new Map(
      [...byMember].flatMap(([member, all]) => (member === undefined ? [] : [[member, all.filter(isMeant(member))]])),
    );
    // Somebody has to change these tags: they are read anew next time.
    for (const all of found.values()) if (all.length > 1) for (const { Id } of all) ownerOf.delete(Id ?? '');
    return found;
  }

  /** A member with a health check of the user's has no other; one without has none of another member's. */
  const isMeant =
    (member: string) =>
    ({ Id = '' }: HealthCheck): boolean =>
      ownIds.has(member) ? ownIds.get(member) === Id : !own.has(Id);

  /** Health checks follow one another in pages, by `NextMarker` (Route 53 API reference, ListHealthChecks). */
  async function listCandidates(bound: { abortSignal: AbortSignal }): Promise<HealthCheck[]> {
    const checks: HealthCheck[] = [];
    let Marker: string | undefined;
    do {
      const { HealthChecks = [], NextMarker, IsTruncated } = await client.send(new ListHealthChecksCommand({ Marker }), bound);
      checks.push(
        ...HealthChecks.filter(({ Id = '', HealthCheckConfig: config }) => own.has(Id) || config?.Type === SWITCH_TYPE),
      );
      Marker = IsTruncated ? NextMarker : undefined;
    } while (Marker !== undefined);
    return checks;
  }

  async function readTags(ids: readonly string[], bound: { abortSignal: AbortSignal }): Promise<void> {
    for (let at = 0; at < ids.length; at += TAGS_BATCH) {
      const ResourceIds = ids.slice(at, at + TAGS_BATCH);
      const command = new ListTagsForResourcesCommand({ ResourceType: 'healthcheck', ResourceIds });
      const { ResourceTagSets = [] } = await client.send(command, bound);
      for (const { ResourceId, Tags = [] } of ResourceTagSets) {
        const tags = new Map(Tags.map(({ Key, Value }) => [Key, Value]));
        const [record, node] = [tags.get(SWITCH_TAGS.record), tags.get(SWITCH_TAGS.node)];
        const isOurs = tags.get(SWITCH_TAGS.cell) === cell.name && record !== undefined && node !== undefined;
        if (ResourceId !== undefined) ownerOf.set(ResourceId, isOurs ? memberKey(record, node) : undefined);
      }
    }
  }

  return {
    list,
    async idOf(record, node) {
      const member = memberKey(record, node);
      if (found.get(member)?.length !== 1) {
        for (const [id, owner] of ownerOf) if (owner === undefined) ownerOf.delete(id);
        await list();
      }
      const checks = found.get(member) ?? [];
      if (checks.length === 1 && checks[0]?.Id !== undefined) return checks[0].Id;
      throw new Error(problemOf(cell.name, { record, node, ownId: ownIds.get(member) }, checks));
    },
  };
}

/** What is wrong with the tags of a member's switch. `ownId`: of the user's health check. */
export function problemOf(
  cell: string,
  { record, node, ownId }: { record: string; node: string; ownId?: string | undefined },
  checks: readonly HealthCheck[],
): string {
  const tags = `${SWITCH_TAGS.cell}=${cell}, ${SWITCH_TAGS.record}=${record}, ${SWITCH_TAGS.node}=${node}`;
  const member = `switch of ${memberKey(record, node)}`;
  if (ownId !== undefined) return `${member}: the health check ${ownId} has not the tags ${tags} (tag it, or write another id)`;
  if (checks.length === 0) return `${member}: no health check has the tags ${tags} (deploy the records again, or tag it)`;
  const ids = checks.map(({ Id }) => Id).join(', ');
  return `${member}: ${checks.length} health checks have the tags ${tags}: ${ids} (take the tags off all but one)`;
}
