import { appOf } from '../cdk/app.ts';
import { prebuilt } from '../cdk/code.ts';
import type { Output } from './probe.ts';

/**
 * `quorumwatch app`: what `cdk.json` of an own directory runs, `{ "app": "npx quorumwatch app" }`. The package's bundles, with the
 * configuration beside them. Gives the exit code: 0, or 2 when nothing can be deployed.
 */
export async function appCommand({ stderr }: { stderr: Output }): Promise<number> {
  const made = await appOf(prebuilt);
  if ('app' in made) {
    made.app.synth();
    return 0;
  }
  stderr.write(`${made.faults.join('\n')}\n`);
  return 2;
}
