import {
  DeleteItemCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import { historyTableName, stateRegion, tableName } from '../aws/names.ts';
import { HISTORY_EXPIRES } from '../core/history.ts';
import { CLOCK_TOLERANCE_MS } from '../core/votes.ts';
import { compareAndSet } from '../store/compare-and-set.ts';
import { readItem } from '../store/read-item.ts';
import { type Assumption, always } from './assumption.ts';
import type { Bench, Finding } from './bench.ts';

const DEPLOY = 'deploy the state stack';

/** The table is there in every region, active, and as consistent as its name says. */
async function checkMode({ cell, dynamoDbOf }: Bench): Promise<Finding[]> {
  const TableName = tableName(cell);
  const isStrong = cell.arbiters.length > 1;
  const findings = await Promise.all(
    cell.arbiters.map(async (region): Promise<Finding[]> => {
      const { Table } = await dynamoDbOf(region).send(new DescribeTableCommand({ TableName }));
      const { TableStatus = 'nothing', MultiRegionConsistency = 'EVENTUAL', DeletionProtectionEnabled } = Table ?? {};
      const subject = `table in ${region}`;
      if (TableStatus !== 'ACTIVE') return [{ subject, what: `is ${TableStatus}`, todo: `wait, then ${DEPLOY}` }];
      const wrong = {
        subject,
        what: 'is eventually consistent: arbiters would decide twice',
        todo: 'destroy and deploy it again',
      };
      const open = { subject, what: 'can be deleted by mistake', todo: 'deploy without -c protect=false' };
      return [...(isStrong && MultiRegionConsistency !== 'STRONG' ? [wrong] : []), ...(DeletionProtectionEnabled ? [] : [open])];
    }),
  );
  return findings.flat();
}

/** The history table is there, and forgets. */
async function checkHistory({ cell, dynamoDbOf }: Bench): Promise<Finding[]> {
  const TableName = historyTableName(cell);
  const region = stateRegion(cell.arbiters);
  const subject = `table ${TableName} in ${region}`;
  const client = dynamoDbOf(region);
  try {
    await client.send(new DescribeTableCommand({ TableName }));
  } catch (error) {
    // A release before it had none.
    if (error instanceof ResourceNotFoundException) return [{ subject, what: 'is not there', todo: DEPLOY }];
    throw error;
  }
  const { TimeToLiveDescription: forgets } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  const isOn = ['ENABLED', 'ENABLING'].includes(forgets?.TimeToLiveStatus ?? '');
  if (isOn && forgets?.AttributeName === HISTORY_EXPIRES) return [];
  return [{ subject, what: 'keeps history for ever, which is paid for', todo: DEPLOY }];
}

/**
 * A throwaway item, written by one replica after the other, and by the first once more: each must see what was written before, at
 * once, and refuse what is outdated.
 */
async function checkCompareAndSet({ cell, id, tableIn, undo }: Bench): Promise<Finding[]> {
  const pk = `doctor/${cell.name}/${id}`;
  const [first = ''] = cell.arbiters;
  const remove = { TableName: tableName(cell), Key: { pk: { S: pk }, sk: { S: '-' } } };
  undo(`item ${pk}`, () => tableIn(first).client.send(new DeleteItemCommand(remove)));
  const findings: Finding[] = [];
  const expected = (region: string, is: boolean, what: string) => {
    const subject = `table in ${region}`;
    if (!is && !findings.some((each) => each.subject === subject && each.what === what))
      findings.push({ subject, what, todo: 'do not run on this table; destroy and deploy it again' });
  };
  const refuses = async (region: string, value: number) => {
    const stale = await compareAndSet(tableIn(region), item(value));
    expected(region, stale === 'conflict', 'took a write that had already been overtaken');
  };
  const item = (value: number) => ({ pk, counter: 'version' as const, value, body: { schema: 1 } });
  const writers = [...cell.arbiters, first];
  for (const [index, region] of writers.entries()) {
    if (index > 0) await refuses(region, index);
    const written = await compareAndSet(tableIn(region), item(index + 1));
    expected(region, written === 'written', 'refused a write that was up to date');
    for (const other of cell.arbiters) {
      const { item: read } = await readItem(tableIn(other), pk);
      expected(other, read?.version?.N === String(index + 1), `did not show what ${region} had just written`);
    }
  }
  for (const region of cell.arbiters) await refuses(region, writers.length);
  return findings;
}

/** Every answer carries the table's time: what vantages compare their clocks with. */
async function checkClocks({ cell, clock, tableIn }: Bench): Promise<Finding[]> {
  const read = async (region: string) => {
    const { serverTime } = await readItem(tableIn(region), `ledger/${cell.name}`);
    return { region, offMs: serverTime === undefined ? undefined : serverTime - clock.now() };
  };
  const times = await Promise.all(cell.arbiters.map(read));
  const silent = times.filter(({ offMs }) => offMs === undefined);
  const known = times.flatMap(({ offMs }) => offMs ?? []);
  const [off = 0] = known.toSorted((a, b) => Math.abs(b) - Math.abs(a));
  return [
    ...silent.map(({ region }) => ({
      subject: `table in ${region}`,
      what: 'says no time',
      todo: 'report it: vantages cannot know their clocks',
    })),
    ...(spreadOf(known) > CLOCK_TOLERANCE_MS
      ? [
          {
            subject: 'replicas',
            what: `say times that are ${spreadOf(known)} ms apart`,
            todo: 'wait; vantages abstain meanwhile',
          },
        ]
      : []),
    ...(Math.abs(off) > CLOCK_TOLERANCE_MS
      ? [
          {
            subject: 'this machine',
            what: `is ${Math.round(Math.abs(off) / 1_000)} s ${off > 0 ? 'behind' : 'ahead'}`,
            todo: 'set its clock by NTP',
          },
        ]
      : []),
  ];
}

const spreadOf = (values: readonly number[]): number => (values.length < 2 ? 0 : Math.max(...values) - Math.min(...values));

export const TABLE_ASSUMPTIONS: Assumption[] = [
  {
    id: 'table-mode',
    claim: 'The table is there in every region, protected, and strongly consistent if it has three replicas.',
    source: 'DynamoDB developer guide, "How DynamoDB global tables work"; API reference, DescribeTable',
    proof: 'asks each region for status, consistency and deletion protection',
    concerns: always,
    check: checkMode,
  },
  {
    id: 'history',
    claim: 'The history table is there, in the region of the state, and forgets what has expired.',
    source: 'DynamoDB developer guide, "Using time to live (TTL) in DynamoDB"; API reference, DescribeTimeToLive',
    proof: 'asks that region for it, and for the attribute by which it forgets',
    concerns: always,
    check: checkHistory,
  },
  {
    id: 'compare-and-set',
    claim:
      'A conditional write holds across regions: what one has written, every other one sees at once, and refuses what is older.',
    source: 'DynamoDB developer guide, "Multi-Region strong consistency"',
    proof: 'writes a throwaway item through each region in turn, tries outdated writes through every one, reads it everywhere',
    concerns: always,
    check: checkCompareAndSet,
  },
  {
    id: 'clocks',
    claim: "The table's answers carry the time, the same in every region.",
    source: 'RFC 9110 6.6.1',
    proof: "compares the regions' times with one another and with this machine's",
    concerns: always,
    check: checkClocks,
  },
];
