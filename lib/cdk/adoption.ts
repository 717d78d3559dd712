import type { RecordSpec } from '../core/cell.ts';

/** Where the record sets of an adopted record are: beside the existing record, which goes on answering until somebody points it here. */
export const besideName = ({ name }: RecordSpec): string => `_quorumwatch.${name}`;

/** Throws a `RangeError` where a record cannot be adopted. */
export function checkAdoptions(records: readonly RecordSpec[], adopt: readonly string[]): void {
  for (const id of adopt) {
    const record = records.find((each) => each.id === id);
    if (!record)
      throw new RangeError(`adopt: there is no record ${id} (write one of ${records.map((each) => each.id).join(', ')})`);
    if (record.zoneId === undefined)
      throw new RangeError(`records.${id}: the zone's id is needed to adopt it (write zoneId: Z…)`);
  }
}

/**
 * The command by which an existing simple record becomes an alias of ours: one UPSERT, so that the name is never without an answer
 * (Route 53 API reference, ChangeResourceRecordSets: a batch is applied as a whole or not at all). It is refused, and nothing is
 * changed, where the existing record has another routing policy.
 */
export function adoptCommand(record: RecordSpec): string {
  const batch = {
    Changes: [
      {
        Action: 'UPSERT',
        ResourceRecordSet: {
          Name: record.name,
          Type: record.type,
          AliasTarget: { HostedZoneId: record.zoneId, DNSName: besideName(record), EvaluateTargetHealth: true },
        },
      },
    ],
  };
  return `aws route53 change-resource-record-sets --hosted-zone-id ${record.zoneId} --change-batch '${JSON.stringify(batch)}'`;
}
