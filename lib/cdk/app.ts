import { fileURLToPath } from 'node:url';
import { App, PermissionsBoundary } from 'aws-cdk-lib';
import cdk from '../../cdk.json' with { type: 'json' };
import { DEFAULT_FILES, defaultFile } from '../config/default-file.ts';
import { faultLine } from '../config/faults.ts';
import { type LoadOptions, loadConfig } from '../config/load.ts';
import type { Cell } from '../core/cell.ts';
import type { CodeOf } from './code.ts';
import { Quorumwatch } from './quorumwatch.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/aws.yaml', import.meta.url));
/** Nobody's: reserved for fiction. */
const EXAMPLE_ENV = { ONCALL_SMS: '+12025550100' };

/**
 * The CDK app of one configuration, not yet synthesised, or what is wrong with it, a line each. `cdk deploy --all -c config=FILE`;
 * further context: `protect=false`, `reserveConcurrency=false`, `permissionsBoundary=NAME`, `adopt=RECORD,RECORD`,
 * `domainZoneId=ID`, `secretKeys=ARN,ARN`, `replicasBefore=REGION,REGION`. The CDK's feature flags are those of our `cdk.json` as far as the user's says nothing else.
 */
export async function appOf(codeOf: (cell: Cell) => CodeOf | Promise<CodeOf>): Promise<{ app: App } | { faults: string[] }> {
  const app = new App({ context: cdk.context });
  const chosen = choose(app.node.tryGetContext('config'));
  if (!chosen) return { faults: [`config: there is no ${DEFAULT_FILES[0]} (write one, or -c config=FILE)`] };
  const loaded = await loadConfig(chosen.file, chosen.options);
  if (!loaded.ok) return { faults: loaded.faults.map(faultLine) };
  try {
    addMonitor(app, loaded.cell, await codeOf(loaded.cell));
    return { app };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { faults: [error.message] };
  }
}

function addMonitor(app: App, cell: Cell, codeOf: CodeOf): void {
  const said = (key: string): string => String(app.node.tryGetContext(key) ?? '');
  const list = (key: string): string[] => said(key).split(',').filter(Boolean);
  new Quorumwatch(app, 'Quorumwatch', {
    cell,
    codeOf,
    protect: said('protect') !== 'false',
    reserveConcurrency: said('reserveConcurrency') !== 'false',
    ...(said('domainZoneId') && { domainZoneId: said('domainZoneId') }),
    adopt: list('adopt'),
    secretKeys: list('secretKeys'),
    replicasBefore: list('replicasBefore'),
    ...(said('permissionsBoundary') && { permissionsBoundary: PermissionsBoundary.fromName(said('permissionsBoundary')) }),
  });
}

/** The file that was named, or one by its usual name; the example, with a made-up number, only while nothing can be deployed. */
function choose(named: unknown): { file: string; options: LoadOptions } | undefined {
  const file = typeof named === 'string' ? named : defaultFile();
  if (file !== undefined) return { file, options: {} };
  if (process.env.CDK_DEFAULT_ACCOUNT !== undefined) return undefined;
  return { file: EXAMPLE, options: { env: { ...EXAMPLE_ENV, ...process.env } } };
}
