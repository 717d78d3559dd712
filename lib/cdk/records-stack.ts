import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { HealthCheck, type IHealthCheck } from 'aws-cdk-lib/aws-route53';
import { Construct } from 'constructs';
import { memberKey } from '../core/cell.ts';
import { adoptCommand, besideName, checkAdoptions } from './adoption.ts';
import type { Deployment } from './deployment.ts';
import { MonitoredRecord } from './record.ts';
import { Switch } from './switch.ts';

export interface RecordsStackProps extends StackProps {
  deployment: Deployment;
  /**
   * Ids of records whose name exists already: they are made beside it, and an output gives the command that points it there.
   *
   * @default none: CloudFormation refuses to make a record that exists
   */
  adopt?: readonly string[];
}

/** Route 53's part of a cell: alarms, then the switches that follow them, then the record sets that the switches are on. */
export class RecordsStack extends Stack {
  private readonly switches = new Map<string, IHealthCheck>();

  constructor(scope: Construct, id: string, { deployment, adopt = [], ...props }: RecordsStackProps) {
    super(scope, id, props);
    const { name, records } = deployment.cell;
    checkAdoptions(records, adopt);
    for (const record of records) {
      const home = new Construct(this, record.id);
      for (const { node, healthCheckId } of record.members) {
        const id = `Switch-${node}`;
        const healthCheck =
          healthCheckId === undefined
            ? new Switch(home, id, { cell: name, record: record.id, node }).healthCheck
            : HealthCheck.fromHealthCheckId(home, id, healthCheckId);
        this.switches.set(memberKey(record.id, node), healthCheck);
      }
      const isAdopted = adopt.includes(record.id);
      new MonitoredRecord(home, 'Record', {
        record,
        switchOf: (node) => this.switchOf(record.id, node),
        ...(isAdopted && { name: besideName(record) }),
      });
      if (isAdopted) new CfnOutput(home, 'Adopt', { value: adoptCommand(record), description: `Points ${record.name} here.` });
    }
  }

  /** The switch of a member. Throws a `RangeError` when there is no such member. */
  switchOf(record: string, node: string): IHealthCheck {
    const found = this.switches.get(memberKey(record, node));
    if (!found)
      throw new RangeError(
        `${memberKey(record, node)}: there is no such member (write one of ${[...this.switches.keys()].join(', ')})`,
      );
    return found;
  }
}
