import { CustomResource, Duration, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { metricAlarmName, tableName } from '../aws/names.ts';
import { gateMs, MEMORY_MB, RESERVED } from '../aws/sizes.ts';
import type { Alarm } from '../core/alarms.ts';
import type { Deployment } from './deployment.ts';
import { Handler } from './handler.ts';
import { nearestFirst } from './nearest.ts';
import { lookAtAlarms } from './statements.ts';

export interface GateProps {
  deployment: Deployment;
  alarms: readonly Alarm[];
}

/** For the last questions, and the answer. */
const MARGIN_SECONDS = 45;

/**
 * What the alarms of a region wait for when they are made: somebody to hear. A custom resource of our own function, asked again when
 * there are other alarms.
 */
export class Gate extends Construct {
  constructor(scope: Construct, id: string, { deployment, alarms }: GateProps) {
    super(scope, id);
    const { cell, account } = deployment;
    const timeoutSeconds = Math.ceil(gateMs(cell) / 1_000) + MARGIN_SECONDS;
    const gate = new Handler(this, 'Handler', {
      deployment,
      description: `Quorumwatch ${cell.name}: lets the alarms be made once there is something to hear.`,
      environment: {
        role: 'gate',
        cell: cell.name,
        account,
        table: tableName(cell),
        tableRegions: nearestFirst(Stack.of(this).region, cell.arbiters),
        linkBase: '',
      },
      statements: [lookAtAlarms()],
      timeoutSeconds,
      memoryMb: MEMORY_MB.gate,
      concurrency: RESERVED.gate,
    });
    gate.acknowledge('AwsSolutions-IAM5[Resource::*]', 'Looking at metrics, and at alarms by their names, takes no resource.');
    new CustomResource(this, 'Open', {
      resourceType: 'Custom::QuorumwatchGate',
      serviceToken: gate.function.functionArn,
      serviceTimeout: Duration.seconds(timeoutSeconds + MARGIN_SECONDS),
      properties: { alarms: alarms.map((alarm) => metricAlarmName(cell.name, alarm)) },
    });
  }
}
