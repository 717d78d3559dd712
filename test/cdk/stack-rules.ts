import { expect } from 'vitest';
import { historyTableName, prefixOf, switchAlarmRegion, tableName } from '../../lib/aws/names.ts';
import type { Rule } from './rules.ts';
import { ACCOUNT, only, type Synthesis, templateOf } from './synthesis.ts';

/** Which stacks there are, where, in which order; and the voting table. */

const stackIds = ({ cell }: Synthesis): Record<string, string> =>
  Object.fromEntries([
    ['State', cell.arbiters.toSorted()[0]],
    ...(cell.records.length > 0 ? [['Records', switchAlarmRegion(cell)]] : []),
    ...cell.paging.regions.flatMap((region) => [
      [`Paging-${region}`, region],
      [`Watch-${region}`, region],
    ]),
    ...cell.vantages.map((region) => [`Vantage-${region}`, region]),
    ...cell.arbiters.map((region) => [`Arbiter-${region}`, region]),
  ]);

/** Everything that is deployed before a stack, directly or not. */
function before({ places }: Synthesis, stack: string): Set<string> {
  const found = new Set<string>();
  const visit = (id: string): void => {
    for (const other of places[id]?.after ?? []) {
      if (!found.has(other)) visit(other);
      found.add(other);
    }
  };
  visit(stack);
  return found;
}

export const STACK_RULES: Rule[] = [
  {
    title: 'every stack has its region, its account and a name of the cell',
    check(synthesis) {
      const { places, cell } = synthesis;
      const regions = Object.fromEntries(Object.entries(places).map(([id, { region }]) => [id, region]));
      expect(regions).toEqual(stackIds(synthesis));
      for (const { account, name } of Object.values(places)) {
        expect(account).toBe(ACCOUNT);
        expect(name.startsWith(`${prefixOf(cell.name)}-`), name).toBe(true);
      }
    },
  },
  {
    title: 'what others need is there first: the state, then voters, switches and topics, then arbiters, then the alarms',
    check(synthesis) {
      const ids = Object.keys(synthesis.places);
      const rank = (id: string) => (id === 'State' ? 0 : id.startsWith('Arbiter') ? 2 : id.startsWith('Watch') ? 3 : 1);
      for (const id of ids) {
        const earlier = before(synthesis, id);
        expect([...earlier].toSorted(), id).toEqual(ids.filter((other) => rank(other) < rank(id)).toSorted());
      }
    },
  },
  {
    title: 'no stack takes from another what only a deployment knows',
    check({ stacks }) {
      const text = JSON.stringify(stacks);
      for (const taken of ['Fn::ImportValue', 'Fn::GetStackOutput', '"Export"', 'Custom::Cross'])
        expect(text).not.toContain(taken);
    },
  },
  {
    title: 'the table is on demand, recoverable, protected, and strong where it has replicas',
    check(synthesis) {
      const { cell } = synthesis;
      const [, table] = only(templateOf(synthesis, 'State'), 'AWS::DynamoDB::GlobalTable');
      expect(table.Properties).toMatchObject({
        TableName: tableName(cell),
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      });
      expect(table.Properties.Replicas).toEqual(
        cell.arbiters.toSorted().map((Region) => ({
          Region,
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        })),
      );
      expect(table.Properties.MultiRegionConsistency).toBe(cell.arbiters.length > 1 ? 'STRONG' : undefined);
      for (const without of ['TimeToLiveSpecification', 'LocalSecondaryIndexes', 'StreamSpecification'])
        expect(table.Properties).not.toHaveProperty(without);
      expect([table.DeletionPolicy, table.UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
      const unprotected = Object.entries(synthesis.places).filter(([id, place]) => place.protected !== (id === 'State'));
      expect(unprotected).toEqual([]);
    },
  },
  {
    title: 'history is a table of one region, on demand, protected, and forgets by itself',
    check(synthesis) {
      const [, table] = only(templateOf(synthesis, 'State'), 'AWS::DynamoDB::Table');
      expect(table.Properties).toEqual({
        TableName: historyTableName(synthesis.cell),
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
        DeletionProtectionEnabled: true,
      });
      expect([table.DeletionPolicy, table.UpdateReplacePolicy]).toEqual(['Retain', 'Retain']);
    },
  },
];
