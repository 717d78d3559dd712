import type { PermissionsBoundary, Stack, StackProps } from 'aws-cdk-lib';
import type { IHealthCheck } from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { prefixOf, stateRegion, switchAlarmRegion, zoneOfDomain } from '../aws/names.ts';
import { faultLine } from '../config/faults.ts';
import { resolveSource } from '../config/load.ts';
import type { ConfigInput } from '../config/schema.ts';
import type { Cell } from '../core/cell.ts';
import { ArbiterStack } from './arbiter-stack.ts';
import { type CodeOf, prebuilt } from './code.ts';
import type { Deployment } from './deployment.ts';
import { arbitersInOrder, checkMove } from './order.ts';
import { PagingStack, type Topics } from './paging-stack.ts';
import { RecordsStack } from './records-stack.ts';
import { StateStack } from './state-stack.ts';
import { VantageStack } from './vantage-stack.ts';
import { WatchStack } from './watch-stack.ts';

export interface QuorumwatchOptions {
  /**
   * The account that everything is deployed to.
   *
   * @default the one of the CDK's current credentials; 123456789012 where there are none, which is enough to synthesise
   */
  account?: string;
  /**
   * Nobody can delete the voting table by mistake.
   *
   * @default true
   */
  protect?: boolean;
  /**
   * Reserve concurrency for each function. A new account may have none to give: its quota can be as low as 10.
   *
   * @default true
   */
  reserveConcurrency?: boolean;
  /**
   * ARNs of KMS keys of your own that secrets of the configuration are encrypted with, in whichever regions. Who reads a secret may
   * use those of its region, through the service that keeps it.
   *
   * @default none: the services' own keys, `aws/ssm` and `aws/secretsmanager`, need no right
   */
  secretKeys?: readonly string[];
  /**
   * Limits every role that is made.
   *
   * @default none but the app's own
   */
  permissionsBoundary?: PermissionsBoundary;
  /**
   * Ids of records whose name exists already. They are made beside it; an output of the records' stack gives the command that
   * makes the existing record an alias of them, without a moment in which the name has no answer. Point it back before destroying.
   *
   * @default none: CloudFormation refuses to make a record that exists
   */
  adopt?: readonly string[];
  /**
   * The hosted zone that `domain`, the status page's own name, is in.
   *
   * @default that of a record whose zone it is in too, where its `zoneId` is written; otherwise the certificate's record and the name's are made by hand
   */
  domainZoneId?: string;
  /**
   * The replicas of before, as they were written, while `table.replicas` is changed: vantages move from one table to the other one by one, and arbiters of
   * either are there as long as they are needed.
   *
   * @default the replicas are those that are deployed already
   */
  replicasBefore?: readonly string[];
  /**
   * The code of each function.
   *
   * @default the package's own bundles, with the configuration beside them
   */
  codeOf?: CodeOf;
}

/** A configuration as people write it, or one that is already resolved. */
export type QuorumwatchProps = QuorumwatchOptions & ({ config: ConfigInput } | { cell: Cell });

/** The example's account, in documentation and in synthesis without credentials (IAM user guide, "ARN format"). */
const NO_ACCOUNT = '123456789012';

/**
 * A whole monitor: one stack for the state, one a vantage, one an arbiter region, two a paging region, one for the records.
 * Regions find one another by names that follow from the configuration, never by exports: no region waits for another's stack.
 * Throws an `Error` with the configuration's faults, one a line.
 */
export class Quorumwatch extends Construct {
  readonly cell: Cell;
  /** By paging region. */
  readonly topics: Readonly<Record<string, Topics>>;
  private readonly records: RecordsStack | undefined;

  constructor(scope: Construct, id: string, props: QuorumwatchProps) {
    super(scope, id);
    const cell = 'cell' in props ? props.cell : cellOf(props.config);
    const account = props.account ?? process.env.CDK_DEFAULT_ACCOUNT ?? NO_ACCOUNT;
    const domainZoneId = props.domainZoneId ?? zoneOfDomain(cell);
    const deployment: Deployment = {
      cell,
      account,
      codeOf: props.codeOf ?? prebuilt(cell),
      ...(domainZoneId !== undefined && { domainZoneId }),
      secretKeys: props.secretKeys ?? [],
      reserveConcurrency: props.reserveConcurrency ?? true,
    };
    this.cell = cell;
    const { replicasBefore = [] } = props;
    checkMove(cell, replicasBefore);

    const at = (region: string, part: string): StackProps & { deployment: Deployment } => ({
      deployment,
      env: { account, region },
      stackName: `${prefixOf(cell.name)}-${part}`,
      description: `Quorumwatch ${cell.name}: ${part}`,
      ...(props.permissionsBoundary && { permissionsBoundary: props.permissionsBoundary }),
    });
    const state = new StateStack(this, 'State', {
      ...at(stateRegion(cell.arbiters), 'state'),
      protect: props.protect ?? true,
      replicasBefore,
    });
    this.records =
      cell.records.length === 0
        ? undefined
        : new RecordsStack(this, 'Records', { ...at(switchAlarmRegion(cell), 'records'), adopt: props.adopt ?? [] });
    const paging = cell.paging.regions.map((region) => new PagingStack(this, `Paging-${region}`, at(region, 'paging')));
    this.topics = Object.fromEntries(paging.map((stack) => [stack.region, stack.topics]));
    const vantages = cell.vantages.map(
      (vantage) => new VantageStack(this, `Vantage-${vantage}`, { ...at(vantage, 'vantage'), vantage }),
    );
    const arbiters = cell.arbiters.map((region) => new ArbiterStack(this, `Arbiter-${region}`, at(region, 'arbiter')));
    const watches = cell.paging.regions.map(
      (region, index) => new WatchStack(this, `Watch-${region}`, { ...at(region, 'watch'), dashboard: index === 0 }),
    );
    const { early, late } = arbitersInOrder(cell.arbiters, replicasBefore);
    const of = (regions: readonly string[]) => arbiters.filter(({ region }) => regions.includes(region));
    const first = [...(this.records ? [this.records] : []), ...paging];
    // Who is needed first; what a gate waits for comes before it.
    inOrder(
      early.length > 0
        ? [[state], first, of(early), vantages, of(late), watches]
        : [[state], [...first, ...vantages], of(late), watches],
    );
  }

  /**
   * The switch of a member, for records of one's own. It is in the region of the records' stack: a stack elsewhere needs
   * `crossRegionReferences`. Throws a `RangeError` when there is no such member.
   */
  switchOf(record: string, node: string): IHealthCheck {
    if (!this.records) throw new RangeError(`${record}/${node}: there are no records (write records: in the configuration)`);
    return this.records.switchOf(record, node);
  }
}

function cellOf(config: ConfigInput): Cell {
  const loaded = resolveSource({ file: 'config', data: config, lines: new Map() });
  if (!loaded.ok) throw new Error(loaded.faults.map(faultLine).join('\n'));
  return loaded.cell;
}

/** Each stack of a group is deployed after all of the group before, and destroyed before them. */
function inOrder(groups: Stack[][]): void {
  const there = groups.filter((group) => group.length > 0);
  there.forEach((group, index) => {
    for (const stack of group) for (const earlier of there[index - 1] ?? []) stack.addStackDependency(earlier);
  });
}
