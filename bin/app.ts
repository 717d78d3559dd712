/** The CDK app in a checkout: with bundles made now, and cdk-nag's rules over all of it. */
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { appOf } from '../lib/cdk/app.ts';
import { bundled } from '../lib/cdk/bundled.ts';

const made = await appOf(bundled);
if ('app' in made) {
  Validations.of(made.app).addPlugins(new AwsSolutionsChecks(made.app));
  made.app.synth();
} else {
  process.stderr.write(`${made.faults.join('\n')}\n`);
  process.exitCode = 2;
}
