import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Evidence, Incident } from '../core/ledger.ts';
import type { StoredIncident } from '../ports.ts';
import { decodeBody, encodeBody, encodeJson } from './body.ts';
import { retryReplicaConflicts } from './compare-and-set.ts';
import { StoreError } from './error.ts';
import { isEvidence, isIncident } from './shapes.ts';
import type { Table } from './table.ts';

type Attributes = Record<string, AttributeValue>;

/** A query reads at most 1 MB a page (DynamoDB developer guide, "Query"): an incident is looked for in the newest 20 MB. */
const maxPages = 20;
const evidencePrefix = 'evidence:';
/** Together less than an item, so that the evidence that opened an incident always fits. */
const maxIncidentBytes = 90 * 1024;
const maxEvidenceBytes = 300 * 1024;

/**
 * Creates or updates an incident's item. Evidence and replay are an attribute for each epoch, so that writing twice changes
 * nothing and late evidence still adds up; the incident itself is only replaced by one whose timeline is as new.
 * When the item would exceed 400 KB, the new replay is left out, then the new evidence: what is stored stays. Throws
 * `StoreError` `item-too-large` when not even the incident itself fits any more.
 */
export async function writeIncident(
  table: Table,
  incident: Incident,
  evidence: readonly Evidence[],
  replay?: { epoch: number; json: string },
): Promise<void> {
  const newEvidence = evidenceAttributes(evidence);
  const newReplay: Attributes = replay ? { [`replay:${replay.epoch}`]: encodeJson(replay.json) } : {};
  const reductions = [{ ...newEvidence, ...newReplay }, newEvidence, {}];
  for (const [index, additions] of reductions.entries()) {
    try {
      return await update(table, incident, additions);
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      if (index === reductions.length - 1) throw new StoreError('item-too-large', `incident ${incident.id}: its item is full`);
    }
  }
}

async function update(table: Table, incident: Incident, additions: Attributes): Promise<void> {
  const epoch = Math.max(0, ...incident.timeline.map((entry) => entry.epoch));
  const state: Attributes = {
    schema: { N: '1' },
    id: { S: incident.id },
    epoch: { N: String(epoch) },
    body: encodeBody(`incident ${incident.id}`, incident, maxIncidentBytes),
  };
  try {
    await set(table, incident, { ...state, ...additions }, { ':epoch': { N: String(epoch) } });
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    // A later epoch is stored: only what this one adds is written.
    if (Object.keys(additions).length > 0) await set(table, incident, additions);
  }
}

async function set({ client, table, cell, clock }: Table, incident: Incident, attributes: Attributes, notNewerThan?: Attributes) {
  const entries = Object.entries(attributes);
  const command = new UpdateItemCommand({
    TableName: table,
    Key: { pk: { S: `incident/${cell}` }, sk: { S: `${new Date(incident.openedAt).toISOString()}#${incident.id}` } },
    UpdateExpression: `SET ${entries.map((_, index) => `#n${index} = :v${index}`).join(', ')}`,
    ...(notNewerThan && { ConditionExpression: 'attribute_not_exists(epoch) OR epoch <= :epoch' }),
    ExpressionAttributeNames: Object.fromEntries(entries.map(([name], index) => [`#n${index}`, name])),
    ExpressionAttributeValues: {
      ...Object.fromEntries(entries.map(([, value], index) => [`:v${index}`, value])),
      ...notNewerThan,
    },
  });
  await retryReplicaConflicts(clock, () => client.send(command));
}

function evidenceAttributes(evidence: readonly Evidence[]): Attributes {
  const byEpoch = Object.entries(Object.groupBy(evidence, (one) => one.epoch));
  return Object.fromEntries(
    byEpoch.map(([epoch, group]) => [evidencePrefix + epoch, encodeBody(`evidence of epoch ${epoch}`, group, maxEvidenceBytes)]),
  );
}

/** The newest incidents, newest first. Items that cannot be read are left out: an unreadable one must not hide the others. */
export async function listIncidents(table: Table, limit: number): Promise<StoredIncident[]> {
  const incidents: StoredIncident[] = [];
  for await (const item of newestFirst(table, limit)) {
    const incident = readStored(item);
    if (incident) incidents.push(incident);
    if (incidents.length === limit) break;
  }
  return incidents;
}

/** Throws `StoreError` `item-unreadable` when the incident is there but malformed or of a newer schema. */
export async function readIncident(table: Table, id: string): Promise<StoredIncident | undefined> {
  for await (const item of newestFirst(table, undefined, id)) {
    const incident = readStored(item);
    if (!incident) throw new StoreError('item-unreadable', `incident ${id}: malformed or written by a newer release`);
    return incident;
  }
  return undefined;
}

async function* newestFirst({ client, table, cell }: Table, limit?: number, id?: string): AsyncGenerator<Attributes> {
  let start: Attributes | undefined;
  for (let page = 0; page < maxPages; page++) {
    const { Items, LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        ScanIndexForward: false,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: `incident/${cell}` }, ...(id !== undefined && { ':id': { S: id } }) },
        ...(id !== undefined && { FilterExpression: 'id = :id' }),
        Limit: limit,
        ExclusiveStartKey: start,
      }),
    );
    yield* Items ?? [];
    if (!LastEvaluatedKey) return;
    start = LastEvaluatedKey;
  }
}

function readStored(item: Attributes): StoredIncident | undefined {
  const incident = decodeBody(item.body);
  if (item.schema?.N !== '1' || !isIncident(incident)) return undefined;
  const evidence = Object.entries(item)
    .filter(([name]) => name.startsWith(evidencePrefix))
    .flatMap(([, value]) => decodeBody(value));
  if (!evidence.every(isEvidence)) return undefined;
  return { ...incident, evidence: evidence.sort((a, b) => a.epoch - b.epoch) };
}

function isTooLarge(error: unknown): boolean {
  return (
    error instanceof DynamoDBServiceException &&
    error.name === 'ValidationException' &&
    error.message.includes('maximum allowed size')
  );
}
