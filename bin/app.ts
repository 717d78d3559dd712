/**
 * The CDK app of one configuration: `cdk deploy --all -c config=FILE`. Further context: `protect=false`, `reserveConcurrency=false`,
 * `permissionsBoundary=NAME`, `adopt=RECORD,RECORD`.
 */
import { fileURLToPath } from 'node:url';
import { App, PermissionsBoundary, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { bundled, type CodeOf } from '../lib/cdk/code.ts';
import { Quorumwatch } from '../lib/cdk/quorumwatch.ts';
import { DEFAULT_FILES, defaultFile } from '../lib/config/default-file.ts';
import { faultLine } from '../lib/config/faults.ts';
import { type LoadOptions, loadConfig } from '../lib/config/load.ts';
import type { Cell } from '../lib/core/cell.ts';

const EXAMPLE = fileURLToPath(new URL('../examples/aws.yaml', import.meta.url));
/** Nobody's: reserved for fiction. */
const EXAMPLE_ENV = { ONCALL_SMS: '+12025550100' };

const app = new App();
const chosen = choose(app.node.tryGetContext('config'));
const loaded = chosen && (await loadConfig(chosen.file, chosen.options));
if (loaded?.ok) {
  const code = await bundled(loaded.cell);
  try {
    deploy(loaded.cell, code);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    refuse([error.message]);
  }
} else {
  refuse(loaded?.faults.map(faultLine) ?? [`config: there is no ${DEFAULT_FILES[0]} (write one, or -c config=FILE)`]);
}

function deploy(cell: Cell, codeOf: CodeOf): void {
  const said = (key: string): string => String(app.node.tryGetContext(key) ?? '');
  new Quorumwatch(app, 'Quorumwatch', {
    cell,
    codeOf,
    protect: said('protect') !== 'false',
    reserveConcurrency: said('reserveConcurrency') !== 'false',
    adopt: said('adopt').split(',').filter(Boolean),
    ...(said('permissionsBoundary') && { permissionsBoundary: PermissionsBoundary.fromName(said('permissionsBoundary')) }),
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
}

/** Says what is wrong with what people wrote. */
function refuse(faults: string[]): void {
  process.stderr.write(`${faults.join('\n')}\n`);
  process.exitCode = 2;
}

/** The file that was named, or one by its usual name; the example, with a made-up number, only while nothing can be deployed. */
function choose(named: unknown): { file: string; options: LoadOptions } | undefined {
  const file = typeof named === 'string' ? named : defaultFile();
  if (file !== undefined) return { file, options: {} };
  if (process.env.CDK_DEFAULT_ACCOUNT !== undefined) return undefined;
  return { file: EXAMPLE, options: { env: { ...EXAMPLE_ENV, ...process.env } } };
}
